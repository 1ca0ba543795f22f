"""Which files of a folder are volumes that a film can be made of."""

from __future__ import annotations

from pathlib import Path

from DeepMedLib.dicom import begins_as_dicom
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.files import in_natural_order
from DeepMedLib.picture.volume_files import SUFFIXES


def volumes_in(folder: str | Path) -> list[Path]:
    """Volume files of the folder, or the folder itself where it holds a DICOM series.

    Raises:
        BadInput: there is no such folder, or no volume in it.
    """
    files = _files(folder)
    if sum(begins_as_dicom(path) for path in files) > 1:
        return [Path(folder)]
    found = [path for path in files if path.name.lower().endswith(SUFFIXES)]
    if not found:
        raise BadInput(
            f"The folder {Path(folder).name} holds no head volume.", "Choose a DICOM series or a NIfTI or NRRD file."
        )
    return found


def dicom_files_in(folder: str | Path) -> list[Path]:
    """DICOM files of a folder, in natural order."""
    return [path for path in _files(folder) if begins_as_dicom(path)]


def _files(folder: str | Path) -> list[Path]:
    folder = Path(folder)
    if not folder.is_dir():
        raise BadInput(f"There is no folder {folder.name}.", "Check the path.")
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    return in_natural_order(path for path in files if path.name != "DICOMDIR")
