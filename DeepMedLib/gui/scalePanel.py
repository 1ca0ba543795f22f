"""The Scale section of every module that measures pictures: what a pixel is worth, and how a person can say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _
from slicer.util import VTKObservationMixin

from DeepMedLib.errors import BadInput
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.placing import startPlacing
from DeepMedLib.mrml.inputs import pictureNodes
from DeepMedLib.mrml.inputs.volumes import rasToPixel
from DeepMedLib.mrml.nodes.markups import lineEnds, stayingOnPicture
from DeepMedLib.picture.kind import PictureKind
from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.ruler import propose_ruler
from DeepMedLib.picture.scale import FILM, Scale


class ScalePanel(VTKObservationMixin):
    """Shows and sets the scale of the chosen picture.

    Of the panel's widgets it takes scaleLabel, mmPerPixelSpinBox, setScaleButton, knownLineSelector,
    knownLengthSpinBox and useLineButton; where they are there, rulerButton, and for projections magnificationSpinBox
    and setMagnificationButton.

    Args:
        ui: the panel's widgets.
        kind: what the module takes.
        picture: gives the chosen volume and its frame; the volume may be None.
        onScale: called with a scale the user has set or confirmed.
        confirm: asks a yes/no question; replaced in tests.
    """

    def __init__(
        self,
        ui: Any,
        kind: PictureKind,
        picture: Callable[[], tuple[slicer.vtkMRMLVolumeNode | None, int | None]],
        onScale: Callable[[Scale], None],
        confirm: Callable[[str], bool] | None = None,
    ) -> None:
        VTKObservationMixin.__init__(self)
        self.ui = ui
        self._kind = kind
        self._chosen = picture
        self._onScale = onScale
        self._confirm = confirm or slicer.util.confirmOkCancelDisplay
        self._untouched = ui.mmPerPixelSpinBox.value
        self.shownVolume: slicer.vtkMRMLVolumeNode | None = None
        self._shownScale: Scale | None = None
        self._refreshing = False
        ui.setScaleButton.connect("clicked(bool)", self.onSet)
        ui.useLineButton.connect("clicked(bool)", self.onUseLine)
        ui.knownLineSelector.connect("nodeAddedByUser(vtkMRMLNode*)", self.onNewLine)
        if hasattr(ui, "rulerButton"):
            ui.rulerButton.connect("clicked(bool)", self.onRuler)
        if hasattr(ui, "setMagnificationButton"):
            ui.setMagnificationButton.connect("clicked(bool)", self.onMagnification)
        self.refresh()

    def scale(self) -> Scale | None:
        """The picture's scale as it is known now.

        Raises:
            BadInput: the chosen volume is no picture, or its statements contradict one another.
        """
        volumeNode = self._chosen()[0]
        return None if volumeNode is None else pictureNodes.scaleOf(volumeNode, self._picture())

    def refresh(self) -> None:
        """Say what is known about the picture's scale; a size typed for another picture is forgotten."""
        if self._refreshing:  # what a file says is noted on the volume when it is first asked
            return
        self._refreshing = True
        try:
            self._show()
        finally:
            self._refreshing = False

    def close(self) -> None:
        """Look at no volume any more."""
        self.removeObservers()

    def _show(self) -> None:
        volumeNode = self._chosen()[0]
        scale, problem = None, ""
        try:
            scale = self.scale()
        except BadInput as error:
            problem = str(error)
        if volumeNode is not self.shownVolume:
            self.ui.mmPerPixelSpinBox.value = self._untouched if scale is None else scale.mm_per_px_x
            self.removeObservers()
            if volumeNode is not None:  # its spacing may be changed elsewhere, its pixels may come later
                self.addObserver(volumeNode, vtk.vtkCommand.ModifiedEvent, self._onVolume)
                self.addObserver(volumeNode, slicer.vtkMRMLVolumeNode.ImageDataModifiedEvent, self._onVolume)
        if hasattr(self.ui, "magnificationSpinBox") and (volumeNode, scale) != (self.shownVolume, self._shownScale):
            box, known = self.ui.magnificationSpinBox, None if scale is None else scale.magnification
            box.value = box.minimum if known is None else known  # the least value says "not known"
        self.shownVolume, self._shownScale = volumeNode, scale
        for name in ("setScaleButton", "useLineButton", "rulerButton"):
            if hasattr(self.ui, name):
                getattr(self.ui, name).enabled = volumeNode is not None
        if hasattr(self.ui, "setMagnificationButton"):
            self.ui.setMagnificationButton.enabled = scale is not None and scale.plane == FILM
        self.ui.scaleLabel.text = self._words(volumeNode, scale, problem)

    def _onVolume(self, caller: Any = None, event: Any = None) -> None:
        self.refresh()

    def _words(self, volumeNode: slicer.vtkMRMLVolumeNode | None, scale: Scale | None, problem: str) -> str:
        if volumeNode is None:
            return _("No {noun}.").format(noun=self._kind.noun)
        if problem:
            return problem
        if scale is None:
            return _("Not known: lengths stay in pixels. Set it below to get millimetres; nothing is assumed.")
        state = _("Confirmed.") if scale.confirmed else _("To be confirmed.")
        return f"{scale.text()}. {state} {scale.note}".strip()

    def onSet(self, _checked: bool = False) -> None:
        """Use the typed pixel size."""
        with errorsShown(_("The pixel size was not set.")):
            self._apply(self._kind.typed_scale(self.ui.mmPerPixelSpinBox.value, self._aspect()))

    def onRuler(self, _checked: bool = False) -> None:
        """Look for a depth ruler and ask the user what it stands for."""
        proposal = None
        with errorsShown(_("No scale was taken from a ruler."), waitCursor=True):
            proposal = propose_ruler(self._picture())
            if proposal is None:
                raise BadInput(
                    _("No depth ruler was found in the picture."), _("Type the pixel size or use a known length.")
                )
        if proposal is not None and self._confirm(proposal.text() + "\n\n" + _("Use this scale?")):
            self._apply(proposal.scale(True, self._aspect()))

    def onNewLine(self, line: slicer.vtkMRMLMarkupsLineNode) -> None:
        """The user made a line: the next two clicks in a slice view place its ends."""
        startPlacing(line)

    def onUseLine(self, _checked: bool = False) -> None:
        """Take the chosen line for a length the user knows."""
        with errorsShown(_("The scale was not set from the line.")):
            line = self.ui.knownLineSelector.currentNode()
            ends = lineEnds(line) if line is not None else None
            if ends is None:
                raise BadInput(_("There is no line with two ends."), _("Place a line over a length you know."))
            pixels = rasToPixel(self._chosen()[0], ends)[:, :2]
            length = self.ui.knownLengthSpinBox.value
            self._apply(self._kind.clicked_scale(pixels[0], pixels[1], length, self._aspect()))

    def onMagnification(self, _checked: bool = False) -> None:
        """Take a known magnification out of a scale of the film."""
        with errorsShown(_("The magnification was not taken out.")):
            scale = self.scale()
            if scale is None or scale.plane != FILM:
                raise BadInput(
                    _("The scale is that of the {plane} already.").format(plane=self._kind.object_plane),
                    _("There is nothing to take out."),
                )
            corrected = scale.in_object(self.ui.magnificationSpinBox.value, self._kind.object_plane)
            self._apply(replace(corrected, source=scale.source + _(", magnification given by the user")))

    def _picture(self) -> Picture:
        volumeNode, frame = self._chosen()
        return pictureNodes.pictureOf(volumeNode, self._kind, frame)

    def _aspect(self) -> float:
        """Height of a pixel over its width: a person says how wide it is."""
        return self._picture().aspect

    def _apply(self, scale: Scale) -> None:
        volumeNode = self._chosen()[0]
        with stayingOnPicture(self.ui.knownLineSelector.currentNode(), volumeNode):
            pictureNodes.setScale(volumeNode, scale)
        self._onScale(scale)
        self.refresh()
