"""Organs in whole CT volumes, one folder a case: ct.nii.gz and, for figures, labels.nii.gz with the ids of BTCV."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, share_figures
from deepmed_headless.cli.paths import models_folder

if TYPE_CHECKING:
    from PancreasSegLib.organ_model import OrganModels

COLUMNS = (
    "case",
    "organ",
    "Dice",
    "HD95_mm",
    "ASSD_mm",
    "NSD",
    "volume_ml",
    "low_ml",
    "high_ml",
    "reference_ml",
    "state",
    "seconds",
    "reason",
)
TOLERANCE_MM = 3.0
LABELS = "labels"


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, a row for each organ of each case, and OUT/labels/<case>.nii.gz with the ids of
    `deepmed organs` on the input's grid; metrics.json where labels.nii.gz are there.

    Surface figures weigh by area (`DeepMedLib.ct.agreement`); the tolerance of NSD is 3 mm.

    Raises:
        BadInput: no such folder, or no case in it.
        BundleRefused: the shipped model is missing or was changed.
    """
    from DeepMedLib.errors import BadInput
    from PancreasSegLib.organ_model import load_models

    if not run.folder.is_dir():
        raise BadInput(f"There is no folder {run.folder}.", "Check INPUT_DIR.")
    cases = sorted(path.parent for path in run.folder.glob("*/ct.nii.gz"))[: run.limit]
    if not cases:
        raise BadInput(f"The folder {run.folder} holds no <case>/ct.nii.gz.", "Check INPUT_DIR and DATASET.")
    models = load_models(models_folder("PancreasSeg"), run.device)
    (run.out / LABELS).mkdir(exist_ok=True)
    made = run.rows(
        cases,
        lambda case: {"rows": case_rows(case, models, run.out / LABELS / f"{case.name}.nii.gz")},
        lambda case, reason: {"rows": [{"case": case.name, "reason": reason}]},
    )
    rows = [row for case in made for row in case["rows"]]
    judged = any(row.get("reference_ml") is not None for row in rows)
    run.write(COLUMNS, rows, _metrics(rows, models.about()) if judged else None)


def case_rows(case: Path, models: OrganModels, written: Path) -> list[Row]:
    """One row for each organ of a case; its labels are written as a file."""
    import numpy as np
    import SimpleITK as sitk

    from DeepMedLib.ct.agreement import agreement
    from DeepMedLib.ct.checks import check_ct
    from DeepMedLib.errors import BadInput
    from DeepMedLib.geometry import to_sitk
    from DeepMedLib.series import read_scan
    from PancreasSegLib.cascade import segment
    from PancreasSegLib.organs import BY_KEY, CHANNELS
    from PancreasSegLib.organs_task import ENGINE_NAME, finish

    scan = read_scan(case / "ct.nii.gz")
    started = time.monotonic()
    report = check_ct(scan.array, scan.grid)
    made = segment(scan.array, scan.grid, models, CHANNELS, lambda share, text: None)
    result = finish(
        case.name, scan.array, scan.grid, made.labels, CHANNELS, models.calibration, report, ENGINE_NAME, made.sure
    )
    seconds = time.monotonic() - started
    sitk.WriteImage(to_sitk(made.labels, scan.grid), str(written))
    truth = None
    if (case / "labels.nii.gz").is_file():
        reference = read_scan(case / "labels.nii.gz")
        if not reference.grid.same_as(scan.grid, 0.1):
            raise BadInput("labels.nii.gz lies on another grid than ct.nii.gz.", "Give both on one grid.")
        truth = np.asarray(reference.array)
    i, j, k = (float(value) for value in scan.grid.spacing)
    rows: list[Row] = []
    for organ in result.organs:
        low, high = organ.interval() or (None, None)
        row: Row = {"case": case.name, "organ": organ.key, "volume_ml": organ.volume_ml, "low_ml": low, "high_ml": high}
        row |= {"state": organ.state, "seconds": seconds, "reason": ""}
        if truth is not None:
            mask = truth == BY_KEY[organ.key].btcv
            row["reference_ml"] = float(mask.sum()) * scan.grid.voxel_volume / 1000
            if mask.any():
                agreed = agreement(made.labels == organ.label, mask, (k, j, i), TOLERANCE_MM)
                row |= {"Dice": agreed.dice, "HD95_mm": agreed.hd95_mm, "ASSD_mm": agreed.assd_mm, "NSD": agreed.nsd}
        rows.append(row)
    return rows


def _metrics(rows: list[Row], about: dict[str, str]) -> dict[str, Any]:
    organs = list(dict.fromkeys(row["organ"] for row in rows if "organ" in row))
    figures: dict[str, Any] = {}
    for organ in organs:
        mine = [row for row in rows if row.get("organ") == organ and row.get("Dice") is not None]
        inside = [row["low_ml"] <= row["reference_ml"] <= row["high_ml"] for row in mine if row["low_ml"] is not None]
        figures[organ] = {
            "dice": share_figures([row["Dice"] for row in mine]),
            "hd95_mm": share_figures([row["HD95_mm"] for row in mine if row["HD95_mm"] is not None]),
            "assd_mm": share_figures([row["ASSD_mm"] for row in mine if row["ASSD_mm"] is not None]),
            "nsd": share_figures([row["NSD"] for row in mine]),
            "volume_in_interval": f"{sum(inside)} of {len(inside)}",
        }
    return {
        "dataset": "volumes",
        "model": about,
        "cases": len({row["case"] for row in rows}),
        "organs": figures,
        "surface": f"weighed by area in mm2; NSD within {TOLERANCE_MM:g} mm",
        "note": "The model card names the BTCV cases that the networks never saw; all others were in training.",
    }
