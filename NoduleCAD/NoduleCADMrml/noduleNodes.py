"""Marks in the scene: a table, a point list with scores, and the outlines as segments."""

from __future__ import annotations

import numpy as np
import slicer

from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.measurement import Code
from DeepMedLib.mrml.inputs.volumes import gridFromVolume
from DeepMedLib.mrml.nodes.markups import LabelledPoint, fiducialNode
from DeepMedLib.mrml.nodes.segmentations import SegmentSpec, maskFromSegment, segmentationFromLabels
from DeepMedLib.mrml.nodes.tables import fillTable, tableNode
from DeepMedLib.mrml.results.resultNodes import ResultKind, ResultNodes
from NoduleCADLib.axial_scan import AxialScan
from NoduleCADLib.mark import REJECTED, NoduleMark
from NoduleCADLib.nodules_result import NodulesResult
from NoduleCADLib.report.picture import marks_picture

RESULTS = ResultKind("NoduleCAD", NodulesResult, handle="nodules", folder="nodules")
NoduleNodes = ResultNodes[NodulesResult]
_COLOR = (1.0, 0.67, 0.24)
_CODES = (
    Code("49755003", "SCT", "Morphologically Altered Structure"),
    Code("27925004", "SCT", "Nodule"),
)


def segmentOf(mark: NoduleMark) -> SegmentSpec:
    """How a mark's outline becomes a segment."""
    return SegmentSpec(mark.key, f"Nodule {mark.number}", _COLOR, _CODES)


def makeNodes(
    volumeNode: slicer.vtkMRMLVolumeNode, result: NodulesResult, computed: TaskResult
) -> dict[str, slicer.vtkMRMLNode]:
    """The nodes of a fresh result, by role."""
    name = volumeNode.GetName()
    nodes = {
        "nodules": tableNode(result.table("nodules"), f"{name} nodules"),
        "marks": fiducialNode(f"{name} nodule marks", pointsOf(result), color=_COLOR, locked=True),
    }
    labels = np.asarray(computed.arrays["labels"])
    if labels.any():
        unique = slicer.mrmlScene.GenerateUniqueName(f"{name} nodule outlines")
        specs = [segmentOf(mark) for mark in result.marks]
        nodes["outlines"] = segmentationFromLabels(labels, volumeNode, specs, unique)
        showOutlines(nodes["outlines"], result)
    return nodes


def pointsOf(result: NodulesResult) -> list[LabelledPoint]:
    """A point for each mark shown that was not rejected: number and score, size in the description."""
    points = []
    for mark in result.shown():
        if mark.decision == REJECTED:
            continue
        size = "not outlined" if mark.mean_mm is None else f"{mark.kind}, {mark.mean_mm:.1f} mm"
        points.append(LabelledPoint(mark.position, f"{mark.number} ({mark.score:.2f})", f"{size}, {mark.location}"))
    return points


def showOutlines(segmentation: slicer.vtkMRMLSegmentationNode, result: NodulesResult) -> None:
    """Show the segments of the marks shown, hide the others."""
    shown = {mark.key for mark in result.shown() if mark.decision != REJECTED}
    segmentation.CreateDefaultDisplayNodes()
    display = segmentation.GetDisplayNode()
    for mark in result.marks:
        if segmentation.GetSegmentation().GetSegment(mark.key) is not None:
            display.SetSegmentVisibility(mark.key, mark.key in shown)


def update(nodes: NoduleNodes, result: NodulesResult) -> None:
    """Show a result that was changed by the user: another operating point, or a decision."""
    nodes.result = result
    if nodes.handle is None:
        return
    table = result.table("nodules")
    fillTable(nodes.handle, table.titles(), table.texts())
    if nodes.get("marks") is not None:
        fiducialNode("", pointsOf(result), locked=True, node=nodes.get("marks"))
    if nodes.get("outlines") is not None:
        showOutlines(nodes.get("outlines"), result)
    RESULTS.store(nodes)


def labelsOf(nodes: NoduleNodes) -> np.ndarray | None:
    """(k, j, i) uint8, label n is mark n, as the segments are now; None where the scan has gone."""
    volume, segmentation = nodes.volume, nodes.get("outlines")
    if volume is None or volume.GetScene() is None or volume.GetImageData() is None:
        return None
    labels = np.zeros(tuple(reversed(volume.GetImageData().GetDimensions())), np.uint8)
    if segmentation is None or segmentation.GetScene() is None:
        return labels
    for mark in nodes.result.shown():
        if segmentation.GetSegmentation().GetSegment(mark.key) is not None:
            labels[maskFromSegment(segmentation, mark.key, volume)] = mark.number
    return labels


def pictureOf(nodes: NoduleNodes, largest: int | None) -> np.ndarray | None:
    """(H, W, 3) uint8: tiles of the marks; None without a scan."""
    labels = labelsOf(nodes)
    if labels is None:
        return None
    scan = AxialScan.of(slicer.util.arrayFromVolume(nodes.volume), gridFromVolume(nodes.volume))
    shown = nodes.result.shown()
    return marks_picture(scan, scan.turned(labels), shown, 1000 if largest is None else largest)


def jumpTo(mark: NoduleMark) -> None:
    """Center the slice views on a mark."""
    slicer.modules.markups.logic().JumpSlicesToLocation(*mark.position, True)
