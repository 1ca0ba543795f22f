"""`deepmed texture`: textures and densities of the lungs on chest CT."""

from __future__ import annotations

from typing import Any

from deepmed_headless.cli.files.inputs import Case
from deepmed_headless.cli.files.scans import SERIES, scans_in
from deepmed_headless.cli.run.declaration import ModuleCommand
from deepmed_headless.cli.run.epilog import epilog
from LungTextureLib.options import OPTIONS

HELP = """Tell **texture and density of the lungs** on chest CT, place by place and by zone.

Takes NIfTI, NRRD, MetaImage and DICOM, files or folders, in Hounsfield units and of any orientation; slices of
1.5 mm or thinner.
"""
EXAMPLES = {
    "chests/*.nii.gz": "reads many scans; results/summary.csv has one line each",
    "chest.nii.gz --no-textures": "densitometry alone",
}
WRITTEN = """texture.seg.nrrd and emphysema.nrrd where textures can be told, lungs.seg.nrrd, densitometry.csv,
shares.csv. What is withheld, and why, is in result.json"""


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """A scan.

    Raises:
        BadInput: it cannot be read.
    """
    volume = logic.loadScan(case.path, case.values["series"])
    volume.SetName(case.stem)
    return (volume,)


COMMAND = ModuleCommand(
    name="texture",
    module="LungTexture",
    help=HELP,
    epilog=epilog("texture", EXAMPLES, "scan", WRITTEN),
    options=OPTIONS,
    cases_of_folder=scans_in,
    more=(SERIES,),
    load=load,
    summary=("lung_right_ml", "lung_left_ml", "laa950", "pd15", "haa", "share_NT"),
)
