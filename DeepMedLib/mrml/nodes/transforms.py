"""Linear transforms in RAS."""

from __future__ import annotations

import numpy as np
import slicer
import vtk

from DeepMedLib.errors import BadInput


def linearTransformNode(
    matrix: np.ndarray, name: str, node: slicer.vtkMRMLLinearTransformNode | None = None
) -> slicer.vtkMRMLLinearTransformNode:
    """A transform node that moves what lies under it by a 4x4 matrix (RAS mm, to parent).

    Raises:
        ValueError: not a finite, invertible 4x4 matrix with the last row 0 0 0 1.
    """
    matrix = np.asarray(matrix, float)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all() or not np.allclose(matrix[3], [0, 0, 0, 1]):
        raise ValueError("a linear transform is a finite 4x4 matrix with the last row 0 0 0 1")
    if abs(np.linalg.det(matrix[:3, :3])) < 1e-12:
        raise ValueError("the transform cannot be inverted")
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode", name)
    slicer.util.updateTransformMatrixFromArray(node, matrix)
    return node


def matrixFromTransform(node: slicer.vtkMRMLTransformNode, toWorld: bool = True) -> np.ndarray:
    """The node's 4x4 matrix in RAS mm, to the world with all parents applied, or to its parent only.

    Raises:
        BadInput: the transform is not linear.
    """
    linear = node.IsTransformToWorldLinear() if toWorld else node.IsLinear()
    if not linear:
        raise BadInput(f"{node.GetName()} bends space.", "Choose a linear transform.")
    matrix = vtk.vtkMatrix4x4()
    if toWorld:
        node.GetMatrixTransformToWorld(matrix)
    else:
        node.GetMatrixTransformToParent(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix).astype(float)
