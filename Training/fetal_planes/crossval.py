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

from FetalBiometryLib.inference.planes_network import CANVAS, PlaneLooks, look_at_planes
from FetalBiometryLib.inference.task import plane_finding
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.evidence.sector import near_boxes, only, sector_box
from FetalBiometryLib.planes.femur import femur_reason
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.framing import Box, Frame
from FetalBiometryLib.planes.limits import Limits
from Training.fetal_head.data import read_grey
from Training.fetal_head.splits import hc18_split, patient_split
from Training.weights import as_shipped, shipped

from . import sources
from .fixed_limits import LIMITS
from .folds import ALL, fold_of, patient_folds
from .sources import Sample
from .train import NETWORK

RESOURCES = Path("FetalBiometry/Resources/FetalBiometryModels")
#: Part of the training -> the bundle that it ends in.
BUNDLES = {"more": "planes", "heart": "heart"}
#: Limits that let everything through: what is abstained from is decided later, from the records.
OPEN_CALIBRATION = {
    name: asdict(Limits(1.0, limits["floor"], limits["gain"], 9.0, 9.0, 0.0, 0.0, 1, (0.0, 1.0)))
    for name, limits in LIMITS.items()
}


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
    """The running mean of a part's weights, rounded as shipped; those of the bundle where it was not trained here."""
    file = work / f"{part}.pt"
    network = UNet(**NETWORK)  # type: ignore[arg-type]
    if file.exists():
        network.load_state_dict(as_shipped(torch.load(file, weights_only=True)["average"]))
    else:
        network.load_state_dict(shipped(RESOURCES / BUNDLES[part]))
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
    """Look at one picture as the module does, and measure its true plane."""
    box = sector_box(sample.picture)
    looks = _look(networks, sample.picture, box)
    record = Record(sample.name, source, sample.plane, sample.fold, looks.descriptors)
    if sample.plane in ("abdomen", "femur", "thorax"):
        record.finding = plane_finding(sample.plane, looks, sample.picture, OPEN_CALIBRATION, networks.heart)
    if sample.plane == "femur" and _is_refused(record.finding):
        for near in near_boxes(box):
            looks = _look(networks, sample.picture, near)
            found = plane_finding("femur", looks, sample.picture, OPEN_CALIBRATION, networks.heart)
            if not _is_refused(found):
                record.finding = found
                break
    return record


def _look(networks: Networks, picture: np.ndarray, box: Box) -> PlaneLooks:
    frame = Frame.of_box(picture.shape[0], picture.shape[1], box, *CANVAS)
    return look_at_planes(networks.planes, only(picture, box), frame=frame)


def _is_refused(femur: Finding | None) -> bool:
    """Whether the module would look for the femur in the near field."""
    return femur is None or not femur.details or bool(femur_reason(femur.details, Limits(scale=1.0, **LIMITS["femur"])))


def length_truth(sample: Sample) -> dict[str, Any]:
    """AC (ellipse with the published axes) or FL in pixels, and the scale; empty without published points."""
    row = sample.extra.get("row")
    if row is None:
        return {}
    truth: dict[str, Any] = {"mm_per_px": float(row["px_to_mm_rate"])}
    if "ellipse" in sample.extra:
        truth |= {"AC": sample.extra["ellipse"].perimeter, "ellipse": sample.extra["ellipse"]}
    if "AC" in sample.extra:
        truth["AC"] = sample.extra["AC"]
    if "ends" in sample.extra:
        ends = sample.extra["ends"]
        truth |= {"FL": float(np.linalg.norm(ends[1] - ends[0])), "ends": ends}
    return truth


def with_truth(record: Record, sample: Sample) -> Record:
    """The record with what is known of its picture."""
    record.truth = length_truth(sample) | {"label": sample.extra.get("plane", "")}
    return record


def focus_records(folder: Path, part: str, networks: Networks) -> list[Record]:
    """FOCUS pictures of one part."""
    return [focus_record(networks, sample, f"focus_{part}") for sample in sources.focus(folder, part)]


def focus_record(networks: Networks, sample: Sample, source: str) -> Record:
    """A FOCUS picture with the Dice of the heart and, where drawn, of the thorax (hull)."""
    record = record_of(networks, sample, source)
    heart, hull = sample.masks["heart"], sample.masks.get("thorax")
    assert heart is not None and record.finding is not None
    record.truth = {"heart_area": float((heart > 127).sum())}
    record.truth["heart_dice"] = overlap(record.finding.ellipses.get("Heart"), heart > 127)
    if hull is not None:
        record.truth |= {"thorax_area": float((hull > 127).sum())}
        record.truth["thorax_dice"] = overlap(record.finding.ellipses.get("Thorax"), hull > 127)
    return record


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


def judged_samples(fetal: Path) -> Iterator[tuple[str, Sample]]:
    """Everything that is judged: (source, sample)."""
    for source, samples in (
        ("fetal_planes", sources.planes(fetal)),
        ("fetal_planes_heads", sources.more_heads(fetal)),
        ("focus_testing", sources.focus(fetal / "focus_four_chamber", "testing")),
        ("head_structures", structure_heads(fetal, True)),
        ("hc18_test", hc18_heads(fetal, "test")),
        ("caliper_screens", sources.screens(fetal)),
        ("fetal_planes_extra", (s for s in sources.extra(fetal) if "ends" in s.extra)),
        ("empty", empty_samples(36, 5)),
    ):
        for sample in samples:
            yield source, sample


def all_records(fetal: Path, networks: Networks) -> list[Record]:
    """A record of each of `judged_samples`."""
    return [
        focus_record(networks, sample, source)
        if source == "focus_testing"
        else with_truth(record_of(networks, sample, source), sample)
        for source, sample in judged_samples(fetal)
    ]


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
