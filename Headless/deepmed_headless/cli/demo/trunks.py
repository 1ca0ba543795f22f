"""Drawn trunks as inputs of a demo of CT: written with their organs, and what is true of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deepmed_headless.cli.demo.declaration import DemoRun


@dataclass(frozen=True)
class DrawnTrunk:
    """A trunk among the inputs of a demo.

    Attributes:
        scan: its file, Hounsfield units.
        organs: the file of its labels, whose segments have the names of ``ct_phantom.ORGANS``.
        states: organ -> "absent", "cut" or "complete".
        volumes_ml: organ -> what of it is on the scan.
    """

    scan: Path
    organs: Path
    states: Mapping[str, str]
    volumes_ml: Mapping[str, float]


def draw_trunk(run: DemoRun, seed: int, shown: tuple[float, float] | None = None) -> DrawnTrunk:
    """Draws a trunk of 3 mm and writes it.

    Args:
        seed: below 1000, where nothing was trained.
        shown: lowest and highest mm of the trunk that the scan shows; None shows all of it.
    """
    from DeepMedLib.ct.ct_phantom import HEIGHT_MM, ORGANS, trunk_phantom
    from DeepMedLib.ct.phantom_files import drawn_states, write_trunk

    made = trunk_phantom(z_range=shown or (0.0, HEIGHT_MM), seed=seed)
    ml = made.grid.voxel_volume / 1000
    volumes = {name: float((made.labels == label).sum()) * ml for label, name in ORGANS.items()}
    return DrawnTrunk(*write_trunk(made, run.inputs / f"trunk_{seed}"), drawn_states(made), volumes)
