"""ctkDoubleSpinBox: a number with decimals."""

from __future__ import annotations

from typing import Any

from deepmed_headless.standins.base import remembered, row_layout
from deepmed_headless.standins.ctk.number_widget import NumberWidget
from deepmed_headless.standins.qt.signals import Signal


class ctkDoubleSpinBox(NumberWidget):
    """The number alone."""

    _is_stand_in = True
    valueChanged = Signal("double", adapters={("QString",): lambda value: (str(value),)})
    editingFinished = Signal()

    alignment = remembered("alignment", 1, "Alignment of the number.")
    frame = remembered("frame", True, "Whether a frame is drawn.")
    decimalsOption = remembered("decimalsOption", 0, "How decimals follow the value.")
    setMode = remembered("setMode", 0, "When setting a value counts as change.")
    invertedControls = remembered("invertedControls", False, "Whether the keys run the other way.")
    sizeHintPolicy = remembered("sizeHintPolicy", 0, "What the width follows.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        row_layout(self, self._spin_box)
        self._spin_box.valueChanged.connect(self.valueChanged.emit)
        self._spin_box.editingFinished.connect(self.editingFinished.emit)

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

    def stepUp(self) -> None:
        """One step up."""
        self._spin_box.stepUp()

    def stepDown(self) -> None:
        """One step down."""
        self._spin_box.stepDown()
