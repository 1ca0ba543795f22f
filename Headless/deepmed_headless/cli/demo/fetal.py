"""The fetal head: phantoms as PNG and as DICOM, and real HC18 pictures that no model was trained or tuned on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepmed_headless.cli.demo import DemoRun, Number, Section, Shown
from deepmed_headless.cli.demo_jobs import Finished, input_link, photograph, run_jobs

if TYPE_CHECKING:
    from deepmed_headless.cli.batch import Outcome
    from deepmed_headless.cli.inputs import Case
    from deepmed_headless.cli.screen import Step
    from FetalBiometryLib.phantom.head import HeadPhantom

LENGTHS = ("HC", "BPD", "OFD")
#: (seed, HC in mm, words). Seeds below 1000 are never trained on.
PHANTOMS = ((7, 182.0, "second trimester"), (11, 84.0, "first trimester"), (23, 296.0, "third trimester"))
DICOM_SEED, DICOM_HC_MM, DICOM_FRAME = 42, 221.0, 2
RULER_SEED, RULER_HC_MM, RULER_MM = 5, 243.0, 5.0
#: Of the published test split, and of its half that set no threshold either.
REAL = ("604_HC", "040_HC", "777_HC", "418_HC", "139_HC", "708_2HC")
FILES = (
    ("Report (HTML)", "report.html"),
    ("Report (PDF)", "report.pdf"),
    ("DICOM SR", "report.dcm"),
    ("Scene for 3D Slicer", "scene.mrb"),
    ("HC curve", "HC.mrk.json"),
    ("BPD line", "BPD.mrk.json"),
    ("OFD line", "OFD.mrk.json"),
    ("Segmentation", "head.seg.nrrd"),
    ("Table", "measurements.csv"),
    ("result.json", "result.json"),
)


@dataclass(frozen=True)
class Job:
    """A picture to measure: where it lies, how its scale is known, and its truth in mm."""

    path: Path
    title: str
    subtitle: str
    truth: Mapping[str, float]
    spacing: float | None = None
    mm_per_mark: float | None = None
    frame: int | None = None
    plane: str = "head"


def run(demo: DemoRun) -> list[Section]:
    """Measures phantoms and, with `--data`, real pictures.

    Raises:
        BadInput: `--data` holds no HC18 pictures.
    """
    inputs = demo.out / "inputs"
    inputs.mkdir(exist_ok=True)
    real = real_jobs(demo.data)[: 2 if demo.short else None] if demo.data is not None else []
    phantoms = phantom_jobs(inputs, demo.short)
    shown = measure(demo, [*phantoms, *real])
    sections = [
        Section(
            "Fetal head: generated phantoms",
            "phantom",
            "Ultrasound stills computed from a known skull ellipse, with speckle, shadows and drop-out. They show that "
            "the way from picture to report works and what it returns; they say nothing about accuracy in patients.",
            LENGTHS,
            shown[: len(phantoms)],
        )
    ]
    if real:
        sections.append(
            Section(
                "Fetal head: real HC18 pictures",
                "real",
                "Pictures of the HC18 data set (van den Heuvel 2018, CC BY 4.0) from the part that was used neither "
                "for training nor for choosing the model nor for its uncertainty. Truth is one observer's ellipse; "
                "BPD and OFD are its axes. A few pictures are a look, not a validation: see the model card.",
                LENGTHS,
                shown[len(phantoms) :],
            )
        )
    return sections


def measure(demo: DemoRun, jobs: Sequence[Job]) -> list[Shown]:
    """Each job through the code of `deepmed fetal`; one that fails says why on the page."""
    from deepmed_headless.cli.fetal_picture import PictureMeasurer
    from deepmed_headless.cli.fetal_settings import FetalSettings

    measurer: PictureMeasurer | None = None

    def work(job: Job, case: Case, step: Step, folder: Path) -> Outcome:
        nonlocal measurer
        settings = FetalSettings.checked(demo.device, job.spacing, job.mm_per_mark, job.frame, plane=job.plane)
        if measurer is None:
            measurer = PictureMeasurer(settings, photograph)
        measurer.settings = settings
        return measurer.measure(case, folder, step)

    return run_jobs(demo, "fetal", jobs, work, _shown)


def _shown(job: Job, done: Finished) -> Shown:
    record = done.record
    truths = dict(job.truth)
    if truths.keys() >= {"BPD", "OFD"}:
        truths["CI"] = 100 * truths["BPD"] / truths["OFD"]
    numbers = []
    for item in record["measurements"]:
        # A length in pixels has no truth to stand beside; the index has no unit that could differ.
        known = item["unit"] == "mm" or item["name"] == "CI"
        truth = truths.get(item["name"]) if known else None
        numbers.append(Number(item["name"], item["name"], item["unit"], item["value"], item["sd"], truth))
    return Shown(
        job.title,
        job.subtitle,
        record["status"],
        numbers,
        done.overlay,
        done.views,
        input_link(job.path) + done.links(FILES),
        [*done.abstained(), *record["warnings"], *record["quality"]],
        seconds=done.seconds,
    )


def phantom_jobs(inputs: Path, short: bool) -> list[Job]:
    """Writes the phantoms: PNG with a pixel size given, a multi-frame DICOM, and a PNG whose ruler is confirmed."""
    from PIL import Image

    from FetalBiometryLib.phantom.head import head_phantom

    jobs = []
    for seed, hc_mm, words in PHANTOMS[: 1 if short else None]:
        phantom = head_phantom(seed, hc_mm=hc_mm)
        path = inputs / f"phantom_{seed}.png"
        Image.fromarray(phantom.picture).save(path)
        subtitle = f"PNG, pixel size given ({phantom.spacing_mm:.3f} mm), {words}"
        jobs.append(Job(path, f"Phantom {seed}", subtitle, _truth(phantom), phantom.spacing_mm))
    cine = head_phantom(DICOM_SEED, hc_mm=DICOM_HC_MM)
    path = inputs / f"phantom_{DICOM_SEED}.dcm"
    write_dicom(cine, path)
    subtitle = f"Multi-frame DICOM, frame {DICOM_FRAME}, pixel size from its ultrasound region"
    jobs.append(Job(path, f"Phantom {DICOM_SEED}", subtitle, _truth(cine), frame=DICOM_FRAME))
    if not short:
        ruled = head_phantom(RULER_SEED, hc_mm=RULER_HC_MM)
        path = inputs / f"phantom_{RULER_SEED}.png"
        Image.fromarray(ruled.picture).save(path)
        subtitle = f"PNG without a pixel size; its depth ruler was read and confirmed as {RULER_MM:g} mm a mark"
        jobs.append(Job(path, f"Phantom {RULER_SEED}", subtitle, _truth(ruled), mm_per_mark=RULER_MM))
    return jobs


def _truth(phantom: HeadPhantom) -> dict[str, float]:
    skull = phantom.skull.scaled(phantom.spacing_mm)
    return {"HC": skull.perimeter, "BPD": 2 * skull.b, "OFD": 2 * skull.a}


def real_jobs(data: Path) -> list[Job]:
    """The fixed list of HC18 pictures in a folder of data sets (``fetal/hc18`` in it).

    Raises:
        BadInput: they are not there.
    """
    from deepmed_headless.cli.evaluate.hc18 import pixel_sizes, read_truth
    from DeepMedLib.errors import BadInput

    folder = data / "fetal" / "hc18"
    candidates = [folder / "images" / f"{stem}{suffix}" for stem in REAL for suffix in (".jpg", ".png")]
    found = [path for path in candidates if path.is_file()]
    sizes = pixel_sizes(folder)
    found = [path for path in found if path.stem in sizes]
    if not found:
        raise BadInput(
            f"There are no HC18 pictures in {folder}.", "Give the folder that holds fetal/hc18, or leave out --data."
        )
    truth = read_truth(folder, found, sizes)
    jobs = []
    for path in found:
        lengths = truth[path].lengths if path in truth else {}
        subtitle = f"HC18, published pixel size {sizes[path.stem]:.3f} mm"
        jobs.append(Job(path, f"HC18 {path.stem}", subtitle, lengths, sizes[path.stem]))
    return jobs


def write_dicom(phantom: HeadPhantom, path: Path, frames: int = 3) -> None:
    """An Ultrasound Multi-frame Image; `DICOM_FRAME` shows the phantom, the other frames show it shifted."""
    from deepmed_headless.cli.demo_dicom import write_ultrasound

    write_ultrasound(phantom.picture, phantom.spacing_mm, path, frames=frames, shown=DICOM_FRAME)
