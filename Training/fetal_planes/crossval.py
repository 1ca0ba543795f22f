"""What the networks see in pictures that trained none of them: one record a picture, for calibration and figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.networks.nets import UNet
from scipy import ndimage

from FetalBiometryLib.inference.planes_network import look_at_planes
from FetalBiometryLib.inference.task import Examiner, plane_finding
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.limits import Limits
from Training.fetal_head.data import read_grey
from Training.fetal_head.splits import hc18_split, patient_split
from Training.weights import as_shipped

from . import sources
from .folds import ALL, fold_of, patient_folds
from .sources import Sample
from .train import NETWORK

#: Limits that let everything through: what is abstained from is decided later, from the records.
OPEN = asdict(Limits(1.0, 0.02, 0.5, 9.0, 9.0, 0.0, 0.0, 1, (0.0, 1.0)))
OPEN_CALIBRATION = {"abdomen": OPEN, "femur": OPEN, "heart": OPEN, "thorax": OPEN}


@dataclass
class Record:
    """One picture that trained no network.

    Attributes:
        image: file stem.
        source: where it comes from.
        plane: the true one.
        fold: of its patient; `ALL` where no picture of that source trained the classifier.
        descriptors: (looks, d).
        finding: of the true plane (abdomen, femur, thorax), with open limits; None else.
        truth: what is known: "AC" or "FL" in px, "mm_per_px", "heart_area", "heart_dice" ...
    """

    image: str
    source: str
    plane: str
    fold: int
    descriptors: np.ndarray
    finding: Finding | None = None
    truth: dict[str, Any] = field(default_factory=dict)


def network_of(work: Path, part: str) -> torch.nn.Module:
    """The running mean of a part's weights, rounded as they are shipped."""
    state = torch.load(work / f"{part}.pt", weights_only=True)["average"]
    network = UNet(**NETWORK)  # type: ignore[arg-type]
    network.load_state_dict(as_shipped(state))
    return network.eval()


@dataclass(frozen=True)
class Networks:
    """The two that are shipped."""

    planes: torch.nn.Module
    heart: torch.nn.Module

    @classmethod
    def of(cls, work: Path) -> Networks:
        """From the trained states."""
        return cls(network_of(work, "more"), network_of(work, "heart"))


def record_of(networks: Networks, sample: Sample, source: str) -> Record:
    """Look at one picture and measure its true plane."""
    looks = look_at_planes(networks.planes, sample.picture)
    record = Record(sample.name, source, sample.plane, sample.fold, looks.descriptors)
    if sample.plane in ("abdomen", "femur", "thorax"):
        record.finding = plane_finding(sample.plane, looks, sample.picture, OPEN_CALIBRATION, networks.heart)
    return record


def length_truth(sample: Sample) -> dict[str, Any]:
    """AC (ellipse with the published axes) or FL in pixels, and the scale; empty without published points."""
    row = sample.extra.get("row")
    if row is None:
        return {}
    truth: dict[str, Any] = {"mm_per_px": float(row["px_to_mm_rate"])}
    if "ellipse" in sample.extra:
        truth |= {"AC": sample.extra["ellipse"].perimeter, "ellipse": sample.extra["ellipse"]}
    if "ends" in sample.extra:
        ends = sample.extra["ends"]
        truth |= {"FL": float(np.linalg.norm(ends[1] - ends[0])), "ends": ends}
    return truth


def planes_records(fetal: Path, networks: Networks) -> list[Record]:
    """`fetal_planes` and its further heads."""
    records = []
    for source, samples in (("fetal_planes", sources.planes(fetal)), ("fetal_planes_heads", sources.more_heads(fetal))):
        for sample in samples:
            record = record_of(networks, sample, source)
            record.truth = length_truth(sample) | {"label": sample.extra.get("plane", "")}
            records.append(record)
    return records


def focus_records(folder: Path, part: str, networks: Networks) -> list[Record]:
    """FOCUS pictures with the Dice of the heart and, where drawn, of the thorax (hull)."""
    records = []
    for sample in sources.focus(folder, part):
        record = record_of(networks, sample, f"focus_{part}")
        heart, hull = sample.masks["heart"], sample.masks.get("thorax")
        assert heart is not None and record.finding is not None
        record.truth = {"heart_area": float((heart > 127).sum())}
        record.truth["heart_dice"] = overlap(record.finding.ellipses.get("Heart"), heart > 127)
        if hull is not None:
            record.truth |= {"thorax_area": float((hull > 127).sum())}
            record.truth["thorax_dice"] = overlap(record.finding.ellipses.get("Thorax"), hull > 127)
        records.append(record)
    return records


