"""Drawing by hand: any long bone with a line, or a plane that the model did not find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from DeepMedLib.gui.errors import errorsShown
from FetalBiometryLib.planes.shapes import HAND_PLANES, SHAPES


class HandPanel:
    """A list of what can be drawn, and the button that puts its lines on the picture.

    Args:
        ui: the panel's widgets.
        draw: puts the lines of a plane on the chosen picture.
    """

    def __init__(self, ui: Any, draw: Callable[[str], None]) -> None:
        self.ui = ui
        self._draw = draw
        ui.handComboBox.addItems([self._title(plane) for plane in HAND_PLANES])
        ui.handButton.connect("clicked(bool)", self.onDraw)

    @staticmethod
    def _title(plane: str) -> str:
        shape = SHAPES[plane]
        numbers = [outline.name for outline in shape.outlines] + list(shape.lines)
        return f"{shape.title} ({', '.join(numbers)})"

    def setReady(self, reason: str) -> None:
        """Allow drawing, or say why not."""
        self.ui.handButton.enabled = not reason
        self.ui.handButton.toolTip = reason or _("Put lines on the picture that you drag into place.")

    def onDraw(self, _checked: bool = False) -> None:
        """Draw what is chosen."""
        with errorsShown(_("Nothing was drawn."), waitCursor=True):
            self._draw(HAND_PLANES[self.ui.handComboBox.currentIndex])
