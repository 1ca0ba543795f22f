"""The shape space of a structure: one Gaussian over the 19 landmarks and the curve's points, and how it learns from
observations.

A principal component model with its residual is the same Gaussian written by its factors; kept as a whole matrix it
can be conditioned on any landmark, edge or fixed point with one linear solve, and says how sure it then is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from CephSketcherLib.outlines.template import Template


@dataclass(frozen=True, eq=False)
class ShapeSpace:
    """Gaussian in the mean face.

    Attributes:
        template: the structure.
        mean: (2 * (landmarks + n),): x, y of the landmarks, then x, y of the curve's points.
        covariance: square, of the mean's size.
        landmarks: how many landmarks come first.
        sd_scale: what the posterior's SD must be multiplied with to agree with the readers, where it was measured.
        doubt: for derived points, covariance (2, 2), units^2, of where the tables put them, given the landmarks.
    """

    template: Template
    mean: np.ndarray
    covariance: np.ndarray
    landmarks: int
    sd_scale: float = 1.0
    doubt: dict[str, np.ndarray] = field(default_factory=dict)

    def point(self, index: int) -> slice:
        """Where a curve point's x and y stand in the vector."""
        first = 2 * (self.landmarks + index)
        return slice(first, first + 2)

    def curve(self, vector: np.ndarray) -> np.ndarray:
        """The curve's points (n, 2) of a vector."""
        return vector[2 * self.landmarks :].reshape(-1, 2)


@dataclass
class Observations:
    """Linear observations with independent noise: ``rows @ vector = values``, variances; collected, then used once."""

    size: int

    def __post_init__(self) -> None:
        self.rows: list[np.ndarray] = []
        self.values: list[float] = []
        self.variances: list[float] = []

    def add(self, index: np.ndarray | slice, weights: np.ndarray, value: float, variance: float) -> None:
        """One observation: the weighted sum of some entries of the vector."""
        row = np.zeros(self.size)
        row[index] = weights
        self.rows.append(row)
        self.values.append(float(value))
        self.variances.append(float(variance))

    def add_point(self, where: slice, xy: np.ndarray, covariance: np.ndarray) -> None:
        """Both coordinates of a point with their 2x2 covariance, along its axes, where the noise is independent."""
        variances, axes = np.linalg.eigh(covariance)
        for variance, axis in zip(variances, axes.T, strict=True):
            self.add(where, axis, float(axis @ xy), max(float(variance), 1e-6))

    def __len__(self) -> int:
        return len(self.rows)


def update(mean: np.ndarray, covariance: np.ndarray, seen: Observations) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance after the observations (the Kalman update, as one batch)."""
    if not len(seen):
        return mean, covariance
    rows = np.array(seen.rows)
    cross = covariance @ rows.T
    inner = rows @ cross + np.diag(seen.variances)
    gain = np.linalg.solve(inner, cross.T).T
    new_mean = mean + gain @ (np.array(seen.values) - rows @ mean)
    new_covariance = covariance - gain @ cross.T
    return new_mean, 0.5 * (new_covariance + new_covariance.T)


def wiggle(points: np.ndarray, closed: bool, parts: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Covariance (2n, 2n) of smooth bends along a curve: squared exponentials of the distance along it.

    Args:
        parts: (SD, length) of each part, in units of the mean face.
    """
    steps = np.linalg.norm(np.diff(np.vstack([points, points[:1]]), axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps[:-1])])
    apart = np.abs(along[:, None] - along[None])
    if closed:
        apart = np.minimum(apart, steps.sum() - apart)
    kernel = sum(sd**2 * np.exp(-0.5 * (apart / length) ** 2) for sd, length in parts)
    return np.kron(kernel, np.eye(2))
