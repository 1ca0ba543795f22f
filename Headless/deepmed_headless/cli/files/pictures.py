"""Pictures and films on the command line: what a folder of them holds."""

from __future__ import annotations

from pathlib import Path

from deepmed_headless.cli.files.inputs import Case, file_case


def pictures_in(folder: Path, noun: str) -> list[Case]:
    """The pictures of a folder itself, in natural order; the only one gives the folder's name to its result if DICOM.

    Args:
        noun: what one is called, "film".

    Raises:
        BadInput: there is none.
    """
    from DeepMedLib.dicom import SUFFIXES
    from DeepMedLib.picture.files import list_pictures

    found = list_pictures(folder, noun)
    if len(found) == 1 and found[0].name.lower().endswith(SUFFIXES):
        return [Case(found[0], folder.name)]
    return [file_case(path) for path in found]
