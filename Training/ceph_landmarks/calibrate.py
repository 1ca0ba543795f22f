"""Turn widths into uncertainties and fix when to flag and abstain, on films kept out of the training alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from CephSketcherLib.landmarks.calibration import Calibration, standard_deviation
from CephSketcherLib.landmarks.inference import FineLooks
from CephSketcherLib.landmarks.scores import CHI2_95, inside_95
from CephSketcherLib.landmarks.shape_model import ShapeModel
from CephSketcherLib.landmarks.task import FINE_NOISE

from .looks import Record

FLOOR = 0.25  # px^2 of the face, about (0.24 mm)^2: no point is surer than the resolution


def squared_distances(records: list[Record], calibration: Calibration) -> np.ndarray:
    """(n, readers, L) squared Mahalanobis distance of the readers' points; nan where missing."""
    rows = []
    for record in records:
        fine = _fine(record)
        covariances = calibration.covariance(fine.covariances, fine.to_face.scale)
        rows.append([inside_95(fine.points, reader, covariances) for reader in record.readers])
    return np.array(rows)


def gains(records: list[Record], plain: Calibration) -> np.ndarray:
    """(L,) factors on the raw covariances.

    There are few films: each landmark's own factor is drawn halfway (on a log scale) to that of all together, and the
    whole is scaled so that 95 % of the readers' points are inside in nine of ten resamplings of the films.
    """
    d2 = squared_distances(records, plain)

    def factor(values: np.ndarray) -> float:
        return float(np.nanquantile(values, 0.95) / CHI2_95)

    together = factor(d2)
    own = np.array([factor(d2[:, :, k]) for k in range(d2.shape[2])])
    drawn = np.sqrt(own * together)
    rng = np.random.default_rng(0)
    scales = [factor((d2 / drawn)[rng.integers(0, len(d2), len(d2))]) for _ in range(500)]
    return drawn * float(np.quantile(scales, 0.9))


def cues(record: Record, model: ShapeModel) -> dict[str, float]:
    """What abstention rests on, as `landmarks.task.run` computes it."""
    fine = _fine(record)
    on_face = fine.to_face(fine.points)
    return {
        "score": record.looks[0].score,
        "lead": record.looks[0].score - record.looks[1].score,
        "shape_distance": model.distance(on_face, FINE_NOISE),
        "looks_spread": float(np.median(fine.spread) * fine.to_face.scale),
        "mass": float(np.median(fine.mass)),
        "surprise": float(model.surprise(on_face, np.full(len(on_face), FINE_NOISE)).max()),
    }


def calibrate(records: list[Record], model: ShapeModel, layout: str) -> Calibration:
    """The calibration that these films (not trained on) ask for."""
    count = len(model.mean)
    plain = Calibration(layout, model, np.ones(count), FLOOR, np.ones(count), 1.4, 2.5, 0, 0, 0, 0, 0, 0)
    kept = [r for r in records if r.fine is not None]
    gain = gains(kept, plain)
    calibrated = replace(plain, gain=gain)
    spread = np.stack(
        [
            standard_deviation(calibrated.covariance(_fine(r).covariances, _fine(r).to_face.scale))
            * _fine(r).to_face.scale
            for r in kept
        ]
    )
    seen = [cues(r, model) for r in kept]
    least = {key: min(c[key] for c in seen) for key in ("score", "lead", "mass")}
    most = {key: max(c[key] for c in seen) for key in ("shape_distance", "looks_spread")}
    # Half of, or twice, what the worst of these films shows: other machines differ more than they do.
    return replace(
        calibrated,
        typical=np.median(spread, 0),
        min_score=0.5 * least["score"],
        min_lead=0.35 * least["lead"],
        max_distance=2.0 * most["shape_distance"],
        max_spread=max(3.0, 3.0 * most["looks_spread"]),
        min_mass=0.5 * least["mass"],
        agreement=1.25 * max((_fine(r).gap for r in kept if np.isfinite(_fine(r).gap)), default=1.0),
    )


def _fine(record: Record) -> FineLooks:
    if record.fine is None:
        raise ValueError(f"Film {record.film} was not answered.")
    return record.fine
