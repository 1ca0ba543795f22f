"""A coarser, canonical copy of a CT on which masks find their topology quickly, and the way back.

The full volume is only read through views; nothing here makes a second copy of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.geometry import Grid, Reorientation, to_sitk
from DeepMedLib.resampling import linear_on

WORKING_MM = 2.9
"""No axis is made coarser than this (mm); one that is already coarser stays as it is."""
LOWEST = -1024
"""HU; what scanners write outside their field of view (-2000, -3024) is raised to this: air."""
HIGHEST = 3071
"""HU; the top of the 12 bit scale, so that metal does not spread into the blocks around it."""


@dataclass(frozen=True, eq=False)
class Working:
    """The coarse copy.

    Attributes:
        values: int16 (k, j, i) block means in HU, axes towards R, A, S, between LOWEST and HIGHEST.
        grid: where they lie.
        factors: voxels of the source per block, along k, j, i of the canonical orientation.
        reorientation: from the source's axes to the canonical ones.
    """

    values: np.ndarray
    grid: Grid
    factors: tuple[int, int, int]
    reorientation: Reorientation

    @property
    def spacing(self) -> tuple[float, float, float]:
        """mm along k, j, i."""
        i, j, k = self.grid.spacing
        return float(k), float(j), float(i)

    def millilitres(self, voxels: float) -> float:
        """Volume of so many coarse voxels."""
        return float(voxels) * self.grid.voxel_volume / 1000


def canonical_view(array: np.ndarray, reorientation: Reorientation) -> np.ndarray:
    """The array (k, j, i) with its axes towards S, A, R: a view, which also may be written to."""
    order = tuple(2 - axis for axis in reversed(reorientation.axes))
    flips = tuple(2 - new for new, flip in enumerate(reorientation.flipped) if flip)
    return np.flip(array.transpose(order), flips)


def make_working(array: np.ndarray, grid: Grid, limit_mm: float = WORKING_MM) -> Working:
    """Block means of a CT.

    Args:
        array: (k, j, i) HU, integers or floats.
        grid: where it lies.
        limit_mm: no axis gets coarser than this unless it was.

    Raises:
        BadInput: the array does not lie on the grid.
    """
    grid.check_array(array)
    reorientation = grid.canonical()
    target = reorientation.target
    view = canonical_view(array, reorientation)
    factors_ijk = np.maximum(1, np.floor(limit_mm / target.spacing + 1e-6)).astype(int)
    fk, fj, fi = (int(factor) for factor in factors_ijk[::-1])
    slabs = []
    for start in range(0, view.shape[0], fk):
        slab = np.clip(view[start : start + fk], LOWEST, HIGHEST)
        total = slab.sum(axis=0, dtype=np.float32) / slab.shape[0]
        slabs.append(_block_means(_block_means(total, fi, 1), fj, 0))
    values = np.rint(np.stack(slabs)).astype(np.int16)
    matrix = target.ijk_to_ras.copy()
    matrix[:3, :3] = matrix[:3, :3] * factors_ijk
    matrix[:3, 3] = target.ijk_points_to_ras((factors_ijk - 1) / 2)
    shape = (values.shape[0], values.shape[1], values.shape[2])
    return Working(values, Grid(matrix, shape), (fk, fj, fi), reorientation)


def to_fine(field: np.ndarray, working: Working, start: tuple[int, int, int], stop: tuple[int, int, int]) -> np.ndarray:
    """A field of the coarse grid, interpolated linearly to a box of the fine canonical grid.

    Args:
        field: float32 (k, j, i) on the coarse grid.
        working: the coarse grid.
        start: first fine voxel (k, j, i).
        stop: one past the last.

    Returns:
        float32 of the box's shape; the border values go on outside the outermost centres.
    """
    import SimpleITK as sitk

    padded = np.pad(field, 1, mode="edge")
    shape = working.grid.shape_kji
    outer = working.grid.cropped((-1, -1, -1), (shape[0] + 1, shape[1] + 1, shape[2] + 1))
    # Axis-parallel frames of their own: the real directions would only cost time.
    scale = np.array(working.factors[::-1], float)
    plain = Grid.from_parts(scale, (scale - 1) / 2 - scale, np.eye(3), outer.shape_kji)
    size = (stop[0] - start[0], stop[1] - start[1], stop[2] - start[2])
    box = Grid.from_parts(np.ones(3), np.array(start[::-1], float), np.eye(3), size)
    return linear_on(to_sitk(padded, plain), box, sitk.sitkFloat32)


def nearest_index(working: Working, axis: int, start: int, stop: int) -> np.ndarray:
    """Coarse index along an axis (0 = k) of the fine voxels ``start`` to ``stop``."""
    return np.minimum(np.arange(start, stop) // working.factors[axis], working.values.shape[axis] - 1)


def fine_shape(working: Working) -> tuple[int, int, int]:
    """Shape (k, j, i) of the fine canonical grid."""
    return working.reorientation.target.shape_kji


def _block_means(plane: np.ndarray, factor: int, axis: int) -> np.ndarray:
    if factor == 1:
        return plane
    starts = np.arange(0, plane.shape[axis], factor)
    counts = np.minimum(factor, plane.shape[axis] - starts).astype(np.float32)
    sums = np.add.reduceat(plane, starts, axis=axis)
    return sums / (counts[:, None] if axis == 0 else counts[None, :])
