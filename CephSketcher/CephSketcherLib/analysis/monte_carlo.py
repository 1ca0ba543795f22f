"""Points drawn from their uncertainty, for carrying it into every measure.

Each point is drawn from its own normal distribution (2 x 2 covariance). Errors of different points are taken as
independent: what makes them err together (a turned head, a shared outline) is not known here, so intervals of measures
between neighboring points may be somewhat too wide or too narrow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet

_SPREAD_FILE = Path(__file__).resolve().parents[2] / "Resources" / "CephSketcherGrowth" / "reader_spread.json"


@cache
def reader_spread() -> Mapping[str, float]:
    """A single reader's standard deviation per axis for each landmark, as a share of the distance S-N.

    Made by Training/ceph_growth from two pairs of readers; "" holds the value for points they did not mark.
    """
    record = json.loads(_SPREAD_FILE.read_text(encoding="utf-8"))
    return {str(symbol): float(value) for symbol, value in record["spread"].items()}


def point_covariance(point: LandmarkPoint, sn_px: float | None) -> np.ndarray | None:
    """(2, 2) px^2: the point's own; for one placed by hand that of a human reader; None where nothing is known.

    Args:
        sn_px: distance S-N on this film, which carries the readers' spread to this film's scale.
    """
    if point.covariance is not None:
        return np.asarray(point.covariance, float)
    if point.edited and sn_px:
        spread = reader_spread()
        sd = spread.get(point.symbol, spread[""]) * sn_px
        return np.eye(2) * sd**2
    return None


def sella_nasion_px(points: LandmarkSet) -> float | None:
    """Distance S-N in pixels; None when one is missing."""
    if "S" not in points or "N" not in points:
        return None
    return float(np.linalg.norm(points["N"].xy - points["S"].xy)) or None


def draw_points(points: LandmarkSet, draws: int, seed: int) -> tuple[dict[str, np.ndarray], frozenset[str]]:
    """Random positions of every point.

    The same seed gives the same draws, and each point has its own stream, so that adding a point does not change the
    draws of the others.

    Returns:
        (draws, 2) pixels by symbol, and the symbols whose uncertainty is unknown (their draws do not vary).
    """
    sn_px = sella_nasion_px(points)
    drawn, unknown = {}, set()
    for point in points:
        covariance = point_covariance(point, sn_px)
        if covariance is None:
            unknown.add(point.symbol)
            drawn[point.symbol] = np.broadcast_to(point.xy, (draws, 2))
            continue
        stream = np.random.default_rng([seed, *point.symbol.encode("utf-8")])
        values, vectors = np.linalg.eigh(0.5 * (covariance + covariance.T))
        root = vectors * np.sqrt(np.clip(values, 0, None))
        drawn[point.symbol] = point.xy + stream.standard_normal((draws, 2)) @ root.T
    return drawn, frozenset(unknown)
