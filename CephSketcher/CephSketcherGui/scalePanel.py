"""The Scale section: what a pixel is worth, in which plane, and three ways for the user to say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import slicer
from slicer.i18n import tr as _

from CephSketcherLib.film.scale import FILM, FilmScale, ruler_scale, typed_scale
from CephSketcherMrml import filmNodes
from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.markups import lineEnds, stayingOnPicture
from DeepMedLib.mrml.volumes import rasToPixel


class ScalePanel:
    """Shows and sets the scale of the chosen film.

    Args:
        ui: the panel's widgets.
        film: gives the chosen film's node, or None.
        onScale: called with a scale that the user has set.
    """

    def __init__(
        self,
        ui: Any,
        film: Callable[[], slicer.vtkMRMLVolumeNode | None],
        onScale: Callable[[FilmScale], None],
    ) -> None:
        self.ui = ui
        self._film = film
        self._onScale = onScale
        self.shownFilm: slicer.vtkMRMLVolumeNode | None = None
        ui.setScaleButton.connect("clicked(bool)", self.onSet)
        ui.useRulerButton.connect("clicked(bool)", self.onUseRuler)
        ui.setMagnificationButton.connect("clicked(bool)", self.onMagnification)
        self.refresh()

    def scale(self) -> FilmScale | None:
        """The film's scale as it is known now.

        Raises:
            BadInput: the chosen volume is no film.
        """
        volumeNode = self._film()
        return None if volumeNode is None else filmNodes.scaleOf(volumeNode, filmNodes.filmOf(volumeNode))

    def refresh(self) -> None:
        """Say what is known about the film's scale."""
        volumeNode = self.shownFilm = self._film()
        scale, problem = None, ""
        try:
            scale = self.scale()
        except BadInput as error:
            problem = str(error)
        for button in (self.ui.setScaleButton, self.ui.useRulerButton):
            button.enabled = volumeNode is not None and not problem
        self.ui.setMagnificationButton.enabled = scale is not None and scale.plane == FILM
        if volumeNode is None:
            self.ui.scaleLabel.text = _("No film.")
        elif problem:
            self.ui.scaleLabel.text = problem
        elif scale is None:
            self.ui.scaleLabel.text = _(
                "Not known: angles and ratios are given, lengths are not. Set it below; nothing is assumed."
            )
        else:
            state = "" if scale.confirmed else " " + _("To be confirmed.")
            self.ui.scaleLabel.text = f"{scale.text()}.{state} {scale.note}".strip()

    def onSet(self, _checked: bool = False) -> None:
        """Use the typed pixel size."""
        with slicer.util.tryWithErrorDisplay(_("The pixel size was not set.")):
            scale, aspect = typed_scale(self.ui.mmPerPixelSpinBox.value), filmNodes.filmOf(self._film()).aspect
            self._apply(replace(scale, mm_per_px_y=scale.mm_per_px_x * aspect))

    def onUseRuler(self, _checked: bool = False) -> None:
        """Take the chosen line for a length of the ruler on the head holder."""
        with slicer.util.tryWithErrorDisplay(_("The scale was not set from the ruler.")):
            line = self.ui.rulerLineSelector.currentNode()
            ends = lineEnds(line) if line is not None else None
            if ends is None:
                raise BadInput(
                    _("There is no line with two ends."), _("Choose Create new and click two marks of the ruler.")
                )
            pixels = rasToPixel(self._film(), ends)[:, :2]
            aspect = filmNodes.filmOf(self._film()).aspect
            self._apply(ruler_scale(pixels[0], pixels[1], self.ui.rulerLengthSpinBox.value, aspect))

    def onMagnification(self, _checked: bool = False) -> None:
        """Take a known magnification out of a scale of the film."""
        with slicer.util.tryWithErrorDisplay(_("The magnification was not taken out.")):
            scale = self.scale()
            if scale is None or scale.plane != FILM:
                raise BadInput(
                    _("The scale is that of the mid-sagittal plane already."), _("There is nothing to take out.")
                )
            corrected = scale.in_head(self.ui.magnificationSpinBox.value)
            self._apply(replace(corrected, source=scale.source + _(", magnification given by the user")))

    def _apply(self, scale: FilmScale) -> None:
        volumeNode = self._film()
        with stayingOnPicture(self.ui.rulerLineSelector.currentNode(), volumeNode):
            filmNodes.setScale(volumeNode, scale)
        self._onScale(scale)
        self.refresh()
