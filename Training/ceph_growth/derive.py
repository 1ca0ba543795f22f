"""Derives the small statistics that CephSketcher ships.

    python -m Training.ceph_growth.derive --data ../shared/data/ceph

Writes Resources/CephSketcherNorms/riolo_1974.json (published means by age and sex) and, in
Resources/CephSketcherGrowth, growth_prior.json (mean shape, measures by age, change between visits). No table of
landmarks is kept.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.analysis.measure_definition import MILLIMETER
from CephSketcherLib.analysis.measures import MEASURES
from CephSketcherLib.analysis.plane_geometry import to_face_frame
from CephSketcherLib.analysis.shape_fit import left_out

from .tables import TEHRAN, Points, aaof, sheet, tehran

RESOURCES = Path(__file__).resolve().parents[2] / "CephSketcher" / "Resources"
RIOLO = {
    "CO-PG": "Co-Pog",
    "CO-GN": "Co-Gn",
    "CO-GO": "Co-Go",
    "AR-PG": "Ar-Pog",
    "GO-PG": "Go-Pog",
    "PNS-ANS": "PNS-ANS",
    "ANS-N": "N-ANS",
    "S-N": "S-N",
    "S-BA": "S-Ba",
    "BA-N": "Ba-N",
    "ME-ANS": "ANS-Me",
    "ME-N": "N-Me",
    "S-GO": "S-Go",
}
ATLAS = "Riolo ML, Moyers RE, McNamara JA, Hunter WS. An atlas of craniofacial growth, Michigan 1974"
#: Of the atlas' films, from memory of papers on them: the atlas itself was not at hand, and the norms say so.
ATLAS_MAGNIFICATION = 1.129
ATLAS_COPY = "kmiddleton/Riolo_CF_Growth_Data"
#: Larger changes between two visits are slips of the table, not growth.
LARGEST_STEP_DEG, LARGEST_STEP_SHARE = 15.0, 0.25


def riolo(path: Path) -> dict[str, Any]:
    """The atlas' linear measures as a norm set: mm on the film, magnification included."""
    norms = []
    for row in sheet(path):
        if row.get("Mean") and row.get("SD") and row.get("Short_Name") in RIOLO:
            age = float(row["Age"])
            norms.append(
                {
                    "measure": RIOLO[row["Short_Name"]],
                    "mean": round(float(row["Mean"]), 2),
                    "sd": round(float(row["SD"]), 2),
                    "sex": row["Sex"].strip().lower(),
                    "age_min": age - 0.5,
                    "age_max": age + 0.5,
                    "film_mm": True,
                    "magnification": ATLAS_MAGNIFICATION,
                    "source": f"{ATLAS} (n = {int(float(row['N']))})",
                    "checked": f"agrees with the table of {ATLAS_COPY}; magnification not checked",
                }
            )
    return {
        "name": "Riolo 1974",
        "description": "University of Michigan growth study, age 6 to 16 by sex. Lengths were measured on films "
        "enlarged by 12.9 % and are divided by 1.129.",
        "norms": norms,
    }


def _measured(points: Points) -> dict[str, float]:
    """Every measure that the points give: angles and ratios, and lengths in the table's own unit."""
    frame = {symbol: to_face_frame(xy, right=True) for symbol, xy in points.items()}
    found = {}
    for name, definition in MEASURES.items():
        if all(symbol in frame for symbol in definition.uses):
            value = float(definition.formula(frame))
            if math.isfinite(value):
                found[name] = value
    return found


def _robust(values: list[float]) -> dict[str, float | int]:
    """Count, mean and SD without values more than 4 robust SD from the median (slips of the tables)."""
    v = np.array(values)
    middle = np.median(v)
    spread_ = 1.4826 * np.median(np.abs(v - middle)) or 1.0
    kept = v[np.abs(v - middle) <= 4 * spread_]
    return {"n": len(kept), "mean": round(float(kept.mean()), 3), "sd": round(float(kept.std(ddof=1)), 3)}


