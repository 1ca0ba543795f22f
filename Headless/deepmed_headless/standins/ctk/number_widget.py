"""What CTK's widgets for one number have in common: value, range, step, decimals, words around it."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import StandInWidget
from deepmed_headless.standins.qt.signals import Signal


class NumberWidget(StandInWidget):
    """A spin box inside a plain widget, as in CTK; `valueChanged` is the derived class's."""

    _is_stand_in = True
    decimalsChanged = Signal("int")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._spin_box = QtWidgets.QDoubleSpinBox()

    def _on_range_changed(self) -> None:
        """For subclasses."""

    @property
    def value(self) -> float:
        """The number."""
        return self._spin_box.value()

    @value.setter
    def value(self, value: float) -> None:
        self._spin_box.setValue(float(value))

    @property
    def minimum(self) -> float:
        """Smallest value."""
        return self._spin_box.minimum()

    @minimum.setter
    def minimum(self, value: float) -> None:
        self._spin_box.setMinimum(float(value))
        self._on_range_changed()

    @property
    def maximum(self) -> float:
        """Largest value."""
        return self._spin_box.maximum()

    @maximum.setter
    def maximum(self, value: float) -> None:
        self._spin_box.setMaximum(float(value))
        self._on_range_changed()

    @property
    def singleStep(self) -> float:
        """Step of the arrow keys."""
        return self._spin_box.singleStep()

    @singleStep.setter
    def singleStep(self, value: float) -> None:
        self._spin_box.setSingleStep(float(value))

    @property
    def decimals(self) -> int:
        """Digits after the point."""
        return self._spin_box.decimals()

    @decimals.setter
    def decimals(self, value: int) -> None:
        if value != self._spin_box.decimals():
            self._spin_box.setDecimals(value)
            self.decimalsChanged.emit(value)

    @property
    def prefix(self) -> str:
        """Text before the number."""
        return self._spin_box.prefix()

    @prefix.setter
    def prefix(self, value: str) -> None:
        self._spin_box.setPrefix(value)

    @property
    def suffix(self) -> str:
        """Text after the number, as " mm"."""
        return self._spin_box.suffix()

    @suffix.setter
    def suffix(self, value: str) -> None:
        self._spin_box.setSuffix(value)

    def setValue(self, value: float) -> None:
        """Sets the number."""
        self.value = value

    def setMinimum(self, value: float) -> None:
        """Sets the smallest value."""
        self.minimum = value

    def setMaximum(self, value: float) -> None:
        """Sets the largest value."""
        self.maximum = value

    def setDecimals(self, value: int) -> None:
        """Sets the digits after the point."""
        self.decimals = value
