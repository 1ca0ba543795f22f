"""Cephalograms: films of a skull phantom, a film made of the phantom's volume, and real films not trained on."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.demo import DemoRun, Number, Section, Shown
from deepmed_headless.cli.demo_jobs import Finished, input_link, photograph, run_jobs

if TYPE_CHECKING:
    import numpy as np

    from CephSketcherLib.phantom.sample_film import SampleFilm
    from deepmed_headless.cli.batch import Outcome
    from deepmed_headless.cli.inputs import Case
    from deepmed_headless.cli.screen import Step

ANGLES = ("SNA", "SNB", "ANB")
#: Seeds below 1000 are never trained on.
PNG_SEED, LEFT_SEED, DICOM_SEED, VOLUME_SEED = 7, 11, 23, 42
#: Films of the challenge's test part: no model and no threshold was made with them.
REAL = ("151", "173", "207", "246", "281")
FILES = (
    ("Report (HTML)", "report.html"),
    ("Report (PDF)", "report.pdf"),
    ("Scene for 3D Slicer", "scene.mrb"),
    ("Landmarks", "landmarks.mrk.json"),
    ("Outlines", "outlines.mrk.json"),
    ("Landmarks (CSV)", "landmarks.csv"),
    ("Measures (CSV)", "measurements.csv"),
    ("Film made of the volume", "film.png"),
    ("result.json", "result.json"),
)


@dataclass(frozen=True)
class Job:
    """A film to trace: where it lies, how its scale is known, and its true angles and landmarks in its own pixels."""

    path: Path
    title: str
    subtitle: str
    angles: Mapping[str, float]
    points: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    spacing: float | None = None
    rays: str | None = None


def run(demo: DemoRun) -> list[Section]:
    """Traces phantoms and, with `--data`, real films.

    Raises:
        BadInput: `--data` holds no films.
    """
    inputs = demo.out / "inputs"
    inputs.mkdir(exist_ok=True)
    real = real_jobs(demo.data)[: 2 if demo.short else None] if demo.data is not None else []
    phantoms = phantom_jobs(inputs, demo.short)
    shown = trace(demo, [*phantoms, *real])
    sections = [
        Section(
            "Cephalograms: generated phantoms",
            "phantom",
            "Lateral films projected from a skull phantom whose landmarks are known. They show that the way from film "
            "to report works and what it returns; they say nothing about accuracy in patients.",
            ANGLES,
            shown[: len(phantoms)],
            "deg",
        )
    ]
    if real:
        sections.append(
            Section(
                "Cephalograms: real films",
                "real",
                "Films 151 to 300 of the ISBI 2015 challenge (Wang 2016), used neither for training nor for choosing a "
                "model. Truth is the mean of two readers, who differ by 2.7, 2.0 and 1.6 degrees on average in SNA, "
                "SNB and ANB; millimetres at the challenge's nominal 0.1 mm per pixel. A few films are a look, not a "
                "validation: see the model card.",
                ANGLES,
                shown[len(phantoms) :],
                "deg",
            )
        )
    return sections


def trace(demo: DemoRun, jobs: Sequence[Job]) -> list[Shown]:
    """Each job through the code of `deepmed ceph`; one that fails says why on the page."""
    from deepmed_headless.cli.ceph_tracer import CephSettings, CephTracer

    tracer: CephTracer | None = None

    def work(job: Job, case: Case, step: Step, folder: Path) -> Outcome:
        nonlocal tracer
        settings = CephSettings.checked(demo.device, spacing=job.spacing, rays=job.rays)
        if tracer is None:
            tracer = CephTracer(settings, photograph)
        tracer.settings = settings
        return tracer.trace(case, folder, step)

    return run_jobs(demo, "ceph", jobs, work, _shown)


def _shown(job: Job, done: Finished) -> Shown:
    record = done.record
    found = {item["name"]: item for item in record["measurements"]}
    numbers = [
        Number(name, name, "deg", found[name]["value"], found[name]["sd"], job.angles.get(name))
        for name in ANGLES
        if name in found
    ]
    readings = [item["sentence"] for item in record["reading"][:2]]
    return Shown(
        job.title,
        job.subtitle,
        record["status"],
        numbers,
        done.overlay,
        done.views,
        input_link(job.path) + done.links(FILES),
        [*done.abstained(), *_distance(job, record), *record["warnings"], *readings],
        seconds=done.seconds,
    )


def _distance(job: Job, record: Mapping[str, Any]) -> list[str]:
    """How far the landmarks lie from the truth, in one sentence."""
    scale = record["scale"]
    errors = []
    for point in record["landmarks"]:
        if point["symbol"] in job.points and scale is not None:
            x, y = job.points[point["symbol"]]
            dx, dy = (point["x"] - x) * scale["mm_per_px_x"], (point["y"] - y) * scale["mm_per_px_y"]
            errors.append((dx * dx + dy * dy) ** 0.5)
    if not errors:
        return []
    within = sum(error <= 2 for error in errors)
    mean = sum(errors) / len(errors)
    return [f"Landmarks lie {mean:.2f} mm from the truth on average; {within} of {len(errors)} within 2 mm."]


def phantom_jobs(inputs: Path, short: bool) -> list[Job]:
    """Writes the phantoms: a PNG, a PNG that looks left, a DICOM film, and a volume to be projected."""
    from PIL import Image

    from CephSketcherLib.phantom.sample_film import projected_film, sample_film, write_volume
    from CephSketcherLib.phantom.skull_phantom import skull_phantom

    first = sample_film(PNG_SEED)
    path = inputs / f"skull_{PNG_SEED}.png"
    Image.fromarray(first.film.pixels).save(path)
    spacing = _mm(first)
    jobs = [_job(first, path, f"PNG, pixel size given ({spacing:.3f} mm)", spacing)]
    if short:
        return jobs
    turned = sample_film(LEFT_SEED).mirrored()
    path = inputs / f"skull_{LEFT_SEED}.png"
    Image.fromarray(turned.film.pixels).save(path)
    jobs.append(_job(turned, path, "PNG, the face looks left, pixel size given", _mm(turned)))
    dicom = sample_film(DICOM_SEED)
    path = inputs / f"skull_{DICOM_SEED}.dcm"
    write_dicom(dicom, path)
    jobs.append(_job(dicom, path, "DICOM, detector spacing and magnification from its header"))
    path = inputs / f"head_{VOLUME_SEED}.nii.gz"
    head = skull_phantom(VOLUME_SEED)
    write_volume(head, path)
    jobs.append(_job(projected_film(head), path, "Head volume, made into a film by parallel rays", rays="parallel"))
    return jobs


def _mm(phantom: SampleFilm) -> float:
    assert phantom.film.scale is not None
    return phantom.film.scale.mean


def _job(phantom: SampleFilm, path: Path, subtitle: str, spacing: float | None = None, rays: str | None = None) -> Job:
    points = {point.symbol: (point.x, point.y) for point in phantom.landmarks}
    title = f"Skull phantom {path.name.split('.')[0].split('_')[1]}"
    return Job(path, title, subtitle, angles_of(points), points, spacing, rays)


def angles_of(points: Mapping[str, Any]) -> dict[str, float]:
    """SNA, SNB and ANB of positions (x, y) in pixels, degrees."""
    from CephSketcherLib.analysis.analyses import analyse
    from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet

    marks = LandmarkSet(tuple(LandmarkPoint(s, float(xy[0]), float(xy[1])) for s, xy in points.items()))
    found = {measure.name: measure.value for measure in analyse(marks, None, ("Steiner",), draws=100)}
    return {name: found[name] for name in ANGLES if name in found}


def real_jobs(data: Path) -> list[Job]:
    """The fixed list of challenge films in a folder of data sets (``ceph/isbi2015`` in it).

    Raises:
        BadInput: they are not there.
    """
    import numpy as np
    from PIL import Image

    from DeepMedLib.errors import BadInput

    folder = data / "ceph" / "isbi2015"
    found = [path for stem in REAL if (path := folder / "images" / f"{stem}.jpg").is_file()]
    if not found:
        raise BadInput(
            f"There are no films in {folder}.", "Give the folder that holds ceph/isbi2015, or leave out --data."
        )
    readers = [read_landmarks(folder / f"landmarks_{who}_px.csv") for who in ("senior", "junior")]
    jobs = []
    for path in found:
        with Image.open(path) as image:
            size = np.array([1935 / image.width, 2400 / image.height])
        points: dict[str, np.ndarray] = {
            symbol: (readers[0][path.stem][symbol] + readers[1][path.stem][symbol]) / 2 / size
            for symbol in readers[0][path.stem]
        }
        spacing = float(0.1 * np.sqrt(size.prod()))
        subtitle = f"ISBI 2015, nominal pixel size {spacing:.3f} mm"
        pairs = {symbol: (float(xy[0]), float(xy[1])) for symbol, xy in points.items()}
        jobs.append(Job(path, f"Film {path.stem}", subtitle, angles_of(pairs), pairs, spacing))
    return jobs


def read_landmarks(path: Path) -> dict[str, dict[str, np.ndarray]]:
    """A reader's table: film -> symbol -> (x, y) as written there."""
    import numpy as np

    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    symbols = [name[:-2] for name in rows[0] if name.endswith("_x")]
    return {row["film"]: {s: np.array([float(row[f"{s}_x"]), float(row[f"{s}_y"])]) for s in symbols} for row in rows}


def write_dicom(phantom: SampleFilm, path: Path) -> None:
    """A digital X-ray image whose low values are white (MONOCHROME1), as many units store films. Nobody is named."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

    scale = phantom.film.scale
    assert scale is not None
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.Modality, dataset.PatientName, dataset.PatientID = "DX", "Phantom^Skull", "PHANTOM"
    dataset.Rows, dataset.Columns = phantom.film.pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME1"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    magnification = scale.magnification or 1.0
    spacing = f"{scale.mm_per_px_x * magnification:.6f}"
    dataset.ImagerPixelSpacing = [spacing, spacing]
    dataset.EstimatedRadiographicMagnificationFactor = f"{magnification:.6f}"
    dataset.PixelData = (255 - phantom.film.pixels).tobytes()
    dataset.save_as(path, enforce_file_format=True)
