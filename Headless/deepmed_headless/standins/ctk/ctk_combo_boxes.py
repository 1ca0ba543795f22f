"""ctkComboBox and ctkCheckableComboBox."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets

from deepmed_headless.standins.base import remembered
from deepmed_headless.standins.qt.python_qt import wrap
from deepmed_headless.standins.qt.signals import Signal

_ComboBox: Any = wrap(QtWidgets.QComboBox)


class ctkComboBox(_ComboBox):
    """QComboBox with a text for "nothing chosen"."""

    _is_stand_in = True
    defaultIcon = remembered("defaultIcon", None, "Icon where nothing is chosen.")
    forceDefault = remembered("forceDefault", False, "Always show the default text.")
    elideMode = remembered("elideMode", 3, "How long texts are cut.")
    scrollWheelEffect = remembered("scrollWheelEffect", 0, "What the mouse wheel does.")

    @property
    def defaultText(self) -> str:
        """Text where nothing is chosen."""
        return str(self.placeholderText)

    @defaultText.setter
    def defaultText(self, value: str) -> None:
        self.placeholderText = value

    @property
    def currentUserDataAsString(self) -> str:
        """Data of the current item as text."""
        data = self.currentData
        return "" if data is None else str(data)

    @currentUserDataAsString.setter
    def currentUserDataAsString(self, value: str) -> None:
        for index in range(self.count):
            if str(self.itemData(index)) == value:
                self.setCurrentIndex(index)

    def setCurrentUserDataAsString(self, value: str) -> None:
        """Chooses the item with that data."""
        self.currentUserDataAsString = value


class ctkCheckableComboBox(_ComboBox):
    """QComboBox whose items carry check marks."""

    _is_stand_in = True
    checkedIndexesChanged = Signal()

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._model = QtGui.QStandardItemModel(self)
        self.setModel(self._model)
        self._model.rowsInserted.connect(self._on_rows_inserted)
        self._model.itemChanged.connect(lambda item: self.checkedIndexesChanged.emit())

    def _on_rows_inserted(self, parent: QtCore.QModelIndex, first: int, last: int) -> None:
        self._model.blockSignals(True)
        for row in range(first, last + 1):
            item = self._model.item(row)
            item.setCheckable(True)
            item.setCheckState(QtCore.Qt.CheckState.Unchecked)
        self._model.blockSignals(False)

    def checkableModel(self) -> Any:
        """The model."""
        return self._model

    def checkedIndexes(self) -> list[QtCore.QModelIndex]:
        """Indexes of the checked items."""
        rows = range(self._model.rowCount())
        checked = QtCore.Qt.CheckState.Checked
        return [self._model.index(row, 0) for row in rows if self._model.item(row).checkState() == checked]

    def allChecked(self) -> bool:
        """Whether every item is checked."""
        return len(self.checkedIndexes()) == self._model.rowCount()

    def noneChecked(self) -> bool:
        """Whether no item is checked."""
        return not self.checkedIndexes()

    def setCheckState(self, index: QtCore.QModelIndex, state: Any) -> None:
        """Checks or unchecks an item."""
        self._model.itemFromIndex(index).setCheckState(QtCore.Qt.CheckState(state))

    def checkState(self, index: QtCore.QModelIndex) -> Any:
        """Whether an item is checked."""
        return self._model.itemFromIndex(index).checkState()
