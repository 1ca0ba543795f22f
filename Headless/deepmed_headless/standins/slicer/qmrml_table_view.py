"""qMRMLTableView: shows a table node."""

from __future__ import annotations

import logging
from typing import Any

from PySide6 import QtGui

from deepmed_headless.standins.base import remembered
from deepmed_headless.standins.qt.qt_classes import QTableView
from deepmed_headless.standins.qt.signals import Signal
from deepmed_headless.standins.slicer.vtk_observation import Observations


class qMRMLTableView(QTableView):
    """Follows a vtkMRMLTableNode; its cells cannot be edited here."""

    _is_stand_in = True
    mrmlSceneChanged = Signal("vtkMRMLScene*")
    selectionChanged = Signal()

    transposed = remembered("transposed", False, "Whether rows and columns are exchanged.")
    firstColumnLocked = remembered("firstColumnLocked", False, "Whether the first column stays in sight.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._scene: Any = None
        self._node: Any = None
        self._observers = Observations(self)
        self._items = QtGui.QStandardItemModel(self)
        self.setModel(self._items)

    def mrmlScene(self) -> Any:
        """The scene, or None."""
        return self._scene

    def setMRMLScene(self, scene: Any) -> None:
        """Sets the scene."""
        self._scene = scene
        self.mrmlSceneChanged.emit(scene)

    def mrmlTableNode(self) -> Any:
        """The table node, or None."""
        return self._node

    def setMRMLTableNode(self, node: Any) -> None:
        """Shows a table node and follows it."""
        import vtk

        self._observers.clear()
        self._node = node
        if node is not None:
            self._observers.add(node, vtk.vtkCommand.ModifiedEvent, qMRMLTableView._refill)
        self._refill()

    @property
    def firstRowLocked(self) -> bool:
        """Whether the columns' titles are the header instead of the first row: a property of the table node."""
        return self._node is not None and bool(self._node.GetUseColumnTitleAsColumnHeader())

    @firstRowLocked.setter
    def firstRowLocked(self, value: bool) -> None:
        if self._node is None:  # as in Slicer, which prints this to the console
            logging.error("qMRMLTableView::setFirstRowLocked: table node is missing")
            return
        self._node.SetUseColumnTitleAsColumnHeader(bool(value))

    def setFirstRowLocked(self, value: bool) -> None:
        """Uses the columns' titles as header."""
        self.firstRowLocked = value

    def tableModel(self) -> Any:
        """The model."""
        return self._items

    def _refill(self) -> None:
        self._items.clear()
        if self._node is None or self._node.GetTable() is None:
            return
        table = self._node.GetTable()
        columns, rows = table.GetNumberOfColumns(), table.GetNumberOfRows()
        names = [table.GetColumnName(column) or "" for column in range(columns)]
        names = [self._node.GetColumnTitle(name) or name for name in names]
        if self.firstRowLocked:
            self._items.setHorizontalHeaderLabels(names)
        else:
            self._items.setHorizontalHeaderLabels([chr(ord("A") + column) for column in range(columns)])
            self._items.appendRow([QtGui.QStandardItem(name) for name in names])
        for row in range(rows):
            self._items.appendRow(
                [QtGui.QStandardItem(table.GetValue(row, column).ToString()) for column in range(columns)]
            )
