"""Gradient and Laplacian of what is given at the vertices of a shell (linear elements)."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from EPMappingLib.surface.mesh import Surface


def gradient(surface: Surface, values: np.ndarray) -> np.ndarray:
    """(F, 3) gradient per mm in each triangle; NaN where a corner has no value or the triangle no area.

    With unit normal n and double area A2: (La n x (c-b) + Lb n x (a-c) + Lc n x (b-a)) / A2. It does not depend on
    the winding.

    Args:
        values: (V,) at the vertices; NaN where unknown.
    """
    a, b, c = np.moveaxis(surface.corners, 1, 0)
    n, at = surface.normals, values[surface.faces]
    total = at[:, :1] * np.cross(n, c - b) + at[:, 1:2] * np.cross(n, a - c) + at[:, 2:] * np.cross(n, b - a)
    size = np.where(surface.flat, np.nan, surface.double_areas)
    return np.asarray(total / size[:, None])


def gradient_operators(surface: Surface) -> tuple[sparse.csr_matrix, ...]:
    """Three (F, V) matrices: the gradient's components along x, y, z of values at the vertices; 0 in flat triangles."""
    a, b, c = np.moveaxis(surface.corners, 1, 0)
    n = surface.normals
    size = np.where(surface.flat, np.inf, surface.double_areas)[:, None]
    weights = np.stack([np.cross(n, c - b), np.cross(n, a - c), np.cross(n, b - a)], axis=1) / size[:, None]
    rows = np.repeat(np.arange(len(surface.faces)), 3)
    shape = (len(surface.faces), len(surface.vertices))
    columns = surface.faces.ravel()
    return tuple(sparse.csr_matrix((weights[:, :, axis].ravel(), (rows, columns)), shape) for axis in range(3))


def laplacian(surface: Surface) -> sparse.csc_matrix:
    """(V, V) stiffness matrix of linear elements (cotangent weights), positive semidefinite; rims are free."""
    rows, columns, weights = [], [], []
    for k in range(3):
        i, j, corner = surface.faces[:, k], surface.faces[:, (k + 1) % 3], surface.faces[:, (k + 2) % 3]
        u, w = surface.vertices[i] - surface.vertices[corner], surface.vertices[j] - surface.vertices[corner]
        size = np.where(surface.flat, np.inf, surface.double_areas)
        half_cotangent = 0.5 * np.einsum("ij,ij->i", u, w) / size
        rows += [i, j]
        columns += [j, i]
        weights += [half_cotangent, half_cotangent]
    size_v = len(surface.vertices)
    off = sparse.coo_matrix(
        (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns))), (size_v, size_v)
    )
    return sparse.csc_matrix(sparse.diags(np.asarray(off.sum(1)).ravel()) - off)
