"""qMRMLSegmentEditorWidget: holds what is edited; there are no effects headless."""

from __future__ import annotations

from typing import Any

from deepmed_headless.standins.base import column_layout, remembered
from deepmed_headless.standins.qt.signals import Signal
from deepmed_headless.standins.slicer.qmrml_segments_table_view import qMRMLSegmentsTableView
from deepmed_headless.standins.slicer.qmrml_widget import qMRMLWidget


class qMRMLSegmentEditorWidget(qMRMLWidget):
    """Keeps its choice in a real vtkMRMLSegmentEditorNode and lists the segments."""

    _is_stand_in = True
    currentSegmentIDChanged = Signal("QString")
    sourceVolumeNodeChanged = Signal("vtkMRMLVolumeNode*")
    segmentationNodeChanged = Signal("vtkMRMLSegmentationNode*")

    segmentationNodeSelectorVisible = remembered("segmentationNodeSelectorVisible", True, "Selector shown.")
    sourceVolumeNodeSelectorVisible = remembered("sourceVolumeNodeSelectorVisible", True, "Selector shown.")
    maskingSectionVisible = remembered("maskingSectionVisible", True, "Masking shown.")
    specifyGeometryButtonVisible = remembered("specifyGeometryButtonVisible", True, "Button shown.")
    show3DButtonVisible = remembered("show3DButtonVisible", True, "Button shown.")
    addRemoveSegmentButtonsVisible = remembered("addRemoveSegmentButtonsVisible", True, "Buttons shown.")
    switchToSegmentationsButtonVisible = remembered("switchToSegmentationsButtonVisible", True, "Button shown.")
    autoShowSourceVolumeNode = remembered("autoShowSourceVolumeNode", True, "Whether views follow.")
    maximumNumberOfUndoStates = remembered("maximumNumberOfUndoStates", 10, "Depth of undo.")
    undoEnabled = remembered("undoEnabled", True, "Whether undo is there.")
    readOnly = remembered("readOnly", False, "Whether nothing can be edited.")
    jumpToSelectedSegmentEnabled = remembered("jumpToSelectedSegmentEnabled", False, "Whether views follow.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._editor_node: Any = None
        self._table = qMRMLSegmentsTableView()
        column_layout(self, self._table)

    def mrmlSegmentEditorNode(self) -> Any:
        """The parameter node of the editor, or None."""
        return self._editor_node

    def setMRMLSegmentEditorNode(self, node: Any) -> None:
        """Sets the parameter node of the editor; needed before anything is chosen, as in Slicer."""
        self._editor_node = node
        self._table.setSegmentationNode(self.segmentationNode())

    def segmentationNode(self) -> Any:
        """The segmentation, or None."""
        return self._editor_node.GetSegmentationNode() if self._editor_node is not None else None

    def setSegmentationNode(self, node: Any) -> None:
        """Sets the segmentation."""
        if self._editor_node is None or node is self.segmentationNode():
            return
        self._editor_node.SetAndObserveSegmentationNode(node)
        self._table.setSegmentationNode(node)
        self.segmentationNodeChanged.emit(node)

    def sourceVolumeNode(self) -> Any:
        """The volume, or None."""
        return self._editor_node.GetSourceVolumeNode() if self._editor_node is not None else None

    def setSourceVolumeNode(self, node: Any) -> None:
        """Sets the volume."""
        if self._editor_node is None or node is self.sourceVolumeNode():
            return
        self._editor_node.SetAndObserveSourceVolumeNode(node)
        self.sourceVolumeNodeChanged.emit(node)

    def currentSegmentID(self) -> str:
        """ID of the selected segment."""
        return str(self._editor_node.GetSelectedSegmentID() or "") if self._editor_node is not None else ""

    def setCurrentSegmentID(self, identifier: str) -> None:
        """Selects a segment."""
        if self._editor_node is not None and identifier != self.currentSegmentID():
            self._editor_node.SetSelectedSegmentID(identifier)
            self.currentSegmentIDChanged.emit(identifier)

    def setActiveEffectByName(self, name: str) -> None:
        """Only "" (no effect) is possible headless.

        Raises:
            RuntimeError: any effect is asked for.
        """
        if name:
            raise RuntimeError(f"Segment editor effect {name} is not available headless.")

    def activeEffect(self) -> None:
        """Always None."""

    def setupViewObservations(self) -> None:
        """Views are not interactive."""

    def removeViewObservations(self) -> None:
        """Views are not interactive."""

    def installKeyboardShortcuts(self, parent: Any = None) -> None:
        """There is no keyboard."""

    def uninstallKeyboardShortcuts(self) -> None:
        """There is no keyboard."""
