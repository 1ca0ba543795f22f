"""Few handles for a dense outline: the curve that a viewer draws through them must stay on it."""

from __future__ import annotations

import numpy as np

from CephSketcherLib.outlines.outline_solver import Outline

_TOLERANCE = 0.006  # of the outline's extent
_FEWEST, _MOST = 4, 40


def choose_handles(outline: Outline) -> list[int]:
    """Indices of the points that become handles, rising.

    The ends of an open outline, its landmarks and every quarter of its way come first; then, again and again, the point
    that the interpolating spline misses most.
    """
    points = np.asarray(outline.points, float)
    count = len(points)
    if count <= _FEWEST:
        return list(range(count))
    first = np.linspace(0, count if outline.closed else count - 1, _FEWEST + 1).round().astype(int)
    chosen = sorted({int(i) % count for i in first} | set(outline.at.values()))
    limit = _TOLERANCE * float(np.ptp(points, axis=0).max())
    while len(chosen) < min(_MOST, count):
        misses = misses_of(points, chosen, outline.closed)
        misses[chosen] = 0.0
        worst = int(np.argmax(misses))
        if misses[worst] <= limit:
            break
        chosen = sorted({*chosen, worst})
    return chosen


def misses_of(points: np.ndarray, chosen: list[int], closed: bool) -> np.ndarray:
    """(n,): how far each point lies from the natural cubic spline through the chosen ones, as VTK's cardinal spline.

    Args:
        points: (n, 2).
        chosen: rising indices of the knots; the spline's parameter counts knots, as a viewer's does.
    """
    from scipy.spatial import cKDTree

    return np.asarray(cKDTree(smooth_curve(points[chosen], closed, 24)).query(points)[0])


def smooth_curve(points: np.ndarray, closed: bool, parts: int = 5) -> np.ndarray:
    """(m, 2): such a spline through all points (n, 2), in `parts` pieces each; closed, it ends where it began."""
    from scipy.interpolate import CubicSpline

    values = np.vstack([points, points[:1]]) if closed else points
    if len(values) < 3:
        return values
    spline = CubicSpline(np.arange(len(values)), values, bc_type="periodic" if closed else "natural")
    return spline(np.linspace(0, len(values) - 1, parts * (len(values) - 1) + 1))
