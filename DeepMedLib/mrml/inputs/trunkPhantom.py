"""A generated trunk in the scene: a CT with known truth and no download, the sample of every CT module."""

from __future__ import annotations

from typing import Any

import slicer

from DeepMedLib.mrml.inputs.volumes import volumeFromArray
from DeepMedLib.mrml.nodes.segmentations import SegmentSpec, segmentationFromLabels
from DeepMedLib.mrml.results.transaction import sceneTransaction

SEED = 3
NAME = "TrunkCTPhantom"
_COLORS = {
    1: (0.87, 0.51, 0.40),
    2: (0.62, 0.42, 0.63),
    3: (0.73, 0.40, 0.16),
    4: (0.80, 0.48, 0.20),
    5: (0.87, 0.77, 0.35),
    6: (0.81, 0.30, 0.25),
    7: (0.45, 0.70, 0.90),
    8: (0.55, 0.85, 0.65),
    9: (0.95, 0.60, 0.35),
}
SHOWN_MM = (195.0, 540.0)
"""Part of the phantom that the sample shows: from below the kidneys to below the lung apices."""


def phantom(seed: int = SEED, shown: tuple[float, float] | None = None) -> Any:
    """The generated trunk itself, with its truth; all of it, or the part between two heights in mm."""
    from DeepMedLib.ct.ct_phantom import HEIGHT_MM, trunk_phantom

    return trunk_phantom(z_range=shown or (0.0, HEIGHT_MM), seed=seed)


def loadPhantom(
    seed: int = SEED, shown: tuple[float, float] | None = SHOWN_MM
) -> tuple[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLSegmentationNode]:
    """A generated trunk in Hounsfield units, and its organs as they were drawn; some are cut by the scan's ends."""
    from DeepMedLib.ct.ct_phantom import ORGANS

    made = phantom(seed, shown)
    with sceneTransaction():
        node = volumeFromArray(made.values, made.grid, NAME)
        node.CreateDefaultDisplayNodes()
        display = node.GetScalarVolumeDisplayNode()
        display.SetAutoWindowLevel(False)
        display.SetWindowLevel(400.0, 40.0)
        specs = [SegmentSpec(name.replace(" ", "_"), name, _COLORS[label]) for label, name in ORGANS.items()]
        unique = slicer.mrmlScene.GenerateUniqueName(f"{NAME} organs")
        organs = segmentationFromLabels(made.labels, node, specs, unique, keepEmpty=True)
    return node, organs


def showPhantom() -> slicer.vtkMRMLScalarVolumeNode:
    """Load the phantom and show it in the slice views, as a tile of the Sample Data module does."""
    node, _organs = loadPhantom()
    slicer.util.setSliceViewerLayers(background=node, fit=True)
    return node