def overlap(ellipse: Ellipse | None, mask: np.ndarray) -> float:
    """Dice of an ellipse and a mask; 0 without an ellipse."""
    if ellipse is None:
        return 0.0
    found = ellipse.mask(*mask.shape) > 0
    return float(2 * (found & mask).sum() / max(1, found.sum() + mask.sum()))


def hc18_heads(fetal: Path, split: str) -> Iterator[Sample]:
    """HC18 heads of one split of `splits.hc18_split`."""
    for stem in sorted(s for s, which in hc18_split(fetal / "hc18").items() if which == split):
        yield Sample(read_grey(fetal / "hc18" / "images" / f"{stem}.jpg"), {}, "head", "hc18", ALL, stem)


def structure_heads(fetal: Path, test: bool) -> Iterator[Sample]:
    """FETAL_PLANES heads: of the patients the head model was judged on, or every fourth of the others."""
    folds = patient_folds(fetal / "fetal_planes")
    paths = sorted((fetal / "head_structures" / "images").glob("*.jpg"))
    paths = [p for p in paths if (patient_split(p.name) == "test") == test][:: 1 if test else 4]
    for path in paths:
        yield Sample(read_grey(path), {}, "head", "structures", fold_of(path.name, folds), path.stem)


def empty_pictures(count: int, seed: int) -> Iterator[np.ndarray]:
    """Noise of several grain sizes, gradients, flat grey."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        if i % 6 == 5:
            yield np.full((540, 800), rng.integers(0, 255), np.uint8)
            continue
        noise = ndimage.gaussian_filter(rng.standard_normal((540, 800)), rng.uniform(0.5, 25))
        noise = 127 + 60 * noise / noise.std()
        if i % 3 == 0:
            noise = noise * np.linspace(0.2, 1, 800)[None]
        yield np.clip(noise, 0, 255).astype(np.uint8)


def empty_samples(count: int, seed: int) -> Iterator[Sample]:
    """`empty_pictures` as samples of the plane "other"."""
    for i, picture in enumerate(empty_pictures(count, seed)):
        yield Sample(picture, {}, "other", "empty", ALL, f"empty_{i}")


def all_records(fetal: Path, networks: Networks) -> list[Record]:
    """Everything that is judged."""
    return [
        *planes_records(fetal, networks),
        *focus_records(fetal / "focus_four_chamber", "testing", networks),
        *[record_of(networks, s, "head_structures") for s in structure_heads(fetal, True)],
        *[record_of(networks, s, "hc18_test") for s in hc18_heads(fetal, "test")],
        *[record_of(networks, s, "empty") for s in empty_samples(36, 5)],
    ]


def second_opinion(fetal: Path, wanted: set[str], resources: Path) -> dict[str, bool]:
    """Image -> does the shipped head model measure a head in it? For ``wanted`` images of `all_records`."""
    examiner = Examiner(resources, "cpu")
    every = (
        sources.planes(fetal),
        sources.more_heads(fetal),
        sources.focus(fetal / "focus_four_chamber", "testing"),
        structure_heads(fetal, True),
        hc18_heads(fetal, "test"),
        empty_samples(36, 5),
    )
    return {s.name: not examiner.head(s.picture).reason for samples in every for s in samples if s.name in wanted}


def classifier_samples(fetal: Path) -> Iterator[tuple[str, Sample]]:
    """What trains the classifier: (source, sample); nothing of HC18 test, FOCUS testing, judged `structure_heads`."""
    for name, samples in (
        ("fetal_planes", sources.planes(fetal)),
        ("fetal_planes_heads", sources.more_heads(fetal)),
        ("fetal_planes_extra", sources.extra(fetal)),
        ("focus_validation", sources.focus(fetal / "focus_four_chamber", "validation")),
        ("head_structures", structure_heads(fetal, False)),
        ("hc18_calibration", hc18_heads(fetal, "calibration")),
        ("empty", empty_samples(6, 2_000_000)),
    ):
        for sample in samples:
            yield name, sample
