"""CT on the command line: what a folder of scans holds, and the options that name one scan or its labels."""

from __future__ import annotations

from pathlib import Path

from deepmed_headless.cli.files.inputs import Case, file_case
from deepmed_headless.cli.run.declaration import CommandOption, Values

SERIES = CommandOption("series", "Which scan to read where there are several, e.g. two phases.", metavar="NAME|N")
LABELS = CommandOption(
    "labels", "Names of those labels: totalsegmentator, or a color table (.ctbl, .csv, .json).", metavar="SET|FILE"
)


def scans_in(folder: Path, values: Values) -> list[Case]:
    """The scans of a folder: its volume files, and its DICOM files, those of each study apart.

    Raises:
        BadInput: there is neither.
    """
    from DeepMedLib.series import scan_places

    return [Case(path, path.name) if path.is_dir() else file_case(path) for path in scan_places(folder)]
