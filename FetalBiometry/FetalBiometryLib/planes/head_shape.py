"""From a head probability map to a sub-pixel ellipse, and how far repeated ellipses spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from FetalBiometryLib.planes.ellipse import Ellipse, fit_ellipse


@dataclass(frozen=True)
class ShapeFit:
    """An ellipse and how well it describes its map.

    Attributes:
        ellipse: in the map's pixels.
        residual: RMS distance of the map's border from the ellipse, as a share of the mean radius.
        certainty: mean of |2 p - 1| inside a band about the outline's inside, 0..1; low for hesitant maps.
        share: share of the map's area that the head covers.
    """

    ellipse: Ellipse
    residual: float
    certainty: float
    share: float


def main_component(probability: np.ndarray) -> np.ndarray:
    """(H, W) bool: the largest connected region above 0.5, holes filled; empty when there is none."""
    labels, count = ndimage.label(probability > 0.5)
    if count == 0:
        return np.zeros(probability.shape, bool)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    return ndimage.binary_fill_holes(labels == int(sizes.argmax()))


def border_points(probability: np.ndarray, region: np.ndarray, level: float = 0.5) -> np.ndarray:
    """Points (n, 2) as (x, y) where the map crosses ``level`` along rows and columns at the border of ``region``.

    Linear interpolation between neighbouring pixels: the same points that marching squares gives.
    """
    points = []
    for axis in (0, 1):
        first = np.take(region, range(region.shape[axis] - 1), axis)
        second = np.take(region, range(1, region.shape[axis]), axis)
        p = np.take(probability, range(region.shape[axis] - 1), axis)
        q = np.take(probability, range(1, region.shape[axis]), axis)
        crossing = (first != second) & ((p - level) * (q - level) < 0)
        row, column = np.nonzero(crossing)
        t = (level - p[crossing]) / (q[crossing] - p[crossing])
        points.append(np.column_stack((column, row + t) if axis == 0 else (column + t, row)))
    return np.concatenate(points)


def fit_head(probability: np.ndarray, bounds: tuple[float, float, float, float] | None = None) -> ShapeFit | None:
    """Ellipse of the largest region of a probability map; None when there is no region to speak of.

    Args:
        probability: (H, W).
        bounds: left, top, right, bottom of the picture inside the map; the map itself when None.
    """
    region = main_component(probability)
    if region.sum() < 0.004 * region.size:
        return None
    points = border_points(probability, region)
    # The picture's own edge is not a border of the head.
    height, width = probability.shape
    left, top, right, bottom = bounds or (0.0, 0.0, width - 1.0, height - 1.0)
    points = points[(points > [left + 1, top + 1]).all(1) & (points < [right - 1, bottom - 1]).all(1)]
    try:
        ellipse = _robust_fit(points)
    except ValueError:
        return None
    distance = ellipse.radial_distance(points) / np.sqrt(ellipse.a * ellipse.b)
    certainty = float(np.abs(2 * probability[region] - 1).mean())
    return ShapeFit(ellipse, float(np.sqrt(np.mean(distance**2))), certainty, float(region.mean()))


def _robust_fit(points: np.ndarray) -> Ellipse:
    """Least squares, then once more without points far from the first ellipse (notches, shadows)."""
    ellipse = fit_ellipse(points)
    for _ in range(2):
        distance = np.abs(ellipse.radial_distance(points))
        limit = max(1.0, 3 * 1.4826 * float(np.median(distance)))
        kept = points[distance < limit]
        if len(kept) < 20 or len(kept) == len(points):
            break
        ellipse = fit_ellipse(kept)
    return ellipse


def relative_spread(ellipses: list[Ellipse]) -> dict[str, float]:
    """Standard deviation over mean of HC, BPD and OFD among repeated ellipses."""
    numbers = np.array([[e.perimeter, 2 * e.b, 2 * e.a] for e in ellipses])
    spread = numbers.std(0) / numbers.mean(0)
    return dict(zip(("HC", "BPD", "OFD"), spread.tolist(), strict=True))
