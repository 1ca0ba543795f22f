"""Slices of a CT with the outlines of its organs, and their names (Pillow for the text)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.working import canonical_view
from DeepMedLib.geometry import Grid
from PancreasSegLib.organs import BY_KEY, BY_LABEL

WINDOW_HU = (-125.0, 275.0)
_LEGEND = 18  # pixels of a line of text


def organs_picture(values: np.ndarray, labels: np.ndarray, grid: Grid, width: int = 1000) -> np.ndarray:
    """(H, W, 3) uint8: four axial slices through the organs from head to feet, two in a row, and a legend below.

    Front of the patient at the top, the patient's right at the left. The first organ that was found, the pancreas
    before all others, decides where the slices lie.

    Args:
        values: (k, j, i) HU.
        labels: (k, j, i) uint8 with the ids of `ORGANS`.
        grid: where both lie.
        width: pixels of the picture, about; coarse scans are enlarged to it.
    """
    change = grid.canonical()
    hu = canonical_view(values, change)[:, ::-1, ::-1]
    shown = canonical_view(labels, change)[:, ::-1, ::-1]
    dx, dy, _ = (float(value) for value in change.target.spacing)
    step = 2 * hu.shape[2] * dx / width  # mm of a pixel
    tiles = [_tile(hu[k], shown[k], (dy / step, dx / step)) for k in _places(shown)]
    found = [BY_LABEL[int(label)].key for label in np.unique(shown) if int(label) in BY_LABEL]
    return np.vstack([np.hstack(tiles[:2]), np.hstack(tiles[2:]), _legend(found, 2 * tiles[0].shape[1])])


def slice_overlay(picture: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: an 8-bit slice picture (H, W) with the outlines of its labels (H, W)."""
    return _tile_of(picture, labels)


def _places(shown: np.ndarray) -> list[int]:
    """Four slices, from head to feet, within the organ that matters most."""
    areas = np.zeros(len(shown), int)
    for key in BY_KEY:
        areas = np.array([int((plane == BY_KEY[key].label).sum()) for plane in shown])
        if areas.any():
            break
    inside = np.flatnonzero(areas) if areas.any() else np.arange(len(shown))
    return [int(inside[round(share * (len(inside) - 1))]) for share in (0.8, 0.6, 0.4, 0.2)]


def _tile(hu: np.ndarray, labels: np.ndarray, zoom: tuple[float, float]) -> np.ndarray:
    low, high = WINDOW_HU
    grey = np.clip((hu.astype(np.float32) - low) * (255 / (high - low)), 0, 255)
    grey = np.clip(ndimage.zoom(grey, zoom, order=1), 0, 255).astype(np.uint8)
    return _tile_of(grey, ndimage.zoom(labels, zoom, order=0))


def _tile_of(grey: np.ndarray, labels: np.ndarray) -> np.ndarray:
    out = np.repeat(grey[..., None], 3, axis=-1)
    for label in np.unique(labels):
        if int(label) in BY_LABEL:
            mask = labels == label
            color = np.array(BY_LABEL[int(label)].color)
            out[mask] = (0.75 * out[mask] + 0.25 * color).astype(np.uint8)
            out[mask & ~ndimage.binary_erosion(mask)] = color
    return out


def _legend(keys: Sequence[str], width: int) -> np.ndarray:
    from PIL import Image, ImageDraw, ImageFont

    columns = max(1, width // 150)
    rows = max(1, -(-len(keys) // columns))
    image = Image.new("RGB", (width, rows * _LEGEND + 6), (0, 0, 0))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size=13)
    for number, key in enumerate(keys):
        x, y = (number % columns) * 150 + 6, (number // columns) * _LEGEND + 3
        draw.rectangle((x, y + 3, x + 10, y + 13), fill=BY_KEY[key].color)
        draw.text((x + 16, y), BY_KEY[key].name, fill=(225, 225, 225), font=font)
    return np.asarray(image)
