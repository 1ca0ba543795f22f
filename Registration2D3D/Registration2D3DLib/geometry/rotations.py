"""Rotations as matrices, vectors (axis times angle in radians) and angles (numpy alone)."""

from __future__ import annotations

import math

import numpy as np


def matrix_of(vector: np.ndarray) -> np.ndarray:
    """3x3 rotation by a vector (3,): about its direction by its length in radians (Rodrigues)."""
    vector = np.asarray(vector, float)
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3) + _cross(vector)
    axis = _cross(vector / angle)
    return np.eye(3) + math.sin(angle) * axis + (1 - math.cos(angle)) * axis @ axis


def vector_of(matrix: np.ndarray) -> np.ndarray:
    """(3,) vector of a rotation matrix; its length is at most pi."""
    skew = np.array([matrix[2, 1] - matrix[1, 2], matrix[0, 2] - matrix[2, 0], matrix[1, 0] - matrix[0, 1]]) / 2
    sine, cosine = float(np.linalg.norm(skew)), (float(np.trace(matrix)) - 1) / 2
    angle = math.atan2(sine, cosine)
    if sine > 1e-7:
        return np.asarray(skew * angle / sine)
    if cosine > 0:
        return skew
    # Half a turn: the axis is the column of (R + 1) with the greatest length.
    column = max((matrix + np.eye(3)).T, key=lambda each: float(np.linalg.norm(each)))
    return np.asarray(column / np.linalg.norm(column) * angle)


def angle_of(matrix: np.ndarray) -> float:
    """Radians of a rotation matrix."""
    return float(np.linalg.norm(vector_of(matrix)))


def about(axis: int, degrees: float) -> np.ndarray:
    """3x3 rotation about the x, y or z axis (0, 1, 2)."""
    return matrix_of(np.radians(degrees) * np.eye(3)[axis])


def _cross(vector: np.ndarray) -> np.ndarray:
    x, y, z = vector
    return np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]], float)
