"""Spheres, planes and cylinders whose distances along the surface are known."""

from __future__ import annotations

import numpy as np
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from EPMappingLib.surface.mesh import Surface


def sphere(subdivisions: int = 5, radius: float = 25.0) -> Surface:
    """A sphere of 20 * 4^n triangles about the origin; n = 5 has 10,242 vertices."""
    solid, divided = vtk.vtkPlatonicSolidSource(), vtk.vtkLinearSubdivisionFilter()
    solid.SetSolidTypeToIcosahedron()
    divided.SetNumberOfSubdivisions(subdivisions)
    divided.SetInputConnection(solid.GetOutputPort())
    divided.Update()
    data = divided.GetOutput()
    points = np.asarray(vtk_to_numpy(data.GetPoints().GetData()), float)
    faces = np.asarray(vtk_to_numpy(data.GetPolys().GetConnectivityArray()), int).reshape(-1, 3)
    return Surface(radius * points / np.linalg.norm(points, axis=1, keepdims=True), faces)


def sphere_distance(surface: Surface, vertex: int) -> np.ndarray:
    """(V,) mm along a sphere about the origin from one of its vertices."""
    radius = float(np.linalg.norm(surface.vertices[vertex]))
    cosine = surface.vertices @ surface.vertices[vertex] / radius**2
    return np.asarray(radius * np.arccos(np.clip(cosine, -1, 1)))


def plane(count: int = 81, size: float = 60.0) -> Surface:
    """A square in z = 0 about the origin with count x count vertices, first along x; open at its rim."""
    line = np.linspace(-size / 2, size / 2, count)
    x, y = np.meshgrid(line, line, indexing="ij")
    return Surface(np.stack([x.ravel(), y.ravel(), np.zeros(count**2)], axis=1), _grid_faces(count, count))


def cylinder(around: int = 120, along: int = 80, radius: float = 20.0, length: float = 60.0) -> Surface:
    """A tube about z, open at both ends; its vertices lie on the cylinder."""
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    height = np.linspace(0, length, along)
    a, z = np.meshgrid(angle, height, indexing="ij")
    points = np.stack([radius * np.cos(a).ravel(), radius * np.sin(a).ravel(), z.ravel()], axis=1)
    faces = _grid_faces(around + 1, along)
    return Surface(points, faces % (around * along))


def _grid_faces(rows: int, columns: int) -> np.ndarray:
    """Two triangles for each cell of a grid, the diagonals in turn one way and the other."""
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = (index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:])
    turned = (np.add.outer(np.arange(rows - 1), np.arange(columns - 1)) % 2).astype(bool)
    one = np.where(turned[..., None], np.stack([a, b, d], -1), np.stack([a, b, c], -1))
    two = np.where(turned[..., None], np.stack([b, c, d], -1), np.stack([a, c, d], -1))
    return np.stack([one, two], axis=2).reshape(-1, 3)
