"""Organs in the scene: a table of volumes, the organs as segments, and how unsure the network was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import slicer

from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.mrml.inputs.volumes import gridFromVolume, pictureFromVolume, volumeFromArray
from DeepMedLib.mrml.nodes.segmentations import SegmentSpec, maskFromSegment, segmentationFromLabels
from DeepMedLib.mrml.nodes.tables import tableNode
from DeepMedLib.mrml.results.resultNodes import ResultKind, ResultNodes
from DeepMedLib.results.result import Result
from DeepMedLib.results.table import measurement_table
from PancreasSegLib.organs import ORGANS
from PancreasSegLib.organs_picture import organs_picture, slice_overlay
from PancreasSegLib.organs_result import OrgansResult, SliceResult

SEGMENTS = tuple(
    SegmentSpec(organ.key, organ.name, (organ.color[0] / 255, organ.color[1] / 255, organ.color[2] / 255), organ.codes)
    for organ in ORGANS
)
"""Label n of a label volume is the n-th of them."""
_SAME_ML = 0.05  # volumes are rounded


def segmentsOf(result: OrgansResult | SliceResult) -> tuple[SegmentSpec, ...]:
    """`SEGMENTS` with the names that a result gives the organs: those not validated say so."""
    if isinstance(result, SliceResult):
        names = {key: result.name(key) for key in result.pixels}
    else:
        names = {organ.key: organ.name for organ in result.organs}
    return tuple(replace(spec, name=names.get(spec.id, spec.name)) for spec in SEGMENTS)


class OrgansOrSlice(Result):
    """The results of this module: those of a CT, and those of a slice picture; only `from_json` is used."""

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Any:
        """Read either's ``to_json``."""
        return SliceResult.from_json(record) if "pixels" in record else OrgansResult.from_json(record)


OrganNodes = ResultNodes[Any]


class EditableNodes(ResultNodes[Any]):
    """The nodes of a result; segments that were edited since are told as such."""

    def change(self) -> str:
        """What was done to the input or to the segments since; "" for nothing."""
        told = super().change()
        if told or not isinstance(self.result, OrgansResult):
            return told
        labels = labelsOf(self)
        if labels is None or self.volume is None:
            return ""
        ml = float(np.prod(self.volume.GetSpacing())) / 1000
        counts = np.bincount(labels.ravel(), minlength=len(SEGMENTS) + 1) * ml
        edited = [
            organ.name.lower()
            for organ in self.result.organs
            if abs(counts[organ.label] - organ.volume_ml) > max(_SAME_ML, 1e-3 * organ.volume_ml)
        ]
        if not edited:
            return ""
        names = ", ".join(edited)
        return f"Segments were edited after they were measured ({names}): the volumes are those from before."


RESULTS: ResultKind[Any] = ResultKind(
    "PancreasSeg", OrgansOrSlice, handle="organs", folder="organs", nodesType=EditableNodes
)


def makeNodes(
    volumeNode: slicer.vtkMRMLVolumeNode, result: OrgansResult | SliceResult, computed: TaskResult
) -> dict[str, slicer.vtkMRMLNode]:
    """The nodes of a fresh result, by role; nothing where nothing was found."""
    if result.abstained:
        return {}
    name = volumeNode.GetName()
    is_slice = isinstance(result, SliceResult)
    table = measurement_table(result.measurements()) if is_slice else result.table("organs")
    labels = np.asarray(computed.arrays["labels"])
    unique = slicer.mrmlScene.GenerateUniqueName(f"{name} segmentation")
    nodes = {
        "organs": tableNode(table, f"{name} organs"),
        "segmentation": segmentationFromLabels(
            labels[None] if is_slice else labels, volumeNode, segmentsOf(result), unique
        ),
    }
    doubt = computed.arrays.get("uncertainty")
    if doubt is not None:
        nodes["uncertainty"] = uncertaintyNode(np.asarray(doubt), volumeNode)
    return nodes


def uncertaintyNode(doubt: np.ndarray, volumeNode: slicer.vtkMRMLVolumeNode) -> slicer.vtkMRMLScalarVolumeNode:
    """A volume of percentages on the scan's grid and under its transform."""
    name = slicer.mrmlScene.GenerateUniqueName(f"{volumeNode.GetName()} uncertainty")
    grid = gridFromVolume(volumeNode)
    node = volumeFromArray(doubt, grid, name)
    matrix = slicer.util.vtkMatrixFromArray(np.eye(4))
    volumeNode.GetIJKToRASMatrix(matrix)
    node.SetIJKToRASMatrix(matrix)
    node.SetAndObserveTransformNodeID(volumeNode.GetTransformNodeID())
    return node


def labelsOf(nodes: OrganNodes) -> np.ndarray | None:
    """(k, j, i) uint8 with the ids of `ORGANS`, as the segments are now; None where scan or segments have gone."""
    volume, segmentation = nodes.volume, nodes.get("segmentation")
    if volume is None or volume.GetScene() is None or volume.GetImageData() is None:
        return None
    if segmentation is None or segmentation.GetScene() is None:
        return None
    labels = np.zeros(tuple(reversed(volume.GetImageData().GetDimensions())), np.uint8)
    for label, spec in enumerate(SEGMENTS, 1):
        if segmentation.GetSegmentation().GetSegment(spec.id) is not None:
            labels[maskFromSegment(segmentation, spec.id, volume)] = label
    return labels


def pictureOf(nodes: OrganNodes, largest: int | None) -> np.ndarray | None:
    """(H, W, 3) uint8: axial slices with outlines, or the slice picture with them; None without a scan."""
    volume = nodes.volume
    if volume is None or volume.GetScene() is None or volume.GetImageData() is None:
        return None
    labels = labelsOf(nodes)
    if labels is None:
        labels = np.zeros(tuple(reversed(volume.GetImageData().GetDimensions())), np.uint8)
    if isinstance(nodes.result, SliceResult):
        return slice_overlay(pictureFromVolume(volume), labels[0])
    values, grid = slicer.util.arrayFromVolume(volume), gridFromVolume(volume)
    return organs_picture(values, labels, grid, 1000 if largest is None else largest)


def showSurfaces(nodes: OrganNodes) -> None:
    """Make closed surfaces of the segments and show them in the 3D views."""
    segmentation = nodes.get("segmentation")
    if segmentation is not None and segmentation.GetScene() is not None:
        segmentation.CreateClosedSurfaceRepresentation()
        segmentation.GetDisplayNode().SetVisibility3D(True)
