"""ctkDoubleSpinBox: a number with decimals."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import StandInWidget, remembered, row_layout
from deepmed_headless.standins.qt.signals import Signal


class ctkDoubleSpinBox(StandInWidget):
    """A spin box inside a plain widget, as in CTK."""

    _is_stand_in = True
    valueChanged = Signal("double", adapters={("QString",): lambda value: (str(value),)})
    decimalsChanged = Signal("int")
    editingFinished = Signal()

    alignment = remembered("alignment", 1, "Alignment of the number.")
    frame = remembered("frame", True, "Whether a frame is drawn.")
    decimalsOption = remembered("decimalsOption", 0, "How decimals follow the value.")
    setMode = remembered("setMode", 0, "When setting a value counts as change.")
    invertedControls = remembered("invertedControls", False, "Whether the keys run the other way.")
    sizeHintPolicy = remembered("sizeHintPolicy", 0, "What the width follows.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._spin_box = QtWidgets.QDoubleSpinBox()
        row_layout(self, self._spin_box)
        self._spin_box.valueChanged.connect(self.valueChanged.emit)
        self._spin_box.editingFinished.connect(self.editingFinished.emit)

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

    @property
    def maximum(self) -> float:
        """Largest value."""
        return self._spin_box.maximum()

    @maximum.setter
    def maximum(self, value: float) -> None:
        self._spin_box.setMaximum(float(value))

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
        """Text after the number."""
        return self._spin_box.suffix()

    @suffix.setter
    def suffix(self, value: str) -> None:
        self._spin_box.setSuffix(value)

    @property
    def readOnly(self) -> bool:
        """Whether the number can be typed."""
        return self._spin_box.isReadOnly()

    @readOnly.setter
    def readOnly(self, value: bool) -> None:
        self._spin_box.setReadOnly(value)

    @property
    def cleanText(self) -> str:
        """The number as text."""
        return self._spin_box.cleanText()

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

    def stepUp(self) -> None:
        """One step up."""
        self._spin_box.stepUp()

    def stepDown(self) -> None:
        """One step down."""
        self._spin_box.stepDown()
