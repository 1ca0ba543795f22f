"""Scan Coverage's part of the demo: a generated trunk, whole and cut, and real scans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoJob, DemoRun, DemoSection
from deepmed_headless.cli.demo.numbers import values_under
from deepmed_headless.cli.demo.real_inputs import real_inputs
from deepmed_headless.cli.demo.trunks import draw_trunk
from ScanCoverageHeadless.command import COMMAND

VOLUMES = {"Right lung": "lung_right_ml", "Left lung": "lung_left_ml", "Airways": "airways_ml"}
DRAWN = {"Right lung": "right lung", "Left lung": "left lung", "Airways": "airways"}
TRUNKS = """
A trunk of ellipsoids and tubes in Hounsfield units, with the labels that it was drawn from. Organs, lungs and airways
stand beside their truth; the airway is followed as far as 3 mm slices let it be seen, and the drawn one goes on. The
recognizer of regions learned from patients only and was never shown a phantom: what it says of one is chance, and
where the slices do not follow one another as in a body it says so and judges no region. Organs, lungs and airways do
not need it.
"""
#: (seed, heights shown in mm or all, words). Seeds below 1000 are never trained on; no phantom is.
PHANTOMS = ((3, (195.0, 540.0), "cut below the lung apices and through the kidneys"), (5, None, "from thigh to neck"))
PATIENTS = """
Public CT scans. The recognizer was trained on all of them, so this shows what the module returns, not how well it
does; held-out figures are in the model card. No true volumes are known.
"""
CHEST, ABDOMEN = Path("chest/ct/LIDC-IDRI-0001.nii.gz"), Path("abdomen/btcv_ct/0006/ct.nii.gz")
TRUNK, WORDS = Path("abdomen/trunk_ct_3mm"), "with the labels of TotalSegmentator"
LABELS = {"segmentation": TRUNK / "labels_totalsegmentator_v2.nii.gz", "labels": "totalsegmentator", "telling": True}
SCANS = real_inputs(
    DemoJob(CHEST, "LIDC-IDRI-0001, chest", "public CT"),
    DemoJob(ABDOMEN, "BTCV 0006, abdomen, values clipped to -125..275 HU", "public CT"),
    DemoJob(TRUNK / "ct.nii.gz", "TotalSegmentator test scan, 3 mm", WORDS, values=LABELS),
)


def phantoms(run: DemoRun) -> Iterator[DemoJob]:
    """The trunks, with the organs to judge."""
    for seed, shown, words in PHANTOMS:
        trunk = draw_trunk(run, seed, shown)
        truth = {name: trunk.volumes_ml[organ] for name, organ in DRAWN.items()}
        values, remarks = {"segmentation": trunk.organs, "telling": True}, partial(organs_judged, trunk.states)
        yield DemoJob(trunk.scan, f"Trunk {seed}", f"3 mm, {words}", truth, values, remarks)


def organs_judged(drawn: Mapping[str, str], record: Mapping[str, Any]) -> list[str]:
    """How many organs were judged as they were drawn."""
    found = {verdict["name"]: verdict["state"] for verdict in record["verdicts"] if verdict["kind"] == "organ"}
    right = sum(found.get(name, "absent") == state for name, state in drawn.items())
    return [f"Organs judged as they were drawn: {right} of {len(drawn)}."]


SECTIONS = (
    DemoSection("Scan coverage: a generated trunk", PHANTOM, TRUNKS, tuple(VOLUMES), phantoms, "ml"),
    DemoSection("Scan coverage: real scans", REAL, PATIENTS, tuple(VOLUMES), SCANS, "ml"),
)
DEMO = Demo(COMMAND, SECTIONS, values_under("masks", VOLUMES, "ml"), photographed=False)
