"""CT scans and label files from disk as nodes, with what reading them told; the same for every CT module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.sourceFiles import INSTANCES_ATTRIBUTE, filesInDatabase, rememberSlices
from DeepMedLib.mrml.inputs.volumes import volumeFromArray
from DeepMedLib.mrml.results.transaction import sceneTransaction
from DeepMedLib.remark import Gravity, Remark
from DeepMedLib.series import Scan, read_scan
from DeepMedLib.series.dicom_series import scans_of

REMARKS_ATTRIBUTE = "DeepMed.ScanRemarks"
"""What reading a scan told about it, as JSON of `Remark.to_dict`."""
_WINDOW, _LEVEL = 400.0, 40.0  # soft tissue, HU
_LOADED_BY_SLICER = "Slicer loaded this scan; DeepMed's own reader says of its files:"
_UNCHECKED = (
    "Slicer loaded this scan, and its DICOM files are not at hand: that no slices are missing, uneven or of two phases "
    "was not checked."
)
_LABELS = "Give a segmentation or label file."


def loadScan(path: str | Path, choice: str | int | None = None) -> slicer.vtkMRMLScalarVolumeNode:
    """Load a CT from a volume file, a DICOM file, which stands for its series, or a folder of any depth.

    :param choice: number or name of one of several scans; None takes the first (see `DeepMedLib.series.list_scans`).
    :raises BadInput: it cannot be read as one CT volume; the scene stays as it was.
    """
    path = Path(path)
    scan = read_scan(path, choice)
    with sceneTransaction():
        node = volumeFromArray(scan.array, scan.grid, path.name if path.is_dir() else path.name.split(".")[0])
        node.CreateDefaultDisplayNodes()
        display = node.GetScalarVolumeDisplayNode()
        display.SetAutoWindowLevel(False)
        display.SetWindowLevel(_WINDOW, _LEVEL)
        rememberRemarks(node, scan)
    return node


def rememberRemarks(volumeNode: slicer.vtkMRMLVolumeNode, scan: Scan) -> None:
    """Keep on a node what reading its scan told, and for this session which slices it is made of."""
    volumeNode.SetAttribute(REMARKS_ATTRIBUTE, json.dumps([remark.to_dict() for remark in scan.remarks]))
    if scan.source.instance_uids:
        volumeNode.SetAttribute(INSTANCES_ATTRIBUTE, " ".join(scan.source.instance_uids))
        rememberSlices(volumeNode, scan.source.slices)


def remarksOf(volumeNode: slicer.vtkMRMLVolumeNode) -> tuple[Remark, ...]:
    """What reading a volume's scan told, the gravest first.

    Of a DICOM series that Slicer loaded, what our reader says of its files' headers in the database.
    """
    text = volumeNode.GetAttribute(REMARKS_ATTRIBUTE)
    if text:
        return tuple(Remark.from_dict(record) for record in json.loads(text))
    if not volumeNode.GetAttribute(INSTANCES_ATTRIBUTE):
        return ()
    files = filesInDatabase(volumeNode)
    if not files:
        return (Remark(_UNCHECKED, Gravity.WARNING),)
    try:
        told = scans_of(files, volumeNode.GetName()).told()
    except BadInput as error:
        told = (Remark(error.message, Gravity.GRAVE),)
    return tuple(replace(remark, text=f"{_LOADED_BY_SLICER} {remark.text}") for remark in told)


def loadOrgans(
    path: str | Path, volumeNode: slicer.vtkMRMLScalarVolumeNode, names: Mapping[int, str] | None = None
) -> slicer.vtkMRMLSegmentationNode:
    """Load a segmentation, or a label volume whose labels become segments.

    :param names: of the labels by value (see `DeepMedLib.ct.label_names`); a label without one keeps its number.
    :raises BadInput: it cannot be read; the scene stays as it was.
    """
    path = Path(path)
    if not path.is_file():
        raise BadInput(f"There is no {path.name}.", "Give a segmentation file of the same scan.")
    with sceneTransaction():
        try:
            if ".seg." in path.name.lower():
                return slicer.util.loadSegmentation(str(path))
            labels = slicer.util.loadLabelVolume(str(path))
        except RuntimeError as error:
            raise BadInput(f"{path.name} could not be read.", _LABELS) from error
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", path.stem.split(".")[0])
        node.SetReferenceImageGeometryParameterFromVolumeNode(volumeNode)
        if not slicer.modules.segmentations.logic().ImportLabelmapToSegmentationNode(labels, node):
            raise BadInput(f"{path.name} holds no labels.", _LABELS)
        slicer.mrmlScene.RemoveNode(labels)
        _nameByValue(node.GetSegmentation(), names or {})
    return node


def _nameByValue(segmentation: slicer.vtkSegmentation, names: Mapping[int, str]) -> None:
    """Names, or "label 5": a label file says no more, and the default color table would invent tissues."""
    for index in range(segmentation.GetNumberOfSegments()):
        segment = segmentation.GetNthSegment(index)
        value = segment.GetLabelValue()
        segment.SetName(names.get(value, f"label {value}"))
