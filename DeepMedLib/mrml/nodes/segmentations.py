"""Label arrays to segmentation nodes and back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from vtk.util import numpy_support

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code
from DeepMedLib.mrml.nodes.terminology import GENERAL_ANATOMY, setTerminology

_BINARY_LABELMAP = slicer.vtkSegmentationConverter.GetSegmentationBinaryLabelmapRepresentationName()


@dataclass(frozen=True)
class SegmentSpec:
    """How a label becomes a segment.

    Attributes:
        id: stable identifier for scripts, e.g. "pancreas".
        name: human name shown in the list.
        color: red, green, blue from 0 to 1.
        terminology: category, type and, where there is one, modifier; without one Slicer's own default stays (Tissue).
        context: name of the terminology list of those codes.
    """

    id: str
    name: str
    color: tuple[float, float, float]
    terminology: tuple[Code, ...] = ()
    context: str = GENERAL_ANATOMY


def segmentationFromLabels(
    labels: np.ndarray,
    volumeNode: slicer.vtkMRMLVolumeNode,
    specs: Sequence[SegmentSpec],
    name: str,
    node: slicer.vtkMRMLSegmentationNode | None = None,
    keepEmpty: bool = False,
) -> slicer.vtkMRMLSegmentationNode:
    """Write a label array as segments that share one layer, on the volume's grid and under its transform.

    Args:
        labels: (K, J, I) integers; label n becomes the n-th of ``specs``, counted from 1; 0 is background.
        volumeNode: the volume the labels were computed on; becomes geometry reference and source volume.
        specs: one per label.
        name: name of a new node; ignored when ``node`` is given.
        node: segmentation to update: its segments with the ids of ``specs`` are replaced, others stay.
        keepEmpty: add an empty segment for a label without voxels; otherwise the segment is left out.

    Raises:
        BadInput: the array does not fit the volume.
        ValueError: labels beyond ``specs`` or of a number type that is not integral.
    """
    shape = tuple(reversed(volumeNode.GetImageData().GetDimensions())) if volumeNode.GetImageData() else ()
    if labels.shape != shape:
        raise BadInput(
            f"The labels have the shape {labels.shape}, the volume {volumeNode.GetName()} has {shape}.",
            "Run the segmentation again on this volume.",
        )
    if labels.dtype.kind not in "bui":
        raise ValueError(f"labels must be integers, not {labels.dtype}")
    present = [int(value) for value in np.unique(labels) if value]
    if present and (present[0] < 0 or present[-1] > len(specs)):
        raise ValueError(f"labels {present} do not all name one of {len(specs)} segments")
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volumeNode)
    # Labels live on the voxels, so the segments follow whatever transform moves the volume.
    node.SetAndObserveTransformNodeID(volumeNode.GetTransformNodeID())
    segmentation = node.GetSegmentation()
    for spec in specs:
        if segmentation.GetSegment(spec.id) is not None:
            segmentation.RemoveSegment(spec.id)
    layer = _orientedImage(labels.astype(np.uint8 if len(specs) < 256 else np.int16), volumeNode)
    for label, spec in enumerate(specs, start=1):
        if label not in present and not keepEmpty:
            continue
        segment = slicer.vtkSegment()
        segment.SetName(spec.name)
        segment.SetColor(*spec.color)
        if spec.terminology:
            setTerminology(segment, spec.terminology, spec.context)
        segment.SetLabelValue(label)
        segment.AddRepresentation(_BINARY_LABELMAP, layer)
        segmentation.AddSegment(segment, spec.id)
    return node


def _orientedImage(array: np.ndarray, volumeNode: slicer.vtkMRMLVolumeNode) -> slicer.vtkOrientedImageData:
    """An array (K, J, I) as an image in the volume's own frame, parent transforms left out."""
    image = slicer.vtkOrientedImageData()
    image.SetDimensions(*reversed(array.shape))
    scalars = numpy_support.numpy_to_vtk(np.ascontiguousarray(array).ravel(), deep=True)
    scalars.SetName("ImageScalars")
    image.GetPointData().SetScalars(scalars)
    matrix = vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASMatrix(matrix)
    image.SetGeometryFromImageToWorldMatrix(matrix)
    return image


def layOnGrid(node: slicer.vtkMRMLSegmentationNode, volumeNode: slicer.vtkMRMLVolumeNode) -> None:
    """Move segments along when their volume was given another spacing: labels stay on their voxels."""
    matrix = vtk.vtkMatrix4x4()
    volumeNode.GetIJKToRASMatrix(matrix)
    segmentation = node.GetSegmentation()
    for index in range(segmentation.GetNumberOfSegments()):
        image = segmentation.GetNthSegment(index).GetRepresentation(_BINARY_LABELMAP)
        if image is not None:
            image.SetGeometryFromImageToWorldMatrix(matrix)
    node.RemoveClosedSurfaceRepresentation()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volumeNode)
    node.Modified()


def maskFromSegment(
    node: slicer.vtkMRMLSegmentationNode, segmentId: str, volumeNode: slicer.vtkMRMLVolumeNode
) -> np.ndarray:
    """A segment as a boolean (K, J, I) array on the volume's grid; all False for an empty segment.

    Raises:
        BadInput: there is no such segment.
    """
    segment = node.GetSegmentation().GetSegment(segmentId)
    if segment is None:
        raise BadInput(f"{node.GetName()} has no segment {segmentId}.", "Choose another segmentation.")
    shape = tuple(reversed(volumeNode.GetImageData().GetDimensions()))
    image = slicer.vtkOrientedImageData()
    if not node.GetBinaryLabelmapRepresentation(segmentId, image) or image.IsEmpty():
        return np.zeros(shape, bool)
    between = vtk.vtkGeneralTransform()
    slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(
        node.GetParentTransformNode(), volumeNode.GetParentTransformNode(), between
    )
    onVolume = slicer.vtkOrientedImageData()
    if not slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
        image, _orientedImage(np.zeros(shape, np.uint8), volumeNode), onVolume, False, False, between
    ):
        raise RuntimeError("Slicer could not resample the segment to the volume.")
    scalars = numpy_support.vtk_to_numpy(onVolume.GetPointData().GetScalars())
    return scalars.reshape(shape).astype(bool)
