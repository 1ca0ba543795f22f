"""Nodule or not, of single axial patches (LUNA16 candidates)."""

from __future__ import annotations

from typing import Any

from deepmed_headless.cli.evaluate.scoring import Evaluation
from NoduleCADHeadless.evaluate import _patches

FILE = "patches_50x50_u8.npz"
_BATCH = 512


def evaluate(run: Evaluation) -> None:
    """Writes per_case.csv: row, score; metrics.json: AUC over all rows given. Labels are never read for a score.

    Raises:
        BadInput: no archive of patches in the folder.
        BundleRefused: the shipped model is missing or was changed.
    """
    import numpy as np
    from scipy.stats import rankdata

    from NoduleCADLib.classify.inference import nodule_logits

    stored = _patches.archive(run.folder / FILE, ("row", "img", "label"))
    pictures, rows = stored["img"][: run.limit], stored["row"][: run.limit]
    models = _patches.models(run.device)
    logits = []
    starts = range(0, len(pictures), _BATCH)
    with run.screen.bar("evaluate", len(starts)) as bar:
        for start in starts:
            bar.start(f"{FILE} {start}")
            logits.append(nodule_logits(models.candidates, pictures[start : start + _BATCH].astype(np.float32) / 255.0))
            bar.done()
    score = 1 / (1 + np.exp(-np.concatenate(logits)))
    label = stored["label"][: run.limit]
    metrics: dict[str, Any] = {"dataset": "luna16_candidate_patches", "model": models.about(), "patches": len(rows)}
    nodules = int(label.sum())
    if 0 < nodules < len(label):
        rank = rankdata(score)
        above = float(rank[label == 1].sum()) - nodules * (nodules + 1) / 2
        metrics["auc"] = above / (nodules * (len(label) - nodules))
    metrics["note"] = _patches.SHARED_PATIENTS
    table = [{"row": int(row), "score": float(value)} for row, value in zip(rows, score, strict=True)]
    run.write(("row", "score"), table, metrics)
