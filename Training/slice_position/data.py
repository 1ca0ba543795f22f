"""Slices to learn from: single ones with a published place, and those of whole scans, placed by anatomical levels."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk

from DeepMedLib.ct.regions.position import position_of_score
from DeepMedLib.ct.regions.slice_picture import slice_picture, windowed
from DeepMedLib.geometry import from_sitk
from Training.slice_position.levels import positions_of_scan

FOLDS = 3
CACHE_SIDE = 72  # a little more than the network sees, room for shifts


@dataclass(frozen=True)
class Slices:
    """Slices of one source.

    Attributes:
        pictures: (n, side, side) uint8.
        position: (n,) 0..100.
        mm: (n,) millimetres towards the feet along the scan, 0 where there is one slice only.
        scan: (n,) number of the scan; single slices have -1.
        fold: (n,) fold in which the slice is held out.
    """

    pictures: np.ndarray
    position: np.ndarray
    mm: np.ndarray
    scan: np.ndarray
    fold: np.ndarray

    def take(self, index: np.ndarray) -> Slices:
        """Some of the slices."""
        return Slices(*(getattr(self, name)[index] for name in self.__dataclass_fields__))


def scan_files(data: Path) -> list[Path]:
    """The whole scans. The chest CT of the registration set is the second chest scan on another grid: left out."""
    return [
        *sorted((data / "abdomen" / "btcv_ct").glob("*/ct.nii.gz")),
        data / "abdomen" / "trunk_ct_3mm" / "ct.nii.gz",
        *sorted((data / "chest" / "ct").glob("*.nii.gz")),
    ]


def scan_name(path: Path) -> str:
    """Folder of the scan, or its file's name where a folder holds several."""
    return path.parent.name if path.name == "ct.nii.gz" else path.name.removesuffix(".nii.gz")


def axial_slices(path: Path) -> tuple[np.ndarray, np.ndarray, float]:
    """Axial slices of a scan from head to feet, as a radiologist sees them.

    Returns:
        (n, H, W) uint8 windowed, front at the top and the patient's right at the left; (n,) mm towards the feet; pixel
        height over width.
    """
    array, grid = from_sitk(sitk.ReadImage(str(path)))
    change = grid.canonical()
    upright = change.forward(array)[
        ::-1, ::-1, ::-1
    ]  # RAS order k, j, i -> from head to feet, front first, right first
    spacing = change.target.spacing
    return windowed(upright), np.arange(len(upright)) * float(spacing[2]), float(spacing[1] / spacing[0])


def known_slices(data: Path) -> Slices:
    """The slices whose place along the body was published (by another network's score); folds by patient."""
    folder = data / "bodypart" / "deeplesion_slices"
    images = np.load(folder / "slices_256_u8.npz")["img"]
    with open(folder / "slices.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    patients = sorted({row["patient"] for row in rows})
    place = {patient: number for number, patient in enumerate(np.random.default_rng(7).permutation(patients))}
    pictures = [slice_picture(image, side=CACHE_SIDE) for image in images]
    if any(picture is None for picture in pictures):
        raise ValueError("A slice shows no body.")
    n = len(rows)
    return Slices(
        np.stack([p for p in pictures if p is not None]),
        position_of_score(np.array([float(row["ssbr_score"]) for row in rows])),
        np.zeros(n),
        np.full(n, -1),
        np.array([place[row["patient"]] % FOLDS for row in rows]),
    )


def scan_slices(data: Path) -> Slices:
    """Every slice of the whole scans that shows a body."""
    parts = []
    for number, path in enumerate(scan_files(data)):
        images, mm, aspect = axial_slices(path)
        made = [slice_picture(image, aspect, CACHE_SIDE) for image in images]
        keep = np.array([picture is not None for picture in made])
        n = int(keep.sum())
        pictures = np.stack([picture for picture in made if picture is not None])
        parts.append(
            Slices(
                pictures,
                positions_of_scan(scan_name(path), mm[keep]),
                mm[keep],
                np.full(n, number),
                np.full(n, number % FOLDS),
            )
        )
    return Slices(*(np.concatenate([getattr(p, name) for p in parts]) for name in Slices.__dataclass_fields__))
