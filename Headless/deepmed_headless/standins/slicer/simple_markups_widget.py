"""qSlicerSimpleMarkupsWidget: selector, place buttons and table of control points."""

from __future__ import annotations

from typing import Any

from PySide6 import QtGui

from deepmed_headless.standins.base import column_layout, remembered
from deepmed_headless.standins.qt.qt_classes import QTableWidget
from deepmed_headless.standins.qt.signals import Signal
from deepmed_headless.standins.slicer.markups_place_widget import qSlicerMarkupsPlaceWidget
from deepmed_headless.standins.slicer.qmrml_node_combo_box import qMRMLNodeComboBox
from deepmed_headless.standins.slicer.qmrml_widget import qSlicerWidget
from deepmed_headless.standins.slicer.vtk_observation import Observations


class qSlicerSimpleMarkupsWidget(qSlicerWidget):
    """Shows label and world position (RAS, mm) of each control point; follows the node."""

    _is_stand_in = True
    markupsNodeChanged = Signal()
    markupsFiducialNodeChanged = Signal()
    currentMarkupsControlPointSelectionChanged = Signal("int")
    currentMarkupsFiducialSelectionChanged = Signal("int")
    activeMarkupsPlaceModeChanged = Signal("bool")
    activeMarkupsFiducialPlaceModeChanged = Signal("bool")
    updateFinished = Signal()

    enterPlaceModeOnNodeChange = remembered("enterPlaceModeOnNodeChange", False, "Whether placing starts.")
    jumpToSliceEnabled = remembered("jumpToSliceEnabled", False, "Whether views follow.")
    optionsVisible = remembered("optionsVisible", True, "Whether the options are shown.")
    nodeColor = remembered("nodeColor", None, "Color of the node.")
    defaultNodeColor = remembered("defaultNodeColor", QtGui.QColor(0, 255, 0), "Color of new nodes.")
    viewGroup = remembered("viewGroup", -1, "Views that follow.")
    positionStatusColumnVisible = remembered("positionStatusColumnVisible", True, "Whether the state is shown.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._nodes = qMRMLNodeComboBox()
        self._nodes.nodeTypes = ["vtkMRMLMarkupsFiducialNode"]
        self._nodes.noneEnabled = True
        self._place = qSlicerMarkupsPlaceWidget()
        self._table = QTableWidget(0, 4)
        self._table.setHorizontalHeaderLabels(["Label", "R", "A", "S"])
        self._observers = Observations(self)
        column_layout(self, self._nodes, self._place, self._table)
        self._nodes.currentNodeChanged.connect(self._on_node)
        self._table.currentCellChanged.connect(self._on_cell)
        self._place.activeMarkupsPlaceModeChanged.connect(self._on_place_mode)

    def _on_scene_changed(self) -> None:
        self._nodes.setMRMLScene(self._scene)
        self._place.setMRMLScene(self._scene)

    def _on_node(self, node: Any) -> None:
        self._observers.clear()
        self._place.setCurrentNode(node)
        if node is not None:
            for event in (
                node.PointAddedEvent,
                node.PointRemovedEvent,
                node.PointModifiedEvent,
                node.PointPositionDefinedEvent,
                node.PointPositionUndefinedEvent,
            ):
                self._observers.add(node, event, qSlicerSimpleMarkupsWidget._refill)
        self._refill()
        self.markupsNodeChanged.emit()
        self.markupsFiducialNodeChanged.emit()

    def _on_cell(self, row: int, *_: int) -> None:
        self.currentMarkupsControlPointSelectionChanged.emit(row)
        self.currentMarkupsFiducialSelectionChanged.emit(row)

    def _on_place_mode(self, placing: bool) -> None:
        self.activeMarkupsPlaceModeChanged.emit(placing)
        self.activeMarkupsFiducialPlaceModeChanged.emit(placing)

    def _refill(self) -> None:
        from PySide6 import QtWidgets

        node = self.currentNode()
        count = node.GetNumberOfControlPoints() if node is not None else 0
        self._table.setRowCount(count)
        for row in range(count):
            position = [0.0, 0.0, 0.0]
            node.GetNthControlPointPositionWorld(row, position)
            defined = node.GetNthControlPointPositionStatus(row) == node.PositionDefined
            texts = [node.GetNthControlPointLabel(row)] + [f"{value:.3f}" if defined else "" for value in position]
            for column, text in enumerate(texts):
                self._table.setItem(row, column, QtWidgets.QTableWidgetItem(text))
        self.updateFinished.emit()

    def currentNode(self) -> Any:
        """The markups node, or None."""
        return self._nodes.currentNode()

    getCurrentNode = currentNode

    def setCurrentNode(self, node: Any) -> None:
        """Selects a markups node."""
        self._nodes.setCurrentNode(node)

    def setNodeBaseName(self, name: str) -> None:
        """Name of nodes made here."""
        self._nodes.baseName = name

    @property
    def nodeSelectorVisible(self) -> bool:
        """Whether the selector is shown."""
        return not self._nodes.isHidden()

    @nodeSelectorVisible.setter
    def nodeSelectorVisible(self, value: bool) -> None:
        self._nodes.setVisible(value)

    def setNodeSelectorVisible(self, value: bool) -> None:
        """Shows the selector."""
        self.nodeSelectorVisible = value

    def highlightNthControlPoint(self, index: int) -> None:
        """Selects a row."""
        self._table.selectRow(index)

    def tableWidget(self) -> Any:
        """The table."""
        return self._table

    def markupsPlaceWidget(self) -> qSlicerMarkupsPlaceWidget:
        """The place buttons."""
        return self._place

    def markupsSelectorComboBox(self) -> qMRMLNodeComboBox:
        """The selector."""
        return self._nodes
