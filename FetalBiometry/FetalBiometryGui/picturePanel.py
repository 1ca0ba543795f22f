"""The Picture section: load a file with its scale, choose a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.views import showFrame, showPicture
from DeepMedLib.mrml.inputs import pictureNodes
from DeepMedLib.mrml.inputs.volumes import numberOfFrames
from DeepMedLib.picture.files import frame_count
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryMrml import samples


class PicturePanel:
    """Loads pictures and shows them.

    Args:
        ui: the panel's widgets.
        chosen: gives the chosen picture, or None, and its frame.
        choose: makes a volume the chosen picture.
    """

    def __init__(
        self,
        ui: Any,
        chosen: Callable[[], tuple[slicer.vtkMRMLVolumeNode | None, int]],
        choose: Callable[[slicer.vtkMRMLVolumeNode], None],
    ) -> None:
        self.ui = ui
        self._chosen = chosen
        self._choose = choose
        ui.loadButton.connect("clicked(bool)", self.onLoad)
        ui.sampleButton.connect("clicked(bool)", self.onSample)
        ui.frameSlider.connect("valueChanged(double)", self.showFrame)

    def onLoad(self, _checked: bool = False) -> None:
        """Load a file with its scale."""
        path = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), _("Ultrasound picture"))
        if path:
            with errorsShown(_("The picture was not loaded."), waitCursor=True):
                self.choose(pictureNodes.loadPicture(path, ULTRASOUND, self._askFrame(path)))

    def _askFrame(self, path: str) -> int | None:
        count = frame_count(path)
        if count < 2:
            return None
        question = _("The file holds {count} frames. Frame to measure:").format(count=count)
        frame = qt.QInputDialog.getInt(slicer.util.mainWindow(), _("Frame"), question, 1, 1, count)
        return int(frame) - 1

    def onSample(self, _checked: bool = False) -> None:
        """Load the generated head."""
        self.choose(samples.loadPhantom())

    def choose(self, volumeNode: slicer.vtkMRMLVolumeNode) -> None:
        """Choose a picture and show it in the slice views."""
        self._choose(volumeNode)
        self.show(volumeNode)

    def show(self, volumeNode: slicer.vtkMRMLVolumeNode) -> None:
        """Show the chosen picture and its frame in the slice views."""
        showPicture(volumeNode)
        self.showFrame()

    def showFrame(self, _value: float = 0.0) -> None:
        """Show the frame that is measured where the chosen picture is seen."""
        volumeNode, frame = self._chosen()
        if volumeNode is not None:
            showFrame(volumeNode, frame)

    def refresh(self, volumeNode: slicer.vtkMRMLVolumeNode | None) -> None:
        """Let the slider reach the frames of the chosen picture."""
        frames = numberOfFrames(volumeNode) if volumeNode is not None else 0
        self.ui.frameSlider.maximum = max(0, frames - 1)
        self.ui.frameSlider.enabled = frames > 1
