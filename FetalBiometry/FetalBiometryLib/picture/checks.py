"""Is this a picture that a measurement can be trusted on? Cheap tests that run before any network sees it."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from DeepMedLib.errors import BadInput
from DeepMedLib.picture_files import to_grey

SMALLEST_SIDE = 64
LARGEST_PIXELS = 64_000_000
BLANK_DEVIATION = 3.0  # grey levels
NOISE_CORRELATION = 0.25  # between neighbours, after removing slow changes; ultrasound stills: 0.51 to 0.78
COLORED_SHARE = 0.01  # of the inner picture


def check_size(height: int, width: int) -> None:
    """Raises:
    BadInput: a side has fewer than 64 pixels, or the picture more than 64 million.
    """
    if min(height, width) < SMALLEST_SIDE:
        raise BadInput(
            f"The picture has only {width} x {height} pixels.",
            f"Give the full-size ultrasound picture, at least {SMALLEST_SIDE} pixels on each side.",
        )
    if height * width > LARGEST_PIXELS:
        raise BadInput(
            f"The picture has {width} x {height} pixels, far more than an ultrasound screen.",
            "Give the original screen picture.",
        )


def to_uint8(array: np.ndarray) -> tuple[np.ndarray, str]:
    """Numbers of any kind -> uint8 of the same shape, and a note when their range was changed.

    Values already within 0..255 are kept; others are stretched so that the picture's own range fills 0..255.

    Raises:
        BadInput: the numbers are complex, not numbers at all, or NaN or infinite somewhere.
    """
    array = np.asarray(array)
    if array.dtype == np.uint8:
        return array, ""
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255), ""
    if array.dtype.kind not in "iuf":
        raise BadInput("The picture does not hold plain grey or color values.", "Export it as PNG, JPEG or DICOM.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise BadInput("The picture holds values that are not numbers (NaN or infinite).", "Export the picture again.")
    if array.size == 0:
        raise BadInput("The picture is empty.", "Export the picture again.")
    low, high = float(array.min()), float(array.max())
    if low >= 0 and 1 < high <= 255:
        return np.rint(array).astype(np.uint8), ""
    if high <= low:
        return np.zeros(array.shape, np.uint8), ""
    stretched = (array.astype(np.float64) - low) * (255.0 / (high - low))
    return np.rint(stretched).astype(np.uint8), f"Grey values {low:g} to {high:g} were rescaled to 0 to 255."


def neighbour_correlation(grey: np.ndarray) -> float:
    """Correlation of neighbouring pixels (the smaller of the two directions) after removing slow changes.

    About 0 for independent noise; ultrasound is blurred by its beam, so that neighbours agree.
    """
    fine = grey.astype(np.float32)
    fine = fine - ndimage.gaussian_filter(fine, 3)
    found = []
    for a, b in ((fine[:, 1:], fine[:, :-1]), (fine[1:], fine[:-1])):
        power = float(np.sqrt((a * a).mean() * (b * b).mean()))
        found.append(float((a * b).mean()) / power if power > 0 else 0.0)
    return min(found)


def color_share(pixels: np.ndarray) -> float:
    """Share of the inner picture (without the outer tenth on each side) covered by patches of saturated color.

    Thin things (calipers, text, lines) do not count. A picture shown in one tint all over (sepia, blue) counts as grey.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.
    """
    if pixels.ndim == 2:
        return 0.0
    height, width = pixels.shape[:2]
    inner = pixels[height // 10 : height - height // 10, width // 10 : width - width // 10].astype(np.int16)
    high = inner.max(2)
    chroma = high - inner.min(2)
    colored = (chroma > 48) & (high > 64)
    if not colored.any() or _is_tint(inner, high, chroma):
        return 0.0
    size = max(3, round(0.008 * min(height, width)))
    return float(ndimage.binary_opening(colored, np.ones((size, size), bool)).mean())


def _is_tint(inner: np.ndarray, high: np.ndarray, chroma: np.ndarray) -> bool:
    """One hue on nearly everything that is bright."""
    bright = high > 64
    hued = bright & (chroma > 12)
    if hued.sum() < 0.85 * bright.sum():
        return False
    r, g, b = (inner[..., i][hued].astype(np.float32) for i in range(3))
    hue = np.arctan2(math.sqrt(3) * (g - b), 2 * r - g - b)
    return bool(np.hypot(np.cos(hue).mean(), np.sin(hue).mean()) > 0.95)


def check_content(pixels: np.ndarray) -> float:
    """Look at the picture itself.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.

    Returns:
        The share of saturated color, see `color_share`.

    Raises:
        BadInput: it is blank, noise, a color Doppler picture, or too small.
    """
    check_size(*pixels.shape[:2])
    grey = to_grey(pixels)
    if float(grey.std()) < BLANK_DEVIATION:
        raise BadInput("The picture is blank: it has hardly any contrast.", "Choose a frame that shows the fetus.")
    if neighbour_correlation(grey) < NOISE_CORRELATION:
        raise BadInput(
            "The picture looks like noise, not like an ultrasound picture.", "Check that the right file was chosen."
        )
    share = color_share(pixels)
    if share > COLORED_SHARE:
        raise BadInput(
            f"The picture holds color ({100 * share:.0f} % of it), as in color Doppler.",
            "Choose a grey frame without Doppler or elastography colors.",
        )
    return share
