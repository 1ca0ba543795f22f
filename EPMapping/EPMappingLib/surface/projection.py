"""Where points lie on a shell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import vtk
from scipy import sparse
from vtk.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray

from EPMappingLib.surface.mesh import Surface


@dataclass(frozen=True)
class Projection:
    """Points on the nearest place of a shell.

    Attributes:
        places: (N, 3) mm on the shell.
        distances: (N,) mm from where the points were.
        faces: (N,) triangle of each place.
        weights: (N, 3) of the triangle's corners; they add up to 1.
    """

    places: np.ndarray
    distances: np.ndarray
    faces: np.ndarray
    weights: np.ndarray

    def matrix(self, surface: Surface) -> sparse.csr_matrix:
        """(N, V): takes values at the vertices to the places."""
        rows = np.repeat(np.arange(len(self.faces)), 3)
        columns = surface.faces[self.faces].ravel()
        return sparse.csr_matrix((self.weights.ravel(), (rows, columns)), (len(self.faces), len(surface.vertices)))


def project(surface: Surface, points: np.ndarray) -> Projection:
    """Nearest places of a shell.

    Args:
        points: (N, 3) mm, finite, in the shell's frame.
    """
    locator = vtk.vtkStaticCellLocator()
    locator.SetDataSet(poly_data(surface))
    locator.BuildLocator()
    places, faces = np.zeros((len(points), 3)), np.zeros(len(points), int)
    nearest, cell, part, squared = [0.0, 0.0, 0.0], vtk.reference(0), vtk.reference(0), vtk.reference(0.0)
    for number, point in enumerate(np.asarray(points, float)):
        locator.FindClosestPoint(point, nearest, cell, part, squared)
        places[number], faces[number] = nearest, cell.get()
    distances = np.linalg.norm(points - places, axis=1) if len(points) else np.zeros(0)
    return Projection(places, distances, faces, barycentric(surface, faces, places))


def barycentric(surface: Surface, faces: np.ndarray, places: np.ndarray) -> np.ndarray:
    """(N, 3) weights, 0 to 1, of the corners of a triangle for places in it."""
    a, b, c = np.moveaxis(surface.corners[faces], 1, 0)
    u, w, d = b - a, c - a, places - a
    uu, uw, ww = ((x * y).sum(1) for x, y in ((u, u), (u, w), (w, w)))
    du, dw = (d * u).sum(1), (d * w).sum(1)
    size = uu * ww - uw * uw
    safe = np.where(size > 0, size, 1.0)
    second, third = (ww * du - uw * dw) / safe, (uu * dw - uw * du) / safe
    weights = np.stack([1 - second - third, second, third], axis=1)
    weights = np.clip(np.where((size > 0)[:, None], weights, [1.0, 0.0, 0.0]), 0, 1)
    return np.asarray(weights / weights.sum(1, keepdims=True))


def poly_data(surface: Surface) -> vtk.vtkPolyData:
    """The shell as VTK has it, triangles in the same order."""
    data, points, cells = vtk.vtkPolyData(), vtk.vtkPoints(), vtk.vtkCellArray()
    points.SetData(numpy_to_vtk(np.ascontiguousarray(surface.vertices, dtype=float), deep=True))
    offsets = np.arange(0, 3 * len(surface.faces) + 1, 3, dtype=np.int64)
    cells.SetData(
        numpy_to_vtkIdTypeArray(offsets, deep=True),
        numpy_to_vtkIdTypeArray(np.ascontiguousarray(surface.faces.ravel(), dtype=np.int64), deep=True),
    )
    data.SetPoints(points)
    data.SetPolys(cells)
    return data
