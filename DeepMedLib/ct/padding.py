"""Border slices that hold one value only: padding, and not anatomy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.geometry import Grid

_WORLD = (("left", "right"), ("posterior", "anterior"), ("inferior", "superior"))


@dataclass(frozen=True)
class Padding:
    """Constant slices at the six faces of an array.

    Attributes:
        low: numbers of them before the first slice with content along k, j, i.
        high: numbers after the last.
    """

    low: tuple[int, int, int] = (0, 0, 0)
    high: tuple[int, int, int] = (0, 0, 0)

    @property
    def any(self) -> bool:
        """Whether there is padding on any face."""
        return any(self.low) or any(self.high)

    def content(self, shape: tuple[int, ...]) -> tuple[slice, slice, slice]:
        """The box (k, j, i) inside the padding."""
        ranges = [slice(low, size - high) for low, high, size in zip(self.low, self.high, shape[:3], strict=True)]
        return ranges[0], ranges[1], ranges[2]

    def by_side(self, grid: Grid) -> dict[str, int]:
        """Numbers of padded slices by anatomical side, only those above 0."""
        counts = {}
        for axis in range(3):
            for count, end in ((self.low[axis], 0), (self.high[axis], 1)):
                if count:
                    counts[side_name(grid, axis, end)] = count
        return counts


def side_name(grid: Grid, axis: int, end: int) -> str:
    """Anatomical side of a face: "left", "right", "posterior", "anterior", "inferior" or "superior".

    Args:
        axis: of the array: 0 = k, 1 = j, 2 = i.
        end: 0 for the first slice, 1 for the last.
    """
    turned = grid.canonical()
    world = turned.axes.index(2 - axis)
    return _WORLD[world][end != turned.flipped[world]]


def find_padding(array: np.ndarray) -> Padding:
    """Constant border slices of an array (k, j, i); none where the whole array is constant."""
    low, high = [0, 0, 0], [0, 0, 0]
    for axis in range(3):
        size = array.shape[axis]
        while low[axis] < size and _constant(array, axis, low[axis]):
            low[axis] += 1
        if low[axis] == size:
            return Padding()
        while _constant(array, axis, size - 1 - high[axis]):
            high[axis] += 1
    return Padding((low[0], low[1], low[2]), (high[0], high[1], high[2]))


def _constant(array: np.ndarray, axis: int, index: int) -> bool:
    plane = array[(slice(None),) * axis + (index,)]
    first = plane.flat[0]
    # Most planes differ somewhere on a coarse lattice, which is quick to see.
    return bool((plane[::16, ::16] == first).all() and (plane == first).all())
