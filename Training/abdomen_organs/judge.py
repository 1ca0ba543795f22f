"""The networks on what was kept aside, as they are used: whole scans, slice pictures, and scans without organs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk
from PIL import Image

from DeepMedLib.ct.agreement import agreement
from DeepMedLib.ct.volumes import surfaces_mm2
from DeepMedLib.geometry import Grid, from_sitk
from DeepMedLib.resampling import resample
from PancreasSegLib.calibration import KINDS
from PancreasSegLib.cascade import segment
from PancreasSegLib.organ_model import OrganModels
from PancreasSegLib.organs import BY_KEY, CHANNELS
from PancreasSegLib.windowed import segment_slice, way_of
from Training.abdomen_organs import data

TOLERANCE_MM = 3.0
LEAST_PIXELS = 300  # of a liver slice that is scored


def scan_rows(folder: Path, models: OrganModels) -> list[dict[str, Any]]:
    """A row for each organ of a BTCV case."""
    array, grid = from_sitk(sitk.ReadImage(str(folder / "ct.nii.gz")))
    truth = sitk.GetArrayFromImage(sitk.ReadImage(str(folder / "labels.nii.gz")))
    made = segment(array, grid, models, CHANNELS, lambda share, text: None)
    surfaces = surfaces_mm2(made.labels, grid, max(organ.label for organ in BY_KEY.values()))
    i, j, k = (float(value) for value in grid.spacing)
    rows = []
    for key in CHANNELS:
        organ = BY_KEY[key]
        found, mask = made.labels == organ.label, truth == organ.btcv
        row = {"case": folder.name, "organ": key, "spacing_mm": k}
        row |= {"volume_ml": float(found.sum()) * grid.voxel_volume / 1000}
        row |= {"reference_ml": float(mask.sum()) * grid.voxel_volume / 1000}
        row |= {"surface_mm2": float(surfaces[organ.label]), "sure": made.sure.get(key)}
        if mask.any():
            agreed = agreement(found, mask, (k, j, i), TOLERANCE_MM)
            row |= {"dice": agreed.dice, "hd95_mm": agreed.hd95_mm, "assd_mm": agreed.assd_mm, "nsd": agreed.nsd}
        rows.append(row)
    return rows


def slice_rows(
    folder: Path, models: OrganModels, known: Mapping[int, tuple[str, ...]], way: int, stems: set[str]
) -> list:
    """A row for each organ that a picture marks: Dice with the documented way of lying, and whether that was told.

    Args:
        folder: with images/ and masks/.
        known: keys of organs by value of the masks.
        way: how the pictures lie.
        stems: pictures to look at.
    """
    rows = []
    for path in sorted((folder / "images").glob("*.jpg")):
        if path.stem not in stems:
            continue
        picture = np.asarray(Image.open(path).convert("L"))
        truth = np.asarray(Image.open(folder / "masks" / f"{path.stem}.png"))
        truth = truth if len(known) > 1 else (truth > 0).astype(np.uint8)
        told = int(way_of(picture, models).argmax())
        made = segment_slice(picture, models, way)
        for value, keys in known.items():
            mask = truth == value
            if not mask.any():
                continue
            found = np.isin(made.labels, [BY_KEY[key].label for key in keys])
            dice = 2 * float((found & mask).sum()) / float(found.sum() + mask.sum())
            rows.append(
                {"case": path.stem, "organ": keys[0], "dice": dice, "pixels": int(mask.sum()), "told": told == way}
            )
    return rows


def kept_stems(folder: Path, case_of: Any, held: set[str]) -> set[str]:
    """Stems of the pictures of patients that were kept aside."""
    return {path.stem for path in (folder / "images").glob("*.jpg") if case_of(path.stem) in held}


def held_cases(pictures: data.Pictures, source: str) -> set[str]:
    """Patients of a source that were kept aside."""
    return {str(case) for case in np.unique(pictures.case[(pictures.source == source) & pictures.held])}


def slice_figures(rows: list[dict[str, Any]], organ: str, least: int = 0) -> dict[str, Any]:
    """Mean, median, least Dice, and the share below 0.7."""
    dice = np.array([row["dice"] for row in rows if row["organ"] == organ and row["pixels"] >= least])
    if len(dice) == 0:
        return {"n": 0}
    told = [row["told"] for row in rows if row["organ"] == organ]
    return {
        "n": len(dice),
        "mean": round(float(dice.mean()), 3),
        "median": round(float(np.median(dice)), 3),
        "min": round(float(dice.min()), 3),
        "below_07": round(float((dice < 0.7).mean()), 3),
        "lies_told": round(float(np.mean(told)), 3),
    }


def chest_ml(path: Path, models: OrganModels, above: float) -> float:
    """ml of anything found in the upper part of a chest scan, where no organ is.

    Args:
        above: share of the scan's height from which its upper part is kept.
    """
    array, grid = from_sitk(sitk.ReadImage(str(path)))
    first = round(above * array.shape[0])
    cut = grid.cropped((first, 0, 0), array.shape)
    part = np.ascontiguousarray(array[first:])
    made = segment(part, cut, models, [key for key in CHANNELS if key != "aorta"], lambda share, text: None)
    return float((made.labels > 0).sum()) * grid.voxel_volume / 1000


def oblique_dice(folder: Path, models: OrganModels) -> dict[str, float]:
    """Agreement of a scan's labels with those of the same scan resampled 15 degrees about the left-right axis."""
    array, grid = from_sitk(sitk.ReadImage(str(folder / "ct.nii.gz")))
    first = segment(array, grid, models, CHANNELS, lambda share, text: None).labels
    angle = np.radians(15)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    size = np.ceil(np.array(grid.size_ijk) * [1, 1.3, 1.2]).astype(int)
    spacing = grid.spacing
    middle = grid.ijk_points_to_ras((np.array(grid.size_ijk) - 1) / 2)
    origin = middle - turn @ (spacing * (size - 1) / 2)
    oblique = Grid.from_parts(spacing, origin, turn, (int(size[2]), int(size[1]), int(size[0])))
    labels = segment(
        resample(array, grid, oblique, fill=-1000), oblique, models, CHANNELS, lambda share, text: None
    ).labels
    back = resample(labels, oblique, grid, "nearest")
    out = {}
    for key in CHANNELS:
        a, b = first == BY_KEY[key].label, back == BY_KEY[key].label
        if a.any():
            out[key] = round(2 * float((a & b).sum()) / float(a.sum() + b.sum()), 3)
    return out


def edges(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """By kind of organ: the largest error of the edge in mm, of how many organs of how many scans."""
    out = {}
    for kind, organs in KINDS.items():
        mine = [row for row in rows if row["organ"] in organs and row["reference_ml"] > 0 and row["surface_mm2"] > 0]
        errors = [1000 * abs(row["volume_ml"] - row["reference_ml"]) / row["surface_mm2"] for row in mine]
        scans = len({row["case"] for row in mine})
        out[kind] = {"mm": round(max(errors), 3), "seen": len(errors), "scans": scans}
    return out
