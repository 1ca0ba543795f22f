"""qMRMLSubjectHierarchyComboBox: selects a subject hierarchy item."""

from __future__ import annotations

from typing import Any

from deepmed_headless.standins.base import remembered
from deepmed_headless.standins.ctk.ctk_combo_boxes import ctkComboBox
from deepmed_headless.standins.qt.signals import Signal
from deepmed_headless.standins.slicer.vtk_observation import Observations


class qMRMLSubjectHierarchyComboBox(ctkComboBox):
    """Lists all items of the hierarchy, indented; nothing is chosen at first."""

    _is_stand_in = True
    currentItemChanged = Signal("vtkIdType")
    currentItemModified = Signal("vtkIdType")

    noneDisplay = remembered("noneDisplay", "None", "Text for no item.")
    showRootItem = remembered("showRootItem", False, "Whether the root is listed.")
    highlightReferencedItems = remembered("highlightReferencedItems", True, "Whether references are marked.")
    maximumNumberOfShownItems = remembered("maximumNumberOfShownItems", 20, "Rows of the list.")
    alignPopupVertically = remembered("alignPopupVertically", True, "Where the list opens.")
    showCurrentItemParents = remembered("showCurrentItemParents", True, "Whether parents are named.")
    showEmptyHierarchyItems = remembered("showEmptyHierarchyItems", True, "Whether empty folders are listed.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._node_types: list[str] = []
        self._current = 0
        self._none_enabled = False
        self._observers = Observations(self)
        self.defaultText = "Select subject hierarchy item"
        self.currentIndexChanged.connect(self._on_index)

    @property
    def nodeTypes(self) -> tuple[str, ...]:
        """Class names of the data nodes listed; all where empty."""
        return tuple(self._node_types)

    @nodeTypes.setter
    def nodeTypes(self, value: Any) -> None:
        self._node_types = list(value)
        self._refill()

    def setNodeTypes(self, value: Any) -> None:
        """Sets the class names."""
        self.nodeTypes = value

    @property
    def noneEnabled(self) -> bool:
        """Whether no item can be chosen from the list."""
        return self._none_enabled

    @noneEnabled.setter
    def noneEnabled(self, value: bool) -> None:
        self._none_enabled = bool(value)
        self._refill()

    def mrmlScene(self) -> Any:
        """The scene, or None."""
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        """Follows the scene's hierarchy."""
        self._scene = scene
        self._observers.clear()
        node = self.subjectHierarchyNode()
        if node is not None:
            for event in (
                node.SubjectHierarchyItemAddedEvent,
                node.SubjectHierarchyItemRemovedEvent,
                node.SubjectHierarchyItemModifiedEvent,
            ):
                self._observers.add(node, event, qMRMLSubjectHierarchyComboBox._refill)
        self._refill()

    def subjectHierarchyNode(self) -> Any:
        """The hierarchy, or None without a scene."""
        return self._scene.GetSubjectHierarchyNode() if self._scene is not None else None

    def _refill(self) -> None:
        import vtk

        hierarchy = self.subjectHierarchyNode()
        self.blockSignals(True)
        self.clear()
        if self._none_enabled:
            self.addItem(self.noneDisplay, 0)
        if hierarchy is not None:
            children = vtk.vtkIdList()
            hierarchy.GetItemChildren(hierarchy.GetSceneItemID(), children, True)
            for index in range(children.GetNumberOfIds()):
                item = children.GetId(index)
                if self._accepts(hierarchy.GetItemDataNode(item)):
                    self.addItem(hierarchy.GetItemName(item), item)
        position = self.findData(self._current)
        self.setCurrentIndex(position)
        self.blockSignals(False)
        self._set_current(self._current if position >= 0 else 0)

    def _accepts(self, node: Any) -> bool:
        return not self._node_types or (node is not None and any(node.IsA(kind) for kind in self._node_types))

    def _on_index(self, index: int) -> None:
        self._set_current(int(self.itemData(index) or 0) if index >= 0 else 0)

    def _set_current(self, item: int) -> None:
        if item != self._current:
            self._current = item
            self.currentItemChanged.emit(item)

    def currentItem(self) -> int:
        """The item's ID, 0 for none."""
        return self._current

    def setCurrentItem(self, item: int) -> None:
        """Selects an item."""
        self.setCurrentIndex(self.findData(item))

    def clearSelection(self) -> None:
        """Selects nothing."""
        self.setCurrentIndex(self.findData(0))

    def currentNode(self) -> Any:
        """Data node of the item, or None."""
        hierarchy = self.subjectHierarchyNode()
        return hierarchy.GetItemDataNode(self._current) if hierarchy is not None and self._current else None

    def setCurrentNode(self, node: Any) -> None:
        """Selects the item of a data node."""
        hierarchy = self.subjectHierarchyNode()
        self.setCurrentItem(hierarchy.GetItemByDataNode(node) if hierarchy is not None and node is not None else 0)
