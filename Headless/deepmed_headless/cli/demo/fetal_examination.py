"""A whole fetal examination: a generated DICOM study of all planes, and real pictures that no model was trained on."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.demo import DemoRun, Number, Section, Shown
from deepmed_headless.cli.demo.fetal import Job, measure
from deepmed_headless.cli.demo_jobs import failed, finished

if TYPE_CHECKING:
    from deepmed_headless.cli.fetal_examination import ExaminationMeasurer
    from deepmed_headless.cli.inputs import Case
    from FetalBiometryLib.phantom.examination import PhantomPicture

#: Seeds below 1000 are never trained on. The second abdomen is a repeated measure.
SEED, REPEAT_SEED, WEEKS = 17, 18, 28.0
COLUMNS = ("HC", "AC", "FL", "ThoraxCircumference")
STUDY = "fetal_examination"
#: Former visits of the phantom: what a fetus on the 40th centile would have measured.
VISITS = "ga_weeks,BPD_mm,HC_mm,AC_mm,FL_mm,EFW_g\n20w0d,47.6,173.9,148.9,31.9,318\n24w2d,60.5,220.3,192.7,42.8,650\n"
#: Of `caliper_screens` (a clinician's calipers are burned in, nothing was trained on them) and the four-chamber
#: views that were kept for testing.
CALIPERS = ("femur_01", "femur_03", "abdomen_07", "head_03")
FOUR_CHAMBER = ("testing_001", "testing_005")
FILES = (
    ("Report (HTML)", "report.html"),
    ("Report (PDF)", "report.pdf"),
    ("DICOM SR", "report.dcm"),
    ("Scene for 3D Slicer", "scene.mrb"),
    ("Table", "measurements.csv"),
    ("result.json", "result.json"),
)


def run(demo: DemoRun) -> list[Section]:
    """Measures the phantom study as `deepmed fetal FOLDER` does and, with `--data`, real pictures.

    Raises:
        BadInput: `--data` holds none of the pictures.
    """
    sections = [
        Section(
            "Fetal examination: a generated study",
            "phantom",
            "Head, abdomen, femur and thorax of one phantom fetus with the median sizes of 28 weeks, as a DICOM study: "
            "planes are recognised, the abdomen is measured twice, and all is combined to one age, one weight and "
            "growth charts with former visits. Phantoms show that the way works; they say nothing about patients.",
            COLUMNS,
            phantom_examination(demo),
        )
    ]
    if demo.data is not None and not demo.short:
        jobs = real_jobs(demo.data)
        if jobs:
            sections.append(
                Section(
                    "Fetal abdomen, femur and thorax: real pictures",
                    "real",
                    "Screens of one scanner with a clinician's calipers burned in (which may guide a model, too), "
                    "and four-chamber views without a pixel size. A few pictures are a look, not a validation: see "
                    "the model card, which lists every real abdomen and femur one by one.",
                    COLUMNS,
                    measure(demo, jobs),
                )
            )
    return sections


def phantom_examination(demo: DemoRun) -> list[Shown]:
    """The examination first, then its pictures."""
    from deepmed_headless.cli.fetal_examination import ExaminationMeasurer
    from deepmed_headless.cli.fetal_picture import PictureMeasurer
    from deepmed_headless.cli.fetal_settings import FetalSettings
    from deepmed_headless.cli.inputs import Case

    folder = demo.out / "inputs" / STUDY
    folder.mkdir(parents=True, exist_ok=True)
    visits = demo.out / "inputs" / "former_visits.csv"
    visits.write_text(VISITS, encoding="utf-8")
    truths = write_study(folder)
    settings = FetalSettings.checked(demo.device, ga_weeks=WEEKS, visits=visits)
    cases = [Case(folder / f"{name}.dcm", name) for name in truths]
    examination = ExaminationMeasurer(folder, cases, PictureMeasurer(settings))
    out = demo.out / STUDY
    out.mkdir(exist_ok=True)
    shown = []
    with demo.screen.bar("demo", len(cases) + 1) as bar:
        for case in cases:
            title = f"Phantom {case.stem.replace('_', ' ')}"
            made = _shown(examination, case, out, title, "DICOM still", truths[case.stem], bar.start(title))
            shown.append(made)
            bar.done()
        title = "Phantom examination"
        subtitle = f"{len(cases)} pictures, {WEEKS:g} weeks known, two former visits"
        whole = _shown(examination, examination.case(), out, title, subtitle, combined(truths), bar.start(title))
        bar.done()
    return [whole, *shown]


def pictures() -> dict[str, PhantomPicture]:
    """The phantoms of the study by name; the abdomen twice, as a repeated measure."""
    from FetalBiometryLib.phantom.abdomen import abdomen_phantom
    from FetalBiometryLib.phantom.examination import abdomen_picture, examination_phantom

    named = {made.plane: made for made in examination_phantom(SEED, WEEKS)}
    named["abdomen_repeat"] = abdomen_picture(abdomen_phantom(REPEAT_SEED, ac_mm=named["abdomen"].truth["AC"]))
    return named


def write_study(folder: Path) -> dict[str, Mapping[str, float]]:
    """Writes the phantoms as DICOM stills of one study; returns name -> truth."""
    from pydicom.uid import generate_uid

    from deepmed_headless.cli.demo_dicom import write_ultrasound

    named, study = pictures(), generate_uid()
    for name, made in named.items():
        path = folder / f"{name}.dcm"
        write_ultrasound(made.picture, made.spacing_mm, path, study_uid=study, patient="Phantom^Fetus")
    return {name: made.truth for name, made in named.items()}


def combined(truths: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """True values of the examination: those of its pictures, and the weight that follows from them."""
    from FetalBiometryLib.growth.bpd import inner_bpd_mm
    from FetalBiometryLib.growth.weight import estimated_weight

    values = {name: value for truth in truths.values() for name, value in truth.items() if name not in ("TAD", "APAD")}
    lengths = {name: values[name] for name in ("HC", "AC", "FL")} | {"BPD": inner_bpd_mm(values["BPD"])}
    weight = estimated_weight(lengths).grams
    return values | {"EFW": weight, "GA": WEEKS, "HeadThoraxRatio": values["HC"] / values["ThoraxCircumference"]}


def _shown(
    examination: ExaminationMeasurer,
    case: Case,
    out: Path,
    title: str,
    subtitle: str,
    truth: Mapping[str, float],
    step: Any,
) -> Shown:
    """One picture of the examination, or the whole; one that fails says why on the page."""
    work = examination.measure_picture if case in examination.cases else examination.measure
    try:
        done = finished(out, case, lambda folder: work(case, folder, step))
    except Exception as error:
        return failed(title, subtitle, error)
    record = done.record
    numbers = [
        Number(item["name"], item["name"], item["unit"], item["value"], item["sd"], truth.get(item["name"]))
        for item in record["measurements"]
        if not item["name"].endswith("_z")
    ]
    flags = [flag["label"] + ": " + flag["state"] for flag in record.get("flags", ()) if flag["state"] == "present"]
    sentences = [*done.abstained(), *flags, *record["warnings"], *record.get("quality", ())]
    status, links = record["status"], done.links(FILES)
    return Shown(title, subtitle, status, numbers, done.overlay, "", links, sentences, seconds=done.seconds)


def real_jobs(data: Path) -> Sequence[Job]:
    """Pictures of a folder of data sets with what is known of them; empty where they are not there."""
    jobs = []
    folder = data / "fetal" / "caliper_screens"
    truth = {}
    if (folder / "truth.csv").is_file():
        with (folder / "truth.csv").open(newline="", encoding="utf-8") as stream:
            truth = {Path(row["image"]).stem: row for row in csv.DictReader(stream)}
    for stem in CALIPERS:
        path, row = folder / "images" / f"{stem}.jpg", truth.get(stem)
        if row is None or not path.is_file():
            continue
        columns = {"FL": "fl_mm", "BPD": "bpd_mm", "HC": "hc_mm", "AC": "ac_mm"}
        known = {name: float(row[column]) for name, column in columns.items() if row[column]}
        subtitle = f"Screen with a clinician's calipers, {row['gestation_stated']} stated"
        jobs.append(Job(path, f"Screen {stem}", subtitle, known, float(row["mm_per_px"]), plane=row["plane"]))
    for stem in FOUR_CHAMBER:
        path = data / "fetal" / "focus_four_chamber" / "images" / f"{stem}.jpg"
        if path.is_file():
            subtitle = "FOCUS four-chamber view, stretched to a square, no pixel size: areas in pixels, axis distorted"
            jobs.append(Job(path, f"FOCUS {stem}", subtitle, {}, plane="thorax"))
    return jobs
