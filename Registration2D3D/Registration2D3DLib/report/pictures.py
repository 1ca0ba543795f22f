"""X-ray and DRR in one picture: blended, in a checkerboard, and with the DRR's edges on the X-ray (numpy, scipy)."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_gradient_magnitude, zoom

EDGE = (255, 190, 60)
_BLEND = np.array([[0.25, 1.0, 1.0], [1.0, 0.55, 0.2]])
"""Colors of X-ray and DRR; where both are bright the sum is white."""
_SQUARES = 8
_EDGES = 0.93  # share of the DRR's pixels that are no edge


def shown(picture: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(h, w) uint8: a picture of any size and range in another size, from its 1st to its 99th percentile."""
    factors = (shape[0] / picture.shape[0], shape[1] / picture.shape[1])
    resized = zoom(np.asarray(picture, float), factors, order=1, mode="nearest", grid_mode=True)
    low, high = np.percentile(resized, [1, 99])
    return np.asarray(np.rint(255 * np.clip((resized - low) / max(high - low, 1e-9), 0, 1)), np.uint8)


def blend(xray: np.ndarray, drr: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8: the X-ray in blue-green, the DRR in orange; white where both agree."""
    both = xray[..., None] * _BLEND[0] + drr[..., None] * _BLEND[1]
    return np.asarray(np.clip(both * 0.8, 0, 255), np.uint8)


def checkerboard(xray: np.ndarray, drr: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8: squares of the X-ray and of the DRR by turns."""
    side = max(4, min(xray.shape) // _SQUARES)
    rows, columns = np.indices(xray.shape) // side
    return np.repeat(np.where((rows + columns) % 2 == 0, xray, drr)[..., None], 3, 2).astype(np.uint8)


def edges(xray: np.ndarray, drr: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8: the X-ray with the steepest lines of the DRR."""
    sigma = max(1.0, min(drr.shape) / 256)
    steep = gaussian_gradient_magnitude(drr.astype(float), sigma)
    # Beside the neighborhood's own steepness, so that the skin does not drown the bones.
    steep = steep / (gaussian_filter(steep, 12 * sigma) + 0.02 * steep.max() + 1e-9)
    limit = float(np.quantile(steep, _EDGES))
    out = np.repeat(xray[..., None], 3, 2)
    out[steep > max(limit, 1e-6)] = EDGE
    return out
