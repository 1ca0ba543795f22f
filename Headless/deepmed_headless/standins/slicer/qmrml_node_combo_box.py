"""qMRMLNodeComboBox: selects a node, live on the scene."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import StandInWidget, remembered, row_layout
from deepmed_headless.standins.qt.signals import Signal
from deepmed_headless.standins.slicer.vtk_observation import Observations


class qMRMLNodeComboBox(StandInWidget):
    """Lists the scene's nodes of some types.

    Without "None" it picks the first node when its list was empty before; with "None" it stays there. A removed current
    node gives way to None, or to its neighbor.
    """

    _is_stand_in = True
    currentNodeChanged = Signal("vtkMRMLNode*", adapters={("bool",): lambda node: (node is not None,)})
    currentNodeIDChanged = Signal("QString")
    nodeActivated = Signal("vtkMRMLNode*")
    nodeAdded = Signal("vtkMRMLNode*")
    nodeAddedByUser = Signal("vtkMRMLNode*")
    nodeAddedByUserAction = Signal("vtkMRMLNode*")
    nodeAboutToBeRemoved = Signal("vtkMRMLNode*")
    currentNodeRenamed = Signal("QString")
    nodeAboutToBeEdited = Signal("vtkMRMLNode*")

    baseName = remembered("baseName", "", "Name of nodes made here.")
    addEnabled = remembered("addEnabled", True, "Whether the user can make nodes.")
    removeEnabled = remembered("removeEnabled", True, "Whether the user can delete nodes.")
    renameEnabled = remembered("renameEnabled", False, "Whether the user can rename nodes.")
    editEnabled = remembered("editEnabled", False, "Whether the user can open a node's module.")
    selectNodeUponCreation = remembered("selectNodeUponCreation", True, "Whether a node made here is selected.")
    interactionNodeSingletonTag = remembered("interactionNodeSingletonTag", "", "Interaction node used.")
    sizeAdjustPolicy = remembered("sizeAdjustPolicy", 0, "How the width follows the text.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._combo_box = QtWidgets.QComboBox()
        row_layout(self, self._combo_box)
        self._scene_observers, self._node_observers = Observations(self), Observations(self)
        self._node_types: list[str] = []
        self._hidden_types: list[str] = []
        self._none_enabled = False
        self._none_display = "None"
        self._show_hidden = False
        self._show_children = True
        self._attributes: dict[str, dict[str, Any]] = {}
        self._current = ""
        self._shown: list[tuple[str, str]] = []
        self._judged: dict[str, tuple[tuple[str, bool], bool]] = {}  # ID -> name, hidden, and whether it was listed so
        self._combo_box.currentIndexChanged.connect(self._on_index_changed)
        self._combo_box.activated.connect(lambda index: self.nodeActivated.emit(self.currentNode()))

    # --- what is listed

    @property
    def nodeTypes(self) -> tuple[str, ...]:
        """Class names of the nodes listed."""
        return tuple(self._node_types)

    @nodeTypes.setter
    def nodeTypes(self, value: Any) -> None:
        if isinstance(value, str):
            raise TypeError("nodeTypes takes a list of class names.")
        self._node_types = list(value)
        self._refill()

    @property
    def hideChildNodeTypes(self) -> tuple[str, ...]:
        """Class names left out."""
        return tuple(self._hidden_types)

    @hideChildNodeTypes.setter
    def hideChildNodeTypes(self, value: Any) -> None:
        self._hidden_types = list(value)
        self._refill()

    @property
    def showChildNodeTypes(self) -> bool:
        """Whether derived classes are listed."""
        return self._show_children

    @showChildNodeTypes.setter
    def showChildNodeTypes(self, value: bool) -> None:
        self._show_children = bool(value)
        self._refill()

    @property
    def showHidden(self) -> bool:
        """Whether nodes hidden from editors are listed."""
        return self._show_hidden

    @showHidden.setter
    def showHidden(self, value: bool) -> None:
        self._show_hidden = bool(value)
        self._refill()

    @property
    def noneEnabled(self) -> bool:
        """Whether "None" can be chosen."""
        return self._none_enabled

    @noneEnabled.setter
    def noneEnabled(self, value: bool) -> None:
        self._none_enabled = bool(value)
        self._refill()

    @property
    def noneDisplay(self) -> str:
        """Text for "None"."""
        return self._none_display

    @noneDisplay.setter
    def noneDisplay(self, value: str) -> None:
        self._none_display = value
        self._refill()

    def setNodeTypes(self, value: Any) -> None:
        """Sets the class names."""
        self.nodeTypes = value

    def setNoneEnabled(self, value: bool) -> None:
        """Offers "None"."""
        self.noneEnabled = value

    def addAttribute(self, nodeType: str, attributeName: str, attributeValue: Any = None) -> None:
        """Lists nodes of a type only with that attribute, and value where given."""
        self._attributes.setdefault(nodeType, {})[attributeName] = attributeValue
        self._refill()

    def removeAttribute(self, nodeType: str, attributeName: str) -> None:
        """Takes a condition back."""
        self._attributes.get(nodeType, {}).pop(attributeName, None)
        self._refill()

    def _accepts(self, node: Any) -> bool:
        if node.GetHideFromEditors() and not self._show_hidden:
            return False
        if any(node.IsA(kind) for kind in self._hidden_types):
            return False
        for kind in self._node_types:
            if node.IsA(kind) if self._show_children else node.GetClassName() == kind:
                wanted = self._attributes.get(kind, {})
                return all(
                    node.GetAttribute(name) is not None and (value is None or node.GetAttribute(name) == str(value))
                    for name, value in wanted.items()
                )
        return False

    def _candidates(self) -> list[Any]:
        if self._scene is None:
            return []
        nodes = (self._scene.GetNthNode(index) for index in range(self._scene.GetNumberOfNodes()))
        return [node for node in nodes if any(node.IsA(kind) for kind in self._node_types)]

    # --- following the scene

    def mrmlScene(self) -> Any:
        """The scene, or None."""
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        """Lists the nodes of a scene and follows it."""
        if scene is self._scene:
            return
        self._scene = scene
        self._scene_observers.clear()
        self._node_observers.clear()
        if scene is not None:
            for event in (scene.NodeAddedEvent, scene.NodeRemovedEvent):
                self._scene_observers.add(scene, event, qMRMLNodeComboBox._on_node_event)
            for event in (scene.EndCloseEvent, scene.EndImportEvent, scene.EndBatchProcessEvent):
                self._scene_observers.add(scene, event, qMRMLNodeComboBox._on_scene_event)
        self._refill()

    def _on_node_event(self) -> None:
        if not self._scene.IsBatchProcessing():
            self._list()

    def _on_scene_event(self) -> None:
        if not self._scene.IsBatchProcessing():  # the end of closing or importing brings all changes at once
            self._refill()

    def _refill(self) -> None:
        self._judged.clear()
        self._list()

    def _is_listed(self, node: Any) -> bool:
        """As Slicer's list, which looks at a node again when its name changes, not when an attribute does."""
        state = (node.GetName() or "", bool(node.GetHideFromEditors()))
        judged = self._judged.get(node.GetID())
        if judged is None or judged[0] != state:
            judged = self._judged[node.GetID()] = (state, self._accepts(node))
        return judged[1]

    def _list(self) -> None:
        import vtk

        candidates = self._candidates()
        self._node_observers.clear()
        for node in candidates:
            self._node_observers.add(node, vtk.vtkCommand.ModifiedEvent, qMRMLNodeComboBox._refresh)
        self._refresh()

    def _refresh(self) -> None:
        """Shows the nodes as they are now and keeps or moves the selection."""
        entries = [(node.GetID(), node.GetName() or "") for node in self._candidates() if self._is_listed(node)]
        if self._none_enabled and self._scene is not None:
            entries.insert(0, ("", self._none_display))
        if entries == self._shown:
            return
        before, self._shown = self._shown, entries
        identifiers = [identifier for identifier, _ in entries]
        current = self._selection_after(before, identifiers)
        self._combo_box.blockSignals(True)
        self._combo_box.clear()
        for identifier, name in entries:
            self._combo_box.addItem(name, identifier)
        self._combo_box.setCurrentIndex(identifiers.index(current) if current in identifiers else -1)
        self._combo_box.blockSignals(False)
        if current == self._current and (current, dict(before).get(current)) not in entries and current:
            self.currentNodeRenamed.emit(dict(entries)[current])
        self._set_current(current)

    def _selection_after(self, before: list[tuple[str, str]], identifiers: list[str]) -> str:
        if self._current and self._current in identifiers:
            return self._current
        if self._none_enabled or not identifiers:
            return ""
        known = [identifier for identifier, _ in before]
        if self._current and self._current in known:  # the current node went away: its neighbor follows
            return identifiers[min(known.index(self._current), len(identifiers) - 1)]
        return identifiers[0] if not [identifier for identifier in known if identifier] else self._current

    def _on_index_changed(self, index: int) -> None:
        self._set_current(self._combo_box.itemData(index) or "" if index >= 0 else "")

    def _set_current(self, identifier: str) -> None:
        if identifier == self._current:
            return
        self._current = identifier
        self.currentNodeChanged.emit(self.currentNode())
        self.currentNodeIDChanged.emit(identifier)

    # --- the selection

    def currentNode(self) -> Any:
        """The node, or None."""
        return self._scene.GetNodeByID(self._current) if self._scene is not None and self._current else None

    def setCurrentNode(self, node: Any) -> None:
        """Selects a node, its ID, or nothing."""
        self.setCurrentNodeID(node if isinstance(node, str) else (node.GetID() if node is not None else ""))

    def setCurrentNodeID(self, identifier: str | None) -> None:
        """Selects a node by ID; an ID that is not listed selects nothing."""
        self._combo_box.setCurrentIndex(self._combo_box.findData(identifier or ""))

    def setCurrentNodeIndex(self, index: int) -> None:
        """Selects by position among the nodes."""
        node = self.nodeFromIndex(index)
        self.setCurrentNode(node)

    @property
    def currentNodeID(self) -> str:
        """ID of the node, "" for none."""
        return self._current

    @currentNodeID.setter
    def currentNodeID(self, value: str) -> None:
        self.setCurrentNodeID(value)

    currentNodeId = currentNodeID

    def nodeCount(self) -> int:
        """Number of nodes listed."""
        return len([identifier for identifier, _ in self._shown if identifier])

    def nodeFromIndex(self, index: int) -> Any:
        """Node by position, or None."""
        identifiers = [identifier for identifier, _ in self._shown if identifier]
        return self._scene.GetNodeByID(identifiers[index]) if 0 <= index < len(identifiers) else None

    # --- what the user's menu does

    def addNode(self, nodeType: str | None = None) -> Any:
        """Makes a node of the first (or given) type, as the menu's "Create new" does."""
        kind = nodeType or self._node_types[0]
        node = self._scene.CreateNodeByClass(kind)
        node.UnRegister(None)
        node.SetName(self._scene.GenerateUniqueName(self.baseName or node.GetNodeTagName()))
        for attribute, value in self._attributes.get(kind, {}).items():
            node.SetAttribute(attribute, "" if value is None else str(value))
        node = self._scene.AddNode(node)
        if self.selectNodeUponCreation:
            self.setCurrentNode(node)
        self.nodeAdded.emit(node)
        self.nodeAddedByUser.emit(node)
        return node

    def removeCurrentNode(self) -> None:
        """Deletes the current node, as the menu does."""
        node = self.currentNode()
        if node is not None:
            self.nodeAboutToBeRemoved.emit(node)
            self._scene.RemoveNode(node)
