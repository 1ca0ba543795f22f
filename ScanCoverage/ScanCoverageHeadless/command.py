"""`deepmed coverage`: what CT scans show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case, file_case
from deepmed_headless.cli.run.declaration import CommandOption, ModuleCommand, Values
from ScanCoverageLib.options import OPTIONS

HELP = """Say what **CT scans** show: regions of the body, complete or cut, and whether they lie as their headers state.

Takes NIfTI, NRRD, MetaImage and DICOM, files or folders, in Hounsfield units and of any orientation.
"""
EPILOG = """
**Examples**

`deepmed coverage scans/*.nii.gz --out results` reads many scans; results/summary.csv has one line each.

`deepmed coverage export/ --out results` reads a folder of DICOM files, however deep, one scan for each study.

`deepmed coverage export/ --series 2 --out results` reads the second of its scans; a word of its name does as well.

`deepmed coverage ct.nii.gz --segmentation organs.nii.gz --labels totalsegmentator --out results` also judges each
label: absent, complete or cut.

**Written for each scan** in DIR/NAME/: result.json (verdicts), slices.csv, overlay.png, report.html, report.pdf,
scene.mrb, and lungs.seg.nrrd where lungs are on the scan (`--no-lungs` leaves it out).
"""
MORE = (
    CommandOption(
        "segmentation", "Labels on the scan to judge: complete or cut.", Path, metavar="FILE", of_one_input=True
    ),
    CommandOption(
        "labels",
        "Names of those labels: totalsegmentator, or a color table (.ctbl, .csv, .json).",
        metavar="SET|FILE",
    ),
    CommandOption("series", "Which scan to read where there are several, e.g. two phases.", metavar="NAME|N"),
)


def scans_in(folder: Path, values: Values) -> list[Case]:
    """The scans of a folder: its volume files, and its DICOM files, those of each study apart.

    Raises:
        BadInput: there is neither.
    """
    from DeepMedLib.series import scan_places

    return [Case(path, path.name) if path.is_dir() else file_case(path) for path in scan_places(folder)]


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """A scan, and the segmentation to judge.

    Raises:
        BadInput: one of them cannot be read.
    """
    values = case.values
    volume, labels = logic.loadScan(case.path, values["series"]), values["segmentation"]
    volume.SetName(case.stem)
    return volume, None if labels is None else logic.loadOrgans(labels, volume, values["labels"])


COMMAND = ModuleCommand(
    name="coverage",
    module="ScanCoverage",
    help=HELP,
    epilog=EPILOG,
    options=OPTIONS,
    cases_of_folder=scans_in,
    more=MORE,
    load=load,
    summary=("extent", "turned", "neck", "chest", "abdomen", "pelvis", "thigh"),
)
