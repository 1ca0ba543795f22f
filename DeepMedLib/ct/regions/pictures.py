"""A scan seen from the front, and slices with the patches that a network looked at (Pillow for the text)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.regions.axial import AxialStack

LARGEST = 520
"""Pixels of a view in reports."""
_TEXT_COLOR = (225, 225, 225)
_LEAST_TELLING = 0.2  # patches that say less are left grey


def coronal_view(stack: AxialStack, largest: int = LARGEST) -> tuple[np.ndarray, float]:
    """A projection from the front: mean and near-maximum over the middle depth, as a radiograph would look.

    Args:
        largest: pixels of its height and width at most.

    Returns:
        (H, W) uint8 with square pixels, rows from head to feet; and mm per pixel.
    """
    rows = []
    for picture in stack.slices:
        height = picture.shape[0]
        middle = picture[int(0.2 * height) : max(int(0.8 * height), 1)].astype(np.float32)
        rows.append(0.55 * middle.mean(0) + 0.45 * np.percentile(middle[::2], 95, axis=0))
    view = np.array(rows)
    between = float(np.median(np.diff(stack.all_mm))) if len(stack.all_mm) > 1 else 1.0
    extent = float(stack.all_mm[-1] - stack.all_mm[0]) + between
    mm = max(extent / largest, view.shape[1] * stack.pixel_mm / largest, 0.4)
    size = max(2, round(extent / mm)), max(2, round(view.shape[1] * stack.pixel_mm / mm))
    view = ndimage.zoom(view, (size[0] / view.shape[0], size[1] / view.shape[1]), order=1)
    top = max(float(np.percentile(view, 99.5)), 1.0)
    return np.clip(view * (235.0 / top), 0, 255).astype(np.uint8), mm


def coronal_outline(stack: AxialStack, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) bool: the outline of a mask as the coronal view shows it.

    Args:
        stack: of the mask: dark outside, bright inside.
        shape: of the view.
    """
    shadow = np.array([picture.max(axis=0) > 127 for picture in stack.slices])
    rows = np.arange(shape[0]) * len(shadow) // shape[0]
    columns = np.arange(shape[1]) * shadow.shape[1] // shape[1]
    wide = shadow[np.ix_(rows, columns)]
    return np.asarray(wide & ~ndimage.binary_erosion(wide, iterations=2, border_value=1))


def telling_picture(
    pictures: np.ndarray, telling: np.ndarray, position: np.ndarray | None = None, columns: int = 4
) -> np.ndarray:
    """(H, W, 3) uint8: slices with their telling patches from yellow to red, and the position read from each.

    Args:
        pictures: (n, S, S) uint8 as the network saw them.
        telling: (n, h, w) 0..1.
        position: (n,) written into the corners.
    """
    from PIL import Image, ImageDraw, ImageFont

    side = 192
    tiles = []
    for number, (picture, patches) in enumerate(zip(pictures, telling, strict=True)):
        grey = np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC), np.float32)
        scale = (side / patches.shape[0], side / patches.shape[1])
        heat = ndimage.zoom(patches.astype(np.float32), scale, order=1, mode="nearest", grid_mode=True)
        heat = np.clip((np.clip(heat, 0, 1) - _LEAST_TELLING) / (1 - _LEAST_TELLING), 0, 1)[..., None]
        color = np.concatenate([np.full_like(heat, 255), 220 - 170 * heat, 40 + 0 * heat], axis=2)
        strength = 0.45 * np.sqrt(heat)
        tile = Image.fromarray((grey[..., None] * (1 - strength) + color * strength).astype(np.uint8))
        if position is not None:
            font = ImageFont.load_default(size=14)
            ImageDraw.Draw(tile).text((6, 4), f"{position[number]:.0f}", fill=_TEXT_COLOR, font=font)
        tiles.append(np.asarray(tile))
    while len(tiles) % columns or not tiles:
        tiles.append(np.zeros((side, side, 3), np.uint8))
    rows = [np.concatenate(tiles[start : start + columns], axis=1) for start in range(0, len(tiles), columns)]
    return np.concatenate(rows, axis=0)
