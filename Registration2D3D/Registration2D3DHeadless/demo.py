"""Registration 2D/3D's part of the demo: a generated object with exact X-rays, from a start that is off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from deepmed_headless.cli.demo.declaration import PHANTOM, Demo, DemoJob, DemoRun, DemoSection
from deepmed_headless.cli.demo.numbers import measurements_named
from Registration2D3DHeadless.command import COMMAND

NUMBERS = ("expected_mTREproj", "turn", "shift")
OBJECTS = """
Ellipsoids: soft tissue, vertebrae, ribs. The X-rays are exact line integrals by formula, with scatter, a contrast curve
and noise; the start is up to 8 degrees and 15 mm off about and along each axis. Their truth is the way home.
"""


def phantoms(run: DemoRun) -> Iterator[DemoJob]:
    """One X-ray, then both of the same object."""
    from Registration2D3DLib.phantom.cases import phantom_case, write_case
    from Registration2D3DLib.phantom.truth import way_home

    for seed, views in ((1, 1), (2, 2)):
        case, folder = phantom_case(seed), run.inputs / f"register_{seed}"
        write_case(case, folder)
        ends = ["", "_1"][:views]
        xrays = tuple(folder / f"xray{end}.png" for end in ends)
        values = {
            "ct": folder / "ct.nii.gz",
            "xray": xrays,
            "geometry": tuple(folder / f"geometry{end}.json" for end in ends),
            "init": folder / "init.json",
        }
        turn, shift = way_home(case)
        words = f"{views} X-ray{'s' * (views > 1)}"
        truth = {"turn": turn, "shift": shift}
        yield DemoJob(xrays[0], f"Object {seed}", words, truth, values, partial(told, case))


def told(case: Any, record: Mapping[str, Any]) -> list[str]:
    """How far off the pose is."""
    from Registration2D3DLib.phantom.truth import errors_mm

    if record["matrix_ras"] is None:
        return []
    across, whole = errors_mm(case, record["matrix_ras"])
    return [f"True error: {across:.2f} mm across the beam, {whole:.2f} mm in space."]


SECTIONS = (DemoSection("Registration: a generated object", PHANTOM, OBJECTS, ("turn", "shift"), phantoms, ""),)
DEMO = Demo(COMMAND, SECTIONS, measurements_named(NUMBERS), photographed=False)
