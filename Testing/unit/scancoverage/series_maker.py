"""DICOM series written from an array, whole or with what goes wrong in practice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

CT_STORAGE = "1.2.840.10008.5.1.4.1.1.2"


def write_series(
    folder: Path,
    array: np.ndarray,
    *,
    spacing: tuple[float, float, float] = (4.0, 4.0, 5.0),
    positions: np.ndarray | None = None,
    uid: str = "",
    prefix: str = "slice",
    **header: Any,
) -> Path:
    """Write (k, j, i) HU as one DICOM file a slice, stored with the offset 1024.

    Args:
        spacing: mm along i, j, k.
        positions: (n, 3) LPS mm of the slices; evenly spaced upwards when left out.
        header: further elements by keyword, e.g. Modality="MR".
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
        path = folder / f"{prefix}{number:04d}.dcm"
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
        pixels = (plane.astype(int) + 1024).astype(np.uint16)
        for keyword, value in header.items():
            setattr(file, keyword, value)
        if file.SamplesPerPixel == 3:
            file.PhotometricInterpretation, file.PlanarConfiguration = "RGB", 0
            file.BitsAllocated, file.BitsStored, file.HighBit = 8, 8, 7
            pixels = np.repeat((pixels >> 4).astype(np.uint8)[..., None], 3, axis=2)
        file.PixelData = pixels.tobytes()
        file.save_as(path, enforce_file_format=True)
    return folder
