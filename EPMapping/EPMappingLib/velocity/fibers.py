"""Fiber direction and anisotropy from the activation of two or more pacing sites.

In anisotropic tissue the slowness g of a wave satisfies g . D g = 1, with D the tensor of squared velocities, whose
first axis is the fiber. Waves from different sides measure D in different directions (Roney et al., Med. Image Anal.
55:65, 2019, with a curve fitted to the velocities); here D is fitted to all waves through a small patch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from EPMappingLib.surface.mesh import Surface
from EPMappingLib.velocity.conduction import Conduction

_CONDITION = 0.06  # smallest singular value over the largest: below it the waves come from too few directions
_LEAST = 8  # waves in a patch
_ALIKE = 0.7  # cosine of normals; triangles turned further lie on another wall


@dataclass(frozen=True)
class Fibers:
    """Local conduction tensor.

    Attributes:
        directions: (F, 3) unit vectors along the fibers; NaN where the waves do not tell.
        along, across: (F,) m/s.
    """

    directions: np.ndarray
    along: np.ndarray
    across: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """(F,) triangles where the waves tell."""
        return np.isfinite(self.along)

    @property
    def ratio(self) -> np.ndarray:
        """(F,) velocity along over velocity across."""
        return self.along / self.across


def fibers(surface: Surface, maps: Sequence[Conduction], radius: float = 4.0) -> Fibers:
    """Fibers of each triangle from the waves of two or more maps on the same shell.

    Args:
        radius: mm of the patch.
    """
    count = len(surface.faces)
    slowness = np.stack([each.vectors / (each.speeds**2)[:, None] for each in maps])
    centers, normals = surface.corners.mean(1), surface.normals
    first, second = _frames(surface)
    directions, along, across = np.full((count, 3), np.nan), np.full(count, np.nan), np.full(count, np.nan)
    candidates = np.flatnonzero(np.isfinite(slowness).all(2).sum(0) >= 2)
    if not len(candidates):
        return Fibers(directions, along, across)
    tree = cKDTree(centers[candidates])
    for face, near in zip(candidates, tree.query_ball_point(centers[candidates], radius), strict=True):
        patch = candidates[near]
        cosine = normals[patch] @ normals[face]
        patch = patch[np.abs(cosine) > _ALIKE]
        waves = slowness[:, patch].reshape(-1, 3)
        waves = waves[np.isfinite(waves).all(1)]
        if len(waves) < _LEAST:
            continue
        x, y = waves @ first[face], waves @ second[face]
        tensor = _fitted(x, y)
        if tensor is not None:
            values, axes = np.linalg.eigh(tensor)
            directions[face] = axes[0, 1] * first[face] + axes[1, 1] * second[face]
            across[face], along[face] = np.sqrt(values)
    return Fibers(directions, along, across)


def _fitted(x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """(2, 2) tensor D with g . D g = 1 in the least squares; None where the waves do not tell all of it."""
    scale = np.mean(x * x + y * y)
    rows = np.stack([x * x, 2 * x * y, y * y], axis=1) / scale
    singular = np.linalg.svd(rows / np.sqrt(len(rows)), compute_uv=False)
    if singular[-1] < _CONDITION * singular[0]:
        return None
    a, b, c = np.linalg.lstsq(rows, np.ones(len(rows)), rcond=None)[0] / scale
    tensor = np.array([[a, b], [b, c]])
    return tensor if np.linalg.eigvalsh(tensor)[0] > 0 else None


def _frames(surface: Surface) -> tuple[np.ndarray, np.ndarray]:
    """Two unit vectors (F, 3) in the plane of each triangle."""
    first = surface.corners[:, 1] - surface.corners[:, 0]
    first = first / np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-12)
    return first, np.cross(surface.normals, first)
