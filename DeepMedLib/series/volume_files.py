"""Volume files (NIfTI, NRRD, MetaImage) as scans: what is missing, in another unit or no number is said or refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.file_kinds import META, NIFTI, NRRD
from DeepMedLib.geometry import RAS_TO_LPS, Grid, from_sitk
from DeepMedLib.remark import Gravity, Remark, gravest_first
from DeepMedLib.series.limits import check_size
from DeepMedLib.series.nifti import count_nifti_volumes, read_nifti
from DeepMedLib.series.scan import PADDING_HU, Scan, Source

_SMALLEST_MM, _LARGEST_MM = 10.0, 4000.0
"""Extent of a scan in its two longer directions."""
_NO_NUMBER_OF_CT = 1e6
_UNITS = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001, "nm": 1e-6}
_NO_SIZE = re.compile(r"\bnone\b|\bnan\b", re.IGNORECASE)
_DIRECTIONS = {
    # ITK names no space where there is time, too, and means LPS.
    NRRD: r"^space\s*:\s*((right|left)-(anterior|posterior)-superior|RAS|LAS|LPS)|^space dimension\s*:\s*4",
    META: r"^(TransformMatrix|Rotation|Orientation)\s*=",
}
_SPACING = "Correct the file's spacing, or convert the scan again from its DICOM files."


@dataclass(frozen=True, eq=False)
class _Loaded:
    values: np.ndarray
    grid: Grid
    remarks: tuple[Remark, ...] = ()
    volumes: int = 1


def count_volumes(path: Path, kind: str) -> int:
    """How many volumes a file holds: 1, or the length of its fourth dimension.

    Raises:
        BadInput: it is damaged or no scalar volume.
    """
    if kind == NIFTI:
        return count_nifti_volumes(path)
    size = _opened(path, kind).GetSize()
    return int(size[3]) if len(size) == 4 else 1


def read_volume(path: Path, kind: str, number: int = 0) -> Scan:
    """One volume of a file.

    Args:
        kind: of `finding`.
        number: of the volume, from 0.

    Raises:
        BadInput: cut short, damaged, no scalar volume, without a usable scale, or holding values that are no numbers.
    """
    if kind == NIFTI:
        found = read_nifti(path, number)
        loaded = _Loaded(found.values, found.grid, found.remarks, found.volumes)
    else:
        loaded = _read_with_itk(path, kind, number)
    _check_extent(loaded.grid, path)
    values, remarks = _numbers(loaded.values, path)
    return Scan(values, loaded.grid, gravest_first((*loaded.remarks, *remarks)), Source(path.name, "CT", (path,)))


def _check_extent(grid: Grid, path: Path) -> None:
    extent = np.sort(grid.spacing * np.array(grid.size_ijk))
    if extent[1] < _SMALLEST_MM or extent[2] > _LARGEST_MM:
        sizes = " x ".join(f"{value:.3g}" for value in grid.spacing)
        unit = " Its numbers may be meters." if extent[1] < _SMALLEST_MM else ""
        raise BadInput(f"{path.name} states voxels of {sizes} mm, which is no CT of a body.{unit}", _SPACING)


def _numbers(values: np.ndarray, path: Path) -> tuple[np.ndarray, list[Remark]]:
    """Values as int16 where that loses nothing, else float32; values that no CT has become padding."""
    if values.dtype.kind == "f":
        bad = int(sum(plane.size - np.isfinite(plane).sum() for plane in values))
        if bad:
            raise BadInput(
                f"{bad} voxel{'s hold' if bad > 1 else ' holds'} no number (NaN or infinite).",
                "Load the CT as it came from the scanner, in Hounsfield units.",
            )
    lowest, highest = float(values.min()), float(values.max())
    remarks = []
    if lowest < -_NO_NUMBER_OF_CT or highest > _NO_NUMBER_OF_CT:
        empty = np.abs(values) > _NO_NUMBER_OF_CT
        share = float(empty.mean())
        if share > 0.95:
            raise BadInput(f"{path.name} holds values up to {max(-lowest, highest):.3g}, which no CT has.", _SPACING)
        values = values.copy()
        values[empty] = PADDING_HU
        text = (
            f"{100 * share:.1f} % of the voxels hold {lowest if -lowest > highest else highest:.3g}: taken as padding."
        )
        remarks.append(Remark(text, Gravity.NOTE))
        lowest, highest = float(values.min()), float(values.max())
    limits = np.iinfo(np.int16)
    fits = limits.min <= lowest and highest <= limits.max
    whole = values.dtype.kind in "iu" or all(bool((plane == np.rint(plane)).all()) for plane in values)
    return np.ascontiguousarray(values.astype(np.int16 if fits and whole else np.float32, copy=False)), remarks


def _opened(path: Path, kind: str):  # type: ignore[no-untyped-def]
    """A SimpleITK reader that has read the header."""
    import SimpleITK as sitk

    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    reader.SetImageIO({NRRD: "NrrdImageIO", META: "MetaImageIO"}[kind])
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        if "pacing" in str(error):
            raise BadInput(f"{path.name} states a voxel size that is zero or not a number.", _SPACING) from None
        raise BadInput(f"{path.name} is a damaged {kind} file.", "Export it again from its source.") from None
    if reader.GetNumberOfComponents() != 1:
        raise BadInput(
            f"{path.name} holds {reader.GetNumberOfComponents()} values in each voxel, but a CT has one.", "Give a CT."
        )
    if reader.GetDimension() not in (3, 4):
        raise BadInput(f"{path.name} has {reader.GetDimension()} dimensions and is no volume.", "Give a CT volume.")
    size = reader.GetSize()
    check_size(int(np.prod(size[:3], dtype=object)), max(size[:2]), path.name)
    return reader


def _read_with_itk(path: Path, kind: str, number: int) -> _Loaded:
    import SimpleITK as sitk

    reader = _opened(path, kind)
    size = reader.GetSize()
    factor, remarks = _unit(path, kind, len(size))
    if len(size) == 4:
        reader.SetExtractSize([*size[:3], 0])
        reader.SetExtractIndex([0, 0, 0, number])
    _check_length(path, kind, reader)
    try:
        image = reader.Execute()
    except RuntimeError:
        raise BadInput(f"{path.name} is cut short or damaged.", "Copy it again from its source.") from None
    if image.GetPixelID() in (sitk.sitkComplexFloat32, sitk.sitkComplexFloat64):
        raise BadInput(f"{path.name} holds complex numbers, but a CT has one number in each voxel.", "Give a CT.")
    array, grid = from_sitk(image)
    if factor != 1.0:
        grid = Grid(RAS_TO_LPS @ np.diag([factor, factor, factor, 1.0]) @ grid.ijk_to_lps, grid.shape_kji)
    return _Loaded(array, grid, (*_undirected(path, kind), *remarks), int(size[3]) if len(size) == 4 else 1)


def _header_text(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        head = file.read(1 << 16)
    end = re.search(rb"\r?\n\r?\n", head) if kind == NRRD else re.search(rb"ElementDataFile[^\n]*\n", head)
    return head[: end.end() if end else len(head)].decode("latin-1")


def _undirected(path: Path, kind: str) -> tuple[Remark, ...]:
    """That a file does not say where its axes point, where that is so."""
    if re.search(_DIRECTIONS[kind], _header_text(path, kind), re.MULTILINE | re.IGNORECASE):
        return ()
    return (Remark(f"{path.name} states no directions: sides and head may be exchanged.", Gravity.GRAVE),)


def _unit(path: Path, kind: str, dimensions: int) -> tuple[float, tuple[Remark, ...]]:
    """Factor to millimeters; refuses files that state no voxel size."""
    text = _header_text(path, kind)
    wanted = r"^(space directions|spacings)\s*:(.*)" if kind == NRRD else r"^(ElementSpacing|ElementSize)\s*=(.*)"
    sizes = re.search(wanted, text, re.MULTILINE | re.IGNORECASE)
    if not sizes:
        raise BadInput(f"{path.name} states no voxel size.", _SPACING)
    # The reader would take 1 mm there. An axis of time, the fourth, has none.
    if len(_NO_SIZE.findall(sizes.group(2))) > max(0, dimensions - 3):
        raise BadInput(f"{path.name} states no voxel size for one of its axes.", _SPACING)
    found = re.search(r"^(?:space )?units\s*:\s*(.+)$", text, re.MULTILINE) if kind == NRRD else None
    units = set(re.findall(r'"([^"]*)"', found.group(1))) - {""} if found else set()
    if len(units) > 1:
        raise BadInput(f"{path.name} states several units: {', '.join(sorted(units))}.", _SPACING)
    unit = units.pop().strip().lower() if units else "mm"
    unit = {"millimeter": "mm", "millimeters": "mm", "meter": "m", "meters": "m", "centimeters": "cm"}.get(unit, unit)
    if unit not in _UNITS:
        raise BadInput(f"{path.name} counts in {unit[:20]}, which is no unit of length that is known here.", _SPACING)
    if unit == "mm":
        return 1.0, ()
    return _UNITS[unit], (Remark(f"{path.name} counts in {unit}; it was turned into mm.", Gravity.WARNING),)


def _check_length(path: Path, kind: str, reader) -> None:  # type: ignore[no-untyped-def]
    """Refuse raw pixels that are not all there: MetaImage's reader fills what is missing."""
    text = _header_text(path, kind)
    local = re.search(r"^ElementDataFile\s*=\s*LOCAL", text, re.MULTILINE | re.IGNORECASE)
    packed = re.search(r"^CompressedData\s*=\s*True", text, re.MULTILINE | re.IGNORECASE)
    if kind != META or not local or packed:
        return
    import SimpleITK as sitk

    pixel = np.dtype(sitk.GetArrayFromImage(sitk.Image([1, 1], reader.GetPixelID())).dtype).itemsize
    wanted = int(np.prod(reader.GetSize(), dtype=object)) * pixel
    if path.stat().st_size - len(text) < wanted:
        raise BadInput(f"{path.name} is cut short.", "Copy it again from its source.")
