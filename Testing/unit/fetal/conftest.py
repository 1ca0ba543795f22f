"""Ultrasound stills and DICOM files made for the tests; all names and numbers in them are invented."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from FetalBiometryLib.phantom.head import head_phantom

Region = tuple[int, int, int, int, int, int, int, int, float, float]


@pytest.fixture(scope="session")
def still() -> np.ndarray:
    """(270, 400) uint8 grey phantom still."""
    return head_phantom(11, height=270, width=400, hc_mm=180, ruler=False).picture


def region_item(region: Region) -> Any:
    """x0, y0, x1, y1, format, type, units x, units y, delta x, delta y -> one item of the sequence."""
    from pydicom.dataset import Dataset

    item = Dataset()
    (item.RegionLocationMinX0, item.RegionLocationMinY0, item.RegionLocationMaxX1, item.RegionLocationMaxY1) = region[
        :4
    ]
    item.RegionSpatialFormat, item.RegionDataType = region[4:6]
    item.PhysicalUnitsXDirection, item.PhysicalUnitsYDirection = region[6:8]
    item.PhysicalDeltaX, item.PhysicalDeltaY = region[8:]
    return item


@pytest.fixture
def make_dicom(tmp_path: Path) -> Callable[..., Path]:
    """Writes an ultrasound DICOM file from pixels (H, W), (H, W, 3) or (frames, H, W)."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, generate_uid

    def make(
        pixels: np.ndarray,
        name: str = "still.dcm",
        *,
        regions: tuple[Region, ...] = (),
        photometric: str | None = None,
        jpeg: bool = False,
        color: bool = False,
        **tags: Any,
    ) -> Path:
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.6.1"
        meta.MediaStorageSOPInstanceUID = generate_uid()
        meta.TransferSyntaxUID = JPEGBaseline8Bit if jpeg else ExplicitVRLittleEndian
        path = tmp_path / name
        made = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
        made.SOPClassUID, made.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
        made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.826.0.1.3680043.8.498.1", "1.2.826.0.1.3680043.8.498.2"
        made.PatientName, made.PatientID = "Muster^Erika", "INVENTED-7"
        made.PatientBirthDate, made.PatientSex = "19900101", "F"
        made.StudyDate, made.StudyTime, made.StudyID, made.AccessionNumber = "20240102", "0930", "5", "A5"
        made.ReferringPhysicianName, made.Modality = "Niemand^N", "US"
        frames = 1
        if color or pixels.ndim == 2:
            size = pixels.shape[:2]
        else:
            frames, size = pixels.shape[0], pixels.shape[1:3]
            made.NumberOfFrames = frames
        made.Rows, made.Columns = size
        made.SamplesPerPixel = 3 if color else 1
        if color:
            made.PlanarConfiguration = 0
        made.PhotometricInterpretation = photometric or ("RGB" if color else "MONOCHROME2")
        bits = 16 if pixels.dtype == np.uint16 else 8
        made.BitsAllocated = made.BitsStored = bits
        made.HighBit, made.PixelRepresentation = bits - 1, 0
        if jpeg:
            from PIL import Image

            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "JPEG", quality=95)
            made.PixelData = encapsulate([buffer.getvalue()])
            made["PixelData"].is_undefined_length = True
        else:
            made.PixelData = pixels.tobytes()
        if regions:
            made.SequenceOfUltrasoundRegions = [region_item(r) for r in regions]
        for keyword, value in tags.items():
            setattr(made, keyword, value)
        made.save_as(str(path), enforce_file_format=True)
        return path

    return make
