"""Marks on whole chest CT scans."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, read_table
from deepmed_headless.cli.paths import models_folder
from NoduleCADHeadless.evaluate import _patches

COLUMNS = ("scan", "coordX", "coordY", "coordZ", "probability", "mean_mm", "volume_mm3", "type", "reason")


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv and marks.csv: all marks in LPS mm; metrics.json: seconds, and the rank of known nodules.

    Raises:
        BadInput: no scan in the folder.
        BundleRefused: a shipped model is missing or was changed.
    """
    from deepmed_headless.cli.evaluate.scoring import rows_csv
    from DeepMedLib.errors import BadInput, DeepMedError
    from DeepMedLib.jobs.task import run_here
    from NoduleCADLib.froc import Finding

    scans = sorted(run.folder.glob("*.nii.gz"))[: run.limit]
    if not scans:
        raise BadInput(f"There is no CT in {run.folder}.", "Give a folder of .nii.gz files.")
    known = read_table(run.folder / "nodules.csv")
    rows: list[Row] = []
    seconds: dict[str, object] = {}
    ranks: dict[str, int | None] = {}
    with run.screen.bar("evaluate", len(scans)) as bar:
        for path in scans:
            name = path.name.removesuffix(".nii.gz")
            step = bar.start(name)
            try:
                record = run_here(task_of(path, run.device), step).values["result"]
            except DeepMedError as error:
                rows.append({"scan": name, "reason": str(error)})
                bar.done()
                continue
            seconds[name] = record["seconds"]
            for mark in record["marks"]:
                x, y, z = mark["position"]
                row: Row = {"scan": name, "coordX": -x, "coordY": -y, "coordZ": z, "probability": mark["score"]}
                rows.append(row | {"mean_mm": mark["mean_mm"], "volume_mm3": mark["volume_mm3"], "type": mark["kind"]})
            for number, row_ in enumerate(each for each in known if each["scan"] == name):
                place = (-float(row_["coordX"]), -float(row_["coordY"]), float(row_["coordZ"]))
                nodule = Finding(place, float(row_["diameter_mm"]))
                hit = [n for n, mark in enumerate(record["marks"], 1) if nodule.holds(mark["position"])]
                ranks[f"{name} {number + 1}"] = hit[0] if hit else None
            bar.done()
    (run.out / "marks.csv").write_text(rows_csv(COLUMNS[:5], [row for row in rows if "probability" in row]), "utf-8")
    about = _patches.models(run.device).about()
    note = "Two scans cannot support a FROC: ranks of the known nodules alone are given."
    run.write(COLUMNS, rows, {"dataset": "chest_ct", "model": about, "rank": ranks, "seconds": seconds, "note": note})


def task_of(path: Path, device: str) -> Any:
    """The module's task on a file."""
    import SimpleITK as sitk

    from DeepMedLib.geometry import from_sitk
    from DeepMedLib.jobs.task import Task

    array, grid = from_sitk(sitk.ReadImage(str(path)))
    options = {
        "resources": str(models_folder(_patches.MODULE)),
        "device": device,
        "ijk_to_ras": grid.ijk_to_ras.tolist(),
        "scan": path.name,
        "fp_per_scan": 8.0,
    }
    return Task("NoduleCADLib.nodules_task:run", {"volume": array}, options)
