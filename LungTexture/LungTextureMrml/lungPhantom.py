"""A generated chest with known shares of emphysema-like holes in the scene: the sample of Lung Texture."""

from __future__ import annotations

import slicer

from DeepMedLib.mrml.inputs.volumes import volumeFromArray
from DeepMedLib.mrml.results.transaction import sceneTransaction

SEED = 3
NAME = "LungCTPhantom"


def loadPhantom(seed: int = SEED) -> slicer.vtkMRMLScalarVolumeNode:
    """A drawn chest in Hounsfield units, in the lungs' window."""
    from LungTextureLib.phantom import lung_phantom

    made = lung_phantom(seed)
    with sceneTransaction():
        node = volumeFromArray(made.values, made.grid, NAME)
        node.CreateDefaultDisplayNodes()
        display = node.GetScalarVolumeDisplayNode()
        display.SetAutoWindowLevel(False)
        display.SetWindowLevel(600.0, -750.0)
    return node
