"""The coronal view with the colored bar beside it, and slices with the patches that told (Pillow for the text)."""

from __future__ import annotations

import numpy as np

from ScanCoverageLib.axial import AxialStack
from ScanCoverageLib.position import REGIONS
from ScanCoverageLib.reading import SliceReading

REGION_COLORS = {
    "neck": (214, 120, 196),
    "chest": (86, 180, 233),
    "abdomen": (240, 190, 60),
    "pelvis": (0, 158, 115),
    "thigh": (213, 94, 0),
}
"""Distinct also for color-blind eyes (after Okabe and Ito)."""

_UNSEEN = (70, 70, 70)
_BAR, _GAP, _TEXT = 26, 8, 150
_HEIGHT = 520


def coronal_view(stack: AxialStack) -> tuple[np.ndarray, float]:
    """A projection from the front: mean and near-maximum over the middle depth, as a radiograph would look.

    Returns:
        (H, W) uint8 with square pixels, rows from head to feet; and mm per pixel.
    """
    from scipy import ndimage

    rows = []
    for picture in stack.slices:
        height = picture.shape[0]
        middle = picture[int(0.2 * height) : max(int(0.8 * height), 1)].astype(np.float32)
        rows.append(0.55 * middle.mean(0) + 0.45 * np.percentile(middle[::2], 95, axis=0))
    view = np.array(rows)
    between = float(np.median(np.diff(stack.all_mm))) if len(stack.all_mm) > 1 else 1.0
    extent = float(stack.all_mm[-1] - stack.all_mm[0]) + between
    mm = max(extent / _HEIGHT, 0.4)
    size = max(2, round(extent / mm)), max(2, round(view.shape[1] * stack.pixel_mm / mm))
    view = ndimage.zoom(view, (size[0] / view.shape[0], size[1] / view.shape[1]), order=1)
    top = max(float(np.percentile(view, 99.5)), 1.0)
    return np.clip(view * (235.0 / top), 0, 255).astype(np.uint8), mm


def region_bar(readings: list[SliceReading], height: int, width: int = _BAR) -> np.ndarray:
    """(height, width, 3) uint8: each slice in its region's color, paler where the answer is unsure."""
    bar = np.zeros((height, width, 3), np.uint8)
    n = len(readings)
    for row in range(height):
        reading = readings[min(n - 1, row * n // height)]
        if reading.position is None or reading.probability is None:
            bar[row] = _UNSEEN
            continue
        strength = np.clip((reading.probability - 0.4) / 0.5, 0.25, 1)
        bar[row] = np.rint(np.array(REGION_COLORS[reading.region]) * strength + 40 * (1 - strength))
    return bar


def coverage_picture(view: np.ndarray, readings: list[SliceReading]) -> np.ndarray:
    """(H, W, 3) uint8: coronal view, bar, and the regions' names where each begins.

    Args:
        view: as `coronal_view`.
        readings: every slice from head to feet.
    """
    from PIL import Image, ImageDraw, ImageFont

    height, width = view.shape
    canvas = np.zeros((height, width + _GAP + _BAR + _TEXT, 3), np.uint8)
    canvas[:, :width] = view[..., None]
    canvas[:, width + _GAP : width + _GAP + _BAR] = region_bar(readings, height)
    image = Image.fromarray(canvas)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=15)
    n = len(readings)
    for region in REGIONS:
        rows = [index for index, reading in enumerate(readings) if reading.region == region]
        if not rows:
            continue
        first, last = rows[0] * height // n, (rows[-1] + 1) * height // n
        if last - first >= 14:
            place = (width + _GAP + _BAR + 8, (first + last) // 2 - 9)
            draw.text(place, region, fill=REGION_COLORS[region], font=font)
        if rows[0] > 0:
            draw.line([(0, first), (width + _GAP + _BAR, first)], fill=(200, 200, 200), width=1)
    return np.asarray(image)


def telling_picture(pictures: np.ndarray, telling: np.ndarray, columns: int = 6) -> np.ndarray:
    """(H, W, 3) uint8: slices with their telling patches in warm color.

    Args:
        pictures: (n, S, S) uint8 as the network saw them.
        telling: (n, h, w) 0..1.
    """
    from scipy import ndimage

    tiles = []
    for picture, patches in zip(pictures, telling, strict=True):
        side = 2 * picture.shape[0]
        grey = np.kron(picture, np.ones((2, 2), np.uint8)).astype(np.float32)
        scale = (side / patches.shape[0], side / patches.shape[1])
        heat = np.clip(ndimage.zoom(patches.astype(np.float32), scale, order=1), 0, 1)[..., None]
        color = np.concatenate([np.full_like(heat, 255), 200 * (1 - heat), 40 * (1 - heat)], axis=2)
        tiles.append((grey[..., None] * (1 - 0.55 * heat) + color * 0.55 * heat).astype(np.uint8))
    while len(tiles) % columns:
        tiles.append(np.zeros_like(tiles[0]))
    rows = [np.concatenate(tiles[start : start + columns], axis=1) for start in range(0, len(tiles), columns)]
    return np.concatenate(rows, axis=0)
