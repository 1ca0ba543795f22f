"""DICOM series written from an array, whole or with what goes wrong in practice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from DeepMedLib.remark import Gravity
from DeepMedLib.series import Scan

CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"
N = 12
CORONAL = [1, 0, 0, 0, 0, -1]
LOCALIZER = ["ORIGINAL", "PRIMARY", "LOCALIZER"]


def write_series(
    folder: Path,
    array: np.ndarray,
    *,
    spacing: tuple[float, float, float] = (4.0, 4.0, 5.0),
    positions: np.ndarray | None = None,
    uid: str = "",
    prefix: str = "slice",
    suffix: str = ".dcm",
    each: Callable[[int], dict[str, Any]] | None = None,
    change: Callable[[FileDataset], None] | None = None,
    **header: Any,
) -> Path:
    """Write (k, j, i) HU as one DICOM file a slice, stored with the offset 1024.

    Args:
        spacing: mm along i, j, k.
        positions: (n, 3) LPS mm of the slices; evenly spaced upwards when left out.
        prefix, suffix: of the files' names, around the number of the slice.
        each: further elements of one slice, by its number.
        change: what else is done to a file before it is saved.
        header: further elements by keyword, e.g. Modality="MR"; None leaves an element out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    uid = uid or generate_uid()
    if positions is None:
        positions = np.array([[-100.0, -100.0, 50.0 + spacing[2] * k] for k in range(len(array))])
    for number, (plane, position) in enumerate(zip(array, positions, strict=True)):
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = CT_STORAGE
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        path = folder / f"{prefix}{number:04d}{suffix}"
        file = FileDataset(str(path), Dataset(), file_meta=meta, preamble=b"\0" * 128)
        file.SOPClassUID, file.SOPInstanceUID = CT_STORAGE, meta.MediaStorageSOPInstanceUID
        file.SeriesInstanceUID = uid
        file.Modality = "CT"
        file.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        file.InstanceNumber = number + 1
        file.ImagePositionPatient = [f"{value:.4f}" for value in position]
        file.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        file.PixelSpacing = [spacing[1], spacing[0]]
        file.SliceThickness = spacing[2]
        file.Rows, file.Columns = plane.shape[:2]
        file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
        file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 16, 15, 0
        file.RescaleIntercept, file.RescaleSlope = -1024, 1
        for keyword, value in {**header, **(each(number) if each else {})}.items():
            if value is None:
                delattr(file, keyword)
            else:
                setattr(file, keyword, value)
        slope, intercept = float(file.get("RescaleSlope", 1)), float(file.get("RescaleIntercept", 0))
        pixels = np.rint((plane - intercept) / slope).clip(0, 65535).astype(np.uint16)
        if file.get("SamplesPerPixel") == 3:
            file.PhotometricInterpretation, file.PlanarConfiguration = "RGB", 0
            file.BitsAllocated, file.BitsStored, file.HighBit = 8, 8, 7
            pixels = np.repeat((pixels >> 4).astype(np.uint8)[..., None], 3, axis=2)
        file.PixelData = pixels.tobytes()
        if change is not None:
            change(file)
        file.save_as(path, enforce_file_format=True)
    return folder


def stack(n: int = N, shift: int = 0) -> np.ndarray:
    """(k, j, i): every slice has values of its own."""
    array = np.full((n, 10, 14), -1000, np.int16)
    array[:, 3:7, 4:10] = np.arange(n)[:, None, None] * 10 + shift
    array[:, 0, :] = np.arange(14) * 3
    return array


def places(steps: list[float]) -> np.ndarray:
    """(n, 3) LPS mm of slices with these distances."""
    z = np.concatenate([[0.0], np.cumsum(steps)])
    return np.column_stack([np.full(len(z), -20.0), np.full(len(z), -30.0), z])


def instance_numbers(offset: int, k: int) -> dict[str, int]:
    """Elements of slice k, counted from `offset` + 1."""
    return {"InstanceNumber": k + 1 + offset}


def said(scan: Scan) -> str:
    """All remarks as one text."""
    return " ".join(remark.text for remark in scan.remarks)


def gravest(scan: Scan) -> Gravity:
    """Of the first remark."""
    return scan.remarks[0].gravity
