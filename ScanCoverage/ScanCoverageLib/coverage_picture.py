"""The coronal view with the colored bar beside it, and slices with the patches that told (Pillow for the text)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ScanCoverageLib.axial import AxialStack
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
_TEXT_COLOR = (225, 225, 225)
_LEAST_TELLING = 0.2  # patches that say less are left grey
_BAR, _GAP, _TEXT = 28, 8, 130
LARGEST = 520


def coronal_view(stack: AxialStack, largest: int = LARGEST) -> tuple[np.ndarray, float]:
    """A projection from the front: mean and near-maximum over the middle depth, as a radiograph would look.

    Args:
        largest: pixels of its height and width at most.

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
    mm = max(extent / largest, view.shape[1] * stack.pixel_mm / largest, 0.4)
    size = max(2, round(extent / mm)), max(2, round(view.shape[1] * stack.pixel_mm / mm))
    view = ndimage.zoom(view, (size[0] / view.shape[0], size[1] / view.shape[1]), order=1)
    top = max(float(np.percentile(view, 99.5)), 1.0)
    return np.clip(view * (235.0 / top), 0, 255).astype(np.uint8), mm


def region_bar(readings: list[SliceReading], height: int, width: int = _BAR) -> np.ndarray:
    """(height, width, 3) uint8: each slice in its region's color, darker where the answer is unsure."""
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


def coronal_outline(stack: AxialStack, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) bool: the outline of a mask as the coronal view shows it.

    Args:
        stack: of the mask: dark outside, bright inside.
        shape: of the view.
    """
    from scipy import ndimage

    shadow = np.array([picture.max(axis=0) > 127 for picture in stack.slices])
    rows = np.arange(shape[0]) * len(shadow) // shape[0]
    columns = np.arange(shape[1]) * shadow.shape[1] // shape[1]
    wide = shadow[np.ix_(rows, columns)]
    return np.asarray(wide & ~ndimage.binary_erosion(wide, iterations=2, border_value=1))


def coverage_picture(
    view: np.ndarray,
    readings: list[SliceReading],
    unread: str = "no body",
    outlines: Sequence[tuple[np.ndarray, tuple[int, int, int]]] = (),
) -> np.ndarray:
    """(H, W, 3) uint8: coronal view, bar, the regions' names, and the position where they begin and end.

    Args:
        view: as `coronal_view`.
        readings: every slice from head to feet.
        unread: stands beside slices without a position.
        outlines: (H, W) bool, each with its color.
    """
    from PIL import Image, ImageDraw, ImageFont

    height, width = view.shape
    canvas = np.zeros((height, width + _GAP + _BAR + _TEXT, 3), np.uint8)
    canvas[:, :width] = view[..., None]
    for outline, color in outlines:
        canvas[:, :width][outline] = color
    canvas[:, width + _GAP : width + _GAP + _BAR] = region_bar(readings, height)
    image = Image.fromarray(canvas)
    draw = ImageDraw.Draw(image)
    large, small = ImageFont.load_default(size=16), ImageFont.load_default(size=12)
    for place, letter in ((6, "R"), (width - 16, "L")):
        draw.text((place, 4), letter, fill=_TEXT_COLOR, font=large)
    n = len(readings)
    left = width + _GAP + _BAR + 8
    free = -1  # first row that no text has taken yet
    for first, last in runs(readings):
        region = readings[first].region
        top, bottom = first * height // n, (last + 1) * height // n
        if first > 0:
            draw.line([(0, top), (width + _GAP + _BAR, top)], fill=(200, 200, 200), width=1)
        middle = (top + bottom) // 2 - 16
        if bottom - top < 14 or middle < free:
            continue
        if region and bottom - top >= 34:
            span = f"{readings[first].position:.0f} to {readings[last].position:.0f}"
            draw.text((left, middle + 18), span, fill=_TEXT_COLOR, font=small)
        name, color = (region, REGION_COLORS[region]) if region else (unread, _TEXT_COLOR)
        draw.text((left, middle), name, fill=color, font=large)
        free = middle + 34
    return np.asarray(image)


def runs(readings: list[SliceReading]) -> list[tuple[int, int]]:
    """First and last index of each stretch of slices with the same region."""
    starts = [k for k, reading in enumerate(readings) if k == 0 or reading.region != readings[k - 1].region]
    return [(first, last - 1) for first, last in zip(starts, [*starts[1:], len(readings)], strict=True)]


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
    from scipy import ndimage

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
