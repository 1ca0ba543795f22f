"""Four folds of FETAL_PLANES patients: every patient is judged by a network that never saw her.

Patients of the rare planes are dealt round, so that each fold has some; all others go by a fixed hash.
"""

from __future__ import annotations

import csv
from pathlib import Path

from Training.fetal_head.splits import patient_of, share

FOLDS = 4
ALL = -1  # the fold of pictures that every network may see
NEVER = -2  # the fold of pictures that none may see
_RARE = ("Fetal abdomen", "Fetal femur", "Fetal thorax", "Fetal brain", "Maternal cervix")


def plane_rows(folder: Path) -> list[dict[str, str]]:
    """Rows of ``fetal_planes/planes.csv`` with clean headers."""
    with open(folder / "planes.csv", newline="") as file:
        return [{k.strip(): v.strip() for k, v in row.items()} for row in csv.DictReader(file)]


def patient_folds(folder: Path) -> dict[str, int]:
    """Patient of ``fetal_planes`` -> fold 0..3."""
    rows = plane_rows(folder)
    folds: dict[str, int] = {}
    next_fold = 0
    for plane in _RARE:
        patients = {patient_of(row["Image_name"]) for row in rows if row["Plane"] == plane}
        for patient in sorted(patients - set(folds), key=lambda p: share("fold " + p)):
            folds[patient] = next_fold % FOLDS
            next_fold += 1
    for patient in sorted({patient_of(row["Image_name"]) for row in rows} - set(folds)):
        folds[patient] = int(share("fold " + patient) * FOLDS)
    return folds


def fold_of(name: str, folds: dict[str, int]) -> int:
    """Fold of any FETAL_PLANES picture by its file name; patients outside ``fetal_planes`` by the same hash."""
    patient = patient_of(name)
    return folds[patient] if patient in folds else int(share("fold " + patient) * FOLDS)
