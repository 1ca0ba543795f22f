"""ctkSliderWidget: a slider with a number beside it."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtWidgets

from deepmed_headless.standins.base import remembered, row_layout
from deepmed_headless.standins.ctk.number_widget import NumberWidget
from deepmed_headless.standins.qt.signals import Signal

_STEPS = 10_000


class ctkSliderWidget(NumberWidget):
    """Slider and spin box that hold one number, rounded to `decimals`."""

    _is_stand_in = True
    valueChanged = Signal("double")
    valueIsChanging = Signal("double")

    pageStep = remembered("pageStep", 10.0, "Step of the page keys.")
    tickInterval = remembered("tickInterval", 0.0, "Distance of the ticks.")
    tickPosition = remembered("tickPosition", 0, "Where the ticks are drawn.")
    synchronizeSiblings = remembered("synchronizeSiblings", 2, "Whether siblings share widths.")
    spinBoxAlignment = remembered("spinBoxAlignment", 0x84, "Where the number stands.")
    tracking = remembered("tracking", True, "Whether valueChanged comes while dragging.")
    popupSlider = remembered("popupSlider", False, "Whether the slider pops up.")
    invertedAppearance = remembered("invertedAppearance", False, "Whether the slider runs right to left.")
    invertedControls = remembered("invertedControls", False, "Whether the keys run the other way.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._slider = QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal)
        self._slider.setRange(0, _STEPS)
        self._spin_box.setRange(0, 100)
        row_layout(self, self._slider, self._spin_box)
        self._slider.sliderMoved.connect(self._on_slider_moved)
        self._spin_box.valueChanged.connect(self._on_value_changed)

    def _on_slider_moved(self, position: int) -> None:
        span = self._spin_box.maximum() - self._spin_box.minimum()
        value = self._spin_box.minimum() + span * position / _STEPS
        self.valueIsChanging.emit(value)
        self._spin_box.setValue(value)

    def _on_value_changed(self, value: float) -> None:
        self._on_range_changed()
        self.valueChanged.emit(value)

    def _on_range_changed(self) -> None:
        span = self._spin_box.maximum() - self._spin_box.minimum()
        share = (self._spin_box.value() - self._spin_box.minimum()) / span if span > 0 else 0
        self._slider.setValue(round(share * _STEPS))

    @property
    def spinBoxVisible(self) -> bool:
        """Whether the number is shown."""
        return not self._spin_box.isHidden()

    @spinBoxVisible.setter
    def spinBoxVisible(self, value: bool) -> None:
        self._spin_box.setVisible(value)

    def reset(self) -> None:
        """Back to 0 or the nearest value allowed."""
        self.value = 0.0
