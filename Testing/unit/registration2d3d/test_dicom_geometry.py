"""A first geometry from the headers of XA, RF, CR and DX files: what it rests on is said, what is missing is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from DeepMedLib.errors import BadInput
from Registration2D3DLib.geometry.files import from_dicom

CLASSES = {
    "XA": "1.2.840.10008.5.1.4.1.1.12.1", "RF": "1.2.840.10008.5.1.4.1.1.12.2",
    "CR": "1.2.840.10008.5.1.4.1.1.1", "DX": "1.2.840.10008.5.1.4.1.1.1.1",
}  # fmt: skip


def written(path: Path, modality: str, **tags: Any) -> Path:
    """An X-ray of 8 columns and 6 rows with these tags; None leaves one out."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = CLASSES[modality], generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset(str(path), pydicom.Dataset(), file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID, dataset.SOPInstanceUID = CLASSES[modality], meta.MediaStorageSOPInstanceUID
    dataset.Modality, dataset.Rows, dataset.Columns = modality, 6, 8
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit, dataset.PixelRepresentation, dataset.SamplesPerPixel = 7, 0, 1
    dataset.PhotometricInterpretation, dataset.PixelData = "MONOCHROME2", bytes(48)
    known = {"DistanceSourceToDetector": 1000, "DistanceSourceToPatient": 700, "ImagerPixelSpacing": [0.5, 0.4]}
    for name, value in {**known, **tags}.items():
        if value is not None:
            setattr(dataset, name, value)
    dataset.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("modality", ["XA", "RF"])
def test_distances_pixels_and_angles_are_those_of_the_header(tmp_path: Path, modality: str) -> None:
    angles = {"PositionerPrimaryAngle": 90, "PositionerSecondaryAngle": 0}
    view, notes = from_dicom(written(tmp_path / "a.dcm", modality, **angles))
    assert (view.width, view.height, view.sdd_mm) == (8, 6, 1000)
    assert np.allclose(view.source, [700, 0, 0], atol=1e-6)  # LAO 90: detector at the patient's left
    # Imager pixel spacing gives rows first: 0.4 mm along the columns' direction, 0.5 mm down.
    middle = view.project(np.zeros(3))
    moved = view.project(np.array([0.0, 0, -7.0])) - middle
    assert middle == pytest.approx([3.5, 2.5]) and moved == pytest.approx([0, 7 * 1000 / 700 / 0.5])
    across = view.project(np.array([0.0, 7.0, 0])) - middle
    assert abs(across[0]) == pytest.approx(7 * 1000 / 700 / 0.4) and across[1] == pytest.approx(0, abs=1e-9)
    assert len(notes) == 2 and "first guess" in notes[0]


@pytest.mark.parametrize("modality", ["CR", "DX"])
def test_a_film_without_angles_is_taken_as_straight_and_that_is_said(tmp_path: Path, modality: str) -> None:
    view, notes = from_dicom(written(tmp_path / "a.dcm", modality))
    assert np.allclose(view.source, [0, -700, 0], atol=1e-6)
    assert any("no angles" in note for note in notes)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("DistanceSourceToDetector", "source to detector"),
        ("DistanceSourceToPatient", "source to patient"),
        ("ImagerPixelSpacing", "pixel size"),
    ],
)
def test_a_header_that_lacks_something_gets_a_sentence(tmp_path: Path, tag: str, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        from_dicom(written(tmp_path / "a.dcm", "XA", **{tag: None}))
    assert "geometry.json" in caught.value.remedy


def test_a_source_farther_than_its_detector_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not possible"):
        from_dicom(written(tmp_path / "a.dcm", "XA", DistanceSourceToPatient=1100))
