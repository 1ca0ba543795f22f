"""The one reader of record files."""

from __future__ import annotations

from pathlib import Path

from DeepMedLib.errors import BadInput
from EEGWaveformsLib.records.mne_files import SUFFIXES, read_by_mne
from EEGWaveformsLib.records.record import Record
from EEGWaveformsLib.records.text_files import read_text
from EEGWaveformsLib.records.wfdb_files import read_wfdb

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".xz")
WFDB_SUFFIXES = (".hea", ".dat")


def read_record(path: str | Path, rate_hz: float = 0.0) -> Record:
    """Read a record of any kind, by the ending of its name.

    Args:
        rate_hz: of a text file without a column of times.

    Raises:
        BadInput: there is no such file, or it cannot be read.
        DependencyMissing: MNE is needed and not installed.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if path.is_dir() or not path.exists():
        raise BadInput(f"There is no file {path.name}.", "Check the path.")
    if suffix == ".eeg" and path.with_suffix(".vhdr").is_file():
        path, suffix = path.with_suffix(".vhdr"), ".vhdr"
    if suffix in SUFFIXES:
        return read_by_mne(path)
    if suffix in WFDB_SUFFIXES:
        return read_wfdb(path)
    if suffix in TEXT_SUFFIXES:
        return read_text(path, rate_hz)
    known = ", ".join((*SUFFIXES, *WFDB_SUFFIXES, *TEXT_SUFFIXES))
    raise BadInput(f"{path.name} is not a record that is read here.", f"Give one of: {known}.")


def records_in(folder: Path) -> list[Path]:
    """The records of a folder, in order; a WFDB record is its header.

    Raises:
        BadInput: there is none.
    """
    known = (*SUFFIXES, ".hea", ".csv", ".tsv")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in known and path.is_file())
    if not found:
        raise BadInput(f"The folder {folder.name} holds no record.", f"Give one with files of: {', '.join(known)}.")
    return found
