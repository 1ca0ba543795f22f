"""How far a pose is from the true one, at the object (Miao, Wang, Liao, IEEE TMI 2016)."""

from __future__ import annotations

import itertools

import numpy as np

from DeepMedLib.geometry import transform_points
from Registration2D3DLib.geometry.rotations import angle_of

HALF_MM = 60.0


def targets(center: np.ndarray, size_mm: np.ndarray) -> np.ndarray:
    """(8, 3) corners of the box about the center (3,) with half sides min(size / 2, 60 mm), RAS mm."""
    half = np.minimum(np.asarray(size_mm, float) / 2, HALF_MM)
    return np.asarray(center, float) + np.array(list(itertools.product((-1, 1), repeat=3))) * half


def mean_error_mm(found: np.ndarray, true: np.ndarray, points: np.ndarray) -> float:
    """mTRE: mean distance (mm) of points (n, 3) under two poses (4x4, to world)."""
    return float(np.linalg.norm(transform_points(found, points) - transform_points(true, points), axis=1).mean())


def projected_error_mm(found: np.ndarray, true: np.ndarray, points: np.ndarray, source: np.ndarray) -> float:
    """mTREproj: the same without each error's part along the line from the source (3,) to the points' center."""
    error = transform_points(found, points) - transform_points(true, points)
    line = transform_points(true, points.mean(0)) - np.asarray(source, float)
    line = line / np.linalg.norm(line)
    return float(np.linalg.norm(error - np.outer(error @ line, line), axis=1).mean())


def parts_of_error(
    found: np.ndarray, true: np.ndarray, center: np.ndarray, source: np.ndarray
) -> tuple[float, float, float]:
    """The center's error (3,) across the line from the source (3,), mm, along it (farther positive), and degrees."""
    error = transform_points(found, center) - transform_points(true, center)
    line = transform_points(true, center) - np.asarray(source, float)
    line = line / np.linalg.norm(line)
    depth = float(error @ line)
    turn = float(np.degrees(angle_of(found[:3, :3] @ true[:3, :3].T)))
    return float(np.linalg.norm(error - depth * line)), depth, turn
