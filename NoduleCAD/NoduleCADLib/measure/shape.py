"""Diameters and volume of an outlined nodule, with what the voxels let be known of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError

EDGE_MM = 0.25
"""Standard uncertainty of where an edge in plane lies, common to all of it; see the model card."""


@dataclass(frozen=True)
class Shape:
    """Size of a nodule.

    Attributes:
        long_mm, short_mm: longest diameter on the slice of the largest area, and the widest across it.
        diameter_sd_mm: standard uncertainty of their mean.
        volume_mm3, volume_sd_mm3: with its standard uncertainty.
        slices: on which it lies.
        largest: index of the slice of the largest area.
        long_ends: ((2,), (2,)) ends of the long axis, row and column on that slice.
    """

    long_mm: float
    short_mm: float
    diameter_sd_mm: float
    volume_mm3: float
    volume_sd_mm3: float
    slices: int
    largest: int
    long_ends: tuple[tuple[float, float], tuple[float, float]]

    @property
    def mean_mm(self) -> float:
        """Mean of long and short axis."""
        return (self.long_mm + self.short_mm) / 2

    @property
    def equivalent_mm(self) -> float:
        """Diameter of the sphere of the same volume."""
        return float((6 * self.volume_mm3 / np.pi) ** (1 / 3))


def own_part(probability: np.ndarray, level: float = 0.5) -> np.ndarray:
    """(slices, rows, columns) bool: the part at or nearest to the middle of the picture; empty without one.

    Args:
        probability: (slices, rows, columns) with the mark in the middle of each slice.
    """
    inside = probability >= level
    labels, count = ndimage.label(inside, np.ones((3, 3, 3)))
    if not count:
        return np.zeros_like(inside)
    at = np.argwhere(inside)
    middle = (np.array(inside.shape) - 1) / 2
    nearest = at[np.argmin(((at - middle) ** 2).sum(1))]
    part = labels == labels[tuple(nearest)]
    return np.stack([ndimage.binary_fill_holes(plane) for plane in part])


def measure(probability: np.ndarray, part: np.ndarray, pixel_mm: float, slice_mm: float) -> Shape:
    """Measure a part of probabilities; an edge runs where the probability is one half, between pixels.

    Args:
        probability, part: (slices, rows, columns); the part is bool, not empty.
        pixel_mm, slice_mm: steps.

    Raises:
        ValueError: the part is empty.
    """
    if not part.any():
        raise ValueError("there is nothing to measure")
    areas = np.array([_area(plane, own, pixel_mm) for plane, own in zip(probability, part, strict=True)])
    largest = int(np.argmax(areas))
    points = edge_points(probability[largest], part[largest]) * pixel_mm
    long_mm, short_mm, ends = _axes(points)
    volume = float(areas.sum() * slice_mm)
    slices = int((areas > 0).sum())
    mean = (long_mm + short_mm) / 2
    surface = np.pi ** (1 / 3) * (6 * volume) ** (2 / 3)
    # The edge in plane is common to the whole surface. Along the body the two end slices are each known to a part of a
    # slice: a cap of half a slice holds, on average, half of the mean area of an end.
    ends_area = np.mean([areas[areas > 0][0], areas[areas > 0][-1]])
    along = np.sqrt(2 / 12) * slice_mm * ends_area
    # Too few slices sample the shape itself coarsely: the sum over a sphere of n slices scatters by about 0.4 / n^2.
    sampled = 0.4 * volume / slices**2
    sd = float(np.sqrt((EDGE_MM * surface) ** 2 + along**2 + sampled**2))
    # Between slices the largest one may be missed by half a step.
    missed = mean - np.sqrt(max(mean**2 - slice_mm**2, 0.0)) if mean > slice_mm else mean / 2
    diameter_sd = float(np.hypot(2 * EDGE_MM, missed / 3))
    end = tuple((float(point[0] / pixel_mm), float(point[1] / pixel_mm)) for point in ends)
    return Shape(long_mm, short_mm, diameter_sd, volume, sd, slices, largest, (end[0], end[1]))


def edge_points(plane: np.ndarray, own: np.ndarray) -> np.ndarray:
    """(n, 2) row and column of the half-level crossings about the pixels of a part."""
    points = []
    rows, columns = np.nonzero(own)
    for step in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        r, c = rows + step[0], columns + step[1]
        within = (r >= 0) & (c >= 0) & (r < plane.shape[0]) & (c < plane.shape[1])
        r0, c0, r1, c1 = rows[within], columns[within], r[within], c[within]
        out = ~own[r1, c1]
        r0, c0, r1, c1 = r0[out], c0[out], r1[out], c1[out]
        high, low = plane[r0, c0].astype(float), plane[r1, c1].astype(float)
        share = np.where(low < 0.5, (high - 0.5) / np.maximum(high - low, 1e-6), 0.5)
        share = np.clip(share, 0.0, 1.0)
        points.append(np.stack([r0 + share * (r1 - r0), c0 + share * (c1 - c0)], 1))
    return np.concatenate(points)


def _area(plane: np.ndarray, own: np.ndarray, pixel_mm: float) -> float:
    """mm2 of a part: its inner pixels, and those at its edge by how far the half level lies."""
    if not own.any():
        return 0.0
    grown = ndimage.binary_dilation(own)
    edge = grown & ~ndimage.binary_erosion(own)
    share = np.clip((plane[edge] - 0.5) / 2.0 / np.maximum(_steepness(plane)[edge], 1e-3) + 0.5, 0.0, 1.0)
    inner = int((own & ~edge).sum())
    return float((inner + share.sum()) * pixel_mm**2)


def _steepness(plane: np.ndarray) -> np.ndarray:
    """Half of the change of a picture over a pixel, along its steepest way."""
    rows, columns = np.gradient(plane.astype(float))
    return np.asarray(np.hypot(rows, columns) / 2)


def _axes(points: np.ndarray) -> tuple[float, float, np.ndarray]:
    """Longest diameter of a cloud of points in mm, the width across it, and the ends of the longest."""
    hull = points
    if len(points) > 3:
        try:
            hull = points[ConvexHull(points).vertices]
        except QhullError:
            hull = points
    apart = np.linalg.norm(hull[:, None] - hull[None], axis=2)
    a, b = np.unravel_index(int(np.argmax(apart)), apart.shape)
    along = hull[b] - hull[a]
    length = float(apart[a, b])
    across = np.array([-along[1], along[0]]) / max(length, 1e-6)
    width = hull @ across
    return length, float(width.max() - width.min()), hull[[a, b]]
