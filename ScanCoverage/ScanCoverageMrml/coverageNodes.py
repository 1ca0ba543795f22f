"""A scan's reading in the scene: a table of verdicts, a table of slices, lungs and airways as segments."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import slicer

from DeepMedLib.ct.regions.axial import axial_stack
from DeepMedLib.ct.regions.pictures import LARGEST, coronal_outline, coronal_view
from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.mrml.inputs.volumes import gridFromVolume, volumeFromPicture
from DeepMedLib.mrml.nodes.lungSegments import LUNG_SEGMENTS
from DeepMedLib.mrml.nodes.segmentations import SegmentSpec, maskFromSegment, segmentationFromLabels
from DeepMedLib.mrml.nodes.tables import tableNode
from DeepMedLib.mrml.results.resultNodes import ResultKind, ResultNodes
from ScanCoverageLib.coverage_picture import BESIDE, coverage_picture
from ScanCoverageLib.coverage_result import CoverageResult

RESULTS = ResultKind("ScanCoverage", CoverageResult, handle="verdicts", folder="coverage")
CoverageNodes = ResultNodes[CoverageResult]


def makeNodes(
    volumeNode: slicer.vtkMRMLVolumeNode, result: CoverageResult, computed: TaskResult
) -> dict[str, slicer.vtkMRMLNode]:
    """The nodes of a fresh reading, by role."""
    name = volumeNode.GetName()
    nodes = {
        "verdicts": tableNode(result.table("verdicts"), f"{name} coverage"),
        "slices": tableNode(result.table("slices"), f"{name} slices"),
    }
    masks = computed.arrays.get("masks")
    if masks is not None and masks.any():
        unique = slicer.mrmlScene.GenerateUniqueName(f"{name} lungs")
        nodes["masks"] = segmentationFromLabels(np.asarray(masks), volumeNode, LUNG_SEGMENTS, unique)
    telling = computed.arrays.get("telling")
    if telling is not None:
        nodes["telling"] = volumeFromPicture(telling, None, f"{name} telling patches")
        nodes["telling"].SetHideFromEditors(True)  # a picture of the report, nobody's input
    return nodes


def pictureOf(nodes: CoverageNodes, largest: int | None) -> np.ndarray | None:
    """(H, W, 3) uint8: the coronal view with the colored bar, ``largest`` pixels high or wide; None without a scan."""
    volumeNode = nodes.volume
    if volumeNode is None or volumeNode.GetScene() is None or volumeNode.GetImageData() is None:
        return None
    array, grid = slicer.util.arrayFromVolume(volumeNode), gridFromVolume(volumeNode)
    stack = axial_stack(array, grid, pixel_mm=1.2)  # finer than the network needs: this is looked at by people
    view, _mm = coronal_view(stack, LARGEST if largest is None else largest - BESIDE)
    unread = "not judged" if nodes.result.abstained else "no body"
    outlines = []
    for segment, mask in _masks(nodes):
        shown = np.where(mask, np.int16(1000), np.int16(-1000))
        outline = coronal_outline(axial_stack(shown, grid, pixel_mm=1.2), view.shape)
        red, green, blue = (round(255 * value) for value in segment.color)
        outlines.append((outline, (red, green, blue)))
    return coverage_picture(view, list(nodes.result.slices), unread, outlines)


def _masks(nodes: CoverageNodes) -> Iterator[tuple[SegmentSpec, np.ndarray]]:
    """Lungs and airways of a reading that are still in the scene."""
    segmentation = nodes.get("masks")
    if segmentation is None or segmentation.GetScene() is None:
        return
    for spec in LUNG_SEGMENTS:
        if segmentation.GetSegmentation().GetSegment(spec.id) is not None:
            yield spec, maskFromSegment(segmentation, spec.id, nodes.volume)
