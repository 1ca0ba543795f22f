"""All pictures to learn from, upright, at two millimeters a pixel, kept as arrays; split by patient.

Every picture has the front of the patient at the top and the patient's right at the left. A source teaches only the
organs that it marks; everything else on it is "unknown", not background.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import SimpleITK as sitk
from PIL import Image

from DeepMedLib.ct.regions.position import position_of_score
from DeepMedLib.ct.regions.slice_picture import body_box
from DeepMedLib.geometry import from_sitk
from PancreasSegLib.framing import NOMINAL_WIDTH_MM, resized, tissue_box, windowed, working_size
from PancreasSegLib.organs import BY_KEY, CHANNELS

CANVAS = (208, 240)
CANVAS_MM = 2.0
"""Somewhat finer than what the network sees."""
HELD_OUT_SCANS = 3
HELD_OUT_NIH = 10
SEED = 7
IRCAD_ALIKE = range(27, 51)  # LiTS holds 3D-IRCADb about here: these MSD cases stay in training, as IRCAD does
ALL = (1 << (len(CHANNELS) + 1)) - 1


@dataclass(frozen=True)
class Pictures:
    """Slices of all sources.

    Attributes:
        pictures: (n, *CANVAS) uint8.
        labels: (n, *CANVAS) uint8, channels of the network.
        z_mm: (n,) height along the scan, from the feet up; 0 in single slices.
        stack: (n,) number of the scan or picture; slices of a scan follow one another, from the feet up.
        known: (n,) bits of the channels that the source marks.
        held: (n,) bool: kept aside.
        source: (n,) name of the source.
        case: (n,) patient in the source.
    """

    pictures: np.ndarray
    labels: np.ndarray
    z_mm: np.ndarray
    stack: np.ndarray
    known: np.ndarray
    held: np.ndarray
    source: np.ndarray
    case: np.ndarray


def bits(*organs: str) -> int:
    """Bits of channels; the background is always among them."""
    return 1 + sum(1 << (CHANNELS.index(organ) + 1) for organ in organs)


def framed(picture: np.ndarray, box: tuple[int, int, int, int], labels: bool = False) -> np.ndarray:
    """Pictures (n, H, W) at working scale on the canvas, the middle of the body's box in its middle."""
    top = (box[0] + box[1]) // 2 - CANVAS[0] // 2
    left = (box[2] + box[3]) // 2 - CANVAS[1] // 2
    out = np.zeros((len(picture), *CANVAS), np.uint8)
    rows = slice(max(0, top), min(picture.shape[1], top + CANVAS[0]))
    columns = slice(max(0, left), min(picture.shape[2], left + CANVAS[1]))
    out[:, rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = picture[:, rows, columns]
    return out


def held_out(names: list[str], count: int) -> set[str]:
    """Patients that are kept aside."""
    order = np.random.default_rng(SEED).permutation(len(names))
    return {sorted(names)[i] for i in order[:count]}


def upright_scan(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, H, W) HU from the feet up, front at the top and right at the left; spacing of slices, rows and columns; the
    labels in the same way where there are any, channels of the network."""
    array, grid = from_sitk(sitk.ReadImage(str(path)))
    change = grid.canonical()
    upright = change.forward(array)[:, ::-1, ::-1]
    labels = np.zeros(upright.shape, np.uint8)
    if (path.parent / "labels.nii.gz").exists():
        told = sitk.GetArrayFromImage(sitk.ReadImage(str(path.parent / "labels.nii.gz")))
        table = np.zeros(256, np.uint8)
        for channel, organ in enumerate(CHANNELS, 1):
            table[BY_KEY[organ].btcv] = channel
        table[0] = 0
        labels = table[change.forward(told)[:, ::-1, ::-1]]
    return upright, change.target.spacing[::-1], labels


def _stack(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    hu, spacing, labels = upright_scan(path)
    size = working_size(hu.shape[1:], (spacing[1], spacing[2]), CANVAS_MM)
    small, marks = resized(windowed(hu), size), resized(labels, size, labels=True)
    box = body_box(small[len(small) // 2]) or (0, size[0], 0, size[1])
    return framed(small, box), framed(marks, box), np.arange(len(small)) * spacing[0]


def _scans(data: Path) -> Iterator[tuple]:
    folder = data / "abdomen" / "btcv_ct"
    cases = sorted(path.parent.name for path in folder.glob("*/ct.nii.gz"))
    held = held_out(cases, HELD_OUT_SCANS)
    for case in cases:
        yield *_stack(folder / case / "ct.nii.gz"), ALL, case in held, "btcv", case


def _grey(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("L"))


def _single(
    picture: np.ndarray, marks: np.ndarray, pixel_mm: float | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    box = tissue_box(picture)
    pixel_mm = pixel_mm or NOMINAL_WIDTH_MM / (box[3] - box[2])
    size = working_size(picture.shape, (pixel_mm, pixel_mm), CANVAS_MM)
    scale = size[1] / picture.shape[1]
    place = tuple(round(side * scale) for side in box)
    small = framed(resized(picture[None], size), place)
    return small, framed(resized(marks[None], size, labels=True), place), np.zeros(1), pixel_mm


def _nih(data: Path) -> Iterator[tuple]:
    first = data / "abdomen" / "nih_pancreas_slices"
    second = data / "abdomen" / "nih_pancreas_slices2"
    files = [path for folder in (first, second / "full") for path in sorted((folder / "images").glob("*.jpg"))]
    held = held_out(sorted({nih_patient(path.stem) for path in files}), HELD_OUT_NIH)
    sizes: dict[str, list[float]] = {}
    crops = [path for name in ("crop0", "crop1") for path in sorted((second / name / "images").glob("*.jpg"))]
    for path in [*files, *crops]:
        patient = nih_patient(path.stem)
        marks = np.asarray(Image.open(path.parent.parent / "masks" / f"{path.stem}.png")) > 0
        # Crops are at the scale of the patient's whole slices.
        known_mm = None if path in files else float(np.median(sizes[patient]))
        made = _single(np.flipud(_grey(path)), np.flipud(marks).astype(np.uint8), known_mm)
        sizes.setdefault(patient, []).append(made[3])
        name = "nih" if path in files else "nih_crop"
        yield *made[:3], bits("pancreas"), patient in held, name, patient


def nih_patient(stem: str) -> str:
    """PANCREAS_0001-1100 is a slice of PANCREAS_0001."""
    return stem.split("-", maxsplit=1)[0]


def _curvas(data: Path) -> Iterator[tuple]:
    folder = data / "abdomen" / "curvas_slices"
    files = sorted(folder.glob("annotator*/images/*.jpg"))
    cases = sorted({path.stem.split("_")[0] for path in files})
    held = held_out(cases, max(1, len(cases) // 5))
    for path in files:
        told = np.asarray(Image.open(path.parent.parent / "masks" / f"{path.stem}.png"))
        picture = _grey(path)
        box = tissue_box(picture)
        left = np.arange(told.shape[1])[None] > (box[2] + box[3]) / 2
        marks = np.zeros(told.shape, np.uint8)
        for value, organ in ((1, "pancreas"), (3, "liver")):
            marks[told == value] = CHANNELS.index(organ) + 1
        marks[(told == 2) & left] = CHANNELS.index("left_kidney") + 1
        marks[(told == 2) & ~left] = CHANNELS.index("right_kidney") + 1
        known = bits("pancreas", "liver", "left_kidney", "right_kidney")
        case = path.stem.split("_")[0]
        yield *_single(picture, marks)[:3], known, case in held, "curvas", case


def _livers(data: Path) -> Iterator[tuple]:
    msd, ircad = data / "abdomen" / "msd_liver_slices", data / "abdomen" / "ircad_liver_slices"
    files = sorted((msd / "images").glob("*.jpg"))
    cases = sorted({path.stem.split("_")[1] for path in files})
    held = held_out([case for case in cases if int(case) - 10000 not in IRCAD_ALIKE], 15)
    for path in files:
        kind, case, _ = path.stem.split("_")
        yield *_liver(path, upright_msd(kind)), case in held, "msd", case
    for path in sorted((ircad / "images").glob("*.jpg")):
        yield *_liver(path, lambda a: np.rot90(a, 2)), False, "ircad", path.stem.split("_")[0]


def upright_msd(kind: str) -> Callable[[np.ndarray], np.ndarray]:
    """How a slice of the MSD liver set is turned upright."""
    return lambda array: np.rot90(array, 1 if kind == "flipped" else -1)


def _liver(path: Path, turn: Callable[[np.ndarray], np.ndarray]) -> tuple:
    marks = np.asarray(Image.open(path.parent.parent / "masks" / f"{path.stem}.png"))
    marks = (marks > 0).astype(np.uint8) * (CHANNELS.index("liver") + 1)
    return *_single(turn(_grey(path)), turn(marks))[:3], bits("liver")


def _organ_free(data: Path) -> Iterator[tuple]:
    """Slices on which none of the organs can be: neck and upper chest, pelvis and thighs."""
    folder = data / "bodypart" / "deeplesion_slices"
    images = np.load(folder / "slices_256_u8.npz")["img"]
    with open(folder / "slices.csv", newline="") as file:
        places = position_of_score(np.array([float(row["ssbr_score"]) for row in csv.DictReader(file)]))
    for number, (image, place) in enumerate(zip(images, places, strict=True)):
        if place < 30 or place > 84:
            yield *_single(image, np.zeros_like(image))[:3], ALL, number % 5 == 0, "deeplesion", str(number)
    for name, part in (("CPTAC-C3N-00247", 0.5), ("LIDC-IDRI-0001", 0.5)):
        pictures, marks, z = _stack(data / "chest" / "ct" / f"{name}.nii.gz")
        above = z > part * z[-1]
        yield pictures[above], marks[above], z[above], ALL, name.startswith("LIDC"), "chest", name


def load(data: Path, cache: Path) -> Pictures:
    """Read all sources under ``shared/data``; the arrays are kept in ``cache`` for the next start."""
    if cache.exists():
        with np.load(cache) as stored:
            return Pictures(**stored)
    columns: dict[str, list[np.ndarray]] = {name: [] for name in Pictures.__dataclass_fields__}
    number = 0
    for source in (_scans, _nih, _curvas, _livers, _organ_free):
        for pictures, labels, z, known, held, name, case in source(data):
            n = len(pictures)
            values = (pictures, labels, z, *(np.full(n, value) for value in (number, known, held, name, case)))
            for column, value in zip(columns.values(), values, strict=True):
                column.append(value)
            number += 1
    result = Pictures(**{name: np.concatenate(parts) for name, parts in columns.items()})
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, **vars(result))
    return result
