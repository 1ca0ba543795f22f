"""Nodules of LIDC-IDRI with their readers' outlines and scores, split by patient."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from NoduleCADLib.classify.nodule_network import OFFSETS_MM, OPINIONS, SPACING_MM
from NoduleCADLib.classify.views import slice_view

FOLDS = 5
WIDE = 80
"""Pixels of a cached view: what remains when a view of 64 is moved, turned and scaled."""

VOIS = Path("chest") / "lidc_nodule_vois"
PATCHES = Path("chest") / "lidc_nodule_patches"


@dataclass(frozen=True)
class Box:
    """A nodule's box: HU and consensus mask (x, y, z), spacing in mm, and its row of vois.csv."""

    hu: np.ndarray
    mask: np.ndarray
    spacing: np.ndarray
    row: dict[str, str]

    @property
    def center(self) -> np.ndarray:
        """(3,) voxel coordinates of the mask's center of mass."""
        return np.argwhere(self.mask).mean(0)


def rows_of(path: Path) -> list[dict[str, str]]:
    """A CSV file's rows."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def boxes(data: Path) -> Iterator[Box]:
    """All boxes, in the order of vois.csv."""
    rows = rows_of(data / VOIS / "vois.csv")
    with np.load(data / VOIS / "vois_hu.npz") as stored:
        shapes, spacings, offset, flat = stored["shape"], stored["spacing"], stored["offset"], stored["img"]
        bits = np.unpackbits(stored["mask_bits"], count=len(flat))
    for n, row in enumerate(rows):
        part = slice(offset[n], offset[n + 1])
        hu, mask = flat[part].reshape(shapes[n]), bits[part].reshape(shapes[n]).astype(bool)
        yield Box(hu, mask, spacings[n].astype(float), row)


def fold_of(data: Path) -> dict[str, int]:
    """The fold of every patient of both sets."""
    names = {row["patient_id"] for row in rows_of(data / VOIS / "vois.csv")}
    names |= {row["patient"] for row in rows_of(data / PATCHES / "patches.csv")}
    ordered = sorted(names)
    order = np.random.default_rng(13).permutation(len(ordered))
    return {ordered[index]: place % FOLDS for place, index in enumerate(order)}


def opinions_of_patch(row: dict[str, str]) -> list[float]:
    """Mean scores of a row of patches.csv."""
    return [float(row[f"{name}_mean"]) for name in OPINIONS]


def make_cache(data: Path, target: Path) -> None:
    """Views of every slice of the boxes and of every patch, int16 HU, with what is known of each."""
    folds = fold_of(data)
    views, masks, offs, owner, fold, scores, readers, inside = [], [], [], [], [], [], [], []
    for n, box in enumerate(boxes(data)):
        center = box.center
        area = box.mask.sum((0, 1))
        for z in range(box.hu.shape[2]):
            away = abs(z - center[2]) * box.spacing[2]
            if area[z] == 0 and away > 12.0:
                continue
            spacing, middle = box.spacing.tolist(), center.tolist()
            views.append(slice_view(box.hu, spacing, middle, z, OFFSETS_MM, WIDE, SPACING_MM).round().astype(np.int16))
            soft = slice_view(box.mask.astype(np.float32), spacing, middle, z, (0.0,), WIDE, SPACING_MM)[0]
            masks.append((255 * soft).round().astype(np.uint8))
            offs.append((z - center[2]) * box.spacing[2])
            owner.append(n)
            fold.append(folds[box.row["patient_id"]])
            scores.append([float(box.row[name]) for name in OPINIONS])
            readers.append(float(box.row["n_ratings"]))
            inside.append(area[z] / area.max())
    with np.load(data / PATCHES / "patches_71x71_hu.npz") as stored:
        pictures = stored["img"]
    rows = rows_of(data / PATCHES / "patches.csv")
    flat = []
    for picture, row in zip(pictures, rows, strict=True):
        mm = float(row["PixelSpacing"])
        view = slice_view(picture.T[:, :, None], (mm, mm, 1.0), (35.0, 35.0), 0.0, (0.0,), WIDE, SPACING_MM)[0]
        flat.append(view.round().astype(np.int16))
    target.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        target,
        views=np.stack(views),
        masks=np.stack(masks),
        off=np.array(offs, np.float32),
        owner=np.array(owner),
        fold=np.array(fold),
        scores=np.array(scores, np.float32),
        readers=np.array(readers, np.float32),
        inside=np.array(inside, np.float32),
        flat=np.stack(flat),
        flat_fold=np.array([folds[row["patient"]] for row in rows]),
        flat_scores=np.array([opinions_of_patch(row) for row in rows], np.float32),
        flat_readers=np.array([float(row["n_ratings"]) for row in rows], np.float32),
    )
