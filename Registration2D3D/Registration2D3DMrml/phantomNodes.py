"""The generated phantom in the scene: its CT, two exact X-rays, and a start pose that is off."""

from __future__ import annotations

import numpy as np
import slicer

from DeepMedLib.mrml.inputs.volumes import volumeFromArray
from DeepMedLib.mrml.nodes.transforms import linearTransformNode
from DeepMedLib.mrml.results.transaction import sceneTransaction
from Registration2D3DLib.phantom.cases import phantom_case
from Registration2D3DLib.phantom.ellipsoids import NAME
from Registration2D3DMrml.xrayNodes import xrayFromArray


def loadPhantom(
    seed: int = 1,
) -> tuple[list[slicer.vtkMRMLVolumeNode], slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLLinearTransformNode]:
    """Two X-rays, the CT and the transform of a start that is some degrees and centimeters off."""
    case = phantom_case(seed)
    with sceneTransaction():
        volume = volumeFromArray(case.hounsfield, case.grid, NAME)
        volume.CreateDefaultDisplayNodes()
        xrays = [
            xrayFromArray(np.asarray(pixels), view, f"{NAME} X-ray {number}")
            for number, (pixels, view) in enumerate(zip(case.pictures, case.views, strict=True), 1)
        ]
        start = linearTransformNode(case.start, f"{NAME} start")
        volume.SetAndObserveTransformNodeID(start.GetID())
    return xrays, volume, start
