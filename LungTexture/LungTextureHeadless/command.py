"""`deepmed texture`: textures and densities of the lungs on chest CT."""

from __future__ import annotations

from typing import Any

from deepmed_headless.cli.files.inputs import Case
from deepmed_headless.cli.files.scans import SERIES, scans_in
from deepmed_headless.cli.run.declaration import CommandOption, ModuleCommand
from deepmed_headless.cli.run.epilog import epilog
from LungTextureLib.options import OPTIONS

HELP = """Tell **texture and density of the lungs** on chest CT, place by place and by zone.

Takes NIfTI, NRRD, MetaImage and DICOM, files or folders, in Hounsfield units and of any orientation; slices of
1.5 mm or thinner.
"""
EXAMPLES = {
    "chests/*.nii.gz": "reads many scans; results/summary.csv has one line each",
    "chest.nii.gz --no-textures": "densitometry and airways alone",
    "chest.nii.gz --wall-at 38,-20,440": "also measures lumen and wall of the airway at that place",
}
WRITTEN = """texture.seg.nrrd and emphysema.nrrd where textures can be told, lungs.seg.nrrd, densitometry.csv,
shares.csv; of the airways airways.seg.nrrd, airways.stl, airway_lines.mrk.json, airway_branches.csv. What is
withheld, and why, is in result.json"""


def read_place(text: str) -> tuple[float, float, float]:
    """Three numbers.

    Raises:
        BadInput: it is something else.
    """
    import math

    from DeepMedLib.errors import BadInput

    try:
        x, y, z = (float(part) for part in text.split(","))
    except ValueError:
        x = y = z = math.nan
    if not all(map(math.isfinite, (x, y, z))):
        raise BadInput(f"'{text}' is no place.", "Give its RAS coordinates in mm as R,A,S.")
    return x, y, z


WALL_AT = CommandOption(
    "wall_at",
    "Place (RAS, mm) in an airway whose lumen and wall are measured; repeat it for further ones.",
    read_place,
    metavar="R,A,S",
    of_one_input=True,
    repeated=True,
)


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """A scan, and the places.

    Raises:
        BadInput: it cannot be read.
    """
    from DeepMedLib.mrml.nodes.markups import LabelledPoint, fiducialNode

    volume = logic.loadScan(case.path, case.values["series"])
    volume.SetName(case.stem)
    places = [LabelledPoint(place, str(n)) for n, place in enumerate(case.values["wall_at"] or (), start=1)]
    return volume, fiducialNode("places", places) if places else None


COMMAND = ModuleCommand(
    name="texture",
    module="LungTexture",
    help=HELP,
    epilog=epilog("texture", EXAMPLES, "scan", WRITTEN),
    options=OPTIONS,
    cases_of_folder=scans_in,
    more=(SERIES, WALL_AT),
    load=load,
    summary=("lung_right_ml", "lung_left_ml", "laa950", "pd15", "haa", "share_NT", "airway_length_mm"),
)
