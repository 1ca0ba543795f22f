"""Phantoms as files of every kind that a picture comes in: PNG with its scale told, DICOM loop, ruler, DICOM study."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from FetalBiometryLib.phantom.head import head_phantom
from FetalBiometryLib.phantom.study import study_phantom, study_truth
from FetalBiometryLib.phantom.ultrasound_file import write_ultrasound

#: (seed, HC in mm, words, options of the command). Seeds below 1000 are never trained on.
HEADS: tuple[tuple[int, float, str, dict[str, Any]], ...] = (
    (7, 182.0, "second trimester", {}),
    (42, 221.0, "multi-frame DICOM, frame 2, pixel size from its ultrasound region", {"frame": 2}),
    (11, 84.0, "first trimester", {}),
    (23, 296.0, "third trimester", {}),
    (5, 243.0, "its depth ruler was read and confirmed as 5 mm a mark", {"accept_ruler": 5.0}),
)
STUDY_SEED, WEEKS = 17, 28.0
#: Former visits of the phantom: what a fetus on the 40th centile would have measured.
VISITS = "ga_weeks,BPD_mm,HC_mm,AC_mm,FL_mm,EFW_g\n20w0d,47.6,173.9,148.9,31.9,318\n24w2d,60.5,220.3,192.7,42.8,650\n"


@dataclass(frozen=True)
class SampleFile:
    """A phantom that was written.

    Attributes:
        path: the picture, or the folder of a study.
        truth: true numbers by name: mm, %, weeks, g.
        values: options that `deepmed fetal` measures it with.
    """

    path: Path
    title: str
    words: str
    truth: Mapping[str, float]
    values: Mapping[str, Any] = field(default_factory=dict)


def write_heads(folder: Path) -> Iterator[SampleFile]:
    """PNG with a pixel size told, a multi-frame DICOM, and a PNG whose ruler is confirmed; one by one."""
    from PIL import Image

    for seed, hc_mm, words, values in HEADS:
        made = head_phantom(seed, hc_mm=hc_mm)
        skull = made.skull.scaled(made.spacing_mm)
        path = folder / f"phantom_{seed}.{'dcm' if 'frame' in values else 'png'}"
        if "frame" in values:
            write_ultrasound(made.picture, made.spacing_mm, path, frames=3, shown=2)
        else:
            Image.fromarray(made.picture).save(path)
        truth = {"HC": skull.perimeter, "BPD": 2 * skull.b, "OFD": 2 * skull.a, "CI": 100 * skull.b / skull.a}
        given = values or {"spacing": made.spacing_mm}
        yield SampleFile(path, f"Phantom {seed}", words, truth, {"plane": "head", **given})


def write_study(folder: Path) -> Iterator[SampleFile]:
    """A study of all planes as DICOM, the abdomen twice as a repeated measure, and two former visits beside it."""
    from pydicom.uid import generate_uid

    study, visits = folder / "study", folder / "former_visits.csv"
    study.mkdir(exist_ok=True)
    visits.write_text(VISITS, encoding="utf-8")
    pictures, uid = study_phantom(STUDY_SEED, WEEKS), generate_uid()
    for name, made in pictures.items():
        path = study / f"{name}.dcm"
        write_ultrasound(made.picture, made.spacing_mm, path, study_uid=uid, patient="Phantom^Fetus")
    words = f"{len(pictures)} DICOM stills, {WEEKS:g} weeks known, two former visits"
    given = {"ga_weeks": WEEKS, "visits": str(visits)}
    yield SampleFile(study, "Phantom examination", words, study_truth(pictures, WEEKS), given)
