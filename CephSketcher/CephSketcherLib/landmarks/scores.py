"""Figures of a set of films: MRE and SDR against each reader and their mean, angles, coverage of the 95 % regions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from CephSketcherLib.landmarks.layout import Layout

LIMITS_MM = (2.0, 2.5, 3.0, 4.0)
CHI2_95 = 5.991464547107979  # two degrees of freedom


def distance_figures(errors: np.ndarray) -> dict[str, Any]:
    """MRE, SD, median and SDR of distances in mm, any shape; nan are left out, and all is None without any."""
    e = errors[np.isfinite(errors)]
    if e.size == 0:
        names = ("mre_mm", "sd_mm", "median_mm", *(f"sdr_{limit:g}mm" for limit in LIMITS_MM))
        return {"n": 0, **dict.fromkeys(names)}
    figures: dict[str, Any] = {
        "n": int(e.size),
        "mre_mm": float(e.mean()),
        "sd_mm": float(e.std()),
        "median_mm": float(np.median(e)),
    }
    return figures | {f"sdr_{limit:g}mm": float(100 * (e <= limit).mean()) for limit in LIMITS_MM}


def angle(a: np.ndarray, vertex: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Degrees between the rays vertex-a and vertex-b; arrays (..., 2)."""
    u, v = a - vertex, b - vertex
    cross = u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]
    return np.degrees(np.abs(np.arctan2(cross, (u * v).sum(-1))))


def sagittal_angles(points: np.ndarray, layout: Layout) -> dict[str, np.ndarray]:
    """SNA, SNB and ANB (SNA - SNB), degrees, of points (..., L, 2) in an isotropic unit."""
    s, n, a, b = (points[..., layout.index(symbol), :] for symbol in ("S", "N", "A", "B"))
    sna, snb = angle(s, n, a), angle(s, n, b)
    return {"SNA": sna, "SNB": snb, "ANB": sna - snb}


def film_figures(
    points: np.ndarray,
    readers: np.ndarray,
    mm: np.ndarray,
    names: Sequence[str],
    layout: Layout,
    covariances: np.ndarray | None = None,
) -> dict[str, Any]:
    """All figures of n films.

    Args:
        points: (n, L, 2) found, pixels; nan where there is no answer.
        readers: (n, R, L, 2), nan where missing.
        mm: (n, 2) mm a pixel in x and y.
        names: of the readers.
        covariances: (n, L, 2, 2) px^2, calibrated.
    """
    truths = {name: readers[:, r] for r, name in enumerate(names)} | {"mean": mean_of_known(readers, 1)}
    scale = mm[:, None, :]
    figures: dict[str, Any] = {"films": len(points), "answered": int(np.isfinite(points).all((1, 2)).sum())}
    for name, truth in truths.items():
        errors = np.linalg.norm((points - truth) * scale, axis=2)
        figures[f"against_{name}"] = distance_figures(errors) | {
            "per_landmark": {s: distance_figures(errors[:, k]) for k, s in enumerate(layout.symbols)}
        }
    if len(names) == 2:
        figures["readers_apart"] = distance_figures(np.linalg.norm((readers[:, 0] - readers[:, 1]) * scale, axis=2))
    figures["angles_deg"] = {}
    if all(symbol in layout for symbol in ("S", "N", "A", "B")):
        found = sagittal_angles(points * scale, layout)
        # The mean of the readers' angles, as a clinician would average two tracings.
        true = [sagittal_angles(readers[:, r] * scale, layout) for r in range(len(names))]
        for key in found:
            gap = found[key] - mean_of_known(np.array([t[key] for t in true]), 0)
            gap = gap[np.isfinite(gap)]
            if gap.size:
                figures["angles_deg"][key] = {"mean_abs": float(np.abs(gap).mean()), "bias": float(gap.mean())}
            if gap.size and len(true) == 2:
                figures["angles_deg"][key] |= reader_from_mean(true[0][key], true[1][key])
    if covariances is not None:
        figures["coverage_95"] = coverage(points, readers, covariances, layout)
    return figures


def reader_from_mean(first: np.ndarray, second: np.ndarray) -> dict[str, float | None]:
    """How far one of two readers lies from their mean, as a yardstick for an error against that mean.

    ``reader_mean_abs`` is the plain distance. ``reader_random`` is what is left of it when the usual offset between the
    two is known and taken out: the part that is a matter of the film and the day, which no method can foresee.
    """
    difference = first - second
    difference = difference[np.isfinite(difference)]
    if not difference.size:  # no film that both have read
        return {"reader_mean_abs": None, "reader_random": None}
    return {
        "reader_mean_abs": float(np.abs(difference).mean() / 2),
        "reader_random": float(np.abs(difference - np.median(difference)).mean() / 2),
    }


def inside_95(points: np.ndarray, truth: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """(...,) squared Mahalanobis distance of truth from points; nan where either is missing."""
    gap = truth - points
    return np.einsum("...i,...ij,...j->...", gap, np.linalg.inv(covariances), gap)


def coverage(points: np.ndarray, readers: np.ndarray, covariances: np.ndarray, layout: Layout) -> dict[str, Any]:
    """Share of the readers' points inside the 95 % ellipses, overall and per landmark."""
    d2 = np.stack([inside_95(points, readers[:, r], covariances) for r in range(readers.shape[1])], 1)

    def share(values: np.ndarray) -> float | None:
        known = values[np.isfinite(values)]
        return float((known <= CHI2_95).mean()) if known.size else None

    return {
        "readers_points": share(d2),
        "per_landmark": {s: share(d2[:, :, k]) for k, s in enumerate(layout.symbols)},
    }


def mean_of_known(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean along an axis over the entries that are not nan; nan where there is none."""
    known = np.isfinite(values)
    count = known.sum(axis)
    total = np.where(known, values, 0.0).sum(axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
