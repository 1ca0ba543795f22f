"""How large a pixel is: what is possible, and what two clicks on a known length tell."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from DeepMedLib.errors import BadInput

CLICK_SD_PX = 0.7
"""Standard deviation of one click along the line, in pixels."""
_CLOSEST_PX = 20


def check_pixel_size(x: float, y: float, smallest: float, largest: float, where: str) -> None:
    """Both sides of a pixel in mm against what can be.

    Args:
        where: ends the sentence, e.g. "a head film".

    Raises:
        BadInput: a side is not finite or not between ``smallest`` and ``largest``.
    """
    for value in (x, y):
        if not math.isfinite(value) or not smallest <= value <= largest:
            raise BadInput(
                f"A pixel size of {value:g} mm is not possible in {where}.",
                f"Give a number between {smallest:g} and {largest:g} mm per pixel.",
            )


def mm_between_clicks(
    p: Sequence[float] | np.ndarray,
    q: Sequence[float] | np.ndarray,
    length: float,
    aspect: float = 1.0,
    click_sd_px: float = CLICK_SD_PX,
) -> tuple[float, float]:
    """A pixel's width in mm from two clicks (x, y) on a known length, and its standard uncertainty as a share of it.

    Args:
        length: what lies between the clicks, in mm.
        aspect: height of a pixel over its width.
        click_sd_px: standard deviation of one click along the line, in pixels.

    Raises:
        BadInput: the clicks are closer than 20 pixels, or the length is not a positive number.
    """
    points = np.asarray([p, q], float)
    if not np.isfinite(points).all():
        raise BadInput("The two clicks are not inside the picture.", "Click again on both ends of the known length.")
    if not (math.isfinite(length) and length > 0):
        raise BadInput(f"A known length of {length:g} mm is not possible.", "Give a length above 0 mm.")
    dx, dy = points[1] - points[0]
    distance = math.hypot(dx, dy * aspect)
    if distance < _CLOSEST_PX:
        raise BadInput(
            "The two clicks are too close together to set a scale.",
            f"Click on points at least {_CLOSEST_PX} pixels apart.",
        )
    return length / distance, math.sqrt(2) * click_sd_px / distance
