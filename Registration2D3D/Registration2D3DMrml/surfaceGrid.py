"""Closed surface models, such as implants, as attenuation on a grid."""

from __future__ import annotations

import numpy as np
import vtk
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray, vtk_to_numpy

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid

MU = 0.1
"""1/mm inside; pictures are compared up to contrast, so that the metal does not matter."""
_VOXELS, _FINER = 96, 2
_MARGIN = 0.15  # of the model's size, so that its outline is seen against what lies beside it


def attenuationOfSurface(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, Grid]:
    """Attenuation (k, j, i) in 1/mm of a closed surface and its grid; at the surface by the share of the voxel inside.

    Args:
        points: (n, 3) RAS mm.
        triangles: (m, 3) indices into the points.

    Raises:
        BadInput: there is nothing inside.
    """
    points = np.asarray(points, float)
    if len(points) < 4 or len(triangles) < 4 or not np.isfinite(points).all():
        raise BadInput("The model has no closed surface.", "Choose a model with triangles, as an implant's STL file.")
    low, high = points.min(0), points.max(0)
    size = float((high - low).max())
    if not size > 0:
        raise BadInput("The model has no size.", "Export it again, in mm.")
    voxel = size / _VOXELS
    counts = np.ceil((high - low + 2 * _MARGIN * size) / voxel).astype(int)
    origin = (low + high) / 2 - (counts - 1) / 2 * voxel
    fine = voxel / _FINER
    image = vtk.vtkImageData()
    image.SetDimensions(*(counts * _FINER).tolist())
    image.SetSpacing(fine, fine, fine)
    image.SetOrigin(*(origin - (voxel - fine) / 2).tolist())
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR, 1)
    image.GetPointData().GetScalars().Fill(1)
    stencil = vtk.vtkPolyDataToImageStencil()
    stencil.SetInputData(_polyData(points, np.asarray(triangles)))
    stencil.SetOutputOrigin(image.GetOrigin())
    stencil.SetOutputSpacing(image.GetSpacing())
    stencil.SetOutputWholeExtent(image.GetExtent())
    inside = vtk.vtkImageStencil()
    inside.SetInputData(image)
    inside.SetStencilConnection(stencil.GetOutputPort())
    inside.SetBackgroundValue(0)
    inside.Update()
    mask = vtk_to_numpy(inside.GetOutput().GetPointData().GetScalars()).reshape((counts[::-1] * _FINER).tolist())
    if not mask.any():
        raise BadInput("The model encloses nothing.", "Choose a closed surface, as an implant's STL file.")
    k, j, i = counts[::-1]
    share = mask.reshape(k, _FINER, j, _FINER, i, _FINER).mean((1, 3, 5), dtype=np.float32)
    return MU * share, Grid.from_parts(np.full(3, voxel), origin, np.eye(3), (int(k), int(j), int(i)))


def _polyData(points: np.ndarray, triangles: np.ndarray) -> vtk.vtkPolyData:
    data, cells, where = vtk.vtkPolyData(), vtk.vtkCellArray(), vtk.vtkPoints()
    where.SetData(numpy_to_vtk(np.ascontiguousarray(points), deep=True))
    packed = np.column_stack([np.full(len(triangles), 3), triangles]).astype(np.int64).ravel()
    cells.SetCells(len(triangles), numpy_to_vtkIdTypeArray(packed, deep=True))
    data.SetPoints(where)
    data.SetPolys(cells)
    return data
