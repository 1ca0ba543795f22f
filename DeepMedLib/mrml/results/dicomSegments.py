"""A result's segments as DICOM files beside its others, where its scan came from DICOM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import slicer
import vtk

from DeepMedLib.dicom.identity import CannotBeNamed
from DeepMedLib.dicom.segments import DicomSegment, Writer, write_segments
from DeepMedLib.dicom.source_slices import PlacedSlices, place_among_files, place_on_slices
from DeepMedLib.geometry import Grid
from DeepMedLib.mrml.inputs.sourceFiles import INSTANCES_ATTRIBUTE, filesInDatabase, slicesInOrder
from DeepMedLib.mrml.nodes.segmentations import SegmentSpec, maskFromSegment
from DeepMedLib.mrml.results.documents import writeDocuments


def exportDicomSegments(
    folder: Path,
    segmentation: slicer.vtkMRMLSegmentationNode | None,
    volumeNode: slicer.vtkMRMLVolumeNode,
    segments: Mapping[str, DicomSegment],
    writer: Writer,
    comments: Sequence[str] = (),
) -> list[Path]:
    """Write segmentation.dcm and report.dcm where the scan came from DICOM, see `writeDocuments`; else nothing.

    Args:
        segments: what to write, by the segments' ids; those that are not in the segmentation are left out.

    Raises:
        DiskRefused: a file cannot be written.
    """
    if segmentation is None or not volumeNode.GetAttribute(INSTANCES_ATTRIBUTE):
        return []
    shown = {key: one for key, one in segments.items() if segmentation.GetSegmentation().GetSegment(key) is not None}
    masks = [maskFromSegment(segmentation, key, volumeNode) for key in shown]
    return writeDocuments(
        "segmentation.dcm and report.dcm",
        lambda: write_segments(folder, masks, list(shown.values()), _placed(volumeNode), writer, comments),
    )


def dicomSegment(spec: SegmentSpec, **measured: Any) -> DicomSegment:
    """A segment as it is in the scene, with what was measured on it (the further fields of `DicomSegment`)."""
    return DicomSegment(spec.name, spec.terminology, spec.color, **measured)


def _placed(volumeNode: slicer.vtkMRMLVolumeNode) -> PlacedSlices:
    """The volume on its slices.

    Raises:
        CannotBeNamed: its slices are not at hand, or it lies elsewhere.
    """
    matrix = vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASMatrix(matrix)  # transforms of the scene are no matter of the slices
    grid = Grid(slicer.util.arrayFromVTKMatrix(matrix), tuple(reversed(volumeNode.GetImageData().GetDimensions())))
    inOrder = slicesInOrder(volumeNode)
    if inOrder and all(path.is_file() for path, _ in inOrder):
        return place_on_slices(grid, inOrder)
    files = filesInDatabase(volumeNode)
    if not files:
        raise CannotBeNamed("The DICOM slices of the scan are not at hand.", "Load the series again and compute anew.")
    return place_among_files(grid, files)
