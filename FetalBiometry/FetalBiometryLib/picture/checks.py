"""Is this a picture that a measurement can be trusted on? Cheap tests that run before any network sees it."""

from __future__ import annotations

import math

import numpy as np
from scipy import ndimage

from DeepMedLib.errors import BadInput
from DeepMedLib.picture.grey import to_grey

BLANK_DEVIATION = 3.0  # grey levels
NOISE_CORRELATION = 0.25  # between neighbours, after removing slow changes; ultrasound stills: 0.51 to 0.78
NOISE_TAILS = 4.0  # `tails` of even noise: 3, at most 4; of 532 ultrasound stills: at least 4.8
COLORED_SHARE = 0.01  # of the inner picture
DARK_CHROMA, DARK_SATURATION = 24, 0.45  # grey levels between channels, and as a share of the highest


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


def tails(grey: np.ndarray) -> float:
    """Kurtosis of the picture's detail of some ten pixels (of a picture 800 pixels long).

    3 for noise of any grain that is the same all over; echoes and dark fluid stand out more.
    """
    scale = 4 * max(1.0, max(grey.shape) / 800)
    fine = ndimage.gaussian_filter(grey.astype(np.float32), scale)
    fine -= ndimage.gaussian_filter(fine, np.sqrt(3) * scale)
    power = np.square(fine - fine.mean())
    return float(np.square(power).mean() / max(float(power.mean()) ** 2, 1e-12))


def color_share(pixels: np.ndarray) -> float:
    """Share of the inner picture (without the outer tenth on each side) covered by patches of saturated color.

    Thin things (calipers, text, lines) do not count. A picture shown in one tint all over (sepia, blue) counts as grey,
    and so does a dark colored background that reaches the picture's edge. Weak flow is dark, but as saturated as any.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.
    """
    if pixels.ndim == 2:
        return 0.0
    height, width = pixels.shape[:2]
    inner = slice(height // 10, height - height // 10), slice(width // 10, width - width // 10)
    high = pixels.max(2).astype(np.int16)
    chroma = high - pixels.min(2)
    bright = (chroma > 48) & (high > 64)
    dark = (chroma > DARK_CHROMA) & (chroma > DARK_SATURATION * high) & (high <= 64)
    colored = (bright | (dark & ~_reaches_edge(dark)))[inner]
    if not colored.any() or _is_tint(pixels[inner].astype(np.int16), high[inner], chroma[inner]):
        return 0.0
    size = max(3, round(0.008 * min(height, width)))
    return float(ndimage.binary_opening(colored, np.ones((size, size), bool)).mean())


def _reaches_edge(mask: np.ndarray) -> np.ndarray:
    """Those parts of a mask that touch the picture's edge."""
    labels, _count = ndimage.label(mask)
    edge = np.unique(np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1])))
    return np.isin(labels, edge[edge > 0])


def _is_tint(inner: np.ndarray, high: np.ndarray, chroma: np.ndarray) -> bool:
    """One hue on nearly everything that is bright."""
    bright = high > 64
    hued = bright & (chroma > 12)
    if hued.sum() < 0.85 * bright.sum():
        return False
    r, g, b = (inner[..., i][hued].astype(np.float32) for i in range(3))
    hue = np.arctan2(math.sqrt(3) * (g - b), 2 * r - g - b)
    return bool(np.hypot(np.cos(hue).mean(), np.sin(hue).mean()) > 0.95)


def check_content(pixels: np.ndarray) -> None:
    """Look at the picture itself.

    Args:
        pixels: (H, W) or (H, W, 3) uint8.

    Raises:
        BadInput: it is blank, noise, or a color Doppler picture.
    """
    grey = to_grey(pixels)
    if float(grey.std()) < BLANK_DEVIATION:
        raise BadInput("The picture is blank: it has hardly any contrast.", "Choose a frame that shows the fetus.")
    if neighbour_correlation(grey) < NOISE_CORRELATION or tails(grey) < NOISE_TAILS:
        raise BadInput(
            "The picture looks like noise, not like an ultrasound picture.", "Check that the right file was chosen."
        )
    share = color_share(pixels)
    if share > COLORED_SHARE:
        raise BadInput(
            f"The picture holds color ({100 * share:.0f} % of it), as in color Doppler.",
            "Choose a grey frame without Doppler or elastography colors.",
        )
