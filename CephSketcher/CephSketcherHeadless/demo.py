"""Ceph Sketcher's part of the demo: films of a skull phantom, one made of a volume, and real films not trained on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from CephSketcherHeadless.command import COMMAND
from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoJob, DemoRun, DemoSection
from deepmed_headless.cli.demo.numbers import measurements_named

if TYPE_CHECKING:
    from CephSketcherLib.sample_film import SampleFilm

ANGLES = ("SNA", "SNB", "ANB")
#: Seeds below 1000 are never trained on.
SEEDS = (7, 11, 23, 42)
#: Films of the challenge's test part: no model and no threshold was made with them.
FILMS = ("151", "173", "207", "246", "281")


def phantoms(run: DemoRun) -> Iterator[DemoJob]:
    """Writes two PNG films, one that looks left, a DICOM film, and a volume to be projected."""
    from PIL import Image

    from CephSketcherLib.phantom.skull_phantom import skull_phantom
    from CephSketcherLib.sample_film import projected_film, sample_film, write_volume
    from CephSketcherLib.sample_film_dicom import write_dicom

    right, left, stated, projected = SEEDS
    for seed, words in ((right, "PNG, pixel size given"), (left, "PNG, the face looks left, pixel size given")):
        made = sample_film(seed).mirrored() if seed == left else sample_film(seed)
        path = run.inputs / f"skull_{seed}.png"
        Image.fromarray(made.film.pixels).save(path)
        yield _phantom_job(made, path, words, {"spacing": made.film.scale.mean if made.film.scale else None})
    made, path = sample_film(stated), run.inputs / f"skull_{stated}.dcm"
    write_dicom(made, path)
    yield _phantom_job(made, path, "DICOM, detector spacing and magnification from its header", {})
    head, path = skull_phantom(projected), run.inputs / f"head_{projected}.nii.gz"
    write_volume(head, path)
    words = "Head volume, made into a film by parallel rays"
    yield _phantom_job(projected_film(head), path, words, {"project": "parallel"})


def _phantom_job(made: SampleFilm, path: Path, words: str, values: Mapping[str, Any]) -> DemoJob:
    points = {point.symbol: (point.x, point.y) for point in made.landmarks}
    title = f"Skull phantom {path.name.split('.')[0].split('_')[1]}"
    return DemoJob(path, title, words, angles_of(points), values, partial(distance, points))


def real_films(run: DemoRun) -> Iterator[DemoJob]:
    """Challenge films with the mean of two readers, as far as they are in the folder of data sets."""
    import numpy as np
    from PIL import Image

    from CephSketcherHeadless.evaluate._films import read_readers
    from CephSketcherLib.landmarks.layout import ISBI19

    folder = Path(run.data or "", "ceph", "isbi2015")
    readers = read_readers(folder, ISBI19.symbols)
    for path in (folder / "images" / f"{stem}.jpg" for stem in FILMS):
        if path.is_file():
            with Image.open(path) as image:
                size = np.array([1935 / image.width, 2400 / image.height])
            mean = np.mean([table[path.stem] for table in readers.values()], axis=0) / size
            points = {symbol: (float(x), float(y)) for symbol, (x, y) in zip(ISBI19.symbols, mean, strict=True)}
            spacing = float(0.1 * np.sqrt(size.prod()))
            words = f"ISBI 2015, nominal pixel size {spacing:.3f} mm"
            remarks = partial(distance, points)
            yield DemoJob(path, f"Film {path.stem}", words, angles_of(points), {"spacing": spacing}, remarks)


def angles_of(points: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """SNA, SNB and ANB of positions (x, y) in pixels, degrees."""
    from CephSketcherLib.analysis.analyses import analyse
    from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet

    marks = LandmarkSet(tuple(LandmarkPoint(symbol, x, y) for symbol, (x, y) in points.items()))
    found = {measure.name: measure.value for measure in analyse(marks, None, ("Steiner",), draws=100)}
    return {name: found[name] for name in ANGLES if name in found}


def distance(points: Mapping[str, tuple[float, float]], record: Mapping[str, Any]) -> list[str]:
    """How far the landmarks lie from the truth, in one sentence."""
    scale = record["scale"]
    errors = []
    for point in record["landmarks"]:
        if point["symbol"] in points and scale is not None:
            x, y = points[point["symbol"]]
            dx, dy = (point["x"] - x) * scale["mm_per_px_x"], (point["y"] - y) * scale["mm_per_px_y"]
            errors.append((dx * dx + dy * dy) ** 0.5)
    if not errors:
        return []
    within, mean = sum(error <= 2 for error in errors), sum(errors) / len(errors)
    return [f"Landmarks lie {mean:.2f} mm from the truth on average; {within} of {len(errors)} within 2 mm."]


PHANTOMS = """
Lateral films projected from a skull phantom whose landmarks are known. They show that the way from film to report works
and what it returns; they say nothing about accuracy in patients.
"""
PATIENTS = """
Films 151 to 300 of the ISBI 2015 challenge (Wang 2016), used neither for training nor for choosing a model. Truth is
the mean of two readers, who differ by 2.7, 2.0 and 1.6 degrees on average in SNA, SNB and ANB; millimetres at the
challenge's nominal 0.1 mm per pixel. A few films are a look, not a validation: see the model card.
"""
SECTIONS = (
    DemoSection("Cephalograms: generated phantoms", PHANTOM, PHANTOMS, ANGLES, phantoms, "deg"),
    DemoSection("Cephalograms: real films", REAL, PATIENTS, ANGLES, real_films, "deg", short=2),
)
DEMO = Demo(COMMAND, SECTIONS, measurements_named(ANGLES))
