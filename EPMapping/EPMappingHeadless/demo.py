"""EP Mapping's part of the demo: the drawn atrium with known velocity, and a clinical map."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoJob, DemoRun, DemoSection
from deepmed_headless.cli.demo.numbers import measurements_named
from deepmed_headless.cli.demo.real_inputs import real_inputs
from EPMappingHeadless.command import COMMAND

SPEEDS = ("CV_q25", "CV_median", "CV_q75")
PHANTOMS = """
A drawn left atrium with fibers and a scar, paced from the high left: 300 points with 2 ms of noise, 1 mm off the
shell.
"""
SHELLS = (
    "A public clinical left atrium as its mapping system interpolated it; the figures beside are its publication's."
)
SHELL = real_inputs(
    DemoJob(
        Path("electrophysiology/ep-left-atrium/LA_EAM.vtp"), "Left atrium", "clinical map",
        {"CV_q25": 0.52, "CV_median": 0.85, "CV_q75": 1.46}, {"lat": "lat", "bipolar": "bi"},
    )
)  # fmt: skip


def phantoms(run: DemoRun) -> Iterator[DemoJob]:
    """Drawn atria with points of two seeds."""
    from EPMappingLib.phantom.files import write_study
    from EPMappingLib.phantom.sample import sample

    for seed in (1, 2):
        made = sample(seed)
        shell, points = write_study(made.study, run.inputs, f"atrium_{seed}")
        yield DemoJob(shell, f"Atrium {seed}", "300 points", made.truth(), {"points": points, "points_axes": "RAS"})


SECTIONS = (
    DemoSection("Conduction velocity: a drawn atrium", PHANTOM, PHANTOMS, SPEEDS, phantoms, "m/s"),
    DemoSection("Conduction velocity: a clinical atrium", REAL, SHELLS, SPEEDS, SHELL, "m/s"),
)
DEMO = Demo(COMMAND, SECTIONS, measurements_named(SPEEDS), photographed=False)
