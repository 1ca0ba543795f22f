"""One function for every file that holds maps."""

from __future__ import annotations

from pathlib import Path

from DeepMedLib.errors import BadInput
from EPMappingLib.exports.carto import read_export
from EPMappingLib.exports.shells import SUFFIXES, read_shell
from EPMappingLib.exports.study import Study

AUTOMATIC = "auto"
"""Axes: CARTO's for its exports, LPS for everything else, as Slicer has it."""
_OF_EXPORTS = (".zip", ".mesh")


def read_study(path: str | Path, axes: str = AUTOMATIC) -> Study:
    """The maps of a file or export.

    Args:
        path: a CARTO export (folder, zip file, one `.mesh`), or a shell (.vtp, .vtk, .ply, .stl, .obj).
        axes: how the coordinates lie: "auto", "LPS", "RAS" or "CARTO".

    Raises:
        BadInput: it is none of these, or damaged.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if not path.exists():
        raise BadInput(f"There is no {path}.", "Check the path.")
    if path.is_dir() or suffix in _OF_EXPORTS:
        return read_export(path, "CARTO" if axes == AUTOMATIC else axes)
    if suffix in SUFFIXES:
        return Study(path.stem, (read_shell(path, "LPS" if axes == AUTOMATIC else axes),))
    raise BadInput(
        f"{path.name} is no shell or export that can be read.",
        f"Give a CARTO export (folder, .zip, .mesh) or a shell ({', '.join(SUFFIXES)}).",
    )


def studies_in(folder: Path) -> list[Path]:
    """A folder with an export is one input; in any other each shell and zip file is one.

    Raises:
        BadInput: there is neither.
    """
    if any(folder.rglob("*.mesh")):
        return [folder]
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in (*SUFFIXES, ".zip"))
    if not found:
        raise BadInput(f"The folder {folder} holds no shell and no export.", "Check the path.")
    return found
