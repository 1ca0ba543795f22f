"""Patient and study of a document: whatever a header holds, what is copied is what DICOM allows and means the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset

from DeepMedLib.dicom.identity import CannotBeNamed, identity_of
from DeepMedLib.series import read_scan
from Testing.unit.deepmedlib.test_dicom_segments import masks_on, series, write
from Testing.unit.series.test_enhanced_ct import write_enhanced

UIDS = {"SOPClassUID": "1.2.3", "SOPInstanceUID": "1.2.4", "StudyInstanceUID": "1.2.5", "SeriesInstanceUID": "1.2.6"}


def header(**more: Any) -> Dataset:
    made = Dataset()
    for keyword, value in {**UIDS, **more}.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("keyword", "stated", "copied"),
    [
        ("StudyDate", "20200131", "20200131"),
        ("StudyDate", "2020.01.31", "20200131"),  # as ACR-NEMA wrote it
        ("StudyDate", "2020-01-31", "20200131"),
        ("StudyDate", "20200231", ""),
        ("StudyDate", ["20200101", "20200102"], ""),
        ("PatientBirthDate", "anonymous", ""),
        ("StudyTime", "10:10:59", "101059"),
        ("StudyTime", "101010.1234567", "101010.123456"),
        ("StudyTime", "10", "10"),
        ("StudyTime", "24", ""),
        ("PatientSex", "female", "F"),
        ("PatientSex", "m", "M"),
        ("PatientSex", "X", ""),
        ("PatientAge", "045Y", "045Y"),
        ("PatientAge", "45", None),
        ("TimezoneOffsetFromUTC", "+0100", "+0100"),
        ("TimezoneOffsetFromUTC", "CET", None),
        ("PatientID", "1" * 80, "1" * 80),  # a shorter one would be another patient's
        ("PatientName", ["A^B", "C^D"], "A^B"),
        ("AccessionNumber", None, ""),
    ],
)
def test_what_dicom_does_not_allow_is_not_copied(keyword: str, stated: Any, copied: str | None) -> None:
    found = identity_of(header(**{keyword: stated}), "file.dcm").get(keyword)
    assert (None if found is None else str(found)) == copied


@pytest.mark.parametrize("charset", ["ISO_IR 100", ["", "ISO 2022 IR 100"], "GB18030"])
def test_names_keep_their_letters(charset: Any, tmp_path: Path) -> None:
    name = "王^小东" if charset == "GB18030" else "Müller^Jürgen"
    scan = read_scan(series(tmp_path / "series", SpecificCharacterSet=charset, PatientName=name))
    for path in write(tmp_path, scan, masks_on(scan)):
        made = pydicom.dcmread(path)
        assert (made.SpecificCharacterSet, str(made.PatientName)) == ("ISO_IR 192", name)


@pytest.mark.parametrize("charset", ["ISO 2022 IR 87", "ISO_IR_100", "KLINGON"])
def test_a_character_set_that_does_not_exist_is_no_error(charset: str) -> None:
    found = identity_of(header(SpecificCharacterSet=charset, PatientName="Yamada^Tarou"), "file.dcm")
    assert (found.SpecificCharacterSet, str(found.PatientName)) == ("ISO_IR 192", "Yamada^Tarou")


@pytest.mark.parametrize(
    ("keyword", "words"),
    [
        ("SOPClassUID", "SOP Class UID"),
        ("SOPInstanceUID", "SOP Instance UID"),
        ("StudyInstanceUID", "Study Instance UID"),
        ("SeriesInstanceUID", "Series Instance UID"),
    ],
)
def test_what_must_be_named_is_asked_for(keyword: str, words: str) -> None:
    with pytest.raises(CannotBeNamed, match=f"file.dcm states no {words}"):
        identity_of(header(**{keyword: ""}), "file.dcm")


def test_a_kind_that_dicom_does_not_list_leaves_nothing(tmp_path: Path) -> None:
    scan = read_scan(series(tmp_path / "series", SOPClassUID="1.2.3.4.5"))
    with pytest.raises(CannotBeNamed, match="SOP Class UID"):
        write(tmp_path, scan, masks_on(scan))
    assert not list(tmp_path.glob("*.dcm"))


def test_the_report_names_the_source_by_its_own_class(tmp_path: Path) -> None:
    path = write_enhanced(tmp_path / "enhanced")
    file = pydicom.dcmread(path)
    file.FrameOfReferenceUID, file.StudyInstanceUID = "1.2.3.4", "1.2.3.5"
    file.save_as(path)
    scan = read_scan(path)
    _, report = write(tmp_path, scan, masks_on(scan))
    (study,) = pydicom.dcmread(report).CurrentRequestedProcedureEvidenceSequence
    classes = {
        one.ReferencedSOPInstanceUID: one.ReferencedSOPClassUID
        for each in study.ReferencedSeriesSequence
        for one in each.ReferencedSOPSequence
    }
    assert classes[file.SOPInstanceUID] == file.SOPClassUID
