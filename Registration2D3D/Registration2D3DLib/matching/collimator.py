"""What of an X-ray shows nothing: beyond a collimator's edge pixels are alike although the object should be there."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation, binary_erosion, label, maximum_filter, minimum_filter

_ALIKE = 0.02  # of the picture's range
_SHARE = 0.02  # of the picture; smaller even regions are no collimator
_COVERED = 0.25  # of an even region that the object should cover
_MARGIN = 0.012  # of the picture's larger side, beside the edge


def seen_part(pixels: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """(h, w) bool: where the picture shows what lies before the detector.

    Args:
        pixels: (h, w) float.
        expected: (h, w) bool, where the object should be seen.
    """
    low, high = np.percentile(pixels, [0.5, 99.5])
    even = maximum_filter(pixels, 3) - minimum_filter(pixels, 3) <= _ALIKE * max(high - low, 1e-9)
    even = binary_erosion(even, iterations=2, border_value=1)
    regions, _count = label(even)
    hidden = np.zeros(pixels.shape, bool)
    at_border = np.unique(np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]]))
    for number in at_border[at_border > 0]:
        region = regions == number
        if region.mean() >= _SHARE and expected[region].mean() >= _COVERED:
            hidden |= region
    if not hidden.any():
        return np.ones(pixels.shape, bool)
    margin = max(3, round(_MARGIN * max(pixels.shape)))
    return np.asarray(~binary_dilation(hidden, iterations=margin + 2))
