"""Points of an object around which pictures are compared: on strong edges and apart, chosen without a user."""

from __future__ import annotations

import numpy as np

from Registration2D3DLib.rendering.volume import Volume

COUNT, ROWS = 16, 4
_ACROSS = 40  # voxels on the longest side in which edges are looked for
_CANDIDATES = 600


def landmarks_of(volume: Volume) -> np.ndarray:
    """(16, 3) RAS mm of the object: greedily the strongest edges that are farthest from those already taken."""
    extent = float((np.array(volume.grid.size_ijk) * volume.grid.spacing).max())
    coarse = volume.coarser(extent / _ACROSS)
    strength = coarse.channels[0, 1:].norm(dim=0).cpu().numpy()
    order = np.argsort(-strength.ravel(), kind="stable")[:_CANDIDATES]
    k, j, i = np.unravel_index(order, strength.shape)
    points = coarse.grid.ijk_points_to_ras(np.stack([i, j, k], 1).astype(float))
    worth = np.sqrt(strength.ravel()[order] / max(float(strength.max()), 1e-12))
    taken = [0]
    apart = np.linalg.norm(points - points[0], axis=1)
    while len(taken) < COUNT:
        taken.append(int(np.argmax(apart * worth)))
        apart = np.minimum(apart, np.linalg.norm(points - points[taken[-1]], axis=1))
    return np.asarray(points[taken])


def in_slots(points: np.ndarray) -> np.ndarray:
    """(16,) order of points (16, 3) of a camera's frame: four columns from left to right, each from top to bottom.

    Streams with own weights need landmarks of different objects in like places.
    """
    by_column = np.argsort(points[:, 0], kind="stable").reshape(-1, ROWS)
    return np.concatenate([column[np.argsort(points[column, 1], kind="stable")] for column in by_column])
