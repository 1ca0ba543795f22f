"""A DICOM series as one CT volume, with what its slices' positions tell (pydicom for headers, SimpleITK for pixels)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.ct.slices import check_slices
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid, from_sitk

_REMEDY = "Give a folder that holds the slices of one CT series."
_EXPORT = "Load the series in Slicer's DICOM module and save it as NRRD."


@dataclass(frozen=True, eq=False)
class Series:
    """A series that was read.

    Attributes:
        array: (k, j, i) HU.
        grid: where it lies.
        remarks: sentences about gaps, doubled slices and tilt.
    """

    array: np.ndarray
    grid: Grid
    remarks: tuple[str, ...]


def read_series(path: Path) -> Series:
    """Read the largest series of a folder, or the series that one file belongs to.

    Doubled slices are left out. No header value but modality, kind of image, geometry and series is looked at.

    Raises:
        BadInput: no CT series of two or more slices.
    """
    import SimpleITK as sitk

    folder = path if path.is_dir() else path.parent
    wanted = None if path.is_dir() else _header(path)
    if wanted is None and not path.is_dir():
        raise BadInput(f"{path.name} is no DICOM file.", _REMEDY)
    groups, frames = _stacks(folder)
    if wanted is not None:
        groups = {key: files for key, files in groups.items() if key[0] == str(wanted.get("SeriesInstanceUID", ""))}
    if not groups:
        if frames:
            raise BadInput("The folder holds multi-frame DICOM, which is not read here.", _EXPORT)
        raise BadInput(f"The folder {folder.name} holds no DICOM slices.", _REMEDY)
    files = max(groups.values(), key=len)
    _refuse(files)
    remarks = [] if len(groups) == 1 else [f"The folder holds {len(groups)} series; the one with most slices was read."]
    positions = np.array([[float(v) for v in header.ImagePositionPatient] for _, header in files])
    report = check_slices(positions, np.array([float(v) for v in files[0][1].ImageOrientationPatient]))
    doubled = set(report.duplicates)
    order = [number for place, number in enumerate(report.order) if place not in doubled]
    if len(order) < 2:
        raise BadInput("All slices of the series lie at one place.", _REMEDY)
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(files[number][0]) for number in order])
    try:
        with _quiet(sitk):
            image = reader.Execute()
    except RuntimeError as error:
        raise BadInput("The slices of the series do not form one volume.", _REMEDY) from error
    if report.gaps:  # the reader spreads a gap over all slices, which would make every one of them too thick
        image.SetSpacing((*image.GetSpacing()[:2], report.step_mm))
    array, grid = from_sitk(image)
    return Series(array, grid, (*remarks, *report.sentences()))


def _stacks(folder: Path) -> tuple[dict[tuple[str, str], list[tuple[Path, Any]]], int]:
    """Slices by series and direction (a localizer can be part of a series); number of multi-frame files."""
    groups: dict[tuple[str, str], list[tuple[Path, Any]]] = {}
    frames = 0
    for file in sorted(folder.iterdir()):
        header = _header(file) if file.is_file() else None
        if header is None:
            continue
        if "ImagePositionPatient" not in header or "ImageOrientationPatient" not in header:
            frames += int(header.get("NumberOfFrames", 1) or 1) > 1
            continue
        direction = " ".join(f"{float(value):.2f}" for value in header.ImageOrientationPatient)
        groups.setdefault((str(header.get("SeriesInstanceUID", "")), direction), []).append((file, header))
    return groups, frames


def _refuse(files: list[tuple[Path, Any]]) -> None:
    first = files[0][1]
    modality = str(first.get("Modality", "CT"))
    if modality != "CT":
        raise BadInput(f"The series is {modality}, not CT.", "Choose a CT series.")
    if "LOCALIZER" in [str(kind).upper() for kind in first.get("ImageType", [])]:
        raise BadInput("The series is a localizer (scout view).", "Choose the axial series of the same examination.")
    if int(first.get("SamplesPerPixel", 1)) != 1:
        raise BadInput("The series holds color pictures.", "Choose a CT series.")
    if len(files) < 2:
        raise BadInput("The series has one slice.", _REMEDY)


@contextmanager
def _quiet(sitk: Any) -> Iterator[None]:
    """What the reader warns of (gaps, tilt) is said in the remarks already."""
    before = sitk.ProcessObject_GetGlobalWarningDisplay()
    sitk.ProcessObject_SetGlobalWarningDisplay(False)
    try:
        yield
    finally:
        sitk.ProcessObject_SetGlobalWarningDisplay(before)


def _header(file: Path) -> Any:
    """The header of a DICOM file without its pixels; None for any other file."""
    import pydicom

    try:
        return pydicom.dcmread(file, stop_before_pixels=True)
    except (pydicom.errors.InvalidDicomError, OSError, EOFError, ValueError):
        return None
