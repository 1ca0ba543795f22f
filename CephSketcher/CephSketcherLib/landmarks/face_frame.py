"""Similarity transforms between a film and the canonical face that the fine network looks at (numpy only)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Similarity:
    """target = scale * R(angle) source + shift, without mirroring.

    Attributes:
        matrix: (2, 3) float64, acts on column vectors (x, y, 1).
    """

    matrix: np.ndarray

    @property
    def scale(self) -> float:
        """Target units a source unit."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[1, 0]))

    @property
    def degrees(self) -> float:
        """Turn from +x towards +y."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) source points in the target frame."""
        return np.asarray(points, float) @ self.matrix[:, :2].T + self.matrix[:, 2]

    def inverse(self) -> Similarity:
        """The transform back."""
        linear = np.linalg.inv(self.matrix[:, :2])
        return Similarity(np.column_stack((linear, -linear @ self.matrix[:, 2])))

    def after(self, first: Similarity) -> Similarity:
        """This transform applied after another one."""
        full = np.vstack((self.matrix, [0, 0, 1])) @ np.vstack((first.matrix, [0, 0, 1]))
        return Similarity(full[:2])

    @classmethod
    def make(cls, scale: float = 1.0, degrees: float = 0.0, center: tuple[float, float] = (0, 0)) -> Similarity:
        """Zoom and turn about a point that stays where it is."""
        t = np.radians(degrees)
        linear = scale * np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]])
        c = np.asarray(center, float)
        return cls(np.column_stack((linear, c - linear @ c)))


def fit_similarity(source: np.ndarray, target: np.ndarray, weights: np.ndarray | None = None) -> Similarity:
    """Least-squares similarity of point pairs (n, 2); Umeyama 1991 for two dimensions, mirroring excluded.

    Raises:
        ValueError: fewer than two points with weight, or all at one place.
    """
    source, target = np.asarray(source, float), np.asarray(target, float)
    w = np.ones(len(source)) if weights is None else np.asarray(weights, float)
    if (w > 0).sum() < 2:
        raise ValueError("A similarity needs at least two points.")
    w = w / w.sum()
    a = source - w @ source
    b = target - w @ target
    spread = float(w @ (a**2).sum(1))
    if spread <= 0:
        raise ValueError("A similarity needs points that are apart.")
    real = float(w @ (a * b).sum(1)) / spread
    imaginary = float(w @ (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])) / spread
    linear = np.array([[real, -imaginary], [imaginary, real]])
    return Similarity(np.column_stack((linear, w @ target - linear @ (w @ source))))


def robust_similarity(source: np.ndarray, target: np.ndarray, weights: np.ndarray | None = None) -> Similarity:
    """`fit_similarity` that outliers pull little: weights fall as 1 / (1 + (distance / 2 median)^2), five rounds.

    Raises:
        ValueError: as `fit_similarity`.
    """
    base = np.ones(len(source)) if weights is None else np.asarray(weights, float)
    found = fit_similarity(source, target, base)
    for _ in range(5):
        distance = np.linalg.norm(found(source) - target, axis=1)
        limit = 2 * max(1e-6, float(np.median(distance)))
        found = fit_similarity(source, target, base / (1 + (distance / limit) ** 2))
    return found


def mean_shape(shapes: np.ndarray, rounds: int = 5) -> np.ndarray:
    """Generalised Procrustes mean (L, 2) of shapes (n, L, 2): of their mean size, centered on zero, upright."""
    mean = shapes.mean(0) - shapes.mean((0, 1))
    size = float(np.mean([np.linalg.norm(s - s.mean(0)) for s in shapes]))
    start = mean.copy()
    for _ in range(rounds):
        mean = np.mean([fit_similarity(s, mean)(s) for s in shapes], axis=0)
        mean = fit_similarity(mean, start)(mean)  # no drift of the turn
        mean = (mean - mean.mean(0)) * size / np.linalg.norm(mean - mean.mean(0))
    return mean
