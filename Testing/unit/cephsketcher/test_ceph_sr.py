"""The structured report: every number, unit and point comes back, and the validator of dicom3tools finds no error."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from CephSketcherLib.analysis.measures import MEASURES
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.report.structured_report import LONGEST_CODE, code_of, write_structured_report
from CephSketcherLib.tracing.result import CephResult
from CephSketcherLib.tracing.solve import measure
from DeepMedLib.errors import BadInput
from Testing.unit.cephsketcher.test_ceph_result import result


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A digital X-ray with no more in its header than it must hold."""
    made = Dataset()
    made.SOPClassUID, made.Modality = "1.2.840.10008.5.1.4.1.1.1.1", "DX"
    made.SOPInstanceUID, made.StudyInstanceUID, made.SeriesInstanceUID = (generate_uid() for _ in range(3))
    made.PatientName, made.PatientID, made.StudyID = "Case^A", "17", "3"
    made.Rows, made.Columns, made.SamplesPerPixel, made.PhotometricInterpretation = 1200, 968, 1, "MONOCHROME2"
    made.BitsAllocated, made.BitsStored, made.HighBit, made.PixelRepresentation = 8, 8, 7, 0
    made.PixelData = bytes(1200 * 968)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.save_as(tmp_path / "film.dcm", enforce_file_format=True)
    return tmp_path / "film.dcm"


@pytest.fixture
def traced() -> CephResult:
    return measure(result())


def items(parent: Any) -> Iterator[Any]:
    for child in parent.get("ContentSequence", ()):
        yield child
        yield from items(child)


def test_numbers_units_and_points_come_back(film: Path, traced: CephResult, tmp_path: Path) -> None:
    report = pydicom.dcmread(write_structured_report(traced, film, tmp_path / "report.dcm"))
    source = pydicom.dcmread(film)
    assert report.ContentTemplateSequence[0].TemplateIdentifier == "1500"
    assert (report.PatientID, report.StudyInstanceUID) == ("17", source.StudyInstanceUID)
    assert report.SeriesInstanceUID != source.SeriesInstanceUID and report.Modality == "SR"
    units = {"deg": "deg", "mm": "mm", "%": "%"}
    numbers = {}
    for item in items(report):
        if item.ValueType == "NUM" and item.ConceptNameCodeSequence[0].CodingSchemeDesignator == "99DEEPMED":
            numbers[item.ConceptNameCodeSequence[0].CodeValue] = item
    assert set(numbers) == {code_of(m.name) for m in traced.measures}
    for m in traced.measures:
        item = numbers[code_of(m.name)]
        stated = item.MeasuredValueSequence[0]
        assert float(stated.NumericValue) == pytest.approx(m.value, rel=1e-6)
        assert stated.MeasurementUnitsCodeSequence[0].CodeValue == units[m.unit]
        spread = next(i for i in items(item) if i.ValueType == "NUM").MeasuredValueSequence[0]
        assert float(spread.NumericValue) == pytest.approx(m.sd, rel=1e-6)
        assert spread.MeasurementUnitsCodeSequence[0].CodeValue == units[m.unit]
        places = np.array(next(i for i in items(item) if i.ValueType == "SCOORD").GraphicData).reshape(-1, 2)
        np.testing.assert_allclose(places, traced.points.array(m.uses) + 0.5, atol=1e-3)
    points = {
        next(i for i in items(group) if i.ValueType == "TEXT").TextValue: next(
            i for i in items(group) if i.ValueType == "SCOORD"
        ).GraphicData
        for group in items(report)
        if group.ValueType == "CONTAINER"
        and any(i.ValueType == "SCOORD" and i.GraphicType == "POINT" for i in group.get("ContentSequence", ()))
    }
    assert set(points) == set(traced.landmarks.symbols)
    np.testing.assert_allclose(points["S"], traced.landmarks["S"].xy + 0.5, atol=1e-3)


def test_codes_are_short_and_one_a_measure() -> None:
    codes = [code_of(name) for name in MEASURES]
    assert len(set(codes)) == len(codes) and all(0 < len(code) <= LONGEST_CODE for code in codes)


def test_what_cannot_be_reported_is_refused(film: Path, traced: CephResult, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no measures"):
        write_structured_report(result(landmarks=LandmarkSet()), film, tmp_path / "report.dcm")
    bare = pydicom.dcmread(film)
    del bare.StudyInstanceUID
    bare.save_as(tmp_path / "bare.dcm")
    with pytest.raises(BadInput, match="Study Instance UID"):
        write_structured_report(traced, tmp_path / "bare.dcm", tmp_path / "report.dcm")
    odd = pydicom.dcmread(film)
    for kind in ("1.2.3.4.5", "1.2.840.10008.5.1.4.1.1.6"):  # private, and retired
        odd.SOPClassUID = kind
        odd.save_as(tmp_path / "odd.dcm")
        with pytest.raises(BadInput, match="SOP Class UID"):
            write_structured_report(traced, tmp_path / "odd.dcm", tmp_path / "report.dcm")
    assert not (tmp_path / "report.dcm").exists()


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy of dicom3tools is not installed")
@pytest.mark.parametrize("known", [True, False])
def test_the_validator_finds_no_error(known: bool, film: Path, traced: CephResult, tmp_path: Path) -> None:
    if not known:  # no scale, no uncertainty
        bare = LandmarkSet(tuple(replace(point, covariance=None) for point in traced.landmarks))
        traced = measure(replace(traced, landmarks=bare, scale=None))
    path = write_structured_report(traced, film, tmp_path / "report.dcm")
    told = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    assert told.returncode == 0 and "Error" not in told.stdout + told.stderr
