"""Vibration modes of a shell: the smoothest functions on it, in the order of their frequency."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import vtk
from scipy import sparse
from scipy.linalg import cholesky, eigh, solve_triangular
from scipy.sparse.linalg import eigsh, splu
from vtk.util.numpy_support import vtk_to_numpy

from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.operators import laplacian
from EPMappingLib.surface.projection import poly_data, project

_COARSE = 1600  # vertices on which the modes are first found
_PER_MODE = 6  # of those for each mode at least
_SHIFT = 0.05  # of the highest frequency squared: keeps the matrix from being singular


@dataclass(frozen=True)
class Eigenbasis:
    """Modes of one connected shell.

    Attributes:
        modes: (V, K) values at the vertices; the mean of the product of two modes, weighted by area, is 1 or 0, so that
            the first is 1 everywhere.
        frequencies: (K,) squared angular frequencies in 1/mm2, rising from 0.
        area: of the shell in mm2.
    """

    modes: np.ndarray
    frequencies: np.ndarray
    area: float


def eigenbasis(surface: Surface, count: int) -> Eigenbasis:
    """The first modes of the Laplacian of a connected shell without unused vertices; rims are free.

    They are found on a decimated copy, and one step of subspace iteration makes them those of the shell itself: the
    distance between two sheets of the shell never counts, only the way along it.

    Args:
        count: how many, fewer on a shell with few vertices.
    """
    mass = surface.vertex_areas
    count = min(count, len(mass) // 2)
    stiffness = laplacian(surface)
    wanted = max(_COARSE, _PER_MODE * count)
    if len(mass) <= 1.2 * wanted:
        frequencies, modes = _lowest(stiffness, mass, count)
    else:
        frequencies, modes = _through_coarse(surface, stiffness, mass, count, wanted)
    area = float(mass.sum())
    modes = modes * np.sqrt(area)
    modes[:, 0], frequencies[0] = 1.0, 0.0
    return Eigenbasis(modes, np.maximum(frequencies, 0.0), area)


def _lowest(stiffness: sparse.csc_matrix, mass: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Lowest eigenvalues and eigenvectors, orthonormal under the mass."""
    root = 1 / np.sqrt(mass)
    matrix = sparse.csc_matrix(sparse.diags(root) @ stiffness @ sparse.diags(root))
    scale = matrix.diagonal().mean()
    if count > 0.25 * len(mass):
        values, vectors = eigh(matrix.toarray(), subset_by_index=[0, count - 1])
    else:
        start = np.random.default_rng(0).standard_normal(len(mass))  # the same modes on every run
        values, vectors = eigsh(matrix, count, sigma=-1e-4 * scale, tol=1e-4, v0=start)
    order = np.argsort(values)
    return values[order], vectors[:, order] * root[:, None]


def _through_coarse(
    surface: Surface, stiffness: sparse.csc_matrix, mass: np.ndarray, count: int, wanted: int
) -> tuple[np.ndarray, np.ndarray]:
    coarse = _decimated(surface, wanted)
    values, vectors = _lowest(laplacian(coarse), coarse.vertex_areas, min(count, len(coarse.vertices) // 2))
    guess = project(coarse, surface.vertices).matrix(coarse) @ vectors
    shift = max(_SHIFT * values[-1], 1e-9)
    matrix = sparse.csc_matrix(stiffness + shift * sparse.diags(mass))
    solver = splu(matrix, permc_spec="MMD_AT_PLUS_A", options={"SymmetricMode": True}, diag_pivot_thresh=0.0)
    better = solver.solve(mass[:, None] * guess)
    better /= np.sqrt((mass[:, None] * better**2).sum(0))
    gram, energy = better.T @ (mass[:, None] * better), better.T @ (stiffness @ better)
    factor = cholesky(gram + 1e-10 * np.eye(len(gram)), lower=True)
    whitened = solve_triangular(factor, solve_triangular(factor, energy, lower=True).T, lower=True)
    frequencies, mix = eigh(0.5 * (whitened + whitened.T))
    return frequencies, better @ solve_triangular(factor, mix, lower=True, trans="T")


def _decimated(surface: Surface, vertices: int) -> Surface:
    """The shell with about so many vertices; none of them without a triangle."""
    decimation = vtk.vtkQuadricDecimation()
    decimation.SetInputData(poly_data(surface))
    decimation.SetTargetReduction(1 - vertices / len(surface.vertices))
    decimation.Update()
    data = decimation.GetOutput()
    points = np.asarray(vtk_to_numpy(data.GetPoints().GetData()), float)
    faces = np.asarray(vtk_to_numpy(data.GetPolys().GetConnectivityArray()), int).reshape(-1, 3)
    found = Surface(points, faces)
    largest = np.bincount(found.face_components, minlength=1).argmax()
    return found.part(np.flatnonzero((found.face_components == largest) & ~found.flat))[0]
