"""Where in the lungs a nodule lies, in words."""

from __future__ import annotations

import numpy as np


def location(lungs: np.ndarray, voxel: np.ndarray, spacing: np.ndarray, z_up: bool = True) -> str:
    """E.g. "right lung, upper third, near the pleura".

    Thirds are of the lung's height on the scan, not lobes: a scan does not show the fissures well enough here.

    Args:
        lungs: (x, y, z) uint8, 1 right, 2 left.
        voxel: (3,) voxel coordinates.
        spacing: (3,) mm.
        z_up: whether z runs to the head.
    """
    place = np.clip(np.rint(voxel).astype(int), 0, np.array(lungs.shape) - 1)
    reach = np.ceil(15.0 / spacing).astype(int)
    low, high = np.maximum(place - reach, 0), place + reach + 1
    near = lungs[low[0] : high[0], low[1] : high[1], low[2] : high[2]]
    counts = np.bincount(near.ravel(), minlength=3)[1:3]
    if not counts.any():
        return "outside of the lungs"
    side = int(np.argmax(counts)) + 1
    own = lungs == side
    rows = np.flatnonzero(own.any(axis=(0, 1)))
    share = (place[2] - rows[0]) / max(1, rows[-1] - rows[0])
    share = share if z_up else 1 - share
    third = "lower" if share < 1 / 3 else "middle" if share < 2 / 3 else "upper"
    name = "right" if side == 1 else "left"
    return f"{name} lung, {third} third"
