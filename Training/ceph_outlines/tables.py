"""Where apices, molars, condylion and basion lie, given the landmarks: learned from tables without films.

Each record is brought onto the mean face by its landmarks, so radiographic magnification does not matter. The
uncertainty is what subjects left out of the fit show.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.outlines.frame import align

from .data import AAOF, DERIVED, TEHRAN, read_aaof, read_tehran

SHARED = tuple(s for s in ISBI19.symbols if s in AAOF or s == "Go")
_RIDGE = 4.0  # variance added to each predictor, units^2: readers' noise


@dataclass(frozen=True, eq=False)
class TablePrior:
    """Linear prediction of the `DERIVED` points from the `SHARED` landmarks, in the mean face.

    Attributes:
        gain: (2 * derived, 2 * shared); offset: (2 * derived,).
        covariance: (2 * derived, 2 * derived) of the left-out residuals.
        figures: what was measured, mm at nominal scale.
    """

    gain: np.ndarray
    offset: np.ndarray
    covariance: np.ndarray
    figures: dict[str, Any]

    def predict(self, face: np.ndarray) -> np.ndarray:
        """(derived, 2) for landmarks (19, 2) in the mean face."""
        shared = face[[ISBI19.index(s) for s in SHARED]]
        return (self.gain @ shared.ravel() + self.offset).reshape(-1, 2)


def _face(record: dict[str, np.ndarray], wanted: tuple[str, ...], mean_face: np.ndarray) -> np.ndarray | None:
    """Shared landmarks and wanted points on the mean face, or None where one is missing or absurd."""
    if any(s not in record for s in SHARED + wanted):
        return None
    reference = mean_face[[ISBI19.index(s) for s in SHARED]]
    points = np.array([record[s] for s in SHARED + wanted])
    placed = align(points[: len(SHARED)], reference).apply(points)
    return placed if np.abs(placed[: len(SHARED)] - reference).max() < 120 else None


def _regress(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    centered = x - x.mean(0)
    gain = np.linalg.solve(centered.T @ centered + _RIDGE * len(x) * np.eye(x.shape[1]), centered.T @ (y - y.mean(0))).T
    return gain, y.mean(0) - gain @ x.mean(0)


def learn_tables(folder: Path, mean_face: np.ndarray, folds: int = 5) -> TablePrior:
    """Fit on the growth studies; check on left-out subjects and on another population (incisor apices only)."""
    subjects, faces = [], []
    for subject, record in read_aaof(folder / "aaof_growth"):
        placed = _face(record, DERIVED, mean_face)
        if placed is not None:
            subjects.append(subject)
            faces.append(placed)
    data = np.array(faces)
    x, y = data[:, : len(SHARED)].reshape(len(data), -1), data[:, len(SHARED) :].reshape(len(data), -1)
    # Misread lines of the tables would dominate the covariance.
    center = np.median(y - x @ _regress(x, y)[0].T, axis=0)
    spread = np.abs(y - x @ _regress(x, y)[0].T - center)
    good = (spread < 6 * np.median(spread, axis=0) + 5).all(1)
    x, y, subjects = x[good], y[good], [s for s, keep in zip(subjects, good, strict=True) if keep]
    names = sorted(set(subjects))
    fold = np.array([names.index(s) % folds for s in subjects])
    residual = np.empty_like(y)
    for k in range(folds):
        gain, offset = _regress(x[fold != k], y[fold != k])
        residual[fold == k] = y[fold == k] - x[fold == k] @ gain.T - offset
    gain, offset = _regress(x, y)
    covariance = residual.T @ residual / len(residual)
    figures: dict[str, Any] = {"records": len(x), "subjects": len(names), "left_out_mm": {}, "tehran_mm": {}}
    for i, symbol in enumerate(DERIVED):
        apart = np.linalg.norm(residual[:, 2 * i : 2 * i + 2], axis=1) * 0.2
        figures["left_out_mm"][symbol] = {"mean": float(apart.mean()), "p95": float(np.percentile(apart, 95))}
    other = [_face(record, ("U1A", "L1A"), mean_face) for _, record in read_tehran(folder / "tehran_points")]
    tehran = np.array([face for face in other if face is not None])
    guess = tehran[:, : len(SHARED)].reshape(len(tehran), -1) @ gain.T + offset
    for i, symbol in enumerate(("U1A", "L1A")):
        apart_xy = tehran[:, len(SHARED) + i] - guess[:, 2 * i : 2 * i + 2]
        figures["tehran_mm"][symbol] = {
            "records": len(tehran),
            "mean": float(np.linalg.norm(apart_xy, axis=1).mean() * 0.2),
            "bias": (apart_xy.mean(0) * 0.2).tolist(),
        }
        # Another clinic's bias is part of what is not known here: half of it moves the mean, all widens the spread.
        where = slice(2 * i, 2 * i + 2)
        bias = apart_xy.mean(0)
        offset[where] += 0.5 * bias
        covariance[where, where] += 0.25 * np.outer(bias, bias)
    return TablePrior(gain, offset, covariance, figures)


assert set(TEHRAN) >= {"U1A", "L1A"}
