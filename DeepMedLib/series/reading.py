"""`read_scan` and `list_scans`: the one way from a path to a CT, for every module."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from DeepMedLib.errors import BadInput
from DeepMedLib.file_kinds import DICOM, in_natural_order
from DeepMedLib.remark import gravest_first
from DeepMedLib.series.dicom_series import DicomScans, is_directory, scans_of
from DeepMedLib.series.finding import FoundFiles, check_kind, find_files
from DeepMedLib.series.headers import read_headers
from DeepMedLib.series.naming import choice_remark, choose
from DeepMedLib.series.scan import REMEDY, Scan, ScanChoice
from DeepMedLib.series.volume_files import count_volumes, read_volume


def read_scan(path: str | Path, choice: str | int | None = None) -> Scan:
    """Read a CT from a volume file, a DICOM file (which stands for its series), a DICOMDIR or a folder of any depth.

    Args:
        choice: number or name of one of the scans (see `list_scans`) where there are several; None takes the first.

    Raises:
        BadInput: there is no CT, no such choice, or it cannot be read as one volume with a known scale.
        DependencyMissing: pydicom is not installed.
    """
    path = Path(path)
    if path.is_dir():
        found = find_files(path)
        if found.dicom:
            return scans_of(found.dicom, path.name).read(choice)
        return _read_volumes(found, path, choice)
    kind = check_kind(path)
    if kind != DICOM:
        return _read_volume(path, kind, choice)
    return _scans_around(path).read(choice)


def list_scans(path: str | Path) -> tuple[ScanChoice, ...]:
    """The CT scans that `read_scan` can choose from; the first is read when nobody chooses.

    Raises:
        BadInput: see `read_scan`.
    """
    path = Path(path)
    if path.is_dir():
        found = find_files(path)
        return scans_of(found.dicom, path.name).choices if found.dicom else _listed_files(found, path)
    kind = check_kind(path)
    if kind != DICOM:
        return _listed_volumes(path, kind)
    return _scans_around(path).choices


def scan_places(folder: str | Path) -> list[Path]:
    """What of a folder stands for one patient's examination each: volume files, and folders of DICOM studies.

    A folder that holds files of several studies counts as one.

    Raises:
        BadInput: it holds no scan.
    """
    folder = Path(folder)
    found = find_files(folder)
    if not found.dicom and not found.volumes:
        raise BadInput(f"The folder {folder.name} holds no scan.", REMEDY)
    studies: dict[str, set[Path]] = {}
    for file in found.dicom:
        for header in read_headers(file).slices[:1]:
            studies.setdefault(header.study, set()).add(file.parent)
    places: set[Path] = set()
    for parents in studies.values():
        common = Path(os.path.commonpath(parents))
        others = set().union(*(other for other in studies.values() if other is not parents))
        # A study spread over folders that hold other studies too: each of its folders stands for itself.
        places |= parents if any(other.is_relative_to(common) for other in others) else {common}
    outermost = [one for one in places if not any(one != other and one.is_relative_to(other) for other in places)]
    if found.dicom and len(outermost) < 2:
        outermost = [folder]
    return [*found.volumes, *in_natural_order(outermost)]


def _scans_around(path: Path) -> DicomScans:
    """The scans of a file's series, which lies in its folder; of all in the folders there, for a DICOMDIR."""
    if is_directory(path):
        return scans_of(find_files(path.parent).dicom, path.name)
    found = find_files(path.parent, deep=False)
    files = found.dicom if path in found.dicom else (*found.dicom, path)
    return scans_of(files, path.name).of_file(path)


def _read_volumes(found: FoundFiles, folder: Path, choice: str | int | None) -> Scan:
    choices = _listed_files(found, folder)
    at = 0 if choice is None else choose(choices, choice)
    file = found.volumes[at]
    scan = read_volume(file, check_kind(file))
    return replace(scan, remarks=gravest_first((*scan.remarks, *choice_remark(choices, at, choice is not None))))


def _listed_files(found: FoundFiles, folder: Path) -> tuple[ScanChoice, ...]:
    if not found.volumes:
        raise BadInput(f"The folder {folder.name} holds no scan.", REMEDY)
    return tuple(ScanChoice(at, file.name, (file,)) for at, file in enumerate(found.volumes, 1))


def _listed_volumes(path: Path, kind: str) -> tuple[ScanChoice, ...]:
    count = count_volumes(path, kind)
    if count == 1:
        return (ScanChoice(1, path.name, (path,)),)
    return tuple(ScanChoice(at, f"{path.name}, volume {at} of {count}", (path,)) for at in range(1, count + 1))


def _read_volume(path: Path, kind: str, choice: str | int | None) -> Scan:
    choices = _listed_volumes(path, kind)
    at = 0 if choice is None else choose(choices, choice)
    scan = read_volume(path, kind, at)
    return replace(scan, remarks=gravest_first((*scan.remarks, *choice_remark(choices, at, choice is not None))))
