"""The mean face: similarity transforms between it and a film, and the film seen in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

CROP = (180, 380, 720, 770)
"""Part of the mean face that is looked at: left, top, width, height."""

_TOE = 0.12  # level where the logarithm takes over: soft tissue and bone both keep their edges


@dataclass(frozen=True)
class Similarity:
    """p -> scale * rotation * p + shift, kept as complex numbers: z -> turn * z + shift."""

    turn: complex
    shift: complex

    @property
    def scale(self) -> float:
        """Length after over length before."""
        return abs(self.turn)

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 2)."""
        z = np.asarray(points, float) @ np.array([1, 1j]) * self.turn + self.shift
        return np.stack([z.real, z.imag], axis=-1)

    def matrix(self) -> np.ndarray:
        """2x2, for directions."""
        return np.array([[self.turn.real, -self.turn.imag], [self.turn.imag, self.turn.real]])

    def covariance(self, matrix: np.ndarray) -> np.ndarray:
        """Covariances (..., 2, 2) after the transform."""
        m = self.matrix()
        return m @ np.asarray(matrix, float) @ m.T

    def inverse(self) -> Similarity:
        """The way back."""
        return Similarity(1 / self.turn, -self.shift / self.turn)


def align(points: np.ndarray, onto: np.ndarray, weights: np.ndarray | None = None) -> Similarity:
    """The similarity (no mirroring) that brings points (n, 2) nearest to others in the (weighted) least squares sense.

    Umeyama's problem in the plane, solved with complex numbers.
    """
    weights = np.ones(len(points)) if weights is None else np.asarray(weights, float)
    weights = weights / weights.sum()
    p, q = points @ np.array([1, 1j]), onto @ np.array([1, 1j])
    p_mean, q_mean = weights @ p, weights @ q
    turn = complex((weights * (p - p_mean).conj()) @ (q - q_mean) / max(weights @ np.abs(p - p_mean) ** 2, 1e-12))
    return Similarity(turn, complex(q_mean - turn * p_mean))


def face_picture(film: np.ndarray, to_film: Similarity) -> tuple[np.ndarray, np.ndarray]:
    """The film in the mean face's frame, gray made comparable between films.

    Args:
        film: (H, W), any numbers, bone bright.
        to_film: from the mean face to film pixels.

    Returns:
        (h, w) float32 log gray of `CROP`, 0 at its darkest percent and 1 near its brightest, and a mask of what lies
        on the film.
    """
    left, top, width, height = CROP
    rows, columns = film.shape
    matrix, start = to_film.matrix(), to_film.apply(np.array([left, top], float))
    ends = [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)]
    lowest = np.min([start + matrix @ end for end in ends], axis=0)
    highest = np.max([start + matrix @ end for end in ends], axis=0)
    x0, y0 = max(int(np.floor(lowest[0])) - 4, 0), max(int(np.floor(lowest[1])) - 4, 0)
    x1, y1 = min(int(np.ceil(highest[0])) + 5, columns), min(int(np.ceil(highest[1])) + 5, rows)
    if (lowest >= 0).all() and (highest <= (columns - 1, rows - 1)).all():
        inside = np.ones((height, width), bool)
    else:
        right, down = np.arange(width), np.arange(height)[:, None]
        x = start[0] + matrix[0, 0] * right + matrix[0, 1] * down
        y = start[1] + matrix[1, 0] * right + matrix[1, 1] * down
        inside = (x >= 0) & (x <= columns - 1) & (y >= 0) & (y <= rows - 1)
    if x1 <= x0 or y1 <= y0 or inside.mean() < 0.05:
        return np.zeros((height, width), np.float32), np.zeros((height, width), bool)
    part = np.asarray(film[y0:y1, x0:x1], np.float32)
    if to_film.scale > 0.75:
        part = ndimage.gaussian_filter(part, 0.75 * to_film.scale, truncate=3)
    picture = ndimage.affine_transform(  # in the order of rows and columns
        part, matrix[::-1, ::-1], (start[1] - y0, start[0] - x0), (height, width), order=1, mode="nearest"
    )
    low, high = np.percentile(picture[inside], [1.0, 98.0])
    level = np.clip((picture - low) / max(high - low, 1e-6), 0.0, 1.3)
    return (np.log((level + _TOE) / _TOE) / np.log((1 + _TOE) / _TOE)).astype(np.float32), inside


def look(picture: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Values of a `face_picture` at points (..., 2) of the mean face, linear interpolation."""
    left, top, _, _ = CROP
    return ndimage.map_coordinates(picture, [points[..., 1] - top, points[..., 0] - left], order=1, mode="nearest")
