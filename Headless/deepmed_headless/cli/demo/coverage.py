"""What a CT shows: a generated trunk, whole and cut, and real scans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.demo import DemoRun, Number, Section, Shown
from deepmed_headless.cli.demo_jobs import Finished, input_link, run_jobs

if TYPE_CHECKING:
    from deepmed_headless.cli.batch import Outcome
    from deepmed_headless.cli.inputs import Case
    from deepmed_headless.cli.screen import Step

VOLUMES = {"Right lung": "lung_right_ml", "Left lung": "lung_left_ml", "Airways": "airways_ml"}
#: (seed, heights shown in mm or all, words). Seeds below 1000 are never trained on; no phantom is.
PHANTOMS = (
    (3, (195.0, 540.0), "cut below the lung apices and through the kidneys"),
    (5, None, "from thigh to neck"),
)
REAL = (
    ("chest/ct/LIDC-IDRI-0001.nii.gz", "LIDC-IDRI-0001, chest"),
    ("abdomen/btcv_ct/0006/ct.nii.gz", "BTCV 0006, abdomen, values clipped to -125..275 HU"),
    ("abdomen/trunk_ct_3mm/ct.nii.gz", "TotalSegmentator test scan, 3 mm"),
)
_SENTENCES = 8  # of one scan on the page
FILES = (
    ("Report (HTML)", "report.html"),
    ("Report (PDF)", "report.pdf"),
    ("Scene for 3D Slicer", "scene.mrb"),
    ("Lungs and airways", "lungs.seg.nrrd"),
    ("Telling patches", "telling.png"),
    ("Slices (CSV)", "slices.csv"),
    ("result.json", "result.json"),
)


@dataclass(frozen=True)
class Job:
    """A scan to read: where it lies, its true volumes in ml, its organs and what is true of them."""

    path: Path
    title: str
    subtitle: str
    truth: Mapping[str, float]
    organs: Path | None = None
    states: Mapping[str, str] | None = None


def run(demo: DemoRun) -> list[Section]:
    """Reads phantoms and, with `--data`, real scans.

    Raises:
        BadInput: `--data` holds none of the scans.
    """
    inputs = demo.out / "inputs"
    inputs.mkdir(exist_ok=True)
    real = real_jobs(demo.data)[: 1 if demo.short else None] if demo.data is not None else []
    phantoms = phantom_jobs(inputs, demo.short)
    shown = read(demo, [*phantoms, *real])
    sections = [
        Section(
            "Scan coverage: a generated trunk",
            "phantom",
            "A trunk of ellipsoids and tubes in Hounsfield units, with the labels that it was drawn from. Organs, "
            "lungs and airways stand beside their truth; the airway is followed as far as 3 mm slices let it be seen, "
            "and the drawn one goes on. The recognizer of regions learned from patients only and was never shown a "
            "phantom: what it says of one is chance, and where the slices do not follow one another as in a body it "
            "says so and judges no region. Organs, lungs and airways do not need it.",
            tuple(VOLUMES),
            shown[: len(phantoms)],
            "ml",
        )
    ]
    if real:
        sections.append(
            Section(
                "Scan coverage: real scans",
                "real",
                "Public CT scans. The recognizer was trained on all of them, so this shows what the module returns, "
                "not how well it does; held-out figures are in the model card. No true volumes are known.",
                tuple(VOLUMES),
                shown[len(phantoms) :],
                "ml",
            )
        )
    return sections


def read(demo: DemoRun, jobs: Sequence[Job]) -> list[Shown]:
    """Each job through the code of `deepmed coverage`; one that fails says why on the page."""
    from deepmed_headless.cli.coverage_scan import ScanReader

    def work(job: Job, case: Case, step: Step, folder: Path) -> Outcome:
        return ScanReader(demo.device, True, job.organs, True).read(case, folder, step)

    return run_jobs(demo, "coverage", jobs, work, _shown)


def _shown(job: Job, done: Finished) -> Shown:
    record, line = done.record, done.outcome.line
    numbers = [
        Number(name, name, "ml", record["masks"][key], None, job.truth.get(name))
        for name, key in VOLUMES.items()
        if record["masks"].get(key)
    ]
    # Regions that are not judged do not take lungs, airways and organs with them.
    return Shown(
        job.title,
        job.subtitle,
        "done" if numbers else record["status"],
        numbers,
        done.overlay,
        "",
        input_link(job.path) + done.links(FILES),
        [line[0].upper() + line[1:] + ".", *_organs(job, record), *record["warnings"][:_SENTENCES]],
        seconds=done.seconds,
    )


def _organs(job: Job, record: Mapping[str, Any]) -> list[str]:
    """How many organs were judged as they were drawn."""
    if job.states is None:
        return []
    found = {verdict["name"]: verdict["state"] for verdict in record["verdicts"] if verdict["kind"] == "organ"}
    right = sum(found.get(name, "absent") == state for name, state in job.states.items())
    return [f"Organs judged as they were drawn: {right} of {len(job.states)}."]


def phantom_jobs(inputs: Path, short: bool) -> list[Job]:
    """Writes the phantoms and their organs; the short page has the first only."""
    import SimpleITK as sitk

    from DeepMedLib.ct.ct_phantom import HEIGHT_MM, ORGANS, trunk_phantom
    from DeepMedLib.geometry import to_sitk

    jobs = []
    for seed, shown, words in PHANTOMS[: 1 if short else None]:
        made = trunk_phantom(z_range=shown or (0.0, HEIGHT_MM), seed=seed)
        path, organs = inputs / f"trunk_{seed}.nrrd", inputs / f"trunk_{seed}.seg.nrrd"
        sitk.WriteImage(to_sitk(made.values, made.grid), str(path), useCompression=True)
        labels = to_sitk(made.labels, made.grid)
        _name_segments(labels, ORGANS)
        sitk.WriteImage(labels, str(organs), useCompression=True)
        ml = made.grid.voxel_volume / 1000
        truth = {
            name: float((made.labels == label).sum()) * ml
            for name, label in (("Right lung", 7), ("Left lung", 8), ("Airways", 9))
        }
        states = {name: drawn_state(made.labels == label) for label, name in ORGANS.items()}
        jobs.append(Job(path, f"Trunk {seed}", f"3 mm, {words}", truth, organs, states))
    return jobs


def _name_segments(labels: Any, names: Mapping[int, str]) -> None:
    """Header fields with which Slicer writes segmentations, so that it reads the labels with their names."""
    extent = " ".join(f"0 {size - 1}" for size in labels.GetSize())
    labels.SetMetaData("Segmentation_ReferenceImageExtentOffset", "0 0 0")
    for index, (value, name) in enumerate(names.items()):
        fields = {"ID": name, "Name": name, "LabelValue": str(value), "Layer": "0", "Extent": extent}
        for key, text in fields.items():
            labels.SetMetaData(f"Segment{index}_{key}", text)


def drawn_state(mask: Any) -> str:
    """absent, cut where a drawn organ reaches a face of the volume, otherwise complete."""
    if not mask.any():
        return "absent"
    faces = [mask.take(end, axis) for axis in range(3) for end in (0, -1)]
    return "cut" if any(face.any() for face in faces) else "complete"


def real_jobs(data: Path) -> list[Job]:
    """The fixed list of scans in a folder of data sets.

    Raises:
        BadInput: none of them is there.
    """
    from DeepMedLib.errors import BadInput

    jobs = []
    for name, title in REAL:
        path = data / name
        labels = path.parent / "labels_totalsegmentator_v2.nii.gz"
        if path.is_file():
            subtitle = "with the labels of TotalSegmentator" if labels.is_file() else "public CT"
            jobs.append(Job(path, title, subtitle, {}, labels if labels.is_file() else None))
    if not jobs:
        raise BadInput(f"There are no CT scans in {data}.", "Give the folder that holds chest/ct, or leave out --data.")
    return jobs
