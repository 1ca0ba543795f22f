"""Fitting one set of points onto another: turning and shifting, with or without scaling (Procrustes)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Fit:
    """x -> scale R x + shift, for points (..., 2).

    Attributes:
        rotation: (2, 2), a proper turn.
        scale: 1 for a rigid fit.
        shift: (2,).
    """

    rotation: np.ndarray
    scale: float
    shift: np.ndarray

    def apply(self, xy: np.ndarray) -> np.ndarray:
        """Points (..., 2) moved."""
        return self.scale * np.asarray(xy, float) @ self.rotation.T + self.shift

    @property
    def degrees(self) -> float:
        """The turn, x axis towards y axis."""
        return float(np.degrees(np.arctan2(self.rotation[1, 0], self.rotation[0, 0])))


def fit(moving: np.ndarray, fixed: np.ndarray, scaling: bool, weights: np.ndarray | None = None) -> Fit:
    """Least-squares fit of moving (n, 2) onto fixed (n, 2), n >= 2 (Umeyama, IEEE PAMI 1991;13:376; no reflection).

    Args:
        weights: (n,) non-negative; None for equal ones.

    Raises:
        ValueError: fewer than two different points.
    """
    a, b = np.asarray(moving, float), np.asarray(fixed, float)
    w = np.ones(len(a)) if weights is None else np.asarray(weights, float)
    if len(a) < 2 or a.shape != b.shape or not w.sum() > 0:
        raise ValueError("a fit needs two or more pairs of points")
    w = w / w.sum()
    center_a, center_b = w @ a, w @ b
    da, db = a - center_a, b - center_b
    size = float(w @ (da**2).sum(axis=1))
    if not size > 0:
        raise ValueError("all points are on one spot")
    # In the plane the best turn has a closed form: the angle of the summed complex products.
    cosine = float(w @ (da * db).sum(axis=1))
    sine = float(w @ (da[:, 0] * db[:, 1] - da[:, 1] * db[:, 0]))
    strength = float(np.hypot(cosine, sine))
    c, s = (cosine / strength, sine / strength) if strength > 0 else (1.0, 0.0)
    rotation = np.array([[c, -s], [s, c]])
    scale = strength / size if scaling else 1.0
    return Fit(rotation, scale, center_b - scale * rotation @ center_a)


def left_out(xy: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where each of the points (n, 2) would lie if only the others were known and the face had the mean shape.

    The mean shape (n, 2) is fitted, with scaling, to all points but the one in question, for each in turn.

    Returns:
        (n, 2) expected places in the points' frame, and (n, 2) the misfits turned and scaled to the mean shape's frame.
    """
    places, misfits = np.empty((len(xy), 2)), np.empty((len(xy), 2))
    for i in range(len(xy)):
        rest = np.arange(len(xy)) != i
        found = fit(mean[rest], xy[rest], scaling=True)
        places[i] = found.apply(mean[i])
        misfits[i] = found.rotation.T @ (xy[i] - places[i]) / found.scale
    return places, misfits
