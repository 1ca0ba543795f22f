"""The drawn chest in the scene: a CT with known nodules and no download."""

from __future__ import annotations

import slicer

from DeepMedLib.mrml.inputs.volumes import volumeFromArray
from DeepMedLib.mrml.results.transaction import sceneTransaction
from NoduleCADLib.phantom.chest import chest_phantom

NAME = "ChestCTPhantom"
SEED = 3


def loadPhantom() -> slicer.vtkMRMLScalarVolumeNode:
    """A drawn chest in Hounsfield units, with a window for lungs."""
    made = chest_phantom(seed=SEED)
    with sceneTransaction():
        node = volumeFromArray(made.values, made.grid, slicer.mrmlScene.GenerateUniqueName(NAME))
        node.CreateDefaultDisplayNodes()
        display = node.GetScalarVolumeDisplayNode()
        display.SetAutoWindowLevel(False)
        display.SetWindowLevel(1500.0, -600.0)
    return node
