"""A phantom as a DICOM film, whose header knows the detector's pixel size and the magnification."""

from __future__ import annotations

from pathlib import Path

from CephSketcherLib.sample_film import SampleFilm


def write_dicom(phantom: SampleFilm, path: Path) -> None:
    """A digital X-ray image whose low values are white (MONOCHROME1), as many units store films. Nobody is named."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

    scale = phantom.film.scale
    assert scale is not None
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.Modality, dataset.PatientName, dataset.PatientID = "DX", "Phantom^Skull", "PHANTOM"
    dataset.Rows, dataset.Columns = phantom.film.pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME1"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation = 7, 0
    magnification = scale.magnification or 1.0
    spacing = f"{scale.mm_per_px_x * magnification:.6f}"
    dataset.ImagerPixelSpacing = [spacing, spacing]
    dataset.EstimatedRadiographicMagnificationFactor = f"{magnification:.6f}"
    dataset.PixelData = (255 - phantom.film.pixels).tobytes()
    dataset.save_as(path, enforce_file_format=True)
