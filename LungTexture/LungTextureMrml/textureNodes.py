"""A lung texture reading in the scene: tables, lungs, textures as segments, a volume of emphysema's probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer

from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.measurement import Code
from DeepMedLib.mrml.inputs.volumes import gridFromVolume, volumeFromArray
from DeepMedLib.mrml.nodes.lungSegments import LUNG_SEGMENTS
from DeepMedLib.mrml.nodes.segmentations import SegmentSpec, maskFromSegment, segmentationFromLabels
from DeepMedLib.mrml.nodes.tables import tableNode
from DeepMedLib.mrml.results.resultNodes import ResultKind, ResultNodes
from LungTextureLib.classes import CLASSES
from LungTextureLib.texture_picture import NOT_SURE_COLOR, texture_picture
from LungTextureLib.texture_result import TextureResult
from LungTextureMrml import airwayNodes

RESULTS = ResultKind("LungTexture", TextureResult, handle="densitometry", folder="lung texture")
TextureNodes = ResultNodes[TextureResult]
_FINDING = Code("49755003", "SCT", "Morphologically Abnormal Structure")
_EMPHYSEMA = Code("87433001", "SCT", "Pulmonary emphysema")
TEXTURES = (
    *(
        SegmentSpec(item.key, item.name, item.color, () if item.key == "NT" else (_FINDING, _EMPHYSEMA))
        for item in CLASSES
    ),
    SegmentSpec("not_sure", "Not sure", NOT_SURE_COLOR),
)
"""Labels 1 to 7 of the map."""
LUNGS = LUNG_SEGMENTS[:2]


def makeNodes(
    volumeNode: slicer.vtkMRMLVolumeNode, result: TextureResult, computed: TaskResult
) -> dict[str, slicer.vtkMRMLNode]:
    """The nodes of a fresh reading, by role."""
    name = volumeNode.GetName()
    nodes = {"densitometry": tableNode(result.table("densitometry"), f"{name} densitometry")}
    unique = slicer.mrmlScene.GenerateUniqueName
    lungs, textures = computed.arrays.get("lungs"), computed.arrays.get("textures")
    if lungs is not None and lungs.any():
        nodes["lungs"] = segmentationFromLabels(np.asarray(lungs), volumeNode, LUNGS, unique(f"{name} lungs"))
    if result.shares and textures is not None:
        nodes["shares"] = tableNode(result.table("shares"), f"{name} textures")
        nodes["textures"] = segmentationFromLabels(
            np.asarray(textures), volumeNode, TEXTURES, unique(f"{name} textures")
        )
        nodes["lungs"].GetDisplayNode().SetVisibility(False)
        percent = np.asarray(computed.arrays["emphysema"])
        # The grid is the world's, the scan's transform included: a parent transform would move the volume twice.
        nodes["emphysema"] = volumeFromArray(percent, gridFromVolume(volumeNode), f"{name} emphysema (%)")
    return {**nodes, **airwayNodes.makeNodes(volumeNode, result, computed)}


def labelsOf(
    node: slicer.vtkMRMLSegmentationNode | None, specs: Sequence[SegmentSpec], volumeNode: slicer.vtkMRMLVolumeNode
) -> np.ndarray | None:
    """(K, J, I) uint8 of a segmentation that is still in the scene, numbered as ``specs``."""
    if node is None or node.GetScene() is None:
        return None
    labels = np.zeros(tuple(reversed(volumeNode.GetImageData().GetDimensions())), np.uint8)
    for label, spec in enumerate(specs, start=1):
        if node.GetSegmentation().GetSegment(spec.id) is not None:
            labels[maskFromSegment(node, spec.id, volumeNode)] = label
    return labels


def pictureOf(nodes: TextureNodes, largest: int | None) -> np.ndarray | None:
    """(H, W, 3) uint8: slices with the textures, ``largest`` pixels wide; None without a scan."""
    volumeNode = nodes.volume
    if volumeNode is None or volumeNode.GetScene() is None or volumeNode.GetImageData() is None:
        return None
    array = slicer.util.arrayFromVolume(volumeNode)
    lungs = labelsOf(nodes.get("lungs"), LUNGS, volumeNode)
    textures = labelsOf(nodes.get("textures"), TEXTURES, volumeNode)
    shown = np.zeros(array.shape, np.uint8) if lungs is None else lungs
    return texture_picture(array, shown, textures, gridFromVolume(volumeNode), largest or 1000)
