"""How faces differ: a Gaussian over all landmarks together in the canonical frame (numpy only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from CephSketcherLib.landmarks.face_frame import fit_similarity


@dataclass(frozen=True)
class ShapeModel:
    """Mean face and how its landmarks move together.

    Attributes:
        mean: (L, 2) face pixels.
        covariance: (2L, 2L) px^2, of x0, y0, x1, y1 ... after the similarity to the mean is taken out.
    """

    mean: np.ndarray
    covariance: np.ndarray

    @classmethod
    def learn(cls, shapes: np.ndarray, mean: np.ndarray) -> ShapeModel:
        """From training faces.

        Args:
            shapes: (n, L, 2) in any pixels, one film each.
            mean: (L, 2) the canonical face.
        """
        residual = np.stack([fit_similarity(s, mean)(s) - mean for s in shapes]).reshape(len(shapes), -1)
        return cls(mean, residual.T @ residual / len(shapes))

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return {"mean": self.mean.round(3).tolist(), "covariance": self.covariance.round(3).tolist()}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> ShapeModel:
        """Read `to_dict`."""
        return cls(np.array(record["mean"], float), np.array(record["covariance"], float))

    def posterior(self, points: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What seen points and the knowledge of faces say together (the Gaussian update).

        Args:
            points: (L, 2) seen, face pixels.
            noise: (L,) variance of each coordinate seen, px^2; inf where a point was not seen.

        Returns:
            (L, 2) expected points and (L, 2, 2) their covariance.
        """
        seen = np.repeat(np.isfinite(noise), 2)
        observed = (points - self.mean).reshape(-1)[seen]
        prior = self.covariance + 0.05 * np.eye(len(self.covariance))
        total = prior[np.ix_(seen, seen)] + np.diag(np.repeat(noise, 2)[seen])
        gain = np.linalg.solve(total, prior[seen]).T
        expected = self.mean + (gain @ observed).reshape(-1, 2)
        rest = prior - gain @ prior[seen]
        blocks = np.stack([rest[2 * k : 2 * k + 2, 2 * k : 2 * k + 2] for k in range(len(points))])
        return expected, blocks

    def surprise(self, points: np.ndarray, noise: np.ndarray) -> np.ndarray:
        """(L,) how many SD each point lies from where all others place it."""
        result = np.zeros(len(points))
        for k in range(len(points)):
            others = np.array(noise, float)
            others[k] = np.inf
            expected, spread = self.posterior(points, others)
            gap = points[k] - expected[k]
            base = noise[k] if np.isfinite(noise[k]) else 0.0
            result[k] = np.sqrt(gap @ np.linalg.solve(spread[k] + base * np.eye(2), gap) / 2)
        return result

    def distance(self, points: np.ndarray, noise: float) -> float:
        """Root mean squared Mahalanobis distance of a face (L, 2) from the mean; about 1 or less for usual faces.

        Args:
            noise: variance of each coordinate, px^2.
        """
        gap = (fit_similarity(points, self.mean)(points) - self.mean).reshape(-1)
        total = self.covariance + noise * np.eye(len(gap))
        return float(np.sqrt(gap @ np.linalg.solve(total, gap) / len(gap)))
