"""A CT in the order in which nodules are looked at: x, y, z towards R, A, S, without a copy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.ct.working import canonical_view
from DeepMedLib.geometry import Grid, Reorientation


@dataclass(frozen=True, eq=False)
class AxialScan:
    """A CT whose third axis runs from the feet to the head.

    Attributes:
        hu: (x, y, z) HU, a view of the scan's array.
        grid: of that view: its ijk are x, y, z.
        reorientation: from the scan's own grid.
    """

    hu: np.ndarray
    grid: Grid
    reorientation: Reorientation

    @classmethod
    def of(cls, array: np.ndarray, grid: Grid) -> AxialScan:
        """From an array (k, j, i) on its grid, in any orientation.

        Raises:
            BadInput: the array does not lie on the grid.
        """
        grid.check_array(array)
        turn = grid.canonical()
        return cls(canonical_view(array, turn).transpose(2, 1, 0), turn.target, turn)

    @property
    def spacing(self) -> np.ndarray:
        """(3,) mm along x, y, z."""
        return self.grid.spacing

    def turned(self, array: np.ndarray) -> np.ndarray:
        """Another array of the scan's own grid (k, j, i) in this order: a view."""
        return canonical_view(array, self.reorientation).transpose(2, 1, 0)

    def ras(self, xyz: np.ndarray) -> np.ndarray:
        """Voxel coordinates (..., 3) in RAS mm."""
        return self.grid.ijk_points_to_ras(np.asarray(xyz, float))

    def xyz(self, ras: np.ndarray) -> np.ndarray:
        """RAS mm (..., 3) in voxel coordinates."""
        return self.grid.ras_points_to_ijk(np.asarray(ras, float))


def crop(volume: np.ndarray, center: np.ndarray, half: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A contiguous box about a voxel coordinate, cut at the volume's ends, and the (3,) voxel it begins at."""
    low = np.maximum(np.floor(center - half).astype(int), 0)
    high = np.minimum(np.ceil(center + half).astype(int) + 1, volume.shape)
    low = np.minimum(low, np.array(volume.shape) - 1)
    high = np.maximum(high, low + 1)
    box = tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return np.ascontiguousarray(volume[box]), low
