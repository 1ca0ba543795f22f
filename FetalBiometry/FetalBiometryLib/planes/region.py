"""From the probability maps of a region to a sub-pixel ellipse, and how far the looks at a picture spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from FetalBiometryLib.planes.ellipse import Ellipse, fit_ellipse
from FetalBiometryLib.planes.framing import Frame

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class ShapeFit:
    """An ellipse and how well it describes its map.

    Attributes:
        ellipse: in the map's pixels.
        residual: RMS distance of the map's border from the ellipse, as a share of the mean radius.
        certainty: mean of |2 p - 1| inside the region, 0..1; low for hesitant maps.
        share: share of the map's area that the region covers.
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


def heaviest_region(probability: np.ndarray) -> np.ndarray:
    """The map (H, W) with all regions above 0.5 set to 0 but the one that holds most probability."""
    labels, count = ndimage.label(probability > 0.5)
    if count < 2:
        return probability
    mass = ndimage.sum_labels(probability, labels, np.arange(1, count + 1))
    return np.where((labels == 0) | (labels == 1 + int(np.argmax(mass))), probability, 0.0).astype(probability.dtype)


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


def fit_shape(probability: np.ndarray, bounds: Bounds | None = None) -> ShapeFit | None:
    """Ellipse of the largest region of a probability map; None when there is no region to speak of.

    Args:
        probability: (H, W).
        bounds: left, top, right, bottom of the picture inside the map; the map itself when None.
    """
    region = main_component(probability)
    if region.sum() < 0.004 * region.size:
        return None
    points = border_points(probability, region)
    # The picture's own edge is not a border of the region.
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


@dataclass(frozen=True)
class RegionFit:
    """The ellipse of one region.

    Attributes:
        ellipse: in picture pixels, from the mean map.
        shape: of the mean map, in canvas pixels; steadier than any single look.
        each: the ellipses of single looks, in canvas pixels.
        looks: how many looks there were.
    """

    ellipse: Ellipse
    shape: ShapeFit
    each: tuple[Ellipse, ...]
    looks: int

    @property
    def seen(self) -> float:
        """Share of the looks that found the region."""
        return len(self.each) / self.looks

    def spread(self, of: str = "perimeter") -> float:
        """Standard deviation over mean of an attribute of the looks' ellipses."""
        values = np.array([getattr(e, of) for e in self.each])
        return float(values.std() / values.mean())

    def cues(self, prefix: str = "") -> dict[str, float]:
        """The raw cues, for `Finding.details`."""
        return {
            f"{prefix}looks": float(len(self.each)),
            f"{prefix}spread": self.spread(),
            f"{prefix}residual": self.shape.residual,
            f"{prefix}certainty": self.shape.certainty,
            f"{prefix}share": self.shape.share,
            f"{prefix}shape": self.ellipse.b / self.ellipse.a,
        }


def picture_bounds(frame: Frame) -> Bounds:
    """Left, top, right, bottom of the picture inside its canvas."""
    corners = frame.to_canvas(np.array([[-0.5, -0.5], [frame.width - 0.5, frame.height - 0.5]]))
    (left, top), (right, bottom) = np.clip(corners, 0, [frame.canvas_width - 1, frame.canvas_height - 1])
    return float(left), float(top), float(right), float(bottom)


def fit_region(mean: np.ndarray, each: np.ndarray, frame: Frame, bounds: Bounds | None = None) -> RegionFit | None:
    """Ellipse of a region in the mean map (h, w) and in the looks (n, h, w); None when it was not found.

    Args:
        bounds: see `fit_shape`.
    """
    shape = fit_shape(mean, bounds)
    fits = [fit.ellipse for one in each if (fit := fit_shape(one, bounds)) is not None]
    if shape is None or not fits:
        return None
    return RegionFit(to_picture(shape.ellipse, frame), shape, tuple(fits), len(each))


def to_picture(ellipse: Ellipse, frame: Frame) -> Ellipse:
    """A canvas ellipse in the picture's own pixels."""
    centre = frame.to_picture(np.array([[ellipse.cx, ellipse.cy]]))[0]
    return Ellipse.make(centre[0], centre[1], ellipse.a / frame.scale, ellipse.b / frame.scale, ellipse.angle)


def bright_spot(mean: np.ndarray, inside: np.ndarray, level: float = 0.3, least: float = 4.0) -> np.ndarray | None:
    """Centre (2,) as (x, y) of what a map (h, w) shows above ``level`` within ``inside``; None if below ``least``."""
    weight = np.where(inside & (mean > level), mean, 0.0)
    total = float(weight.sum())
    if total < least:
        return None
    rows, columns = np.arange(mean.shape[0]), np.arange(mean.shape[1])
    return np.array([weight.sum(0) @ columns, weight.sum(1) @ rows]) / total
