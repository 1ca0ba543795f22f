"""Rigid poses: 4x4 matrices in RAS mm, and small motions of six numbers about a center."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from DeepMedLib.errors import BadInput
from Registration2D3DLib.geometry.rotations import matrix_of, vector_of

_REMEDY = 'Give {"matrix_ras": [[...4 numbers...] x 4]}, a rotation and a shift in mm.'
_RIGID = 1e-3


def motion(turn_rad: np.ndarray, shift_mm: np.ndarray, center: np.ndarray) -> np.ndarray:
    """4x4: turn about a center by a rotation vector (3,) in radians, then shift by (3,) mm; all in world axes."""
    matrix = np.eye(4)
    matrix[:3, :3] = matrix_of(turn_rad)
    center = np.asarray(center, float)
    matrix[:3, 3] = center - matrix[:3, :3] @ center + shift_mm
    return matrix


def parameters_of(matrix: np.ndarray, center: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotation vector (3,) in radians and shift (3,) in mm of a motion about a center; `motion` undone."""
    turn = vector_of(matrix[:3, :3])
    center = np.asarray(center, float)
    return turn, matrix[:3, 3] - center + matrix[:3, :3] @ center


def rigid(matrix: np.ndarray) -> np.ndarray:
    """A matrix that was given as a pose, with its rounding errors taken out.

    Raises:
        BadInput: it is not 4x4 or not finite, or it scales, shears or mirrors.
    """
    matrix = np.array(matrix, float)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all() or not np.allclose(matrix[3], [0, 0, 0, 1]):
        raise BadInput("The start pose is not a finite 4x4 matrix with the last row 0 0 0 1.", _REMEDY)
    turn = matrix[:3, :3]
    if np.linalg.det(turn) < 0:
        raise BadInput("The start pose mirrors the object.", "Give a rotation and a shift; flip the film instead.")
    if not np.allclose(turn @ turn.T, np.eye(3), atol=_RIGID):
        raise BadInput("The start pose scales or shears the object.", _REMEDY)
    u, _s, vt = np.linalg.svd(turn)
    matrix[:3, :3] = u @ vt
    return matrix


def pose_from_dict(record: Mapping[str, Any]) -> np.ndarray:
    """Read init.json.

    Raises:
        BadInput: it holds no rigid ``matrix_ras``.
    """
    if "matrix_ras" not in record:
        raise BadInput("The start pose has no matrix_ras.", _REMEDY)
    try:
        return rigid(np.array(record["matrix_ras"], float))
    except (TypeError, ValueError) as error:
        raise BadInput("The start pose holds something that is no number.", _REMEDY) from error
