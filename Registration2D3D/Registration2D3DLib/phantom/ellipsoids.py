"""An object of ellipsoids: its CT, and X-rays that are exact because a ray's way through an ellipsoid has a formula."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.geometry import Grid, transform_points
from Registration2D3DLib.geometry.rotations import matrix_of
from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.rendering.units import MU_WATER

NAME = "RegistrationPhantom"
SPACING_MM = 2.5
_SUB = 2  # samples a voxel and axis


@dataclass(frozen=True)
class Ellipsoid:
    """One of them.

    Attributes:
        center: (3,) RAS mm.
        half_mm: (3,) half axes.
        turn: (3,) rotation vector, radians.
        hu: what it adds to what lies around it; air is -1000 and water 0.
    """

    center: tuple[float, float, float]
    half_mm: tuple[float, float, float]
    turn: tuple[float, float, float]
    hu: float


def torso_part(seed: int = 1) -> tuple[Ellipsoid, ...]:
    """Soft tissue with five vertebrae, ribs, a kidney-like and an air-filled body; the seed moves and turns them."""
    rng = np.random.default_rng(seed)
    parts = [Ellipsoid((0.0, 0.0, 0.0), (120.0, 85.0, 105.0), (0.0, 0.0, 0.0), 1040.0)]
    for number in range(5):
        z = -72.0 + 36.0 * number
        shift = rng.normal(0, 2, 3)
        center = (float(shift[0]), float(-38 + shift[1]), float(z + shift[2]))
        turn = tuple(float(value) for value in rng.normal(0, 0.12, 3))
        parts.append(Ellipsoid(center, (22.0, 17.0, 13.0), turn, 450.0))  # type: ignore[arg-type]
        parts.append(Ellipsoid((center[0], center[1] - 26, center[2] - 6), (4.0, 14.0, 5.0), turn, 600.0))  # type: ignore[arg-type]
        for side in (-1, 1):
            tilt = (float(rng.normal(0.35, 0.08)), float(side * rng.normal(0.5, 0.08)), 0.0)
            parts.append(Ellipsoid((side * 78.0, -12.0, z), (26.0, 5.0, 5.0), tilt, 550.0))
    parts.append(Ellipsoid((48.0, -8.0, -25.0), (22.0, 18.0, 38.0), (0.2, 0.3, 0.0), 90.0))
    parts.append(Ellipsoid((-45.0, 25.0, 45.0), (30.0, 26.0, 22.0), (0.0, 0.4, 0.2), -850.0))
    return tuple(parts)


def ct_of(parts: tuple[Ellipsoid, ...], spacing_mm: float = SPACING_MM) -> tuple[np.ndarray, Grid]:
    """int16 (k, j, i) HU and its grid, axes towards R, A, S; voxels at borders hold the mean of what lies in them."""
    half = np.max([np.abs(part.center) + max(part.half_mm) for part in parts[:1]], 0)
    counts = np.ceil(2 * half / spacing_mm).astype(int) + 2
    axes = [((np.arange(count * _SUB) + 0.5) / _SUB - count / 2) * spacing_mm for count in counts]
    values = np.full([len(axis) for axis in axes[::-1]], -1000.0, np.float32)
    for part in parts:
        reach = max(part.half_mm)
        near = [
            slice(*np.searchsorted(axis, [middle - reach, middle + reach]))
            for axis, middle in zip(axes, part.center, strict=True)
        ]
        z, y, x = np.meshgrid(axes[2][near[2]], axes[1][near[1]], axes[0][near[0]], indexing="ij")
        away = np.stack([x, y, z], -1) - np.array(part.center)
        local = away @ matrix_of(np.array(part.turn)) / np.array(part.half_mm)
        values[near[2], near[1], near[0]][(local**2).sum(-1) <= 1] += part.hu
    i, j, k = counts
    mean = values.reshape(k, _SUB, j, _SUB, i, _SUB).mean((1, 3, 5))
    grid = Grid.from_parts(np.full(3, spacing_mm), -(counts - 1) / 2 * spacing_mm, np.eye(3), (int(k), int(j), int(i)))
    return np.rint(mean).astype(np.int16), grid


def xray_of(parts: tuple[Ellipsoid, ...], view: View, pose: np.ndarray) -> np.ndarray:
    """(height, width) exact line integrals of attenuation, without unit.

    Args:
        pose: (4, 4) object to world, RAS mm.
    """
    columns, rows = np.meshgrid(np.arange(view.width), np.arange(view.height))
    ways = view.directions(np.stack([columns, rows], -1).astype(float))
    ways /= np.linalg.norm(ways, axis=-1, keepdims=True)
    inverse = np.linalg.inv(pose)
    start, ways = transform_points(inverse, view.source), ways @ inverse[:3, :3].T
    total = np.zeros(rows.shape)
    for part in parts:
        turn = matrix_of(np.array(part.turn))
        total += MU_WATER * part.hu / 1000 * chord_mm(start, ways, np.array(part.center), turn, np.array(part.half_mm))
    return total


def chord_mm(
    start: np.ndarray, ways: np.ndarray, center: np.ndarray, turn: np.ndarray, half_mm: np.ndarray
) -> np.ndarray:
    """(...) mm that rays from (3,) along unit vectors (..., 3) run inside an ellipsoid."""
    origin = (start - center) @ turn / half_mm
    along = ways @ turn / half_mm
    a, b, c = (along**2).sum(-1), along @ origin, float(origin @ origin) - 1
    return np.asarray(2 * np.sqrt(np.maximum(b * b - a * c, 0)) / a)
