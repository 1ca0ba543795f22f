"""Axial slices of a volume of any orientation, as a radiologist looks at them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.ct.regions.slice_picture import windowed
from DeepMedLib.geometry import Grid

_STEP_MM = 3.0  # slices nearer than this show the same
_PIXEL_MM = 2.2  # finer pixels are averaged up to this: the network sees about 6 mm


@dataclass(frozen=True)
class AxialStack:
    """Windowed slices from head to feet.

    Attributes:
        slices: each (H, W) uint8, front at the top, the patient's right at the left.
        index: (n,) of each in the volume as given, along `axis`.
        axis: array axis (0 k, 1 j, 2 i) of the volume that runs along the patient.
        mm: (n,) towards the feet from the uppermost slice of the volume.
        z_mm: (n,) superior coordinate (RAS) of each slice's middle.
        aspect: pixel height over width.
        pixel_mm: pixel width.
        all_mm, all_z_mm, all_index: the same for every slice of the volume.
    """

    slices: list[np.ndarray]
    index: np.ndarray
    axis: int
    mm: np.ndarray
    z_mm: np.ndarray
    aspect: float
    pixel_mm: float
    all_mm: np.ndarray
    all_z_mm: np.ndarray
    all_index: np.ndarray


def axial_stack(array: np.ndarray, grid: Grid, step_mm: float = _STEP_MM, pixel_mm: float = _PIXEL_MM) -> AxialStack:
    """Slices at least ``step_mm`` apart, without copying the whole volume.

    Args:
        array: (k, j, i) HU.
        grid: where it lies; any orientation, oblique ones are taken along their nearest axes.
        pixel_mm: pixels up to half as wide are averaged.
    """
    change = grid.canonical()
    upright = change.target
    order = [2 - old for old in change.axes]  # array axes of the new i, j, k
    view = np.transpose(array, (order[2], order[1], order[0]))
    # The canonical axes run to R, A, S; a slice is shown from the front, the right and the head.
    for axis, flipped in enumerate((change.flipped[2], change.flipped[1], change.flipped[0])):
        if not flipped:
            view = np.flip(view, axis)
    count, height, width = view.shape
    spacing = upright.spacing
    every = max(1, int(np.floor(step_mm / spacing[2] + 1e-6)))
    chosen = np.arange(0, count, every)
    if count - 1 - chosen[-1] >= every / 2:
        chosen = np.append(chosen, count - 1)
    factor_rows = max(1, int(pixel_mm // spacing[1]))
    factor_columns = max(1, int(pixel_mm // spacing[0]))
    slices = [_averaged(windowed(view[number]), factor_rows, factor_columns) for number in chosen]
    numbers = np.arange(count)
    middle = np.stack(
        [np.full(count, (width - 1) / 2), np.full(count, (height - 1) / 2), (count - 1 - numbers).astype(float)], axis=1
    )
    z_mm = upright.ijk_points_to_ras(middle)[:, 2]
    index = numbers if change.flipped[2] else count - 1 - numbers
    mm = numbers * float(spacing[2])
    width_mm = float(spacing[0] * factor_columns)
    aspect = float(spacing[1] * factor_rows / width_mm)
    return AxialStack(slices, index[chosen], order[2], mm[chosen], z_mm[chosen], aspect, width_mm, mm, z_mm, index)


def _averaged(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    if rows == columns == 1:
        return picture
    height, width = picture.shape[0] // rows * rows, picture.shape[1] // columns * columns
    blocks = picture[:height, :width].reshape(height // rows, rows, width // columns, columns)
    return np.rint(blocks.mean(axis=(1, 3), dtype=np.float32)).astype(np.uint8)