def by_age(path: Path) -> dict[str, Any]:
    """Angles and ratios by age in two-year groups (cross-section of patients)."""
    groups: dict[int, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for age, points in tehran(path):
        if 6 <= age < 20:
            for name, value in _measured(points).items():
                if MEASURES[name].unit != MILLIMETER:
                    groups[int(age) // 2 * 2][name].append(value)
    return {
        str(age): {name: _robust(values) for name, values in sorted(rows.items()) if len(values) >= 20}
        for age, rows in sorted(groups.items())
    }


def per_visit(path: Path) -> dict[str, Any]:
    """Change from one visit to the next: angles in degrees, lengths as a share of the earlier one (longitudinal)."""
    changes: dict[str, list[float]] = defaultdict(list)
    for visits in aaof(path).values():
        for (before, points), (after, later) in pairwise(visits):
            if after != before + 1:
                continue
            old, new = _measured(points), _measured(later)
            for name in old.keys() & new.keys():
                length = MEASURES[name].unit == MILLIMETER
                if length and min(abs(old[name]), abs(new[name])) < 20:
                    continue  # small signed distances have no useful share
                step = (new[name] - old[name]) / old[name] if length else new[name] - old[name]
                if abs(step) < (LARGEST_STEP_SHARE if length else LARGEST_STEP_DEG):
                    changes[name].append(step * (100 if length else 1))
    return {name: _robust(values) for name, values in sorted(changes.items()) if len(values) >= 60}


def shape(path: Path) -> dict[str, Any]:
    """Mean shape (S at 0, N at (1, 0), y down) and how far each point lies from where the others let it be expected."""
    symbols = list(TEHRAN.values())
    films = []
    for _, points in tehran(path):
        xy = np.array([points[s] for s in symbols])
        films.append(_sella_nasion_frame(xy))
    mean = np.median(films, axis=0)
    mean = _sella_nasion_frame(mean)
    residuals = np.array([left_out(film, mean)[1] for film in films])
    covariances = []
    for i in range(len(symbols)):
        r = residuals[:, i]
        kept = r[np.linalg.norm(r - np.median(r, axis=0), axis=1) < 4 * np.median(np.linalg.norm(r, axis=1))]
        covariances.append(np.cov(kept.T).round(6).tolist())
    return {"symbols": symbols, "mean": mean.round(5).tolist(), "covariance": covariances, "n": len(films)}


def _sella_nasion_frame(xy: np.ndarray) -> np.ndarray:
    """(n, 2) points turned and scaled so that the first is (0, 0) and the second (1, 0)."""
    u = xy[1] - xy[0]
    turn = np.array([[u[0], u[1]], [-u[1], u[0]]]) / float(u @ u)
    return (xy - xy[0]) @ turn.T


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/ceph"))
    data = parser.parse_args().data
    norms = riolo(data / "norms_riolo1974" / "Riolo_data_linear.xlsx")
    lines = ",\n".join("  " + json.dumps(norm) for norm in norms.pop("norms"))
    head = json.dumps(norms, indent=1)[:-2]
    (RESOURCES / "CephSketcherNorms" / "riolo_1974.json").write_text(
        f'{head},\n "norms": [\n{lines}\n ]\n}}\n', encoding="utf-8"
    )
    folder = RESOURCES / "CephSketcherGrowth"
    folder.mkdir(exist_ok=True)
    prior = {
        "about": "Statistics only. by_age: growing patients of one city, both sexes, a cross-section (Tehran, "
        "Zenodo 10.5281/zenodo.15020583). per_visit: three growth studies of the AAOF Legacy Collection; visits are "
        "mostly one to four years apart, the interval is not in the tables. shape: the Tehran patients.",
        "by_age": by_age(data / "tehran_points" / "points.csv"),
        "per_visit": per_visit(data / "aaof_growth" / "landmarks_mm.csv"),
        "shape": shape(data / "tehran_points" / "points.csv"),
    }
    _write(folder / "growth_prior.json", prior)


def _write(path: Path, record: dict[str, Any]) -> None:
    """JSON with one entry of the second level a line."""
    parts = []
    for key, value in record.items():
        if isinstance(value, dict):
            inner = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            parts.append(f" {json.dumps(key)}: {{\n{inner}\n }}")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value)}")
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
