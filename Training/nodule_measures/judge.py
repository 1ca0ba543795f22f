"""Figures of the outlining network on patients kept aside: outlines, sizes, suspicion and type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from scipy.ndimage import map_coordinates
from scipy.optimize import minimize

from DeepMedLib.models.loading import LoadedModel
from NoduleCADLib.classify.inference import Outlined, opinions, outline
from NoduleCADLib.classify.nodule_network import SIDE, SPACING_MM
from NoduleCADLib.classify.views import slice_view
from NoduleCADLib.mark import KINDS
from NoduleCADLib.measure.shape import measure, own_part
from Training.nodule_candidates.judge import area_under_curve
from Training.nodule_measures.data import PATCHES, Box, boxes, fold_of, rows_of

BENIGN, SUSPICIOUS = 2.5, 3.5
"""Usual task: mean scores below against above, nodules of three readers or more."""


def box_rows(model: LoadedModel, data: Path, fold: int) -> list[dict[str, Any]]:
    """What was measured on every box of a fold, beside the readers' consensus."""
    folds, rows = fold_of(data), []
    for box in boxes(data):
        if folds[box.row["patient_id"]] == fold:
            rows.append(measured_box(model, box))
    return rows


def measured_box(model: LoadedModel, box: Box) -> dict[str, Any]:
    """Dice on the box's voxels, sizes by the network and by the consensus."""
    center = box.center
    outlined = outline(model, box.hu, box.spacing, center)
    part = own_part(outlined.probability)
    step = float(box.spacing[2])
    soft = np.stack(
        [
            slice_view(box.mask.astype(np.float32), box.spacing, center, z, (0.0,), SIDE, SPACING_MM)[0]
            for z in outlined.slices
        ]
    )
    truth = measure(soft, soft >= 0.5, SPACING_MM, step)
    volume = float(box.mask.sum() * np.prod(box.spacing))
    row: dict[str, Any] = {
        "patient": box.row["patient_id"],
        "true_mm": truth.mean_mm,
        "true_mm3": volume,
        "slice_mm": step,
        "dice": 0.0,
        "mean_mm": None,
        "volume_mm3": None,
        "malignancy": float(box.row["malignancy"]),
        "texture": float(box.row["texture"]),
        "readers": float(box.row["n_ratings"]),
    }
    if part.any():
        shape = measure(outlined.probability, part, SPACING_MM, step)
        found = on_voxels(outlined, part, box)
        both = float((found & box.mask).sum())
        row["dice"] = 2 * both / float(found.sum() + box.mask.sum())
        row["mean_mm"], row["volume_mm3"] = shape.mean_mm, shape.volume_mm3
        row["shape_sd_mm"], row["shape_sd_mm3"] = shape.diameter_sd_mm, shape.volume_sd_mm3
    return row


def on_voxels(outlined: Outlined, part: np.ndarray, box: Box) -> np.ndarray:
    """The part on the box's own voxels."""
    found = np.zeros(box.mask.shape, bool)
    columns = (np.arange(box.mask.shape[0]) - outlined.center[0]) * box.spacing[0] / SPACING_MM + (SIDE - 1) / 2
    rows = (np.arange(box.mask.shape[1]) - outlined.center[1]) * box.spacing[1] / SPACING_MM + (SIDE - 1) / 2
    at = np.meshgrid(rows, columns, indexing="ij")
    for plane, own, z in zip(outlined.probability, part, outlined.slices, strict=True):
        inside = map_coordinates(plane, at, order=1) >= 0.5
        near = map_coordinates(own.astype(np.float32), at, order=1) > 0
        found[:, :, z] = (inside & near).T
    return found


