"""Which way the axes of a file point."""

from __future__ import annotations

import numpy as np

from DeepMedLib.errors import BadInput

AXES = {
    "LPS": np.diag([-1.0, -1.0, 1.0]),
    "RAS": np.eye(3),
    "CARTO": np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]),
}
"""Name of a convention -> (3, 3) that takes its coordinates to RAS.

CARTO's is (x, y, z) -> (-x, z, y), as users have observed it; the maker documents none, so that it is to be confirmed
by eye or by registration. All three are rotations: none mirrors the heart.
"""


def to_ras(points: np.ndarray, axes: str) -> np.ndarray:
    """(N, 3) mm in RAS of coordinates in a convention of `AXES`.

    Raises:
        BadInput: there is no such convention.
    """
    if axes not in AXES:
        raise BadInput(f"There are no axes called '{axes}'.", f"Choose one of: {', '.join(AXES)}.")
    return np.asarray(points, float).reshape(-1, 3) @ AXES[axes].T
