"""Pictures as the fine network sees them: soft-tissue window, 2.5 mm a pixel."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

PIXEL_MM = 2.5
WINDOW_HU = (-125.0, 275.0)
"""Becomes 0..255. Much of what the networks learned from was stored cut off at these values."""
NOMINAL_WIDTH_MM = 310.0
"""Width of a body whose pixels have no known size (the mean of the training scans)."""


def windowed(hu: np.ndarray) -> np.ndarray:
    """uint8 of Hounsfield values, any shape."""
    low, high = WINDOW_HU
    return np.clip((hu.astype(np.float32) - low) * (255.0 / (high - low)) + 0.5, 0, 255).astype(np.uint8)


def resized(pictures: np.ndarray, size: tuple[int, int], labels: bool = False) -> np.ndarray:
    """(n, H, W) uint8 pictures resized to ``size`` over the same extent: averaged, or nearest for labels."""
    x = torch.from_numpy(pictures.astype(np.float32))[:, None]
    if labels:
        return F.interpolate(x, size, mode="nearest-exact")[:, 0].byte().numpy()
    x = F.interpolate(x, size, mode="bilinear", antialias=True, align_corners=False)
    return x[:, 0].add(0.5).clamp(0, 255).byte().numpy()


def working_size(
    shape: tuple[int, int], spacing_mm: tuple[float, float], pixel_mm: float = PIXEL_MM
) -> tuple[int, int]:
    """Rows and columns of a picture at ``pixel_mm``; spacing of rows and of columns in mm."""
    return (
        max(8, round(shape[0] * spacing_mm[0] / pixel_mm)),
        max(8, round(shape[1] * spacing_mm[1] / pixel_mm)),
    )


def tissue_box(picture: np.ndarray) -> tuple[int, int, int, int]:
    """(first row, end row, first column, end column) of what is no air and no table in an 8-bit slice of any window.

    In a narrow window fat is black and the body falls apart into muscles, bones and organs: every part counts that is
    more than a line, but for a table: long, flat and hollow. The whole picture where there is none.

    Args:
        picture: (H, W) uint8.
    """
    step = max(1, round(max(picture.shape) / 128))
    small = ndimage.uniform_filter(picture, step)[::step, ::step]
    border = np.concatenate((small[0], small[-1], small[:, 0], small[:, -1]))
    # The border of a disc-shaped field may be grey; in a crop it is tissue.
    floor = max(20.0, float(np.percentile(border, 75)) + 8.0)
    opened = ndimage.binary_opening(ndimage.binary_fill_holes(small > (floor if floor < 90 else 20.0)))
    labels, count = ndimage.label(opened)
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    keep = [
        number
        for number, part in enumerate(ndimage.find_objects(labels), 1)
        if sizes[number - 1] >= 0.003 * small.size and not _is_table(part, int(sizes[number - 1]), small.shape)
    ]
    if not keep:
        return 0, picture.shape[0], 0, picture.shape[1]
    rows, columns = np.nonzero(np.isin(labels, keep))
    return (
        int(rows.min()) * step,
        min(picture.shape[0], (int(rows.max()) + 1) * step),
        int(columns.min()) * step,
        min(picture.shape[1], (int(columns.max()) + 1) * step),
    )


def _is_table(part: tuple[slice, slice], size: int, shape: tuple[int, int]) -> bool:
    """Whether a part is long, flat and does not fill its box; pictures may lie on their side."""
    sides = (part[0].stop - part[0].start, part[1].stop - part[1].start)
    shares = sides[0] / shape[0], sides[1] / shape[1]
    return min(shares) < 0.3 and max(shares) > 0.4 and size < 0.55 * sides[0] * sides[1]
