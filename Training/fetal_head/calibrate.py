"""Turn spread and fit into an uncertainty, and fix when to abstain, on the calibration split alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from FetalBiometryLib.growth.dating import TRIMESTERS_BY_HC
from FetalBiometryLib.planes.head import LENGTHS
from FetalBiometryLib.planes.limits import Limits, reason_to_abstain

from .looks import Record

NAMES = tuple(LENGTHS)
#: Limits by the name of the length; they differ in scale and floor only.
Calibration = Mapping[str, Limits]


def limits(records: list[Record], wrong: list[Record]) -> dict[str, Any]:
    """Abstention limits: twice what 99 % of true heads show, tightened until no picture without a head passes.

    Args:
        records: true heads of the calibration split.
        wrong: pictures without a head, of training patients, and noise.
    """
    seen = [r for r in records if r.found is not None]

    def quantile(name: str, q: float) -> float:
        return float(np.quantile([r.details[name] for r in seen], q))

    for slack in (2.0, 1.8, 1.6, 1.4, 1.2, 1.0):
        found: dict[str, Any] = {
            "max_spread": max(0.03, slack * quantile("spread", 0.99)),
            "max_residual": max(0.035, slack * quantile("residual", 0.99)),
            "min_certainty": quantile("certainty", 0.01) - 0.1 * (slack - 1),
            "min_inside": 0.60,
            "min_looks": 4,
            "shape_range": (0.60, 0.99),
        }
        trial = dict.fromkeys(NAMES, Limits(1.0, 0.005, 0.0, **found))
        if not answered(wrong, trial):
            break
    return found


def answered(records: list[Record], calibration: Calibration) -> list[Record]:
    """The records that the module would give an answer for."""
    return [r for r in records if r.found is not None and not reason_to_abstain("head", r.details, calibration["HC"])]


def calibrate(records: list[Record], wrong: list[Record]) -> Calibration:
    """The calibration that makes 95 % intervals cover 95 % of pictures like these records.

    Floor and gain maximise the Gaussian likelihood; the scale then sets the 95 % quantile of |error| / score to 1.96,
    the quantile taken with the n + 1 of conformal prediction, for a further picture counts among them.
    """
    fixed = limits(records, wrong)
    trial = dict.fromkeys(NAMES, Limits(1.0, 0.005, 0.0, **fixed))
    kept = answered(records, trial)
    spread = {n: np.array([r.spread[n] for r in kept]) for n in NAMES}
    error = {n: np.array([r.relative_error(n) for r in kept]) for n in NAMES}
    residual = np.array([r.details["residual"] for r in kept])

    def score(name: str, floor: float, gain: float) -> np.ndarray:
        return np.sqrt(floor**2 + spread[name] ** 2 + (gain * residual) ** 2)

    def likelihood(name: str, floor: float, gain: float) -> float:
        s = score(name, floor, gain)
        s = s * np.sqrt(np.mean((error[name] / s) ** 2))
        return float(-np.log(s).sum() - 0.5 * ((error[name] / s) ** 2).sum())

    floors = np.geomspace(0.002, 0.05, 15)
    gain = max((0.0, 0.1, 0.2, 0.4, 0.8), key=lambda g: sum(max(likelihood(n, f, g) for f in floors) for n in NAMES))
    floor = {n: float(max(floors, key=lambda f: likelihood(n, f, gain))) for n in NAMES}
    level = min(1.0, 0.95 * (1 + 1 / len(kept)))
    scale = {n: float(np.quantile(np.abs(error[n]) / score(n, floor[n], gain), level) / 1.96) for n in NAMES}
    return {name: Limits(scale[name], floor[name], gain, **fixed) for name in NAMES}


def summary(records: list[Record], calibration: Calibration) -> dict[str, Any]:
    """Figures of a split, over the pictures not abstained from, with the abstained share beside them."""
    kept = answered(records, calibration)
    result: dict[str, Any] = {"pictures": len(records), "abstained": len(records) - len(kept)}
    if not kept:
        return result
    for name in NAMES:
        errors = np.array([r.error(name) for r in kept])
        sd = np.array([calibration[name].relative_sd(r.spread[name], r.details["residual"]) for r in kept])
        relative = np.array([r.relative_error(name) for r in kept])
        # The interval is centred on the measured value, so its width scales with that value.
        covered = np.abs(relative) <= 1.96 * sd * (1 + relative)
        result[name] = {
            "mae_mm": float(np.abs(errors).mean()),
            "bias_mm": float(errors.mean()),
            "median_mm": float(np.median(np.abs(errors))),
            "p95_mm": float(np.quantile(np.abs(errors), 0.95)),
            "coverage95": float(covered.mean()),
        }
    result["dice"] = float(np.mean([r.dice for r in kept]))
    result["hd_note"] = "Dice of filled ellipses on the file's pixels"
    for label, low, high in TRIMESTERS_BY_HC:
        part = [r for r in kept if low <= r.hc_mm < high]
        if part:
            errors = np.array([r.error("HC") for r in part])
            result[label] = {
                "pictures": len(part),
                "hc_mae_mm": float(np.abs(errors).mean()),
                "dice": float(np.mean([r.dice for r in part])),
            }
    return result


def as_json(calibration: Calibration) -> dict[str, Any]:
    """For the bundle's ``configs/calibration.json``; `Limits.from_dict` reads each length's part of it."""
    each = {name: asdict(limits) for name, limits in calibration.items()}
    return each["HC"] | {key: {name: part[key] for name, part in each.items()} for key in ("scale", "floor")}
