"""Saving the scene of a result so that it opens with the picture in view."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def save_scene(nodes: Any, path: Path) -> None:
    """Writes the scene of a result as .mrb.

    Args:
        nodes: the Logic's nodes; ``volume`` is shown in the Red view where there is one.
        path: absolute.

    Raises:
        DiskRefused: it was not written.
    """
    import slicer.util

    from DeepMedLib.errors import DiskRefused

    volume = getattr(nodes, "volume", None)
    if volume is not None and volume.IsA("vtkMRMLVolumeNode"):
        show_in_red(nodes.volume)
    if not slicer.util.saveScene(str(path), {}):
        raise DiskRefused(f"{path.name} could not be written.", "Check the space on the disk of --out.")


def show_in_red(volume: Any) -> None:
    """Lets the Red slice view of the saved scene show the picture."""
    import slicer

    scene = slicer.mrmlScene
    composite = scene.GetSingletonNode("Red", "vtkMRMLSliceCompositeNode")
    if composite is None:
        composite = slicer.vtkMRMLSliceCompositeNode()
        composite.SetLayoutName("Red")
        composite.SetSingletonTag("Red")
        composite = scene.AddNode(composite)
    composite.SetBackgroundVolumeID(volume.GetID())
