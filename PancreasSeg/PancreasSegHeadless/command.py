"""`deepmed organs`: pancreas and neighboring organs in abdominal CT."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case
from deepmed_headless.cli.files.pictures import pictures_in
from deepmed_headless.cli.files.scans import SERIES, scans_in
from deepmed_headless.cli.run.declaration import ModuleCommand, Values
from deepmed_headless.cli.run.epilog import epilog
from PancreasSegLib.options import OPTIONS
from PancreasSegLib.organs import ORGANS

HELP = """Outline **pancreas and neighboring organs** in abdominal CT: volumes with intervals, complete or cut.

Takes NIfTI, NRRD, MetaImage and DICOM, files or folders, in Hounsfield units and of any orientation; with --windowed
axial slices as 8-bit pictures.
"""
EXAMPLES = {
    "scans/*.nii.gz": "outlines all organs of many scans; results/summary.csv has one line each",
    "ct.nii.gz --organs pancreas,kidneys": "looks for some organs only",
    "export/ --series 2 --uncertainty": "takes the second of its scans; keeps how unsure the network is of each voxel",
    "ct.nii.gz --engine bundle.zip": "runs a MONAI bundle of yours; nnU-Net v2 result folders likewise",
    "slices/ --windowed": "outlines organs in 8-bit slice pictures",
}
WRITTEN = """organs.csv, organs.seg.nrrd, labels.nii.gz (1 pancreas, 2 liver, 3 spleen, 4 left kidney, 5 right kidney,
6 bladder, 7 liver lesion, 8 gallbladder, 9 stomach, 10 aorta); uncertainty.nrrd with --uncertainty; segmentation.dcm
and report.dcm where the scan came from DICOM; labels.png of a slice picture"""


def inputs_in(folder: Path, values: Values) -> list[Case]:
    """The scans of a folder; with `--windowed` its pictures."""
    return pictures_in(folder, "slice picture") if values["windowed"] else scans_in(folder, values)


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """A scan, or a slice picture.

    Raises:
        BadInput: it cannot be read.
    """
    values = case.values
    volume = logic.loadSlice(case.path) if values["windowed"] else logic.loadScan(case.path, values["series"])
    volume.SetName(case.stem)
    return (volume,)


COMMAND = ModuleCommand(
    name="organs",
    module="PancreasSeg",
    help=HELP,
    epilog=epilog("organs", EXAMPLES, "scan", WRITTEN),
    options=OPTIONS,
    cases_of_folder=inputs_in,
    more=(SERIES,),
    load=load,
    summary=tuple(f"{organ.key}_ml" for organ in ORGANS),
)
