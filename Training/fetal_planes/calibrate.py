"""From the records of unseen patients: uncertainty and plane figures.

Abdomens and femurs with known truth are too few to fit much: limits are fixed, and one scale a measure is fitted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import stats

from FetalBiometryLib.planes.abdomen import length_of
from FetalBiometryLib.planes.femur import femur_reason
from FetalBiometryLib.planes.findings import PLANES, Finding, PlaneGuess
from FetalBiometryLib.planes.limits import Limits

from .crossval import Record
from .fixed_limits import LIMITS


def error_of(record: Record, found: Finding | None) -> float | None:
    """Relative error of AC or FL, also of proposals that are abstained from; None where nothing was found or the truth
    is not known."""
    if found is None:
        return None
    if "AC" in record.truth and "AC" in found.ellipses:
        return float(found.ellipses["AC"].perimeter / record.truth["AC"] - 1)
    if "FL" in record.truth and "FL" in found.lines:
        return float(length_of(found.lines["FL"]) / record.truth["FL"] - 1)
    return None


def fitted_scale(ratios: Sequence[float]) -> float:
    """Scale after which value +- 1.96 sd is the 95 % prediction interval of one more case like these; never below 1.

    Args:
        ratios: error / sd of each case, the sd made with scale 1.

    With n cases the RMS is itself uncertain: Student's t with n degrees of freedom (the mean is known to be 0) takes
    the place of 1.96. Few cases therefore mean a wide interval.
    """
    if not ratios:
        return 2.0
    n = len(ratios)
    return max(1.0, float(np.sqrt(np.mean(np.square(ratios))) * stats.t.ppf(0.975, n) / 1.96))


def left_out_coverage(ratios: Sequence[float]) -> int:
    """How many cases lie in their 95 % interval when the scale is fitted without them."""
    others = (fitted_scale([*ratios[:i], *ratios[i + 1 :]]) for i in range(len(ratios)))
    return sum(abs(ratio) <= 1.96 * scale for ratio, scale in zip(ratios, others, strict=True))


def ratios_of(records: list[Record]) -> dict[str, list[float]]:
    """Error / sd of each measure, the sd made with scale 1.

    AC: every outline proposed, also those that are abstained from: there are too few others. FL: every line that is
    not abstained from; an abstained line is mostly another bone, whose length says nothing of FL's uncertainty.
    Heart and thorax: their areas.
    """
    ratios: dict[str, list[float]] = {"abdomen": [], "femur": [], "heart": [], "thorax": []}
    open_femur = Limits(scale=1.0, **LIMITS["femur"])
    for record in records:
        found, error = record.finding, error_of(record, record.finding)
        if found is None:
            continue
        if error is not None and record.plane == "abdomen":
            ratios["abdomen"].append(error / found.relative_sd["AC"])
        if error is not None and record.plane == "femur" and not femur_reason(found.details, open_femur):
            ratios["femur"].append(error / found.relative_sd["FL"])
        for name, key in (("heart", "Heart"), ("thorax", "Thorax")):
            if f"{name}_area" in record.truth and key in found.ellipses:
                error = found.ellipses[key].area / record.truth[f"{name}_area"] - 1
                if abs(error) < 0.5:
                    ratios[name].append(error / found.relative_sd[f"{key}Area"])
    return ratios


def limits_with_scales(records: list[Record]) -> dict[str, dict[str, Any]]:
    """`LIMITS` with the fitted scale of each measure; the records were made with scale 1."""
    ratios = ratios_of(records)
    return {name: {"scale": fitted_scale(ratios[name]), **values} for name, values in LIMITS.items()}


def plane_figures(records: list[Record], guesses: list[PlaneGuess]) -> dict[str, Any]:
    """Balanced accuracy and recalls over all guesses and over certain ones, with the confusion table."""
    table = {t: dict.fromkeys(PLANES, 0) for t in PLANES}
    certain = {t: {"certain": 0, "right": 0} for t in PLANES}
    for record, guess in zip(records, guesses, strict=True):
        table[record.plane][guess.plane] += 1
        certain[record.plane]["certain"] += guess.certain
        certain[record.plane]["right"] += guess.certain and guess.plane == record.plane
    present = [t for t in PLANES if sum(table[t].values())]
    recall = {t: table[t][t] / sum(table[t].values()) for t in present}
    sure = {t: certain[t]["right"] / certain[t]["certain"] for t in present if certain[t]["certain"]}
    return {
        "pictures": len(records),
        "balanced_accuracy": float(np.mean(list(recall.values()))),
        "recall": recall,
        "truth_to_found": table,
        "certain_share": float(np.mean([g.certain for g in guesses])) if guesses else 0.0,
        "certain_balanced_accuracy": float(np.mean(list(sure.values()))) if sure else None,
        "certain": certain,
        "wrong_and_certain": [
            f"{r.image}: {r.plane} taken for {g.plane} ({100 * g.probabilities[g.plane]:.0f} %)"
            for r, g in zip(records, guesses, strict=True)
            if g.certain and g.plane != r.plane
        ],
    }
