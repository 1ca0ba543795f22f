"""The Scale section: what a pixel is worth, and three ways for the user to say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import slicer
from slicer.i18n import tr as _

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.markups import lineEnds, stayingOnPicture
from DeepMedLib.mrml.volumes import rasToPixel
from FetalBiometryLib.picture.ruler import propose_ruler
from FetalBiometryLib.picture.scale import Scale, scale_from_clicks, typed_scale
from FetalBiometryMrml import pictureNodes


class ScalePanel:
    """Shows and sets the scale of the chosen picture.

    Args:
        ui: the panel's widgets.
        volume: gives the chosen picture, or None.
        onScale: called with a scale the user has set or confirmed.
        confirm: asks a yes/no question; replaced in tests.
    """

    def __init__(
        self,
        ui: Any,
        volume: Callable[[], slicer.vtkMRMLVolumeNode | None],
        onScale: Callable[[Scale], None],
        confirm: Callable[[str], bool] | None = None,
    ) -> None:
        self.ui = ui
        self._volume = volume
        self._onScale = onScale
        self.shownVolume: slicer.vtkMRMLVolumeNode | None = None
        self._confirm = confirm or slicer.util.confirmOkCancelDisplay
        ui.setScaleButton.connect("clicked(bool)", self.onSet)
        ui.rulerButton.connect("clicked(bool)", self.onRuler)
        ui.useLineButton.connect("clicked(bool)", self.onUseLine)
        self.refresh()

    def refresh(self) -> None:
        """Say what is known about the picture's scale."""
        volumeNode = self.shownVolume = self._volume()
        for button in (self.ui.setScaleButton, self.ui.rulerButton, self.ui.useLineButton):
            button.enabled = volumeNode is not None
        if volumeNode is None:
            self.ui.scaleLabel.text = _("No picture.")
            return
        try:
            scale = pictureNodes.scaleOf(volumeNode, pictureNodes.pictureOf(volumeNode))
        except BadInput as error:
            self.ui.scaleLabel.text = str(error)
            return
        if scale is None:
            self.ui.scaleLabel.text = _(
                "Not known: lengths will be in pixels. Set it below to get millimetres; nothing is assumed."
            )
        else:
            state = _("confirmed") if scale.confirmed else _("to be confirmed")
            self.ui.scaleLabel.text = _("{mm:.4f} mm per pixel ({source}, {state}).").format(
                mm=scale.mean, source=scale.source, state=state
            )

    def onSet(self, _checked: bool = False) -> None:
        """Use the typed pixel size."""
        with slicer.util.tryWithErrorDisplay(_("The pixel size was not set.")):
            self._apply(typed_scale(self.ui.mmPerPixelSpinBox.value))

    def onRuler(self, _checked: bool = False) -> None:
        """Look for a depth ruler and ask the user what it stands for."""
        with slicer.util.tryWithErrorDisplay(_("No scale was taken from a ruler."), waitCursor=True):
            proposal = propose_ruler(pictureNodes.pictureOf(self._volume()))
            if proposal is None:
                raise BadInput(
                    _("No depth ruler was found in the picture."), _("Type the pixel size or use a known length.")
                )
        if proposal is not None and self._confirm(proposal.text() + "\n\n" + _("Use this scale?")):
            self._apply(proposal.scale(confirmed=True))

    def onUseLine(self, _checked: bool = False) -> None:
        """Take the chosen line for a length the user knows."""
        with slicer.util.tryWithErrorDisplay(_("The scale was not set from the line.")):
            line = self.ui.knownLineSelector.currentNode()
            ends = lineEnds(line) if line is not None else None
            if ends is None:
                raise BadInput(_("There is no line with two ends."), _("Place a line over a length you know."))
            pixels = rasToPixel(self._volume(), ends)[:, :2]
            self._apply(scale_from_clicks(pixels[0], pixels[1], self.ui.knownLengthSpinBox.value))

    def _apply(self, scale: Scale) -> None:
        volumeNode = self._volume()
        with stayingOnPicture(self.ui.knownLineSelector.currentNode(), volumeNode):
            pictureNodes.setScale(volumeNode, scale)
        self._onScale(scale)
        self.refresh()
