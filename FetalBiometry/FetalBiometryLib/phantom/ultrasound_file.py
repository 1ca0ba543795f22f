"""Phantoms as DICOM ultrasound files, to show what only DICOM gives: the pixel size, and a structured report."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def write_ultrasound(
    picture: np.ndarray,
    spacing_mm: float,
    path: Path,
    *,
    frames: int = 1,
    shown: int = 1,
    study_uid: str | None = None,
    patient: str = "Phantom^Head",
) -> None:
    """An Ultrasound (Multi-frame) Image with one calibrated region, the pixel size in cm (PS3.3 C.8.5.5).

    Args:
        picture: (H, W) uint8.
        spacing_mm: mm per pixel.
        frames: 1 writes a single-frame image.
        shown: frame, from 1, that shows the picture; the others show it shifted.
        study_uid: of the study it belongs to; a new one when None.
        patient: a name that is nobody's.
    """
    from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
    from pydicom.uid import (
        ExplicitVRLittleEndian,
        UltrasoundImageStorage,
        UltrasoundMultiFrameImageStorage,
        generate_uid,
    )

    height, width = picture.shape
    stack = np.stack([np.roll(picture, 3 * (i + 1 - shown), axis=1) for i in range(frames)])
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UltrasoundMultiFrameImageStorage if frames > 1 else UltrasoundImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = study_uid or generate_uid(), generate_uid()
    dataset.PatientName, dataset.PatientID = patient, "PHANTOM"
    dataset.PatientBirthDate = dataset.PatientSex = dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.StudyDate = dataset.ContentDate = "20260101"
    dataset.StudyTime = dataset.ContentTime = "120000"
    dataset.StudyID, dataset.SeriesNumber, dataset.InstanceNumber = "1", 1, 1
    dataset.Modality, dataset.Manufacturer = "US", "DeepMed phantom"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "", "0001"]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = height, width
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    if frames > 1:
        dataset.NumberOfFrames = frames
        dataset.FrameTime = "50"
        dataset.FrameIncrementPointer = 0x00181063
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0 = region.RegionLocationMinY0 = 0
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = width - 1, height - 1
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = spacing_mm / 10
    dataset.SequenceOfUltrasoundRegions = [region]
    dataset.PixelData = stack.astype(np.uint8).tobytes()
    dataset.save_as(path, enforce_file_format=True)
