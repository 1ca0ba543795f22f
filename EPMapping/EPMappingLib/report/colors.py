"""Colors of a map: red is early, low or slow, violet late, high or fast, as mapping systems show it."""

from __future__ import annotations

import colorsys

import numpy as np

UNKNOWN = np.array([186, 190, 196], np.uint8)
"""Where nothing was measured nearby."""
_LAST_HUE = 0.8
_TABLE = np.array([colorsys.hsv_to_rgb(hue, 0.86, 0.95) for hue in np.linspace(0, _LAST_HUE, 256)])
CV_RANGE = (0.0, 1.5)
"""m/s from red to violet."""


def table() -> np.ndarray:
    """(256, 3) red, green, blue from 0 to 1."""
    return _TABLE.copy()


def colors_of(values: np.ndarray, span: tuple[float, float], strength: np.ndarray | float = 1.0) -> np.ndarray:
    """(N, 3) uint8.

    Args:
        values: (N,) NaN where not known.
        span: what is red and what is violet.
        strength: (N,) or one, 0 to 1: a color of 0 is that of the unknown.
    """
    low, high = span
    share = np.clip((np.nan_to_num(values, nan=low) - low) / max(high - low, 1e-9), 0, 1)
    full = 255 * _TABLE[(share * 255).round().astype(int)]
    strength = np.where(np.isfinite(values), strength, 0.0)[:, None]
    return np.asarray(strength * full + (1 - strength) * UNKNOWN).round().astype(np.uint8)


def certainty(sd: np.ndarray, step: float) -> np.ndarray:
    """(N,) 0.12 to 1: how strong a color is, so that a map fades where it does not know.

    1 where half of the 95 % interval fits into one step between isochrones, less as it grows; 1 where no uncertainty is
    known at all, which the report says.
    """
    return np.clip(step / np.maximum(1.96 * np.nan_to_num(sd, nan=0.0), 1e-9), 0.12, 1.0)


def span_of(values: np.ndarray) -> tuple[float, float]:
    """Least and greatest known value; 0 to 1 without any."""
    kept = values[np.isfinite(values)]
    return (float(kept.min()), float(kept.max())) if len(kept) else (0.0, 1.0)
