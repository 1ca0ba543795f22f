"""Run the network over one split and keep what is needed to calibrate and to judge: one record a picture."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from FetalBiometryLib.inference.head_network import look_at_head
from FetalBiometryLib.inference.looks import Looks
from FetalBiometryLib.planes.ellipse import Ellipse, fit_ellipse
from FetalBiometryLib.planes.head import LENGTHS, measure_head
from FetalBiometryLib.planes.limits import Limits

from .data import read_grey
from .splits import hc18_split, patient_split

#: Limits that let everything through: what is abstained from is decided later, from the records.
OPEN = dict.fromkeys(LENGTHS, Limits(1.0, 0.02, 0.5, 9.0, 9.0, 0.0, 0.0, 1, (0.0, 1.0)))


@dataclass(frozen=True)
class Record:
    """One picture's truth and raw prediction; lengths in mm where the picture has a scale, else pixels."""

    image: str
    truth: Ellipse | None
    found: Ellipse | None
    spread: dict[str, float]
    details: dict[str, float]
    dice: float
    mm_per_px: float
    hc_mm: float

    def error(self, name: str) -> float:
        """Predicted minus true length, mm."""
        assert self.truth is not None and self.found is not None
        if name == "HC":
            return self.found.perimeter * self.mm_per_px - self.hc_mm
        of = {"BPD": lambda e: 2 * e.b, "OFD": lambda e: 2 * e.a}[name]
        return self.mm_per_px * (of(self.found) - of(self.truth))

    def relative_error(self, name: str) -> float:
        """Error as a share of the true length."""
        assert self.truth is not None
        length = {"HC": self.hc_mm, "BPD": 2 * self.truth.b * self.mm_per_px, "OFD": 2 * self.truth.a * self.mm_per_px}
        return self.error(name) / length[name]


def record_of(image: str, picture: np.ndarray, looks: Looks, truth: Ellipse | None, mm: float, hc: float) -> Record:
    """Reduce the looks at one picture."""
    finding = measure_head(picture, *looks.of("head"), looks.picture_maps(), looks.frame, OPEN)
    found, details = finding.ellipses.get("HC"), finding.details
    if found is None:
        return Record(image, truth, None, {}, details, 0.0, mm, hc)
    spread = {"HC": details["spread"], "BPD": details["spread_bpd"], "OFD": details["spread_ofd"]}
    dice = 0.0
    if truth is not None:
        a, b = truth.mask(*picture.shape) > 0, found.mask(*picture.shape) > 0
        dice = float(2 * (a & b).sum() / (a.sum() + b.sum()))
    return Record(image, truth, found, spread, details, dice, mm, hc)


def hc18_records(network: torch.nn.Module, folder: Path, split: str) -> list[Record]:
    """All HC18 pictures of one split."""
    with open(folder / "pixel_size_and_hc.csv", newline="") as file:
        sizes: dict[str, Any] = {Path(r["image"]).stem: r for r in csv.DictReader(file)}
    records = []
    for stem, which in sorted(hc18_split(folder).items()):
        if which != split:
            continue
        picture = read_grey(folder / "images" / f"{stem}.jpg")
        outline = np.argwhere(read_grey(folder / "outlines" / f"{stem}.png") > 0)[:, ::-1]
        mm, hc = float(sizes[stem]["pixel_size_mm"]), float(sizes[stem]["head_circumference_mm"])
        records.append(record_of(stem, picture, look_at_head(network, picture), fit_ellipse(outline), mm, hc))
    return records


def no_head_records(network: torch.nn.Module, fetal: Path, split: str) -> list[Record]:
    """Pictures of other planes (abdomen, cervix, femur, thorax, four chambers): the right answer is none."""
    with open(fetal / "fetal_planes" / "planes.csv", newline="") as file:
        rows = [{k.strip(): v for k, v in r.items()} for r in csv.DictReader(file)]
    paths = [
        fetal / "fetal_planes" / "images" / f"{r['Image_name']}.jpg"
        for r in rows
        if r["Plane"] not in ("Fetal brain", "Other") and patient_split(r["Image_name"]) == split
    ]
    if split == "test":
        paths += sorted((fetal / "focus_four_chamber" / "images").glob("testing_*.jpg"))
    return [_without_truth(network, p.name, read_grey(p)) for p in paths]


def noise_records(network: torch.nn.Module, count: int, seed: int) -> list[Record]:
    """Pictures that show nothing: speckle of several grain sizes, gradients, stripes."""
    from scipy import ndimage

    rng = np.random.default_rng(seed)
    records = []
    for i in range(count):
        grain = rng.uniform(0.5, 25)
        noise = ndimage.gaussian_filter(rng.standard_normal((540, 800)), grain)
        noise = 127 + 60 * noise / noise.std()
        if i % 3 == 0:
            noise = noise * np.linspace(0.2, 1, 800)[None]
        records.append(_without_truth(network, f"noise_{i}", np.clip(noise, 0, 255).astype(np.uint8)))
    return records


def _without_truth(network: torch.nn.Module, name: str, picture: np.ndarray) -> Record:
    return record_of(name, picture, look_at_head(network, picture), None, float("nan"), float("nan"))
