"""One axial slice as the network wants it: soft-tissue window, the body's box filling a square of fixed size."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

SIDE = 64
"""Pixels of the square that the network looks at."""

WINDOW_HU = (-175.0, 275.0)
"""Window that becomes 0..255; as the slices with known order were published."""

_FLOOR = 34  # -115 HU: scans are often stored clipped at -125 HU, and then their air would look like tissue

_MARGIN = 0.06  # of the body's longer side, so that skin never touches the frame
_LEAST_BODY = 0.01  # share of the slice below which there is no body to look at


def windowed(hu: np.ndarray) -> np.ndarray:
    """uint8 picture of Hounsfield values in `WINDOW_HU`, any shape."""
    low, high = WINDOW_HU
    return np.clip((hu.astype(np.float32) - low) * (255.0 / (high - low)), 0, 255).astype(np.uint8)


def body_box(picture: np.ndarray) -> tuple[int, int, int, int] | None:
    """(first row, end row, first column, end column) of the body in a windowed slice; None when there is none.

    The body is the largest connected part after thin things (table, clothes, tubes) are opened away.

    Args:
        picture: (H, W) uint8 as `windowed` makes it.
    """
    step = max(1, round(max(picture.shape) / 128))
    small = picture[::step, ::step] > _FLOOR
    # Lungs are filled first: the chest wall beside them can be thin enough to be opened away.
    opened = ndimage.binary_opening(ndimage.binary_fill_holes(small), iterations=2)
    labels, count = ndimage.label(opened)
    if count == 0:
        return None
    sizes = np.bincount(labels.ravel())[1:]
    if sizes.max() < _LEAST_BODY * small.size:
        return None
    # Legs and arms are parts of their own: every part of a fair size counts.
    keep = np.flatnonzero(sizes >= 0.25 * sizes.max()) + 1
    rows, columns = np.nonzero(np.isin(labels, keep))
    height, width = picture.shape
    return (
        int(rows.min()) * step,
        min(height, (int(rows.max()) + 1) * step),
        int(columns.min()) * step,
        min(width, (int(columns.max()) + 1) * step),
    )


def slice_picture(picture: np.ndarray, aspect: float = 1.0, side: int = SIDE) -> np.ndarray | None:
    """(side, side) uint8: the body's box, centred in a square, air and clipped fat 0; None when there is no body.

    Args:
        picture: (H, W) uint8 windowed slice, front of the patient at the top, the patient's right at the left.
        aspect: height of a pixel over its width.
        side: pixels of the result.
    """
    box = body_box(picture)
    if box is None:
        return None
    top, bottom, left, right = box
    centre_row, centre_column = 0.5 * (top + bottom - 1), 0.5 * (left + right - 1)
    extent = (1 + 2 * _MARGIN) * max((bottom - top) * aspect, right - left)  # in widths of a pixel
    step = extent / side
    offsets = (np.arange(side) - 0.5 * (side - 1)) * step
    rows, columns = centre_row + offsets / aspect, centre_column + offsets
    smoothing = [max(0.0, 0.4 * (step / aspect - 1)), max(0.0, 0.4 * (step - 1))]
    soft = ndimage.gaussian_filter(picture.astype(np.float32), smoothing) if max(smoothing) > 0 else picture
    grid = np.meshgrid(rows, columns, indexing="ij")
    out = ndimage.map_coordinates(np.asarray(soft, np.float32), grid, order=1, mode="constant", cval=0.0)
    return np.clip(np.rint((out - _FLOOR) * (255.0 / (255 - _FLOOR))), 0, 255).astype(np.uint8)
