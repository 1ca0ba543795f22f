"""The slice views while a module is open: one large view for flat pictures, and the input filling its view."""

from __future__ import annotations

import numpy as np
import slicer

from DeepMedLib.mrml.inputs.volumes import numberOfFrames, pixelToRas


class FlatLayout:
    """Shows flat pictures in one large view while their module is open; then the user's layout comes back."""

    def __init__(self) -> None:
        self._former: int | None = None

    def open(self) -> None:
        """The module is entered."""
        manager, flat = slicer.app.layoutManager(), slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
        if manager is not None and self._former is None and manager.layout != flat:
            self._former = manager.layout
            manager.setLayout(flat)

    def close(self) -> None:
        """The module is left; a layout that the user has chosen meanwhile stays."""
        manager, flat = slicer.app.layoutManager(), slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
        if manager is not None and self._former is not None and manager.layout == flat:
            manager.setLayout(self._former)
        self._former = None


def showScan(volumeNode: slicer.vtkMRMLVolumeNode) -> None:
    """Show a volume in all slice views, whole."""
    slicer.util.setSliceViewerLayers(background=volumeNode, fit=True)


def showPicture(volumeNode: slicer.vtkMRMLVolumeNode) -> None:
    """Show a flat picture in the Red view, seen from its front and filling it."""
    slicer.util.setSliceViewerLayers(background=volumeNode)
    widget = slicer.app.layoutManager().sliceWidget("Red") if slicer.app.layoutManager() is not None else None
    if widget is not None:
        widget.mrmlSliceNode().RotateToVolumePlane(volumeNode)
    fitViews()


def showFrame(volumeNode: slicer.vtkMRMLVolumeNode, frame: int) -> None:
    """Move the Red view to a frame of the picture that it shows; fitting a view takes it to the middle frame."""
    widget = slicer.app.layoutManager().sliceWidget("Red") if slicer.app.layoutManager() is not None else None
    if widget is None or numberOfFrames(volumeNode) < 2:
        return
    if widget.mrmlSliceCompositeNode().GetBackgroundVolumeID() == volumeNode.GetID():
        widget.mrmlSliceNode().JumpSliceByOffsetting(*pixelToRas(volumeNode, np.zeros(2), frame))


def fitViews() -> None:
    """Let every slice view show its whole background, e.g. after a pixel size was set."""
    if slicer.app.layoutManager() is not None:
        slicer.util.resetSliceViews()
