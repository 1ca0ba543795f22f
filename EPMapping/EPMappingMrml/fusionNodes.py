"""A fusion in the scene: the target's surface, landmarks, and the transform that the shell and its map follow."""

from __future__ import annotations

import json

import numpy as np
import slicer
import vtk

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.nodes.markups import curvePoints
from DeepMedLib.mrml.nodes.transforms import linearTransformNode, matrixFromTransform
from EPMappingLib.exports.shells import from_poly_data
from EPMappingLib.fusion.registration import Fusion, moved
from EPMappingLib.surface.mesh import Surface
from EPMappingMrml.mapNodes import RESULTS
from EPMappingMrml.studyNodes import SITES

ATTRIBUTE = "DeepMed.EP.Fusion"
"""Of the transform: the residual as JSON."""


def targetSurface(node: slicer.vtkMRMLNode, segment: str = "") -> Surface:
    """The wall in world RAS mm of a model, or of a segment (the first one where none is named).

    :raises BadInput: it holds no surface.
    """
    if node.IsA("vtkMRMLSegmentationNode"):
        data = vtk.vtkPolyData()
        ids = list(node.GetSegmentation().GetSegmentIDs())
        chosen = segment or (ids[0] if ids else "")
        node.CreateClosedSurfaceRepresentation()
        if not chosen or not node.GetClosedSurfaceRepresentation(chosen, data):
            raise BadInput(f"The segmentation {node.GetName()} has no surface.", "Choose another segment.")
    else:
        data = node.GetPolyData()
    if data is None or not data.GetNumberOfPoints():
        raise BadInput(f"{node.GetName()} holds no surface.", "Choose the chamber's model or segmentation.")
    triangles = vtk.vtkTriangleFilter()
    triangles.PassLinesOff()
    triangles.PassVertsOff()
    triangles.SetInputData(data)
    triangles.Update()
    surface = from_poly_data(triangles.GetOutput(), node.GetName())[0]
    return Surface(moved(surface.vertices, toWorld(node)), surface.faces)


def toWorld(node: slicer.vtkMRMLTransformableNode) -> np.ndarray:
    """(4, 4) from the node's own frame to the world.

    :raises BadInput: the transform above it bends space.
    """
    transform = node.GetParentTransformNode()
    return np.eye(4) if transform is None else matrixFromTransform(transform)


def landmarksIn(shellNode: slicer.vtkMRMLModelNode, landmarks: slicer.vtkMRMLMarkupsFiducialNode) -> np.ndarray:
    """(L, 3) landmarks in the shell's own frame."""
    return moved(curvePoints(landmarks), np.linalg.inv(toWorld(shellNode)))


def moveShell(shellNode: slicer.vtkMRMLModelNode, fusion: Fusion) -> slicer.vtkMRMLLinearTransformNode:
    """Put the shell, its maps and its ablation sites under a transform; an earlier one of the same shell is renewed."""
    before = shellNode.GetParentTransformNode()
    known = before if before is not None and before.GetAttribute(ATTRIBUTE) else None
    node = linearTransformNode(fusion.matrix, f"{shellNode.GetName()} to image", known)
    told = {
        "mean_mm": fusion.mean_mm,
        "q95_mm": fusion.q95_mm,
        "landmarks_mm": fusion.landmarks_mm,
        "scale": fusion.scale,
    }
    node.SetAttribute(ATTRIBUTE, json.dumps(told))
    for follower in _followers(shellNode):
        follower.SetAndObserveTransformNodeID(node.GetID())
    return node


def _followers(shellNode: slicer.vtkMRMLModelNode) -> list[slicer.vtkMRMLTransformableNode]:
    found = [shellNode, shellNode.GetNodeReference(SITES)]
    for nodes in RESULTS.inScene():
        if nodes.volume is shellNode:
            found += [*nodes.all(), nodes.inputs.get("ablations")]
    return [node for node in found if node is not None and node.IsA("vtkMRMLTransformableNode")]
