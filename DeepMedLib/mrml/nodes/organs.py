"""The organs of a segmentation on a scan: complete, cut or absent."""

from __future__ import annotations

import slicer

from DeepMedLib.ct.coverage import OrganVerdict, organ_coverage
from DeepMedLib.ct.padding import find_padding
from DeepMedLib.geometry import Grid
from DeepMedLib.mrml.nodes.segmentations import maskFromSegment


def segmentNames(segmentationNode: slicer.vtkMRMLSegmentationNode) -> list[str]:
    """The segments' names, in their order."""
    segmentation = segmentationNode.GetSegmentation()
    return [segmentation.GetNthSegment(index).GetName() for index in range(segmentation.GetNumberOfSegments())]


def organVerdicts(
    segmentationNode: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLVolumeNode, grid: Grid
) -> list[OrganVerdict]:
    """A verdict for each segment, one at a time so that overlapping segments keep their voxels.

    Args:
        grid: of the volume.
    """
    padding = find_padding(slicer.util.arrayFromVolume(volumeNode))
    segmentation = segmentationNode.GetSegmentation()
    verdicts: list[OrganVerdict] = []
    for index in range(segmentation.GetNumberOfSegments()):
        identifier = segmentation.GetNthSegmentID(index)
        mask = maskFromSegment(segmentationNode, identifier, volumeNode)
        verdicts += organ_coverage(mask, grid, padding, {1: segmentation.GetSegment(identifier).GetName()})
    return verdicts
