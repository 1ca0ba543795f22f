"""Views of a nodule as its networks see them (numpy, scipy).

Arrays are ordered x, y, z with a spacing in mm; in plane a view's rows run along y, its columns along x.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import map_coordinates


def scaled(hu: np.ndarray) -> np.ndarray:
    """HU as the outlining network sees them: -1000..400 as 0..1, going on to 1000 HU."""
    return ((np.clip(hu, -1000.0, 1000.0) + 1000.0) / 1400.0).astype(np.float32)


def slice_view(
    volume: np.ndarray,
    spacing: Sequence[float] | np.ndarray,
    center: Sequence[float] | np.ndarray,
    z: float,
    offsets_mm: Sequence[float],
    side: int,
    spacing_mm: float,
    order: int = 1,
) -> np.ndarray:
    """Axial pictures about a point, on a fixed grid in mm; the border is repeated outside the volume.

    Args:
        volume: (x, y, z).
        spacing: mm of its voxels.
        center: voxel coordinates (x, y) of the views' middle; a third one is ignored.
        z: voxel coordinate of the middle slice.
        offsets_mm: of the slices from it.

    Returns:
        (slices, side, side) float32, rows along y.
    """
    steps = (np.arange(side) - (side - 1) / 2) * spacing_mm
    x = center[0] + steps / spacing[0]
    y = center[1] + steps / spacing[1]
    zs = z + np.asarray(offsets_mm, dtype=float) / spacing[2]
    grid_z, grid_y, grid_x = np.meshgrid(zs, y, x, indexing="ij")
    found = map_coordinates(volume, [grid_x, grid_y, grid_z], np.float32, order=order, mode="nearest")
    return np.asarray(found, np.float32)


def distances(side: int, spacing_mm: float, dx_mm: float, dy_mm: float, dz_mm: float) -> np.ndarray:
    """(side, side) distance in mm of a view's pixels from a mark that lies (dx, dy, dz) mm off the view's middle."""
    steps = (np.arange(side) - (side - 1) / 2) * spacing_mm
    squared = (steps[None, :] - dx_mm) ** 2 + (steps[:, None] - dy_mm) ** 2 + dz_mm**2
    return np.sqrt(squared).astype(np.float32)
