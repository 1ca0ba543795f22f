"""Exact line integrals through voxels of constant attenuation (Siddon, Med Phys 1985), numpy alone.

The shipped renderer interpolates between voxel centers on slices; this one cuts each ray at the voxels' faces. Pictures
for figures come from here, so that a registration is never judged by the renderer that it uses itself.
"""

from __future__ import annotations

import numpy as np

from DeepMedLib.geometry import Grid, transform_points
from Registration2D3DLib.geometry.view import View


def siddon(mu: np.ndarray, grid: Grid, view: View, pose: np.ndarray, rows_at_once: int = 16) -> np.ndarray:
    """(height, width) line integrals of attenuation (k, j, i) in 1/mm.

    Args:
        pose: 4x4, object to world, RAS mm.
    """
    to_ijk = grid.ras_to_ijk @ np.linalg.inv(pose)
    start = transform_points(to_ijk, view.source)
    size = np.array(grid.size_ijk)
    flat = np.ascontiguousarray(mu, np.float32).ravel()
    out = np.zeros((view.height, view.width), np.float32)
    columns = np.arange(view.width)
    for first in range(0, view.height, rows_at_once):
        rows = np.arange(first, min(first + rows_at_once, view.height))
        pixels = np.stack(np.meshgrid(columns, rows), -1).reshape(-1, 2).astype(float)
        ways = view.directions(pixels)
        ways /= np.linalg.norm(ways, axis=1, keepdims=True)
        way = ways @ to_ijk[:3, :3].T
        way = np.where(np.abs(way) < 1e-9, 1e-9, way)
        low, high = (-0.5 - start) / way, (size - 0.5 - start) / way
        enter = np.maximum(np.minimum(low, high).max(1), 0)
        leave = np.maximum(low, high).min(1)
        hit = np.flatnonzero(leave > enter)
        if not len(hit):
            continue
        way, enter, leave = way[hit], enter[hit, None], leave[hit, None]
        crossings = [(np.arange(size[a] + 1) - 0.5 - start[a]) / way[:, a, None] for a in range(3)]
        cuts = np.sort(np.clip(np.concatenate([*crossings, enter, leave], 1), enter, leave), 1)
        lengths, middles = np.diff(cuts, axis=1), (cuts[:, 1:] + cuts[:, :-1]) / 2
        index = np.zeros(middles.shape, np.int64)
        for a, stride in ((0, 1), (1, size[0]), (2, size[0] * size[1])):
            index += np.clip(np.rint(start[a] + middles * way[:, a, None]).astype(np.int64), 0, size[a] - 1) * stride
        out[rows[0] + hit // view.width, hit % view.width] = (flat[index] * lengths).sum(1)
    return out
