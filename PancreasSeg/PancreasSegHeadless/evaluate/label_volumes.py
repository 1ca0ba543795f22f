"""Two label volumes a case, one judged by the other: <case>/prediction.nii.gz and <case>/reference.nii.gz."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, share_figures

COLUMNS = ("case", "label", "Dice", "HD95_mm", "ASSD_mm", "NSD", "volume_ml", "reference_ml", "reason")
TOLERANCE_MM = 3.0


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, a row for each label that either volume of a case holds, and metrics.json.

    Surface figures weigh by area (`DeepMedLib.ct.agreement`); the tolerance of NSD is 3 mm. Where one of the two has
    no voxel of a label, Dice and NSD are 0 and distances are left empty.

    Raises:
        BadInput: no such folder, or no case in it.
    """
    from DeepMedLib.errors import BadInput

    cases = sorted(path.parent for path in run.folder.glob("*/prediction.nii.gz"))[: run.limit]
    if not cases:
        raise BadInput(
            f"The folder {run.folder} holds no <case>/prediction.nii.gz.",
            "Give a folder for each case, with prediction.nii.gz and reference.nii.gz in it.",
        )
    made = run.rows(
        cases,
        lambda case: {"rows": _compared(case)},
        lambda case, reason: {"rows": [{"case": case.name, "reason": reason}]},
    )
    rows = [row for case in made for row in case["rows"]]
    run.write(COLUMNS, rows, _metrics(rows))


def _compared(case: Path) -> list[Row]:
    import numpy as np

    from DeepMedLib.ct.agreement import agreement
    from DeepMedLib.errors import BadInput
    from DeepMedLib.series import read_scan

    prediction, reference = read_scan(case / "prediction.nii.gz"), read_scan(case / "reference.nii.gz")
    if not prediction.grid.same_as(reference.grid, 0.1):
        raise BadInput("The two volumes lie on different grids.", "Resample the prediction to the reference's grid.")
    a, b = np.asarray(prediction.array), np.asarray(reference.array)
    i, j, k = (float(value) for value in reference.grid.spacing)
    milliliters = reference.grid.voxel_volume / 1000
    rows: list[Row] = []
    for label in sorted({int(value) for value in (*np.unique(a), *np.unique(b))} - {0}):
        one, other = a == label, b == label
        agreed = agreement(one, other, (k, j, i), TOLERANCE_MM)
        row: Row = {"case": case.name, "label": label, "reason": ""}
        row |= {"Dice": agreed.dice, "HD95_mm": agreed.hd95_mm, "ASSD_mm": agreed.assd_mm, "NSD": agreed.nsd}
        row |= {"volume_ml": float(one.sum()) * milliliters, "reference_ml": float(other.sum()) * milliliters}
        rows.append(row)
    return rows


def _metrics(rows: list[Row]) -> dict[str, Any]:
    labels = sorted({row["label"] for row in rows if "label" in row})
    figures: dict[str, Any] = {}
    for label in labels:
        mine = [row for row in rows if row.get("label") == label]
        figures[str(label)] = {
            name: share_figures([row[column] for row in mine if row[column] is not None])
            for name, column in (("dice", "Dice"), ("hd95_mm", "HD95_mm"), ("assd_mm", "ASSD_mm"), ("nsd", "NSD"))
        }
    return {
        "dataset": "label_volumes",
        "cases": len({row["case"] for row in rows}),
        "labels": figures,
        "surface": f"weighed by area in mm2; NSD within {TOLERANCE_MM:g} mm",
    }
