"""What is registered: a CT or a model, in its own frame, and where it begins."""

from __future__ import annotations

from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid
from DeepMedLib.mrml.inputs.volumes import arrayFromVolume, parentMatrix
from DeepMedLib.mrml.nodes.transforms import matrixFromTransform
from Registration2D3DLib.geometry.pose import rigid
from Registration2D3DMrml.surfaceGrid import attenuationOfSurface

SURFACES = (".stl", ".obj", ".ply", ".vtk", ".vtp")
"""Files that are read as surface models."""


def arraysOf(node: slicer.vtkMRMLTransformableNode) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and options of the task that describe the object in its own RAS frame.

    :raises BadInput: it holds no volume or no surface.
    """
    if node.IsA("vtkMRMLModelNode"):
        mu, grid = attenuationOfSurface(*_surface(node))
        return {"attenuation": mu}, {"grid": grid.to_dict()}
    array, grid = arrayFromVolume(node)
    own = Grid(np.linalg.inv(parentMatrix(node)) @ grid.ijk_to_ras, grid.shape_kji)
    return {"volume": array}, {"grid": own.to_dict()}


def startOf(node: slicer.vtkMRMLTransformableNode, start: slicer.vtkMRMLTransformNode | None) -> np.ndarray:
    """(4, 4) object to world where it begins: the given transform, else the one that the object lies under.

    :raises BadInput: it is not rigid.
    """
    return rigid(matrixFromTransform(start) if start is not None else parentMatrix(node))


def _surface(node: slicer.vtkMRMLModelNode) -> tuple[np.ndarray, np.ndarray]:
    """Points (n, 3) and triangles (m, 3) of a model."""
    data = node.GetPolyData()
    if data is None or data.GetNumberOfPolys() == 0:
        raise BadInput(f"{node.GetName()} has no surface.", "Choose a model with triangles, as an implant's STL file.")
    triangles = vtk.vtkTriangleFilter()
    triangles.SetInputData(data)
    triangles.PassLinesOff()
    triangles.PassVertsOff()
    triangles.Update()
    found = triangles.GetOutput()
    cells = vtk_to_numpy(found.GetPolys().GetData()).reshape(-1, 4)[:, 1:]
    return vtk_to_numpy(found.GetPoints().GetData()).astype(float), cells.astype(np.int64)
