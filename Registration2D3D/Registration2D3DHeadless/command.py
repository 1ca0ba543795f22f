"""`deepmed register`: where a CT or model lay when X-rays were taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case
from deepmed_headless.cli.run.declaration import CommandOption, ModuleCommand, Values
from deepmed_headless.cli.run.epilog import epilog
from Registration2D3DLib.options import OPTIONS

HELP = """Find where a **CT or surface model** lay when X-rays of known geometry were taken.

The CT is NIfTI, NRRD, MetaImage or DICOM, a model STL, OBJ, PLY or VTK in mm; X-rays are pictures or DICOM, their
geometry is JSON or an Autoscoper calibration.
"""
PAIR = "--ct object.nii.gz --xray front.png --geometry front.json --init start.json"
EXAMPLES = {
    PAIR: "registers one X-ray from a start pose",
    f"{PAIR} --xray side.png --geometry side.json": "registers two X-rays of the same moment",
}
WRITTEN = "ct_to_world.tfm, drr.png, blend.png and checkerboard.png where a pose was found; exit code 3 where none was"
CT = CommandOption("ct", "CT or surface model to register.", Path, metavar="FILE|FOLDER")
XRAY = CommandOption(
    "xray", "X-ray; repeat it for further ones of the same moment.", Path, metavar="FILE", repeated=True
)
GEOMETRY = CommandOption(
    "geometry", "Geometry of each X-ray in the same order; not needed where DICOM states it.", Path, metavar="FILE",
    repeated=True,
)  # fmt: skip
INIT = CommandOption("init", "Start pose, CT RAS to world RAS; the identity if not given.", Path, metavar="FILE")


def no_folder(folder: Path, values: Values) -> list[Case]:
    """A folder is no X-ray.

    Raises:
        BadInput: always.
    """
    from DeepMedLib.errors import BadInput

    raise BadInput(f"{folder.name} is a folder.", "Give the X-ray's file.")


def check(values: Values) -> Values:
    """The options, if there is a CT and a geometry for each X-ray.

    Raises:
        BadInput: one is missing.
    """
    from DeepMedLib.errors import BadInput

    if values["ct"] is None:
        raise BadInput("There is no CT.", "Give it with --ct.")
    xrays, geometries = values["xray"] or (), values["geometry"] or ()
    if geometries and len(geometries) != len(xrays):
        raise BadInput(f"There are {len(xrays)} X-rays and {len(geometries)} geometries.", "Give them in pairs.")
    return values


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """X-rays, object and start, in the order of the Logic's prepare.

    Raises:
        BadInput: one of them cannot be read.
    """
    from DeepMedLib.mrml.nodes.transforms import linearTransformNode
    from Registration2D3DLib.geometry.files import read_pose

    values = case.values
    pairs = zip(values["xray"], values["geometry"] or [None] * len(values["xray"]), strict=True)
    first, *further = [logic.loadXray(path, geometry) for path, geometry in pairs]
    first.SetName(case.stem)
    found = logic.loadObject(values["ct"])
    start = None if values["init"] is None else linearTransformNode(read_pose(values["init"]), "start")
    ct, model = (None, found) if found.IsA("vtkMRMLModelNode") else (found, None)
    return first, None, ct, model, start, tuple(further)


COMMAND = ModuleCommand(
    name="register",
    module="Registration2D3D",
    help=HELP,
    epilog=epilog("register", EXAMPLES, "registration", WRITTEN),
    options=OPTIONS,
    cases_of_folder=no_folder,
    more=(CT, XRAY, GEOMETRY, INIT),
    load=load,
    check=check,
    input_option="xray",
    summary=("trusted", "similarity", "expected_mTREproj_mm", "depth_sd_mm"),
)
