"""Fetal Biometry's part of the demo: heads, an examination, and real pictures that no model was trained or tuned on."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoJob, DemoRun, DemoSection
from deepmed_headless.cli.demo.ultrasound_file import write_ultrasound
from FetalBiometryHeadless.command import COMMAND

LENGTHS = ("HC", "BPD", "OFD")
OTHERS = ("HC", "AC", "FL", "ThoraxCircumference")
#: (seed, HC in mm, words, options). Seeds below 1000 are never trained on.
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
#: Of the published test split, and of its half that set no threshold either.
HC18 = ("604_HC", "040_HC", "777_HC", "418_HC", "139_HC", "708_2HC")
#: A clinician's calipers are burned in, nothing was trained on them; four-chamber views that were kept for testing.
SCREENS = ("femur_01", "femur_03", "abdomen_07", "head_03")
FOUR_CHAMBER = ("testing_001", "testing_005")


def heads(run: DemoRun) -> list[DemoJob]:
    """Writes the phantoms: PNG with a pixel size given, a multi-frame DICOM, and a PNG whose ruler is confirmed."""
    from PIL import Image

    from FetalBiometryLib.phantom.head import head_phantom

    jobs = []
    for seed, hc_mm, words, values in HEADS:
        made = head_phantom(seed, hc_mm=hc_mm)
        skull = made.skull.scaled(made.spacing_mm)
        path = run.inputs / f"phantom_{seed}.{'dcm' if 'frame' in values else 'png'}"
        if "frame" in values:
            write_ultrasound(made.picture, made.spacing_mm, path, frames=3, shown=2)
        else:
            Image.fromarray(made.picture).save(path)
        given = values or {"spacing": made.spacing_mm}
        truth = {"HC": skull.perimeter, "BPD": 2 * skull.b, "OFD": 2 * skull.a, "CI": 100 * skull.b / skull.a}
        jobs.append(DemoJob(path, f"Phantom {seed}", words, truth, {"plane": "head", **given}))
    return jobs


def examination(run: DemoRun) -> list[DemoJob]:
    """Writes a phantom study of all planes as DICOM, the abdomen twice as a repeated measure."""
    from pydicom.uid import generate_uid

    from FetalBiometryLib.phantom.study import study_phantom, study_truth

    folder, visits = run.inputs / "study", run.inputs / "former_visits.csv"
    folder.mkdir(exist_ok=True)
    visits.write_text(VISITS, encoding="utf-8")
    pictures, uid = study_phantom(STUDY_SEED, WEEKS), generate_uid()
    for name, made in pictures.items():
        path = folder / f"{name}.dcm"
        write_ultrasound(made.picture, made.spacing_mm, path, study_uid=uid, patient="Phantom^Fetus")
    words = f"{len(pictures)} DICOM stills, {WEEKS:g} weeks known, two former visits"
    values = {"ga_weeks": WEEKS, "visits": visits}
    return [DemoJob(folder, "Phantom examination", words, study_truth(pictures, WEEKS), values)]


def hc18(run: DemoRun) -> list[DemoJob]:
    """Real heads, as far as they are in the folder of data sets."""
    from FetalBiometryHeadless.evaluate.hc18 import pixel_sizes, read_truth

    folder = Path(run.data or "", "fetal", "hc18")
    sizes = pixel_sizes(folder)
    candidates = [folder / "images" / f"{stem}{suffix}" for stem in HC18 for suffix in (".jpg", ".png")]
    found = [path for path in candidates if path.is_file() and path.stem in sizes]
    truth = read_truth(folder, found, sizes)
    return [
        DemoJob(
            path,
            f"HC18 {path.stem}",
            f"HC18, published pixel size {sizes[path.stem]:.3f} mm",
            truth[path].lengths if path in truth else {},
            {"plane": "head", "spacing": sizes[path.stem]},
        )
        for path in found
    ]


def other_planes(run: DemoRun) -> list[DemoJob]:
    """Screens with calipers and four-chamber views, as far as they are in the folder of data sets."""
    jobs = []
    folder = Path(run.data or "", "fetal")
    table = folder / "caliper_screens" / "truth.csv"
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines())) if table.is_file() else []
    for row in rows:
        path = folder / "caliper_screens" / "images" / Path(row["image"]).name
        if path.stem in SCREENS and path.is_file():
            known = {name: row[f"{name.lower()}_mm"] for name in ("FL", "BPD", "HC", "AC")}
            truth = {name: float(mm) for name, mm in known.items() if mm}
            words = f"Screen with a clinician's calipers, {row['gestation_stated']} stated"
            values = {"plane": row["plane"], "spacing": float(row["mm_per_px"])}
            jobs.append(DemoJob(path, f"Screen {path.stem}", words, truth, values))
    for stem in FOUR_CHAMBER:
        path = folder / "focus_four_chamber" / "images" / f"{stem}.jpg"
        words = "FOCUS four-chamber view, stretched to a square, no pixel size: areas in pixels, axis distorted"
        if path.is_file():
            jobs.append(DemoJob(path, f"FOCUS {stem}", words, {}, {"plane": "thorax"}))
    return jobs


DEMO = Demo(
    COMMAND,
    (
        DemoSection(
            "Fetal head: generated phantoms",
            PHANTOM,
            "Ultrasound stills computed from a known skull ellipse, with speckle, shadows and drop-out. They show that "
            "the way from picture to report works and what it returns; they say nothing about accuracy in patients.",
            LENGTHS,
            heads,
            short=2,
        ),
        DemoSection(
            "Fetal head: real HC18 pictures",
            REAL,
            "Pictures of the HC18 data set (van den Heuvel 2018, CC BY 4.0) from the part that was used neither "
            "for training nor for choosing the model nor for its uncertainty. Truth is one observer's ellipse; "
            "BPD and OFD are its axes. A few pictures are a look, not a validation: see the model card.",
            LENGTHS,
            hc18,
            short=2,
        ),
        DemoSection(
            "Fetal examination: a generated study",
            PHANTOM,
            "Head, abdomen, femur and thorax of one phantom fetus with the median sizes of 28 weeks, as a DICOM study: "
            "planes are recognized, the abdomen is measured twice, and all is combined to one age, one weight and "
            "growth charts with former visits. Phantoms show that the way works; they say nothing about patients.",
            OTHERS,
            examination,
        ),
        DemoSection(
            "Fetal abdomen, femur and thorax: real pictures",
            REAL,
            "Screens of one scanner with a clinician's calipers burned in (which may guide a model, too), and "
            "four-chamber views without a pixel size. A few pictures are a look, not a validation: see the model "
            "card, which lists every real abdomen and femur one by one.",
            OTHERS,
            other_planes,
            short=0,
        ),
    ),
)
