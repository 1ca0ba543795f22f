"""Volumes of segmented structures with their uncertainty: where the edge of a mask lies is known to part of a voxel.

The error of a volume is its surface times the error of its edge. Measured against drawn trunks (1 to 8 mm slices, noise
12 HU) and the labels of another program on a chest, 14 lungs in all: edges were off by 0.37 mm (root mean
square, most of it the lung's vessels and the closing at the hilum), at most 0.61 mm. Airways that were followed, on
four drawn trees: 0.17 mm, at most 0.31 mm. What a mask leaves out as a whole (a lobe full of fluid, a branch that was
not followed) is not in these numbers.
"""

from __future__ import annotations

import numpy as np

from DeepMedLib.geometry import Grid

LUNG_EDGE_MM = 0.37
"""Standard uncertainty of a lung's edge."""
AIRWAY_EDGE_MM = 0.17
"""Standard uncertainty of an airway's edge."""
_STAIRCASE = 2 / 3
"""Area of a smooth surface over that of the voxel faces along it, on average over its directions."""


def surfaces_mm2(labels: np.ndarray, grid: Grid, most: int) -> np.ndarray:
    """Area of each label's surface, (most + 1,) mm2; faces on the border of the scan do not count.

    Args:
        labels: (k, j, i) whole numbers from 0 to `most`.
        grid: where they lie.
    """
    di, dj, dk = (float(step) for step in grid.spacing)
    faces = np.zeros((3, most + 1))
    before = None
    for plane in labels:
        for axis in (0, 1):
            faces[axis] += _between(np.moveaxis(plane, axis, 0)[1:], np.moveaxis(plane, axis, 0)[:-1], most)
        if before is not None:
            faces[2] += _between(plane, before, most)
        before = plane
    return np.asarray(_STAIRCASE * (faces[0] * di * dk + faces[1] * dj * dk + faces[2] * di * dj))


def volume_sd_ml(surface_mm2: float, edge_mm: float) -> float:
    """Standard uncertainty of a volume in ml from that of its edge."""
    return surface_mm2 * edge_mm / 1000


def _between(one: np.ndarray, other: np.ndarray, most: int) -> np.ndarray:
    """Faces of each label between neighbors."""
    apart = one != other
    sides = np.concatenate([one[apart], other[apart]])
    return np.bincount(sides, minlength=most + 1)
