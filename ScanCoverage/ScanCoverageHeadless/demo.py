"""Scan Coverage's part of the demo: a generated trunk, whole and cut, and real scans."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from deepmed_headless.cli.demo.declaration import PHANTOM, REAL, Demo, DemoJob, DemoRun, DemoSection, Number
from ScanCoverageHeadless.command import COMMAND

VOLUMES = {"Right lung": "lung_right_ml", "Left lung": "lung_left_ml", "Airways": "airways_ml"}
#: (seed, heights shown in mm or all, words). Seeds below 1000 are never trained on; no phantom is.
PHANTOMS = ((3, (195.0, 540.0), "cut below the lung apices and through the kidneys"), (5, None, "from thigh to neck"))
SCANS = (
    ("chest/ct/LIDC-IDRI-0001.nii.gz", "LIDC-IDRI-0001, chest"),
    ("abdomen/btcv_ct/0006/ct.nii.gz", "BTCV 0006, abdomen, values clipped to -125..275 HU"),
    ("abdomen/trunk_ct_3mm/ct.nii.gz", "TotalSegmentator test scan, 3 mm"),
)


def phantoms(run: DemoRun) -> list[DemoJob]:
    """Writes the trunks and their organs."""
    from DeepMedLib.ct.ct_phantom import HEIGHT_MM, trunk_phantom
    from DeepMedLib.ct.phantom_files import drawn_states, write_trunk

    jobs = []
    for seed, shown, words in PHANTOMS[: 1 if run.short else None]:
        made = trunk_phantom(z_range=shown or (0.0, HEIGHT_MM), seed=seed)
        scan, organs = write_trunk(made, run.inputs / f"trunk_{seed}")
        ml = made.grid.voxel_volume / 1000
        truth = {name: float((made.labels == 7 + i).sum()) * ml for i, name in enumerate(VOLUMES)}
        remarks = partial(organs_judged, drawn_states(made))
        values = {"segmentation": organs, "telling": True}
        jobs.append(DemoJob(scan, f"Trunk {seed}", f"3 mm, {words}", truth, values, remarks))
    return jobs


def organs_judged(drawn: Mapping[str, str], record: Mapping[str, Any]) -> list[str]:
    """How many organs were judged as they were drawn."""
    found = {verdict["name"]: verdict["state"] for verdict in record["verdicts"] if verdict["kind"] == "organ"}
    right = sum(found.get(name, "absent") == state for name, state in drawn.items())
    return [f"Organs judged as they were drawn: {right} of {len(drawn)}."]


def real_scans(run: DemoRun) -> list[DemoJob]:
    """The fixed list of scans, as far as they are in the folder of data sets."""
    jobs = []
    for name, title in SCANS:
        path = Path(run.data or "", name)
        labels = path.parent / "labels_totalsegmentator_v2.nii.gz"
        known = labels.is_file()
        values = {"segmentation": labels, "labels": "totalsegmentator", "telling": True}
        words = "with the labels of TotalSegmentator" if known else "public CT"
        if path.is_file():
            jobs.append(DemoJob(path, title, words, {}, values if known else {}))
    return jobs


def volumes(record: Mapping[str, Any]) -> list[Number]:
    """Lungs and airways; they do not need regions that were judged."""
    masks = record["masks"]
    return [Number(name, name, "ml", masks[key], None, None) for name, key in VOLUMES.items() if masks.get(key)]


DEMO = Demo(
    COMMAND,
    (
        DemoSection(
            "Scan coverage: a generated trunk",
            PHANTOM,
            "A trunk of ellipsoids and tubes in Hounsfield units, with the labels that it was drawn from. Organs, "
            "lungs and airways stand beside their truth; the airway is followed as far as 3 mm slices let it be seen, "
            "and the drawn one goes on. The recognizer of regions learned from patients only and was never shown a "
            "phantom: what it says of one is chance, and where the slices do not follow one another as in a body it "
            "says so and judges no region. Organs, lungs and airways do not need it.",
            tuple(VOLUMES),
            phantoms,
            "ml",
        ),
        DemoSection(
            "Scan coverage: real scans",
            REAL,
            "Public CT scans. The recognizer was trained on all of them, so this shows what the module returns, "
            "not how well it does; held-out figures are in the model card. No true volumes are known.",
            tuple(VOLUMES),
            real_scans,
            "ml",
        ),
    ),
    numbers=volumes,
    photographed=False,
)
