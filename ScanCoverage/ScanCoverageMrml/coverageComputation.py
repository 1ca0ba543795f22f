"""The two ends of a reading: a checked volume as a task, and the task's result as nodes."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import slicer

from DeepMedLib.ct.coverage import OrganVerdict, organ_coverage
from DeepMedLib.ct.padding import find_padding
from DeepMedLib.ct.sentences import coverage_sentences
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid
from DeepMedLib.mrml.scanNodes import remarksOf
from DeepMedLib.mrml.segmentations import maskFromSegment
from DeepMedLib.mrml.volumes import arrayFromVolume
from DeepMedLib.provenance import Provenance
from DeepMedLib.task import Task, TaskResult
from ScanCoverageLib.coverage_result import CoverageResult
from ScanCoverageLib.reading import Verdict
from ScanCoverageMrml.coverageNodes import CoverageNodes, writeCoverage

TASK = "ScanCoverageLib.coverage_task:run"


@dataclass(frozen=True)
class Preparation:
    """A checked input and the computation it needs."""

    volume: slicer.vtkMRMLVolumeNode
    organs: slicer.vtkMRMLSegmentationNode | None
    grid: Grid
    task: Task


def prepare(
    volumeNode: slicer.vtkMRMLVolumeNode | None,
    organs: slicer.vtkMRMLSegmentationNode | None,
    lungs: bool,
    models: Path,
    device: str,
) -> Preparation:
    """Check the input and describe the computation.

    Raises:
        BadInput: there is no volume, or it has no usable geometry. Whether it is a CT the task judges.
    """
    if volumeNode is None:
        raise BadInput("No scan is selected.", "Choose or load a CT.")
    array, grid = arrayFromVolume(volumeNode)
    options = {
        "resources": str(models),
        "device": device,
        "lungs": lungs,
        "ijk_to_ras": grid.ijk_to_ras.tolist(),
        "scan": volumeNode.GetName(),
        "answered": _segmentNames(organs),
        "remarks": [remark.text for remark in remarksOf(volumeNode)],
    }
    return Preparation(volumeNode, organs, grid, Task(TASK, {"volume": array}, options))


def finish(preparation: Preparation, computed: TaskResult) -> CoverageNodes:
    """Put a reading into the scene.

    Raises:
        BadInput: the volume has gone.
    """
    volumeNode = preparation.volume
    if volumeNode.GetScene() is None:
        raise BadInput("The scan was removed while it was being read.", "Load it again.")
    result = CoverageResult.from_json(computed.values["result"])
    provenance = asdict(Provenance.from_values(computed.values))
    result = replace(result, provenance=provenance)
    organs = preparation.organs
    if organs is not None and organs.GetScene() is not None:
        result = _withOrgans(result, preparation, organs)
    masks = computed.arrays.get("masks")
    return writeCoverage(volumeNode, result, None if masks is None else np.asarray(masks))


def _withOrgans(
    result: CoverageResult, preparation: Preparation, segmentationNode: slicer.vtkMRMLSegmentationNode
) -> CoverageResult:
    started = time.monotonic()
    organs = organsOf(segmentationNode, preparation.volume, preparation.grid)
    source = segmentationNode.GetName()
    verdicts = tuple(Verdict(organ.name, "organ", organ.state, organ.sides, source) for organ in organs)
    sentences = (*result.sentences, *coverage_sentences(organs))
    seconds = {**result.seconds, "organs": round(time.monotonic() - started, 2)}
    return replace(result, verdicts=(*result.verdicts, *verdicts), sentences=sentences, seconds=seconds)


def _segmentNames(segmentationNode: slicer.vtkMRMLSegmentationNode | None) -> list[str]:
    """Lower-case names: the segmentation answers for these organs, so their usual places need not be looked up."""
    if segmentationNode is None:
        return []
    segmentation = segmentationNode.GetSegmentation()
    count = segmentation.GetNumberOfSegments()
    return [segmentation.GetNthSegment(index).GetName().strip().lower() for index in range(count)]


def organsOf(
    segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLVolumeNode, grid: Grid
) -> list[OrganVerdict]:
    """A verdict for each segment, one at a time so that overlapping segments keep their voxels."""
    padding = find_padding(slicer.util.arrayFromVolume(volumeNode))
    segmentation = segmentationNode.GetSegmentation()
    verdicts: list[OrganVerdict] = []
    for index in range(segmentation.GetNumberOfSegments()):
        identifier = segmentation.GetNthSegmentID(index)
        mask = maskFromSegment(segmentationNode, identifier, volumeNode)
        verdicts += organ_coverage(mask, grid, padding, {1: segmentation.GetSegment(identifier).GetName()})
    return verdicts
