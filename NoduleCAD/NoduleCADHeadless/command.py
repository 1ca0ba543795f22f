"""`deepmed nodules`: marks of lung nodules in chest CT."""

from __future__ import annotations

from typing import Any

from deepmed_headless.cli.files.inputs import Case
from deepmed_headless.cli.files.scans import SERIES, scans_in
from deepmed_headless.cli.run.declaration import ModuleCommand
from deepmed_headless.cli.run.epilog import epilog
from NoduleCADLib.options import OPTIONS

HELP = """Mark **lung nodules** in chest CT: outline, size with intervals, type, and what the rules advise.

Takes NIfTI, NRRD, MetaImage and DICOM, files or folders, in Hounsfield units and of any orientation.
"""
EXAMPLES = {
    "chests/*.nii.gz": "marks many scans; results/summary.csv has one line each",
    "chest.nii.gz --fp-per-scan 4": "shows more marks: as many as go with four false ones per scan",
    "chest.nii.gz --risk high --age 63 --sex female": "lets Fleischner and Brock know of the person",
    "chest_dicom/ --series 2": "reads the second scan of a folder of DICOM files",
}
WRITTEN = """nodules.csv, marks.mrk.json, nodules.seg.nrrd, marks.csv (all marks in LPS mm, as LUNA16 takes them);
segmentation.dcm and report.dcm where the scan came from DICOM"""


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """A scan.

    Raises:
        BadInput: it cannot be read.
    """
    volume = logic.loadScan(case.path, case.values["series"])
    volume.SetName(case.stem)
    return (volume,)


COMMAND = ModuleCommand(
    name="nodules",
    module="NoduleCAD",
    help=HELP,
    epilog=epilog("nodules", EXAMPLES, "scan", WRITTEN),
    options=OPTIONS,
    cases_of_folder=scans_in,
    more=(SERIES,),
    load=load,
    summary=("marks", "largest_mm", "lung_rads"),
)
