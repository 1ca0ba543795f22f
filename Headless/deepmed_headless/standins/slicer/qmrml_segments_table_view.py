"""qMRMLSegmentsTableView: lists the segments of a segmentation."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from deepmed_headless.standins.base import column_layout, remembered
from deepmed_headless.standins.qt.signals import Signal
from deepmed_headless.standins.slicer.qmrml_widget import qMRMLWidget
from deepmed_headless.standins.slicer.vtk_observation import Observations


class qMRMLSegmentsTableView(qMRMLWidget):
    """Color and name of each segment; follows the segmentation."""

    _is_stand_in = True
    selectionChanged = Signal("QItemSelection", "QItemSelection")
    segmentAboutToBeModified = Signal("QString")

    visibilityColumnVisible = remembered("visibilityColumnVisible", True, "Whether the eye is shown.")
    colorColumnVisible = remembered("colorColumnVisible", True, "Whether the color is shown.")
    opacityColumnVisible = remembered("opacityColumnVisible", True, "Whether the opacity is shown.")
    statusColumnVisible = remembered("statusColumnVisible", False, "Whether the state is shown.")
    layerColumnVisible = remembered("layerColumnVisible", False, "Whether the layer is shown.")
    readOnly = remembered("readOnly", False, "Whether names can be edited.")
    filterBarVisible = remembered("filterBarVisible", False, "Whether the filter is shown.")
    jumpToSelectedSegmentEnabled = remembered("jumpToSelectedSegmentEnabled", False, "Whether views follow.")
    useTerminologySelector = remembered("useTerminologySelector", True, "How names are chosen.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._node: Any = None
        self._filter = ""
        self._hidden: list[str] = []
        self._observers = Observations(self)
        self._table = QtWidgets.QTableWidget(0, 2)
        self._table.setSelectionBehavior(QtWidgets.QAbstractItemView.SelectionBehavior.SelectRows)
        self._table.setHorizontalHeaderLabels(["Color", "Name"])
        self._table.horizontalHeader().setStretchLastSection(True)
        self._table.verticalHeader().hide()
        column_layout(self, self._table)
        self._table.selectionModel().selectionChanged.connect(self.selectionChanged.emit)

    def segmentationNode(self) -> Any:
        """The segmentation, or None."""
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        """Shows a segmentation and follows it."""
        import vtk

        self._observers.clear()
        self._node = node
        if node is not None:
            segmentation = node.GetSegmentation()
            self._observers.add(node, vtk.vtkCommand.ModifiedEvent, qMRMLSegmentsTableView._refill)
            for event in (segmentation.SegmentAdded, segmentation.SegmentRemoved, segmentation.SegmentModified):
                self._observers.add(segmentation, event, qMRMLSegmentsTableView._refill)
        self._refill()

    def _refill(self) -> None:
        selected = self.selectedSegmentIDs() if self._node is not None else ()
        identifiers = self.displayedSegmentIDs()
        self._table.setRowCount(len(identifiers))
        for row, identifier in enumerate(identifiers):
            segment = self._node.GetSegmentation().GetSegment(identifier)
            color = QtWidgets.QTableWidgetItem("")
            color.setBackground(QtGui.QColor.fromRgbF(*segment.GetColor()))
            name = QtWidgets.QTableWidgetItem(segment.GetName())
            name.setData(QtCore.Qt.ItemDataRole.UserRole, identifier)
            self._table.setItem(row, 0, color)
            self._table.setItem(row, 1, name)
        self.setSelectedSegmentIDs([identifier for identifier in selected if identifier in identifiers])

    def displayedSegmentIDs(self) -> tuple[str, ...]:
        """IDs of the segments listed."""
        if self._node is None:
            return ()
        segmentation = self._node.GetSegmentation()
        identifiers = [segmentation.GetNthSegmentID(i) for i in range(segmentation.GetNumberOfSegments())]
        wanted = self._filter.lower()
        return tuple(
            identifier
            for identifier in identifiers
            if identifier not in self._hidden and wanted in segmentation.GetSegment(identifier).GetName().lower()
        )

    def _identifier(self, row: int) -> str:
        item = self._table.item(row, 1)
        return str(item.data(QtCore.Qt.ItemDataRole.UserRole)) if item is not None else ""

    def selectedSegmentIDs(self) -> tuple[str, ...]:
        """IDs of the selected segments."""
        rows = sorted({index.row() for index in self._table.selectedIndexes()})
        return tuple(self._identifier(row) for row in rows)

    def setSelectedSegmentIDs(self, identifiers: Any) -> None:
        """Selects segments."""
        self._table.clearSelection()
        mode = self._table.selectionMode()
        self._table.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode.MultiSelection)
        for row in range(self._table.rowCount()):
            if self._identifier(row) in identifiers:
                self._table.selectRow(row)
        self._table.setSelectionMode(mode)

    def clearSelection(self) -> None:
        """Selects nothing."""
        self._table.clearSelection()

    @property
    def segmentCount(self) -> int:
        """Number of segments listed."""
        return len(self.displayedSegmentIDs())

    @property
    def selectionMode(self) -> int:
        """QAbstractItemView's selection mode."""
        return int(self._table.selectionMode().value)

    @selectionMode.setter
    def selectionMode(self, value: Any) -> None:
        self._table.setSelectionMode(QtWidgets.QAbstractItemView.SelectionMode(value))

    def setSelectionMode(self, value: Any) -> None:
        """Sets QAbstractItemView's selection mode."""
        self.selectionMode = value

    @property
    def headerVisible(self) -> bool:
        """Whether the header is shown."""
        return not self._table.horizontalHeader().isHidden()

    @headerVisible.setter
    def headerVisible(self, value: bool) -> None:
        self._table.horizontalHeader().setVisible(value)

    @property
    def textFilter(self) -> str:
        """Text that the names must contain."""
        return self._filter

    @textFilter.setter
    def textFilter(self, value: str) -> None:
        self._filter = value
        self._refill()

    def setTextFilter(self, value: str) -> None:
        """Sets the text that names must contain."""
        self.textFilter = value

    def setReadOnly(self, value: bool) -> None:
        """Sets whether names can be edited."""
        self.readOnly = value

    def setHideSegments(self, identifiers: Any) -> None:
        """Leaves segments out."""
        self._hidden = list(identifiers)
        self._refill()

    def hideSegments(self) -> tuple[str, ...]:
        """IDs left out."""
        return tuple(self._hidden)

    def tableWidget(self) -> Any:
        """The inner table."""
        return self._table
