"""qMRMLSegmentSelectorWidget: selects a segmentation and a segment in it."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import column_layout, remembered
from deepmed_headless.standins.qt.signals import Signal
from deepmed_headless.standins.slicer.qmrml_node_combo_box import qMRMLNodeComboBox
from deepmed_headless.standins.slicer.qmrml_widget import qMRMLWidget
from deepmed_headless.standins.slicer.vtk_observation import Observations


class qMRMLSegmentSelectorWidget(qMRMLWidget):
    """Node selector above a list of its segments."""

    _is_stand_in = True
    currentNodeChanged = Signal("vtkMRMLNode*", adapters={("bool",): lambda node: (node is not None,)})
    currentSegmentChanged = Signal("QString")
    segmentSelectionChanged = Signal("QStringList")

    editEnabled = remembered("editEnabled", False, "Whether a node's module can be opened.")
    multiSelection = remembered("multiSelection", False, "Whether several segments can be chosen.")
    horizontalLayout = remembered("horizontalLayout", False, "Whether the two stand side by side.")
    selectNodeUponCreation = remembered("selectNodeUponCreation", True, "Whether new nodes are selected.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._nodes = qMRMLNodeComboBox()
        self._nodes.nodeTypes = ["vtkMRMLSegmentationNode"]
        self._nodes.addEnabled = False
        self._segments = QtWidgets.QComboBox()
        self._observers = Observations(self)
        column_layout(self, self._nodes, self._segments)
        self._nodes.currentNodeChanged.connect(self._on_node)
        self._segments.currentIndexChanged.connect(lambda _: self._on_segment())

    def _on_scene_changed(self) -> None:
        self._nodes.setMRMLScene(self._scene)

    def _on_node(self, node: Any) -> None:
        self._observers.clear()
        if node is not None:
            segmentation = node.GetSegmentation()
            for event in (segmentation.SegmentAdded, segmentation.SegmentRemoved, segmentation.SegmentModified):
                self._observers.add(segmentation, event, qMRMLSegmentSelectorWidget._refill)
        self._refill()
        self.currentNodeChanged.emit(node)

    def _refill(self) -> None:
        keep = self.currentSegmentID()
        self._segments.blockSignals(True)
        self._segments.clear()
        if self.noneEnabled:
            self._segments.addItem("None", "")
        node = self.currentNode()
        for identifier in self.segmentIDs():
            self._segments.addItem(node.GetSegmentation().GetSegment(identifier).GetName(), identifier)
        position = self._segments.findData(keep)
        self._segments.setCurrentIndex(position if position >= 0 else (0 if self._segments.count() else -1))
        self._segments.blockSignals(False)
        if self.currentSegmentID() != keep:
            self._on_segment()

    def _on_segment(self) -> None:
        self.currentSegmentChanged.emit(self.currentSegmentID())
        self.segmentSelectionChanged.emit(self.selectedSegmentIDs())

    @property
    def noneEnabled(self) -> bool:
        """Whether nothing can be chosen."""
        return bool(self._nodes.noneEnabled)

    @noneEnabled.setter
    def noneEnabled(self, value: bool) -> None:
        self._nodes.noneEnabled = value
        self._refill()

    @property
    def segmentationNodeSelectorVisible(self) -> bool:
        """Whether the node selector is shown."""
        return not self._nodes.isHidden()

    @segmentationNodeSelectorVisible.setter
    def segmentationNodeSelectorVisible(self, value: bool) -> None:
        self._nodes.setVisible(value)

    def currentNode(self) -> Any:
        """The segmentation, or None."""
        return self._nodes.currentNode()

    def currentNodeID(self) -> str:
        """ID of the segmentation."""
        return str(self._nodes.currentNodeID)

    def setCurrentNode(self, node: Any) -> None:
        """Selects a segmentation."""
        self._nodes.setCurrentNode(node)

    def setCurrentNodeID(self, identifier: str) -> None:
        """Selects a segmentation by ID."""
        self._nodes.setCurrentNodeID(identifier)

    def segmentIDs(self) -> tuple[str, ...]:
        """IDs of all segments."""
        node = self.currentNode()
        if node is None:
            return ()
        segmentation = node.GetSegmentation()
        return tuple(segmentation.GetNthSegmentID(i) for i in range(segmentation.GetNumberOfSegments()))

    def currentSegmentID(self) -> str:
        """ID of the segment, "" for none."""
        return str(self._segments.currentData() or "")

    def setCurrentSegmentID(self, identifier: str) -> None:
        """Selects a segment."""
        self._segments.setCurrentIndex(self._segments.findData(identifier))

    def selectedSegmentIDs(self) -> tuple[str, ...]:
        """ID of the segment in a tuple, empty for none."""
        current = self.currentSegmentID()
        return (current,) if current else ()
