"""Lung Texture's part of the demo: a drawn chest with known shares of holes, and real scans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoJob, DemoRun, DemoSection
from deepmed_headless.cli.demo.numbers import measurements_named
from deepmed_headless.cli.demo.real_inputs import real_inputs
from LungTextureHeadless.command import COMMAND

CHESTS = """
A drawn chest with holes of -985 HU in the lungs, more of them above than below and right than left. Volumes stand
beside what was drawn. The network learned from patients only: which texture it calls the holes is chance.
"""
PATIENTS = """
Public chest CT whose values come in steps of 14 and 20 HU: textures and densities are withheld, volumes are not.
"""
NUMBERS = ("lung_right_ml", "lung_left_ml", "laa950")
CHEST = DemoJob(Path("chest/ct/LIDC-IDRI-0001.nii.gz"), "LIDC-IDRI-0001, chest", "public CT, steps of 14 HU")


def phantoms(run: DemoRun) -> Iterator[DemoJob]:
    """The drawn chest; seeds below 1000 are never trained on, and no phantom is."""
    import SimpleITK as sitk

    from DeepMedLib.geometry import to_sitk
    from LungTextureLib.phantom import lung_phantom

    made = lung_phantom()
    path = run.inputs / "lungs_3.nrrd"
    sitk.WriteImage(to_sitk(made.values, made.grid), str(path), useCompression=True)
    ml = made.grid.voxel_volume / 1000
    truth = {f"lung_{side}_ml": float((made.lungs == n).sum()) * ml for n, side in ((1, "right"), (2, "left"))}
    yield DemoJob(path, "Chest 3", "2.5 mm slices", truth)


SECTIONS = (
    DemoSection("Lung texture: a drawn chest", PHANTOM, CHESTS, NUMBERS[:2], phantoms, "ml"),
    DemoSection("Lung texture: a real scan", REAL, PATIENTS, NUMBERS[:2], real_inputs(CHEST), "ml"),
)
DEMO = Demo(COMMAND, SECTIONS, measurements_named(NUMBERS), photographed=False)
