"""The airway tree in the scene: lumen as a segment, its surface as a model, centre lines as curves, tables."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.mrml.inputs.volumes import gridFromVolume
from DeepMedLib.mrml.nodes.lungSegments import LUNG_SEGMENTS
from DeepMedLib.mrml.nodes.markups import fiducialPoints, openCurveNode
from DeepMedLib.mrml.nodes.segmentations import segmentationFromLabels
from DeepMedLib.mrml.nodes.tables import tableNode
from LungTextureLib.airways import MOST_PLACES
from LungTextureLib.texture_result import TextureResult

AIRWAYS = LUNG_SEGMENTS[2]
MOST_CURVES = 80
"""So many branches, those with the longest lines, become curves: more would slow the views down."""
_SMOOTHING = 15


def makeNodes(
    volumeNode: slicer.vtkMRMLVolumeNode, result: TextureResult, computed: TaskResult
) -> dict[str, slicer.vtkMRMLNode]:
    """Nodes of the airways by role; nothing where no tree was followed."""
    mask = computed.arrays.get("airways")
    if result.airways is None or mask is None:
        return {}
    name = volumeNode.GetName()
    unique = slicer.mrmlScene.GenerateUniqueName
    nodes: dict[str, slicer.vtkMRMLNode] = {
        table.name: tableNode(table, f"{name} {table.title.lower()}") for table in result.airways.tables()
    }
    nodes["airways"] = segmentationFromLabels(np.asarray(mask), volumeNode, (AIRWAYS,), unique(f"{name} airways"))
    nodes["airwaySurface"] = _surface(np.asarray(mask), volumeNode, unique(f"{name} airways surface"))
    points, lines = (np.asarray(computed.arrays[key]) for key in ("airway_points", "airway_lines"))
    lengths = [branch.length_mm for branch in result.airways.branches]
    for branch in sorted(sorted(range(len(lengths)), key=lambda number: -lengths[number])[:MOST_CURVES]):
        nodes[f"airwayLine.{branch + 1}"] = openCurveNode(
            f"{name} airway {branch + 1}", points[lines == branch], color=AIRWAYS.color
        )
    return nodes


def placesOf(node: slicer.vtkMRMLMarkupsFiducialNode | None) -> list[list[float]]:
    """Picked places in world RAS mm, where the scan's grid lies, too.

    Raises:
        BadInput: there are more than `MOST_PLACES`.
    """
    if node is None:
        return []
    points = fiducialPoints(node)
    if len(points) > MOST_PLACES:
        raise BadInput(f"{node.GetName()} holds {len(points)} points.", f"Pick at most {MOST_PLACES} places.")
    return [[float(value) for value in point] for point in points]


def _surface(mask: np.ndarray, volumeNode: slicer.vtkMRMLVolumeNode, name: str) -> slicer.vtkMRMLModelNode:
    """The lumen's surface, smoothed, in world RAS, the scan's transform included."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", name)
    node.SetAndObservePolyData(surfaceOf(mask, gridFromVolume(volumeNode)))
    node.CreateDefaultDisplayNodes()
    node.GetDisplayNode().SetColor(*AIRWAYS.color)
    return node


def surfaceOf(mask: np.ndarray, grid: Grid) -> vtk.vtkPolyData:
    """Surface (RAS mm) of a mask (k, j, i)."""
    where = np.argwhere(mask)
    low, high = np.maximum(where.min(0) - 1, 0), where.max(0) + 2
    cut = np.pad(mask[low[0] : high[0], low[1] : high[1], low[2] : high[2]].astype(np.uint8), 1)
    image = vtk.vtkImageData()
    image.SetDimensions(*reversed(cut.shape))
    image.GetPointData().SetScalars(numpy_to_vtk(np.ascontiguousarray(cut).ravel(), deep=True))
    edges = vtk.vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, 0.5)
    smooth = vtk.vtkWindowedSincPolyDataFilter()
    smooth.SetInputConnection(edges.GetOutputPort())
    smooth.SetNumberOfIterations(_SMOOTHING)
    smooth.SetPassBand(0.1)
    move = vtk.vtkTransform()
    move.SetMatrix((grid.ijk_to_ras @ _shift(low[::-1] - 1.0)).ravel().tolist())
    moved = vtk.vtkTransformPolyDataFilter()
    moved.SetInputConnection(smooth.GetOutputPort())
    moved.SetTransform(move)
    normals = vtk.vtkPolyDataNormals()
    normals.SetInputConnection(moved.GetOutputPort())
    normals.AutoOrientNormalsOn()
    normals.SplittingOff()
    normals.Update()
    return normals.GetOutput()


def _shift(ijk: np.ndarray) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 3] = ijk
    return matrix
