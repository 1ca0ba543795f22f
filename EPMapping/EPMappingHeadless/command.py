"""`deepmed ep`: activation, velocity and voltage of an electroanatomical map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.inputs import Case, file_case
from deepmed_headless.cli.run.declaration import CommandOption, ModuleCommand, Values, one_of
from deepmed_headless.cli.run.epilog import epilog
from EPMappingLib.options import OPTIONS

HELP = """Map **activation, conduction velocity and voltage** on a shell of the heart, with what is known and what not.

Takes CARTO exports (folder, zip, `.mesh`) and shells (VTK, VTP, PLY, STL, OBJ), with measured points as CSV.
"""
EXAMPLES = {
    "shell.vtp --lat lat --bipolar bi": "takes the map as the system interpolated it",
    "shell.stl --points points.csv --points-axes LPS": "interpolates measured points along a shell",
    "Export_Study.zip --map 2-Map": "reads one map of a CARTO export",
    "shell.vtk --lat LAT --unit s": "reads times in seconds",
}
WRITTEN = (
    "map.vtp, isochrones, sites, lines and ablations as .mrk.json, measurements.csv, sites.csv, lines.csv, points.csv"
)
AXES = ("auto", "LPS", "RAS", "CARTO")
MORE = (
    CommandOption("points", "Measured points as CSV.", Path, metavar="CSV", of_one_input=True),
    CommandOption("map", "Map of a study; the one with most values if not given.", metavar="NAME", default=""),
    one_of("axes", AXES, "How the shell's coordinates lie; auto is LPS, and (-x, z, y) for CARTO exports."),
    one_of("points_axes", AXES, "How the coordinates of --points lie; auto is LPS."),
    CommandOption("columns", "Titles of the columns of coordinates of --points.", str.split, metavar="X Y Z", words=3),
)


def studies(folder: Path, values: Values) -> list[Case]:
    """The exports and shells of a folder.

    Raises:
        BadInput: there is none.
    """
    from EPMappingLib.exports.reading import studies_in

    return [file_case(path) for path in studies_in(folder)]


def load(logic: Any, case: Case) -> tuple[Any, ...]:
    """The shell, its points and where was ablated."""
    from EPMappingMrml.studyNodes import POINTS, SITES

    values = case.values
    shell = logic.loadStudy(case.path, values["axes"], values["map"])
    points = shell.GetNodeReference(POINTS)
    if values["points"] is not None:
        points = logic.loadPoints(values["points"], values["points_axes"], tuple(values["columns"] or ()))
    return shell, points, shell.GetNodeReference(SITES)


COMMAND = ModuleCommand(
    name="ep",
    module="EPMapping",
    help=HELP,
    epilog=epilog("ep", EXAMPLES, "shell", WRITTEN),
    options=OPTIONS,
    cases_of_folder=studies,
    more=MORE,
    load=load,
    summary=(
        "lat_total_ms",
        "cv_median",
        "cv_q25",
        "cv_q75",
        "mapped_cm2",
        "excluded_share",
        "low_voltage_share",
        "points",
    ),
)
