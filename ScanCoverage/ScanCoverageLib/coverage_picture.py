"""The view from the front with the colored bar of regions beside it (Pillow for the text)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from DeepMedLib.ct.regions.verdicts import SliceReading

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
_BAR, _GAP, _TEXT = 28, 8, 130
BESIDE = _GAP + _BAR + _TEXT
"""Pixels that bar and text take beside the view."""


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


def coverage_picture(
    view: np.ndarray,
    readings: list[SliceReading],
    unread: str = "no body",
    outlines: Sequence[tuple[np.ndarray, tuple[int, int, int]]] = (),
) -> np.ndarray:
    """(H, W, 3) uint8: coronal view, bar, the regions' names, and the slices where they begin and end.

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
            span = f"slices {readings[first].index} to {readings[last].index}"
            draw.text((left, middle + 18), span, fill=_TEXT_COLOR, font=small)
        name, color = (region, REGION_COLORS[region]) if region else (unread, _TEXT_COLOR)
        draw.text((left, middle), name, fill=color, font=large)
        free = middle + 34
    return np.asarray(image)


def runs(readings: list[SliceReading]) -> list[tuple[int, int]]:
    """First and last index of each stretch of slices with the same region."""
    starts = [k for k, reading in enumerate(readings) if k == 0 or reading.region != readings[k - 1].region]
    return [(first, last - 1) for first, last in zip(starts, [*starts[1:], len(readings)], strict=True)]
