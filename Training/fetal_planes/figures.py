"""Figures of the model card from records of unseen patients."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from FetalBiometryLib.planes.findings import Finding, PlaneGuess

from .calibrate import error_of, plane_figures
from .crossval import Record
from .verdict import verdict

#: Sources that are no part of "all together": pictures that show nothing, that have calipers burned in, or whose plane
#: trained the network.
APART = ("empty", "caliper_screens", "fetal_planes_extra")


@dataclass(frozen=True)
class Judged:
    """A record with the module's verdict under the final calibration."""

    record: Record
    finding: Finding
    error: float | None  # of AC or FL, relative


def rejudged(records: list[Record], calibration: dict[str, Any]) -> list[Judged]:
    """The records that hold a finding, with the final limits instead of the open ones."""
    return [
        Judged(r, found, error_of(r, found))
        for r in records
        if r.finding is not None
        for found in [verdict(r.finding, calibration)]
    ]


def plane_report(records: list[Record], guesses: list[PlaneGuess]) -> dict[str, Any]:
    """Plane figures of each source and of all together; pictures that show nothing apart."""

    def part(names: Sequence[str]) -> dict[str, Any]:
        chosen = [(r, g) for r, g in zip(records, guesses, strict=True) if r.source in names]
        return plane_figures([r for r, _ in chosen], [g for _, g in chosen])

    names = list(dict.fromkeys(r.source for r in records))
    report: dict[str, Any] = {"all": part([name for name in names if name not in APART])}
    report["sources"] = {name: part([name]) for name in names}
    return report


def length_figures(judged: list[Judged]) -> dict[str, Any]:
    """AC and FL: every picture with known truth; the summary is of `fetal_planes`, which trained no network."""
    result: dict[str, Any] = {}
    for name, plane in (("AC", "abdomen"), ("FL", "femur")):
        rows = []
        for j in judged:
            if name not in j.record.truth:
                continue
            scale = j.record.truth["mm_per_px"]
            sd = j.finding.relative_sd.get(name)
            rows.append(
                {
                    "image": j.record.image,
                    "source": j.record.source,
                    "truth_mm": round(j.record.truth[name] * scale, 1),
                    "error_percent": None if j.error is None else round(100 * j.error, 2),
                    "sd_percent": None if sd is None else round(100 * sd, 2),
                    "abstained": j.finding.abstained,
                    "reason": j.finding.reason,
                }
            )
        mine = [r for r in rows if r["source"] == "fetal_planes"]
        errors = [abs(r["error_percent"]) for r in mine if not r["abstained"] and r["error_percent"] is not None]
        others = [j for j in judged if j.record.plane == plane and name not in j.record.truth]
        result[name] = {
            "pictures": len(mine),
            "measured": len(errors),
            "median_abs_percent": float(np.median(errors)) if errors else None,
            "max_abs_percent": float(max(errors)) if errors else None,
            "rows": rows,
            "without_truth": len(others),
            "without_truth_measured": sum(not j.finding.abstained for j in others),
        }
    return result


def focus_figures(judged: list[Judged], source: str) -> dict[str, Any]:
    """Dice of the heart, and of the thorax with the area ratio's error where the thorax was drawn."""
    rows = []
    for j in judged:
        if j.record.source != source:
            continue
        row: dict[str, Any] = {
            "image": j.record.image,
            "heart_dice": round(j.record.truth["heart_dice"], 3),
            "abstained": j.finding.abstained,
        }
        if "thorax_area" in j.record.truth and len(j.finding.ellipses) == 2:
            ratio = j.finding.ellipses["Heart"].area / j.finding.ellipses["Thorax"].area
            truth = j.record.truth["heart_area"] / j.record.truth["thorax_area"]
            row |= {
                "thorax_dice": round(j.record.truth["thorax_dice"], 3),
                "area_ratio": round(ratio, 3),
                "area_ratio_truth": round(truth, 3),
                "area_ratio_error_percent": round(100 * (ratio / truth - 1), 1),
            }
        rows.append(row)
    every = [r["heart_dice"] for r in rows]
    kept = [r["heart_dice"] for r in rows if not r["abstained"]]
    return {
        "pictures": len(rows),
        "answered": len(kept),
        "heart_dice_all": float(np.mean(every)),
        "heart_dice_answered": float(np.mean(kept)) if kept else None,
        "heart_dice_min_answered": float(min(kept)) if kept else None,
        "rows": rows,
    }
