"""Scans and label files from disk as nodes."""

from __future__ import annotations

from pathlib import Path

import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.transaction import sceneTransaction
from DeepMedLib.mrml.volumes import volumeFromArray
from ScanCoverageLib.series import read_series
from ScanCoverageMrml.coverageComputation import REMARKS_ATTRIBUTE

_REMEDY = "Give a CT as NIfTI, NRRD or MetaImage file, or a folder with one DICOM series."


def loadScan(path: str | Path) -> slicer.vtkMRMLScalarVolumeNode:
    """Load a volume file, or a folder (or one file) of a DICOM series.

    :raises BadInput: it cannot be read as one volume; the scene stays as it was.
    """
    path = Path(path)
    if not path.exists():
        raise BadInput(f"There is no {path.name}.", _REMEDY)
    if path.is_dir() or path.suffix.lower() in (".dcm", ".dicom", ".ima", ""):
        series = read_series(path)
        with sceneTransaction():
            node = volumeFromArray(series.array, series.grid, path.stem)
            node.SetAttribute(REMARKS_ATTRIBUTE, "\n".join(series.remarks))
        return node
    with sceneTransaction():
        try:
            node = slicer.util.loadVolume(str(path))
        except RuntimeError as error:
            raise BadInput(f"{path.name} could not be read.", _REMEDY) from error
        if node is None or not node.IsA("vtkMRMLScalarVolumeNode"):
            raise BadInput(f"{path.name} is no grey volume.", _REMEDY)
    return node


def loadOrgans(path: str | Path, volumeNode: slicer.vtkMRMLScalarVolumeNode) -> slicer.vtkMRMLSegmentationNode:
    """Load a segmentation, or a label volume whose labels become segments.

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
            raise BadInput(f"{path.name} could not be read.", "Give a segmentation or label file.") from error
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", path.stem.split(".")[0])
        node.SetReferenceImageGeometryParameterFromVolumeNode(volumeNode)
        if not slicer.modules.segmentations.logic().ImportLabelmapToSegmentationNode(labels, node):
            raise BadInput(f"{path.name} holds no labels.", "Give a segmentation or label file.")
        slicer.mrmlScene.RemoveNode(labels)
        _nameByValue(node.GetSegmentation())
    return node


def _nameByValue(segmentation: slicer.vtkSegmentation) -> None:
    """Names such as "label 5": a label file says no more, and the default color table would invent tissues."""
    for index in range(segmentation.GetNumberOfSegments()):
        segment = segmentation.GetNthSegment(index)
        segment.SetName(f"label {segment.GetLabelValue()}")