def outline_figures(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Dice, errors of diameter and volume, with 95 % intervals over patients."""
    patients = np.array([row["patient"] for row in rows])
    dice = np.array([row["dice"] for row in rows])
    measured = np.array([row["mean_mm"] is not None for row in rows])
    wrong = np.array([np.nan if row["mean_mm"] is None else row["mean_mm"] - row["true_mm"] for row in rows])
    large = np.array([row["true_mm"] >= 6 for row in rows])
    ratio = np.array([0.0 if row["volume_mm3"] is None else row["volume_mm3"] / row["true_mm3"] for row in rows])
    figures: dict[str, Callable[[np.ndarray], float]] = {
        "dice": lambda of: float(dice[of].mean()),
        "diameter_error_mm": lambda of: float(np.nanmedian(np.abs(wrong[of]))),
        "diameter_bias_mm": lambda of: float(np.nanmean(wrong[of])),
        "volume_within_25": lambda of: float((np.abs(ratio[of][large[of]] - 1) <= 0.25).mean()),
        "volume_ratio": lambda of: float(np.median(ratio[of][large[of]])),
    }
    return {"nodules": len(rows), "outlined": int(measured.sum()), **_with_intervals(figures, patients)}


def patch_rows(model: LoadedModel, data: Path, wanted: Callable[[int], bool]) -> list[dict[str, Any]]:
    """Scores by network and readers of the single slices of some folds, and the diameter that the network draws."""
    folds = fold_of(data)
    table = rows_of(data / PATCHES / "patches.csv")
    with np.load(data / PATCHES / "patches_71x71_hu.npz") as stored:
        pictures = stored["img"]
    of = [n for n, row in enumerate(table) if wanted(folds[row["patient"]]) and float(row["n_ratings"]) >= 3]
    views, sizes = [], []
    for n in of:
        mm = float(table[n]["PixelSpacing"])
        volume, spacing, center = pictures[n].T[:, :, None], (mm, mm, 1.0), (35.0, 35.0, 0.0)
        views.append(slice_view(volume, spacing, center, 0.0, (0.0,), SIDE, SPACING_MM)[0])
        outlined = outline(model, volume, spacing, center)
        part = own_part(outlined.probability)
        sizes.append(measure(outlined.probability, part, SPACING_MM, 1.0).mean_mm if part.any() else 0.0)
    said = opinions(model, np.stack(views))
    return [
        {
            "patient": table[n]["patient"],
            "readers_malignancy": float(table[n]["malignancy_mean"]),
            "readers_texture": float(table[n]["texture_mean"]),
            "malignancy": float(said["malignancy"][place]),
            "texture": float(said["texture"][place]),
            "mean_mm": sizes[place],
        }
        for place, n in enumerate(of)
    ]


def kind_of_readers(texture: float) -> str:
    """Type of a mean texture score."""
    return "ground glass" if texture <= 2 else "part-solid" if texture < 4 else "solid"


def balanced_accuracy(found: list[str], true: list[str]) -> float:
    """Mean of the recalls of the kinds that occur."""
    recalls = [np.mean([f == k for f, t in zip(found, true, strict=True) if t == k]) for k in KINDS if k in true]
    return float(np.mean(recalls))


def best_kinds(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """The two texture thresholds of the best balanced accuracy."""
    true = [kind_of_readers(row["readers_texture"]) for row in rows]
    texture = np.array([row["texture"] for row in rows])
    best, at = -1.0, (2.0, 4.0)
    for low in np.arange(1.5, 4.0, 0.1):
        for high in np.arange(low + 0.2, 4.9, 0.1):
            value = balanced_accuracy(list(kinds_of(texture, (low, high))), true)
            if value > best:
                best, at = value, (float(low), float(high))
    return at


def kinds_of(texture: np.ndarray, kinds: tuple[float, float]) -> np.ndarray:
    """(n,) names."""
    return np.where(texture < kinds[0], "ground glass", np.where(texture < kinds[1], "part-solid", "solid"))


def size_opinion(rows: list[dict[str, Any]]) -> tuple[float, float]:
    """(a, b) of the readers' mean score = a + b * ln(diameter in mm), least squares."""
    sizes = np.log([max(row["mean_mm"], 2.0) for row in rows])
    scores = np.array([row["readers_malignancy"] for row in rows])
    b, a = np.polyfit(sizes, scores, 1)
    return float(a), float(b)


def opinion_figures(rows: list[dict[str, Any]], kinds: tuple[float, float]) -> dict[str, Any]:
    """Malignancy beside size alone, paired by patient; type by balanced accuracy and recalls."""
    clear = [row for row in rows if not BENIGN <= row["readers_malignancy"] <= SUSPICIOUS]
    patients = np.array([row["patient"] for row in clear])
    label = np.array([int(row["readers_malignancy"] > SUSPICIOUS) for row in clear])
    said, size = (np.array([row[name] for row in clear]) for name in ("malignancy", "mean_mm"))
    figures: dict[str, Callable[[np.ndarray], float]] = {
        "auc": lambda of: area_under_curve(said[of], label[of]),
        "auc_of_size": lambda of: area_under_curve(size[of], label[of]),
        "auc_above_size": lambda of: area_under_curve(said[of], label[of]) - area_under_curve(size[of], label[of]),
    }
    malignancy = {"benign": int((label == 0).sum()), "suspicious": int(label.sum())}
    malignancy |= _with_intervals(figures, patients)
    true = np.array([kind_of_readers(row["readers_texture"]) for row in rows])
    found = kinds_of(np.array([row["texture"] for row in rows]), kinds)
    everyone = np.array([row["patient"] for row in rows])
    accuracy = {"balanced_accuracy": lambda of: balanced_accuracy(list(found[of]), list(true[of]))}
    kind: dict[str, Any] = {"nodules": len(rows), **_with_intervals(accuracy, everyone)}
    kind["recall"] = {k: [int(((found == k) & (true == k)).sum()), int((true == k).sum())] for k in KINDS}
    return {"malignancy": malignancy, "type": kind}


def least_sd(error: np.ndarray, own_sd: np.ndarray) -> float:
    """The further standard uncertainty with which 95 % intervals hold 95 % of the errors."""

    def missed(extra: np.ndarray) -> float:
        return float(abs((np.abs(error) <= 1.96 * np.hypot(own_sd, extra[0])).mean() - 0.95))

    tried = [minimize(missed, [start], method="Nelder-Mead") for start in (0.02, 0.1, 0.3, 1.0)]
    return float(abs(min(tried, key=lambda each: each.fun).x[0]))


def _with_intervals(figures: dict[str, Callable[[np.ndarray], float]], patients: np.ndarray) -> dict[str, Any]:
    random = np.random.default_rng(0)
    members = [np.flatnonzero(patients == patient) for patient in np.unique(patients)]
    drawn = [np.concatenate([members[n] for n in random.integers(0, len(members), len(members))]) for _ in range(1000)]
    out: dict[str, Any] = {}
    for name, figure in figures.items():
        values = [figure(of) for of in drawn]
        low, high = np.nanquantile(values, [0.025, 0.975])
        out[name] = round(figure(np.arange(len(patients))), 4)
        out[f"{name}_95"] = [round(float(low), 4), round(float(high), 4)]
    return out
