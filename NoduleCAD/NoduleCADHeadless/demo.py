"""Nodule CAD's part of the demo: a drawn chest with known nodules, and real scans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoJob, DemoRun, DemoSection
from deepmed_headless.cli.demo.numbers import Number
from deepmed_headless.cli.demo.real_inputs import real_inputs
from NoduleCADHeadless.command import COMMAND

LARGEST = "Largest mark"
CHESTS = """
A drawn chest with nine spheres: solid ones free in the lung and at the pleura, a part-solid one, a ground glass one, a
dense one. Both networks learned from patients only. What they find and measure stands beside what was drawn.
"""
PATIENTS = """
Public CT scans. LIDC-IDRI-0001 shows one nodule that four readers marked; of the other scan no truth is known. The
larger of both is never trained on.
"""
SCANS = real_inputs(
    DemoJob(Path("chest/ct/LIDC-IDRI-0001.nii.gz"), "LIDC-IDRI-0001, chest", "public CT", {LARGEST: 23.7}),
    DemoJob(Path("chest/ct/CPTAC-C3N-00247.nii.gz"), "CPTAC C3N-00247, chest, 3 mm", "public CT"),
)


def phantoms(run: DemoRun) -> Iterator[DemoJob]:
    """A drawn chest with its nodules."""
    import SimpleITK as sitk

    from DeepMedLib.geometry import to_sitk
    from NoduleCADLib.phantom.chest import chest_phantom

    made = chest_phantom(seed=3)
    path = run.inputs / "chest_3.nrrd"
    sitk.WriteImage(to_sitk(made.values, made.grid), str(path), useCompression=True)
    truth = {LARGEST: max(nodule.diameter_mm for nodule in made.nodules)}
    told = partial(nodules_marked, [(nodule.center, nodule.diameter_mm) for nodule in made.nodules])
    yield DemoJob(path, "Chest 3", "1.25 mm slices, nine nodules", truth, remarks=told)


def nodules_marked(drawn: list[tuple[tuple[float, float, float], float]], record: Mapping[str, Any]) -> list[str]:
    """How many nodules were marked, and how many marks are none."""
    import math

    shown = [mark["position"] for mark in record["marks"] if mark["number"] in record["shown"]]
    hits = [[math.dist(center, place) < diameter / 2 for place in shown] for center, diameter in drawn]
    found = sum(any(row) for row in hits)
    false = sum(not any(row[n] for row in hits) for n in range(len(shown)))
    return [f"Nodules drawn that were marked: {found} of {len(drawn)}; other marks: {false}."]


def numbers(record: Mapping[str, Any]) -> list[Number]:
    """The mean diameter of the largest mark shown."""
    marks = [mark for mark in record["marks"] if mark["number"] in record["shown"] and mark["mean_mm"] is not None]
    largest = max(marks, key=lambda mark: mark["mean_mm"], default=None)
    return [] if largest is None else [Number(LARGEST, "mm", largest["mean_mm"], largest["mean_sd_mm"])]


SECTIONS = (
    DemoSection("Nodules: a drawn chest", PHANTOM, CHESTS, (LARGEST,), phantoms, "mm"),
    DemoSection("Nodules: real scans", REAL, PATIENTS, (LARGEST,), SCANS, "mm"),
)
DEMO = Demo(COMMAND, SECTIONS, numbers, photographed=False)
