"""Small things that every command needs when it saves a scene."""

from __future__ import annotations

from typing import Any


def must(written: bool, name: str) -> None:
    """Turns a "not written" of MRML's writers into an error.

    Raises:
        DeepMedError: the file was not written.
    """
    from DeepMedLib.errors import DeepMedError

    if not written:
        raise DeepMedError(f"{name} could not be written.", "Check the space on the disk of --out.")


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
