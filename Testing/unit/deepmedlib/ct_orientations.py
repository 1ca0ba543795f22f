"""The same voxels in all 48 orders and directions of the axes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from DeepMedLib.geometry import Grid

ALL_48 = list(itertools.product(itertools.permutations(range(3)), itertools.product((False, True), repeat=3)))


def turned(array: np.ndarray, grid: Grid, axes: tuple[int, ...], flips: tuple[bool, ...]) -> tuple[np.ndarray, Grid]:
    """The array (k, j, i) with its axes in another order and direction, and the grid on which it shows the same."""
    other = np.flip(array.transpose(axes), [axis for axis in range(3) if flips[axis]])
    step = np.zeros((4, 4))
    step[3, 3] = 1
    for new, old in enumerate(axes):
        # Array axis 0 is k, which is column 2 of the matrix.
        step[2 - old, 2 - new] = -1 if flips[new] else 1
        if flips[new]:
            step[2 - old, 3] = array.shape[old] - 1
    shape = (other.shape[0], other.shape[1], other.shape[2])
    return np.ascontiguousarray(other), Grid(grid.ijk_to_ras @ step, shape)


def all_turned(array: np.ndarray, grid: Grid) -> Iterator[tuple[np.ndarray, Grid]]:
    """All 48."""
    for axes, flips in ALL_48:
        yield turned(array, grid, axes, flips)
