"""Pancreas Seg's part of the demo: a drawn abdomen through a user's network, real scans through the shipped one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoJob, DemoRun, DemoSection
from deepmed_headless.cli.demo.numbers import values_under
from deepmed_headless.cli.demo.real_inputs import real_inputs
from PancreasSegHeadless.command import COMMAND
from PancreasSegLib.organs import BY_KEY, CHANNELS

VOLUMES = {BY_KEY[key].name: key for key in CHANNELS}
ABDOMENS = """
A drawn abdomen whose organs have gray values of their own, given to a bundle of one convolution that tells them by
these: so goes a network of yours. Volumes stand beside what was drawn; they show that scan check, crop, windows,
measures and files are right, not how good a network is.
"""
#: (seed, heights shown in mm or all of the abdomen, words). Seeds below 1000 are never trained on.
PHANTOMS = ((3, None, "all organs on the scan"), (5, (205.0, 310.0), "cut through liver, pancreas and kidneys"))
PATIENTS = """
Public CT scans through the shipped network. It was trained on scans of the same source, so this shows what the module
returns, not how well it does; held-out figures are in the model card. No true volumes stand here. Organs that are not
validated are asked for as well, and marked.
"""
SCANS = real_inputs(
    DemoJob(Path("abdomen/btcv_ct/0006/ct.nii.gz"), "BTCV 0006, abdomen", "public CT", values={"unvalidated": True}),
    DemoJob(
        Path("abdomen/trunk_ct_3mm/ct.nii.gz"),
        "TotalSegmentator test scan, 3 mm",
        "public CT",
        values={"unvalidated": True},
    ),
)


def phantoms(run: DemoRun) -> Iterator[DemoJob]:
    """Drawn abdomens, with the bundle that tells their organs."""
    import SimpleITK as sitk

    from DeepMedLib.geometry import to_sitk
    from PancreasSegHeadless.gray_bundle import write_gray_bundle
    from PancreasSegLib.phantom import SHOWN_MM, abdomen_phantom

    bundle = run.inputs / "gray_values"
    if not bundle.is_dir():
        write_gray_bundle(bundle)
    for seed, shown, words in PHANTOMS:
        values, labels, grid = abdomen_phantom(shown_mm=shown or SHOWN_MM, seed=seed)
        path = run.inputs / f"abdomen_{seed}.nrrd"
        sitk.WriteImage(to_sitk(values, grid), str(path), useCompression=True)
        ml = grid.voxel_volume / 1000
        truth = {name: float((labels == BY_KEY[key].label).sum()) * ml for name, key in VOLUMES.items()}
        asked = {"engine": str(bundle), "uncertainty": True}
        yield DemoJob(path, f"Abdomen {seed}", f"3 mm, {words}", truth, asked)


SECTIONS = (
    DemoSection("Organs: a drawn abdomen", PHANTOM, ABDOMENS, tuple(VOLUMES), phantoms, "ml"),
    DemoSection("Organs: real scans", REAL, PATIENTS, tuple(VOLUMES), SCANS, "ml"),
)
DEMO = Demo(COMMAND, SECTIONS, values_under("volumes_ml", VOLUMES, "ml"), photographed=False)
