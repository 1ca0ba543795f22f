"""Ceph Sketcher's part of the demo: films of a skull phantom, one made of a volume, and real films not trained on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from CephSketcherHeadless.command import COMMAND
from CephSketcherHeadless.evaluate.isbi2015 import nominal_mm, readers_mean
from CephSketcherLib.analysis.truth import ANGLES, angles_of, distance
from CephSketcherLib.sample_files import write_samples
from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoJob, DemoRun, DemoSection
from deepmed_headless.cli.demo.numbers import measurements_named

#: Films of the challenge's test part: no model and no threshold was made with them.
FILMS = ("151", "173", "207", "246", "281")
PHANTOMS = """
Lateral films projected from a skull phantom whose landmarks are known. They show that the way from film to report works
and what it returns; they say nothing about accuracy in patients.
"""
PATIENTS = """
Films 151 to 300 of the ISBI 2015 challenge (Wang 2016), used neither for training nor for choosing a model. Truth is
the mean of two readers, who differ by 2.7, 2.0 and 1.6 degrees on average in SNA, SNB and ANB; millimetres at the
challenge's nominal 0.1 mm per pixel. A few films are a look, not a validation: see the model card.
"""


def phantoms(run: DemoRun) -> Iterator[DemoJob]:
    """The sample files."""
    for file in write_samples(run.inputs):
        points = {point.symbol: (point.x, point.y) for point in file.made.landmarks}
        yield DemoJob(file.path, file.title, file.words, angles_of(points), file.values, partial(distance, points))


def real_films(run: DemoRun) -> Iterator[DemoJob]:
    """Challenge films with the mean of two readers, as far as they are in the folder of data sets."""
    folder = Path(run.data or "", "ceph", "isbi2015")
    for path in (folder / "images" / f"{stem}.jpg" for stem in FILMS):
        if path.is_file():
            points, spacing = readers_mean(folder, path), nominal_mm(path)
            words, remarks = f"ISBI 2015, nominal pixel size {spacing:.3f} mm", partial(distance, points)
            yield DemoJob(path, f"Film {path.stem}", words, angles_of(points), {"spacing": spacing}, remarks)


SECTIONS = (
    DemoSection("Cephalograms: generated phantoms", PHANTOM, PHANTOMS, ANGLES, phantoms, "deg"),
    DemoSection("Cephalograms: real films", REAL, PATIENTS, ANGLES, real_films, "deg", short=2),
)
DEMO = Demo(COMMAND, SECTIONS, measurements_named(ANGLES))
