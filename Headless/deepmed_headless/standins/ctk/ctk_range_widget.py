"""ctkRangeWidget: two numbers, the lower never above the upper."""

from __future__ import annotations

from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import StandInWidget, remembered, row_layout
from deepmed_headless.standins.qt.signals import Signal


class ctkRangeWidget(StandInWidget):
    """Two spin boxes and a bar between them."""

    _is_stand_in = True
    minimumValueChanged = Signal("double")
    maximumValueChanged = Signal("double")
    minimumValueIsChanging = Signal("double")
    maximumValueIsChanging = Signal("double")
    valuesChanged = Signal("double", "double")
    rangeChanged = Signal("double", "double")

    tickInterval = remembered("tickInterval", 0.0, "Distance of the ticks.")
    autoSpinBoxWidth = remembered("autoSpinBoxWidth", True, "Whether the boxes share a width.")
    spinBoxTextAlignment = remembered("spinBoxTextAlignment", 1, "Alignment of the numbers.")
    spinBoxAlignment = remembered("spinBoxAlignment", 0x84, "Where the numbers stand.")
    tracking = remembered("tracking", True, "Whether signals come while dragging.")
    symmetricMoves = remembered("symmetricMoves", False, "Whether both ends move.")
    customSpinBoxesLimitsMin = remembered("customSpinBoxesLimitsMin", 0.0, "Limit of the boxes.")
    customSpinBoxesLimitsMax = remembered("customSpinBoxesLimitsMax", 0.0, "Limit of the boxes.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._lower, self._upper = QtWidgets.QDoubleSpinBox(), QtWidgets.QDoubleSpinBox()
        self._bar = QtWidgets.QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 100)
        self._bar.setValue(100)
        row_layout(self, self._lower, self._bar, self._upper)
        self._range = (0.0, 99.0)
        self._values = (0.0, 99.0)
        self._show()
        self._lower.valueChanged.connect(lambda value: self.setValues(value, self._values[1]))
        self._upper.valueChanged.connect(lambda value: self.setValues(self._values[0], value))

    def _show(self) -> None:
        for box, limits in (
            (self._lower, (self._range[0], self._values[1])),
            (self._upper, (self._values[0], self._range[1])),
        ):
            box.blockSignals(True)
            box.setRange(*limits)
            box.blockSignals(False)
        for box, value in ((self._lower, self._values[0]), (self._upper, self._values[1])):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)

    def _set_range(self, lower: float, upper: float) -> None:
        self._range = (float(lower), float(max(lower, upper)))
        self._show()
        self.rangeChanged.emit(*self._range)
        self.setValues(*self._values)

    def setRange(self, minimum: float, maximum: float) -> None:
        """Sets the limits of both numbers."""
        self._set_range(minimum, maximum)

    def setValues(self, minimumValue: float, maximumValue: float) -> None:
        """Sets both numbers, each held inside the limits."""
        lower, upper = (
            min(max(float(value), self._range[0]), self._range[1]) for value in (minimumValue, maximumValue)
        )
        new = (min(lower, upper), max(lower, upper))
        old, self._values = self._values, new
        self._show()
        if new == old:
            return
        if new[0] != old[0]:
            self.minimumValueChanged.emit(new[0])
        if new[1] != old[1]:
            self.maximumValueChanged.emit(new[1])
        self.valuesChanged.emit(*new)

    @property
    def minimum(self) -> float:
        """Lower limit."""
        return self._range[0]

    @minimum.setter
    def minimum(self, value: float) -> None:
        self._set_range(value, self._range[1])

    @property
    def maximum(self) -> float:
        """Upper limit."""
        return self._range[1]

    @maximum.setter
    def maximum(self, value: float) -> None:
        self._set_range(min(self._range[0], value), value)

    @property
    def minimumValue(self) -> float:
        """Lower number."""
        return self._values[0]

    @minimumValue.setter
    def minimumValue(self, value: float) -> None:
        self.setValues(min(value, self._values[1]), self._values[1])

    @property
    def maximumValue(self) -> float:
        """Upper number."""
        return self._values[1]

    @maximumValue.setter
    def maximumValue(self, value: float) -> None:
        self.setValues(self._values[0], max(value, self._values[0]))

    def setMinimumValue(self, value: float) -> None:
        """Sets the lower number."""
        self.minimumValue = value

    def setMaximumValue(self, value: float) -> None:
        """Sets the upper number."""
        self.maximumValue = value

    @property
    def singleStep(self) -> float:
        """Step of the arrow keys."""
        return self._lower.singleStep()

    @singleStep.setter
    def singleStep(self, value: float) -> None:
        self._lower.setSingleStep(value)
        self._upper.setSingleStep(value)

    @property
    def decimals(self) -> int:
        """Digits after the point."""
        return self._lower.decimals()

    @decimals.setter
    def decimals(self, value: int) -> None:
        self._lower.setDecimals(value)
        self._upper.setDecimals(value)

    def setDecimals(self, value: int) -> None:
        """Sets the digits after the point."""
        self.decimals = value

    @property
    def prefix(self) -> str:
        """Text before each number."""
        return self._lower.prefix()

    @prefix.setter
    def prefix(self, value: str) -> None:
        self._lower.setPrefix(value)
        self._upper.setPrefix(value)

    @property
    def suffix(self) -> str:
        """Text after each number."""
        return self._lower.suffix()

    @suffix.setter
    def suffix(self, value: str) -> None:
        self._lower.setSuffix(value)
        self._upper.setSuffix(value)
