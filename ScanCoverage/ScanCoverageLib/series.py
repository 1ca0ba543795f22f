"""A DICOM series as one CT volume, with what its slices' positions tell (pydicom for headers, SimpleITK for pixels)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.ct.slices import check_slices
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid, from_sitk

_REMEDY = "Give a folder that holds the slices of one CT series."


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
    groups: dict[str, list[tuple[Path, Any]]] = {}
    for file in sorted(folder.iterdir()):
        header = _header(file) if file.is_file() else None
        if header is not None and "ImagePositionPatient" in header and "ImageOrientationPatient" in header:
            groups.setdefault(str(header.get("SeriesInstanceUID", "")), []).append((file, header))
    if wanted is not None:
        groups = {uid: files for uid, files in groups.items() if uid == str(wanted.get("SeriesInstanceUID", ""))}
    if not groups:
        raise BadInput(f"The folder {folder.name} holds no DICOM slices.", _REMEDY)
    files = max(groups.values(), key=len)
    remarks = [] if len(groups) == 1 else [f"The folder holds {len(groups)} series; the one with most slices was read."]
    first = files[0][1]
    if str(first.get("Modality", "CT")) != "CT":
        raise BadInput(f"The series is {first.get('Modality')}, not CT.", "Choose a CT series.")
    if "LOCALIZER" in [str(kind).upper() for kind in first.get("ImageType", [])]:
        raise BadInput("The series is a localizer (scout view).", "Choose the axial series of the same examination.")
    if len(files) < 2:
        raise BadInput("The series has one slice.", _REMEDY)
    positions = np.array([[float(v) for v in header.ImagePositionPatient] for _, header in files])
    report = check_slices(positions, np.array([float(v) for v in first.ImageOrientationPatient]))
    order = [number for place, number in enumerate(report.order) if place not in set(report.duplicates)]
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(files[number][0]) for number in order])
    try:
        image = reader.Execute()
    except RuntimeError as error:
        raise BadInput("The slices of the series do not form one volume.", _REMEDY) from error
    if image.GetNumberOfComponentsPerPixel() != 1:
        raise BadInput("The series holds color pictures.", "Choose a CT series.")
    array, grid = from_sitk(image)
    return Series(array, grid, (*remarks, *report.sentences()))


def _header(file: Path) -> Any:
    """The header of a DICOM file without its pixels; None for any other file."""
    import pydicom

    try:
        return pydicom.dcmread(file, stop_before_pixels=True)
    except (pydicom.errors.InvalidDicomError, OSError, ValueError):
        return None
