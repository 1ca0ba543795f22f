"""Position along the body and region of single axial slices (DeepLesion, ordered by a published network)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.evaluate.scoring import Evaluation, Row, read_table
from deepmed_headless.cli.paths import models_folder

if TYPE_CHECKING:
    import numpy as np

SLICES, TABLE = "slices_256_u8.npz", "slices.csv"
COLUMNS = ("n", "position", "region", "probability", "position_sd", "reason")


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv, one row a slice of the archive; metrics.json where slices.csv gives the order.

    Position runs from 0 (neck) to 100 (thigh). The order is never read for a prediction. Slices whose region is less
    certain than one half keep their position; a slice without a body has an empty row with the reason.

    Raises:
        BadInput: no archive of slices in the folder.
        BundleRefused: the shipped model is missing or was changed.
    """
    import numpy as np

    from DeepMedLib.ct.regions.position import REGIONS
    from ScanCoverageLib.slice_inference import look_at_slices
    from ScanCoverageLib.slice_model import load_recognizer

    images = read_slices(run.folder / SLICES)[: run.limit]
    recognizer = load_recognizer(models_folder("ScanCoverage"), run.device)
    with run.screen.bar("evaluate", 1) as bar:
        step = bar.start(SLICES)
        answers = look_at_slices(recognizer, list(images), 1.0, step)
        bar.done()
    regions = answers.regions()
    rows: list[Row] = []
    for n, position in enumerate(answers.position):
        if not np.isfinite(position):
            rows.append({"n": n, "reason": "No body is seen in the slice."})
            continue
        best = int(np.argmax(regions[n]))
        rows.append(
            {
                "n": n,
                "position": float(position),
                "region": REGIONS[best],
                "probability": float(regions[n, best]),
                "position_sd": float(answers.sd[n]),
                "reason": "",
            }
        )
    truth = read_table(run.folder / TABLE)
    run.write(COLUMNS, rows, _metrics(rows, truth, recognizer.about()) if truth else None)


def read_slices(path: Path) -> np.ndarray:
    """(n, H, W) uint8 slices of an archive, windowed -175..275 HU.

    Raises:
        BadInput: there is no such archive, or it holds no slices.
    """
    import numpy as np

    from DeepMedLib.errors import BadInput

    remedy = f"Give the folder that holds {SLICES}."
    if not path.is_file():
        raise BadInput(f"There is no {path.name} in {path.parent}.", remedy)
    try:
        with np.load(path, allow_pickle=False) as stored:
            images = stored["img"]
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(f"{path.name} is not an archive of slices.", remedy) from error
    if images.ndim != 3 or images.dtype != np.uint8:
        raise BadInput(f"{path.name} holds {images.dtype} of shape {images.shape}, not 8-bit slices.", remedy)
    return np.asarray(images)


def _metrics(rows: list[Row], truth: list[dict[str, str]], about: dict[str, str]) -> dict[str, Any]:
    import numpy as np
    from scipy.stats import spearmanr

    from DeepMedLib.ct.regions.position import REGIONS, position_of_score, region_index

    rank = {int(item["row"]): float(item["rank_of_100"]) for item in truth if item.get("rank_of_100")}
    score = {int(item["row"]): float(item["ssbr_score"]) for item in truth if item.get("ssbr_score")}
    judged = [row for row in rows if row["reason"] == "" and row["n"] in rank]
    metrics: dict[str, Any] = {
        "dataset": "deeplesion_slices",
        "model": about,
        "slices": len(rows),
        "answered": sum(row["reason"] == "" for row in rows),
        "note": "The order is the output of a published network. The shipped model was trained on the shared slices: "
        "only slices kept aside, or the cross-validation in the model card, judge it.",
    }
    if len(judged) > 2:
        found = np.array([row["position"] for row in judged])
        metrics["spearman"] = float(spearmanr(found, [rank[row["n"]] for row in judged])[0])
    scored = [row for row in judged if row["n"] in score]
    if scored:
        true = position_of_score(np.array([score[row["n"]] for row in scored]))
        found = np.array([row["position"] for row in scored])
        sd = np.array([row["position_sd"] for row in scored])
        right = [row["region"] == REGIONS[index] for row, index in zip(scored, region_index(true), strict=True)]
        metrics["region_right"] = float(np.mean(right))
        metrics["position_mean_abs_error"] = float(np.abs(found - true).mean())
        metrics["coverage_95"] = float((np.abs(found - true) <= 1.96 * sd).mean())
    return metrics
