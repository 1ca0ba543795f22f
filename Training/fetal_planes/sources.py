"""Pictures with what is known about them: masks by channel, known channels, plane, fold."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from scipy.spatial import ConvexHull

from FetalBiometryLib.inference.planes_network import CHANNELS
from FetalBiometryLib.phantom.abdomen import abdomen_phantom
from FetalBiometryLib.phantom.femur import femur_phantom
from FetalBiometryLib.phantom.head import TRAINING_SEED, head_phantom
from FetalBiometryLib.phantom.thorax import thorax_phantom
from FetalBiometryLib.planes.ellipse import Ellipse, fit_ellipse
from FetalBiometryLib.planes.findings import PLANES
from FetalBiometryLib.planes.lines import ellipse_of_axes
from Training.fetal_head.data import read_grey
from Training.fetal_head.splits import hc18_split

from .folds import ALL, NEVER, fold_of, patient_folds, plane_rows
from .marks import ABDOMENS, FEMURS

REGIONS = CHANNELS[:7]
_NOTHING = dict.fromkeys(REGIONS)
FULL_SHAPE = (661, 959)  # of most FOCUS originals
_PLANE = {"Fetal abdomen": "abdomen", "Fetal femur": "femur", "Fetal thorax": "thorax", "Fetal brain": "head"}


@dataclass
class Sample:
    """One picture.

    Attributes:
        picture: (H, W) uint8.
        masks: channel -> (H, W) 0..255, or None for "known to be absent"; channels not in it are unknown.
        plane: one of `PLANES`, or "" when unknown.
        group: how often it is shown is decided by group.
        fold: FETAL_PLANES fold, `ALL`, or `NEVER`.
    """

    picture: np.ndarray
    masks: dict[str, np.ndarray | None]
    plane: str
    group: str
    fold: int = ALL
    name: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.plane in PLANES or not self.plane
        assert set(self.masks) <= set(REGIONS)


def line_masks(shape: tuple[int, int], ends: Any) -> dict[str, np.ndarray | None]:
    """Shaft band and end-point blobs of a femur line, both scaled to the picture (0..255)."""
    p, q = np.asarray(ends, float)
    unit = max(shape[0] / 128, shape[1] / 192)  # one pixel of the network's canvas
    y, x = np.mgrid[: shape[0], : shape[1]]
    length = float(np.linalg.norm(q - p))
    u = (q - p) / length
    along = (x - p[0]) * u[0] + (y - p[1]) * u[1]
    across = -(x - p[0]) * u[1] + (y - p[1]) * u[0]
    band = np.clip(2.5 + 0.5 - np.abs(across) / unit, 0, 1) * np.clip(0.5 + along / unit, 0, 1)
    band *= np.clip(0.5 + (length - along) / unit, 0, 1)
    near = np.minimum(np.hypot(x - p[0], y - p[1]), np.hypot(x - q[0], y - q[1])) / unit
    return {"femur": 255 * band, "femur_end": 255 * np.exp(-0.5 * (near / 2.5) ** 2)}


def hc18(folder: Path) -> Iterator[Sample]:
    for stem, split in sorted(hc18_split(folder).items()):
        if split != "train":
            continue
        picture = read_grey(folder / "images" / f"{stem}.jpg")
        outline = np.argwhere(read_grey(folder / "outlines" / f"{stem}.png") > 0)[:, ::-1]
        ellipse = fit_ellipse(outline)
        masks: dict[str, np.ndarray | None] = {
            **_NOTHING,
            "head": 255 * ellipse.mask(picture.shape[0], picture.shape[1], 2),
        }
        masks.pop("spine")
        yield Sample(picture, masks, "head", "hc18", ALL, stem, {"ellipse": ellipse})


def _ends(row: dict[str, str], name: str) -> np.ndarray:
    return np.array([[float(row[f"{name}_{end}_{axis}"]) for axis in "xy"] for end in (1, 2)])


def _table(path: Path) -> dict[str, dict[str, str]]:
    with open(path, newline="") as file:
        return {Path(row.get("image_name") or row["image"]).stem: row for row in csv.DictReader(file)}


def abdomen_ellipse(row: dict[str, str]) -> Ellipse:
    """The ellipse with the axes TAD and APAD."""
    return ellipse_of_axes(_ends(row, "tad"), _ends(row, "apad"))


def planes(fetal: Path) -> Iterator[Sample]:
    """`fetal_planes`: 104 pictures of 62 patients."""
    folder = fetal / "fetal_planes"
    folds = patient_folds(folder)
    abdomens, femurs = _table(folder / "landmarks_abdomen.csv"), _table(folder / "landmarks_femur.csv")
    for row in plane_rows(folder):
        stem = row["Image_name"]
        picture = read_grey(folder / "images" / f"{stem}.jpg")
        plane = _PLANE.get(row["Plane"], "other")
        absent = {
            "abdomen": ("head", "heart", "thorax", "femur", "femur_end"),
            "femur": ("head", "abdomen", "heart", "thorax"),
            "thorax": ("head", "abdomen", "femur", "femur_end"),
            "head": ("abdomen", "heart", "thorax", "femur", "femur_end"),
            "other": (),
        }[plane]
        if row["Plane"] == "Maternal cervix" or row["Patient_num"] in ("12", "13", "26", "42", "43"):
            absent = REGIONS  # the last five are vessels of the mother
        masks: dict[str, np.ndarray | None] = dict.fromkeys(absent)
        extra: dict[str, Any] = {"plane": row["Plane"]}
        if stem in abdomens:
            extra |= {"ellipse": abdomen_ellipse(abdomens[stem]), "row": abdomens[stem]}
            masks["abdomen"] = 255 * extra["ellipse"].mask(picture.shape[0], picture.shape[1], 2)
        if stem in femurs:
            extra |= {"ends": _ends(femurs[stem], "fl"), "row": femurs[stem]}
            masks |= line_masks(picture.shape, extra["ends"])
        group = row["Plane"].lower().replace(" ", "_")
        yield Sample(picture, masks, plane, group, fold_of(stem, folds), stem, extra)


def more_heads(fetal: Path) -> Iterator[Sample]:
    folds = patient_folds(fetal / "fetal_planes")
    for path in sorted((fetal / "fetal_planes_heads" / "images").glob("*.jpg")):
        masks: dict[str, np.ndarray | None] = {k: None for k in REGIONS if k not in ("head", "spine")}
        yield Sample(read_grey(path), masks, "head", "fetal_brain", fold_of(path.name, folds), path.stem)


def extra(fetal: Path) -> Iterator[Sample]:
    """`fetal_planes_extra`: patients unknown, so for training only."""
    folder = fetal / "fetal_planes_extra"
    femurs = _table(folder / "landmarks_femur.csv")
    with open(folder / "planes.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        stem = Path(row["image"]).stem
        picture = read_grey(folder / "images" / row["image"])
        plane = {"brain": "head", "cervix": "other"}.get(row["plane"], row["plane"])
        own = {"head": ("head",), "thorax": ("heart", "thorax"), "femur": ("femur", "femur_end")}.get(plane, (plane,))
        masks: dict[str, np.ndarray | None] = {k: None for k in REGIONS if k not in own and k != "spine"}
        if stem in ABDOMENS:
            masks["abdomen"] = 255 * ABDOMENS[stem].mask(picture.shape[0], picture.shape[1], 2)
        published = {"ends": _ends(femurs[stem], "fl"), "row": femurs[stem]} if stem in femurs else {}
        ends = published.get("ends", FEMURS.get(stem))
        if ends is not None:
            masks |= line_masks(picture.shape, ends)
        yield Sample(picture, masks, plane, f"extra_{plane}", ALL, stem, published)


def screens(fetal: Path) -> Iterator[Sample]:
    """`caliper_screens`: pictures of another machine with calipers burned in; never for training."""
    folder = fetal / "caliper_screens"
    for stem, row in _table(folder / "truth.csv").items():
        extra: dict[str, Any] = {"row": {"px_to_mm_rate": row["mm_per_px"]}}
        if row["fl_mm"]:
            ends = [[float(row[f"fl{end}_{axis}"]) for axis in "xy"] for end in (1, 2)]
            extra["ends"] = np.array(ends)
        if row["ac_mm"]:
            extra["AC"] = float(row["ac_mm"]) / float(row["mm_per_px"])
        yield Sample(read_grey(folder / "images" / row["image"]), {}, row["plane"], "screen", ALL, stem, extra)


def focus(folder: Path, part: str) -> Iterator[Sample]:
    """FOCUS pictures of one part, the 512 x 512 stretch undone to `FULL_SHAPE`."""
    with open(folder / "cvat_chamber_annotations.json", encoding="utf-8") as file:
        drawn = json.load(file)["validation"]
    height, width = FULL_SHAPE
    for path in sorted((folder / "images").glob(f"{part}_*.jpg")):
        picture = np.asarray(Image.open(path).convert("L").resize((width, height), Image.Resampling.BICUBIC))
        with Image.open(folder / "cardiac_masks" / f"{path.stem}.png") as image:
            mask = np.asarray(image.convert("L").point(lambda v: 255 * (v > 0)).resize((width, height)))
        masks: dict[str, np.ndarray | None] = dict.fromkeys(("head", "abdomen", "femur", "femur_end"))
        masks["heart"] = mask.astype(np.float32)
        details: dict[str, Any] = {}
        entry = drawn.get(f"{path.stem.split('_')[1]}.png") if part == "validation" else None
        if entry is not None:
            scale = np.array([width / entry["width"], height / entry["height"]])
            parts = [(a["label"][:2], np.array(a["points"]) * scale) for a in entry["annotations"]]
            hull = np.concatenate([p for label, p in parts if label in ("RB", "SP", "LL", "RL")])
            hull = hull[ConvexHull(hull).vertices]
            masks["thorax"] = polygon_mask(hull, picture.shape)
            masks["spine"] = np.maximum.reduce([polygon_mask(p, picture.shape) for s, p in parts if s == "SP"])
            details = {"hull": hull, "parts": parts}
        fold = ALL if part == "validation" else NEVER
        yield Sample(picture, masks, "thorax", "focus_hull" if entry else "focus", fold, path.stem, details)


def polygon_mask(points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """(H, W) float32, 255 inside."""
    image = Image.new("L", (shape[1], shape[0]))
    ImageDraw.Draw(image).polygon([tuple(p) for p in points], fill=255)
    return np.asarray(image, np.float32)


def phantoms(count: int) -> Iterator[Sample]:
    """Generated stills of abdomen, femur, thorax and head, in turn."""
    for i in range(count):
        seed = TRAINING_SEED + i
        masks: dict[str, np.ndarray | None] = {k: None for k in REGIONS if k != "spine"}
        plane = ("abdomen", "femur", "thorax", "head")[i % 4]
        if plane == "abdomen":
            abdomen = abdomen_phantom(seed)
            picture, spine = abdomen.picture, abdomen.spine
            masks |= {"abdomen": 255 * abdomen.skin.mask(picture.shape[0], picture.shape[1], 2)}
            masks |= {"spine": _disc(spine, 0.14 * abdomen.skin.a, picture.shape)}
        elif plane == "femur":
            femur = femur_phantom(seed)
            picture = femur.picture
            masks |= line_masks(picture.shape, femur.ends)
        elif plane == "thorax":
            thorax = thorax_phantom(seed)
            picture, spine = thorax.picture, thorax.spine
            masks |= {"heart": 255 * thorax.heart.mask(picture.shape[0], picture.shape[1], 2)}
            masks |= {"thorax": 255 * thorax.thorax.mask(picture.shape[0], picture.shape[1], 2)}
            masks |= {"spine": _disc(spine, 0.14 * thorax.thorax.a, picture.shape)}
        else:
            head = head_phantom(seed)
            picture = head.picture
            masks |= {"head": 255 * head.skull.mask(picture.shape[0], picture.shape[1], 2)}
        yield Sample(picture, masks, plane, "phantom", ALL, f"phantom_{i}")


def _disc(centre: tuple[float, float], radius: float, shape: tuple[int, int]) -> np.ndarray:
    return 255 * Ellipse.make(centre[0], centre[1], radius, radius, 0).mask(shape[0], shape[1], 2)
