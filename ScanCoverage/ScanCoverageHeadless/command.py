"""`deepmed coverage`: what CT scans show."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case
from deepmed_headless.cli.files.scans import LABELS, SERIES, scans_in
from deepmed_headless.cli.run.declaration import CommandOption, ModuleCommand
from deepmed_headless.cli.run.epilog import epilog
from ScanCoverageLib.options import OPTIONS

HELP = """Say what **CT scans** show: regions of the body, complete or cut, and whether they lie as their headers state.

Takes NIfTI, NRRD, MetaImage and DICOM, files or folders, in Hounsfield units and of any orientation.
"""
LABELED = "ct.nii.gz --segmentation organs.nii.gz --labels totalsegmentator"
EXAMPLES = {
    "scans/*.nii.gz": "reads many scans; results/summary.csv has one line each",
    "export/": "reads a folder of DICOM files, however deep, one scan for each study",
    "export/ --series 2": "reads the second of its scans; a word of its name does as well",
    LABELED: "also judges each label: absent, complete or cut",
}
WRITTEN = """slices.csv; lungs.seg.nrrd where lungs are on the scan (`--no-lungs` leaves it out).
The verdicts are in result.json"""
SEGMENTATION = CommandOption(
    "segmentation", "Labels on the scan to judge: complete or cut.", Path, metavar="FILE", of_one_input=True
)


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
    epilog=epilog("coverage", EXAMPLES, "scan", WRITTEN),
    options=OPTIONS,
    cases_of_folder=scans_in,
    more=(SEGMENTATION, LABELS, SERIES),
    load=load,
    summary=("extent", "turned", "neck", "chest", "abdomen", "pelvis", "thigh"),
)
