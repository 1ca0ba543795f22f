"""The DICOM structured report: every number, code, unit, picture and frame comes back."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.errors import BadInput, DiskRefused
from DeepMedLib.measurement import Code, Measurement
from FetalBiometryLib import codes
from FetalBiometryLib.growth.dating import gestational_age
from FetalBiometryLib.growth.standards import IG21, place, standard, weight_standard
from FetalBiometryLib.growth.weight import estimated_weight
from FetalBiometryLib.picture.ultrasound import read_picture
from FetalBiometryLib.structured_report.writer import (
    Entry,
    ImageReference,
    ReportedAge,
    ReportedGrowth,
    read_sr,
    write_sr,
)

CHILD_TYPES = {"CONTAINER", "TEXT", "CODE", "NUM", "IMAGE", "SCOORD", "UIDREF"}
#: Relationships that Comprehensive SR allows among the value types used here (PS3.3, table A.35.3-2).
ALLOWED = {
    ("CONTAINER", "CONTAINS"): CHILD_TYPES - {"UIDREF"} | {"UIDREF"},
    ("CONTAINER", "HAS OBS CONTEXT"): {"TEXT", "CODE", "NUM", "UIDREF", "CONTAINER"},
    ("CONTAINER", "HAS CONCEPT MOD"): {"TEXT", "CODE"},
    ("NUM", "HAS PROPERTIES"): {"TEXT", "CODE", "NUM", "IMAGE", "SCOORD", "UIDREF", "CONTAINER"},
    ("NUM", "INFERRED FROM"): {"TEXT", "CODE", "NUM", "IMAGE", "SCOORD", "UIDREF", "CONTAINER"},
    ("SCOORD", "SELECTED FROM"): {"IMAGE"},
}
VALUE_TAG = {
    "TEXT": "TextValue",
    "CODE": "ConceptCodeSequence",
    "NUM": "MeasuredValueSequence",
    "IMAGE": "ReferencedSOPSequence",
    "SCOORD": "GraphicData",
    "UIDREF": "UID",
    "CONTAINER": "ContinuityOfContent",
}


@pytest.fixture
def cine(make_dicom: Callable[..., Path], still: np.ndarray) -> Path:
    """A three-frame source file."""
    return make_dicom(np.stack([still] * 3), "cine.dcm")


def head_entries(source: Path, frame: int | None = 2) -> list[Entry]:
    """What a measured head, a weight and an age look like."""
    image = ImageReference.of(read_picture(source, frame))
    chart = standard(IG21)
    ellipse = np.array([[100.25, 80.5], [300.75, 120.125], [190.0, 160.0], [210.0, 40.0]])
    sizes = {"BPD": 71.2, "HC": 260.123456789, "AC": 241.0, "FL": 53.1}
    sds = {"BPD": 0.8, "HC": 2.25, "AC": 5.0, "FL": 0.9}
    entries = []
    for name in ("BPD", "HC"):
        growth = ReportedGrowth.of(place(chart, name, sizes[name], 28.4))
        age = ReportedAge.of(gestational_age({name: sizes[name]}, {name: sds[name]}))
        measurement = Measurement(name, sizes[name], "mm", sds[name], codes.code_of(name), "head model 1.0")
        shape, points = ("ellipse", ellipse) if name == "HC" else ("line", ellipse[2:])
        entries.append(Entry(measurement, image, shape, points, age=age, growth=growth))
    weight = estimated_weight(sizes, sds)
    growth = ReportedGrowth.of(place(weight_standard(IG21, weight.formula), "EFW", weight.grams, 28.4))
    entries += [
        Entry(Measurement("OFD", 92.0, "mm", None, codes.code_of("OFD")), image),
        Entry(Measurement("CI", 77.39, "%", 1.2, codes.code_of("CI"), "BPD / OFD")),
        Entry(Measurement("CardiacAxis", 41.5, "deg", 3.0, codes.code_of("CardiacAxis")), image),
        Entry(
            Measurement("EFW", weight.grams, "g", weight.sd, codes.code_of("EFW"), weight.source),
            equation=weight.formula.code,
            growth=growth,
        ),
        Entry(Measurement("GA", 198.8, "days", 2.1, codes.code_of("GA"), "Hadlock 1984 (BPD, HC)")),
    ]
    return entries


def same(a: float | None, b: float | None) -> bool:
    """Equal to double precision."""
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=1e-12)


def test_round_trip(cine: Path, tmp_path: Path) -> None:
    entries = head_entries(cine)
    comments = ["Scale: DICOM ultrasound region.", "Größe geprüft: not verified by a physician."]
    path = write_sr(tmp_path / "report.dcm", [cine], entries, comments)
    report = read_sr(path)
    assert list(report.comments) == comments
    found = {e.measurement.name: e for e in report.entries}
    assert len(found) == len(report.entries) == len(entries)
    for entry in entries:
        back, m = found[entry.measurement.name], entry.measurement
        assert same(back.measurement.value, m.value) and same(back.measurement.sd, m.sd)
        assert (back.measurement.unit, back.measurement.code, back.measurement.source) == (m.unit, m.code, m.source)
        assert back.image == entry.image and back.equation == entry.equation and back.shape == entry.shape
        if entry.points_px is not None:
            assert back.points_px is not None
            np.testing.assert_allclose(back.points_px, entry.points_px, atol=1e-4)
        assert (back.age is None) == (entry.age is None) and (back.growth is None) == (entry.growth is None)
        if entry.age and back.age:
            assert same(back.age.weeks, entry.age.weeks) and same(back.age.sd, entry.age.sd)
            assert (back.age.source, back.age.code) == (entry.age.source, entry.age.code)
        if entry.growth and back.growth:
            assert back.growth.standard == entry.growth.standard
            assert same(back.growth.z, entry.growth.z) and same(back.growth.centile, entry.growth.centile)
    assert found["HC"].image is not None and found["HC"].image.frame == 2
    assert found["HC"].image.sop_instance_uid == report.images[0].sop_instance_uid
    assert "1.2.826" not in repr(report) and report.images[0].sop_instance_uid not in repr(report)


def test_files_into_the_study_of_the_picture(cine: Path, tmp_path: Path) -> None:
    import pydicom

    created = dt.datetime(2024, 5, 6, 7, 8, 9)
    written = pydicom.dcmread(write_sr(tmp_path / "report.dcm", [cine], head_entries(cine), created=created))
    source = pydicom.dcmread(cine)
    for keyword in (
        "PatientName",
        "PatientID",
        "PatientBirthDate",
        "PatientSex",
        "StudyInstanceUID",
        "StudyDate",
        "StudyTime",
        "StudyID",
        "AccessionNumber",
        "ReferringPhysicianName",
    ):
        assert written[keyword].value == source[keyword].value
    assert written.SeriesInstanceUID != source.SeriesInstanceUID and written.Modality == "SR"
    assert (written.ContentDate, written.ContentTime) == ("20240506", "070809")
    assert written.file_meta.MediaStorageSOPInstanceUID == written.SOPInstanceUID
    evidence = written.CurrentRequestedProcedureEvidenceSequence[0]
    assert evidence.StudyInstanceUID == source.StudyInstanceUID
    series = evidence.ReferencedSeriesSequence[0]
    assert series.SeriesInstanceUID == source.SeriesInstanceUID
    assert series.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID


def walk(item: Any, path: str = "root") -> int:
    """Check one content item and all below it; the number of items."""
    value_type = item.ValueType
    assert value_type in CHILD_TYPES, path
    assert item.get(VALUE_TAG[value_type]), f"{path}: {value_type} without its value"
    if not (value_type == "IMAGE" and item.get("RelationshipType") == "SELECTED FROM"):
        name = item.ConceptNameCodeSequence[0]
        assert name.CodeValue and len(name.CodeValue) <= 16 and name.CodingSchemeDesignator and name.CodeMeaning
        path = f"{path}/{name.CodeMeaning}"
    if value_type == "NUM":
        measured = item.MeasuredValueSequence[0]
        assert len(str(measured["NumericValue"].value)) <= 16
        unit = measured.MeasurementUnitsCodeSequence[0]
        assert unit.CodingSchemeDesignator == "UCUM" and unit.CodeMeaning
        assert float(measured.NumericValue) == pytest.approx(measured.FloatingPointValue, rel=1e-8)
    if value_type == "SCOORD":
        assert item.GraphicType in ("POLYLINE", "ELLIPSE") and len(item.GraphicData) % 2 == 0
    seen = 1
    for child in item.get("ContentSequence", []):
        relation = (value_type, child.RelationshipType)
        assert child.ValueType in ALLOWED.get(relation, set()), f"{path}: {relation} -> {child.ValueType}"
        seen += walk(child, path)
    return seen


def test_structure_follows_comprehensive_sr(cine: Path, tmp_path: Path) -> None:
    """Value types, relationships and required attributes (PS3.3 A.35.3, C.17), checked here one by one."""
    import pydicom

    written = pydicom.dcmread(write_sr(tmp_path / "report.dcm", [cine], head_entries(cine), ["A comment."]))
    for keyword in (
        "SOPClassUID",
        "SOPInstanceUID",
        "StudyInstanceUID",
        "SeriesInstanceUID",
        "SeriesNumber",
        "Modality",
    ):
        assert written.get(keyword), keyword
    for keyword in ("InstanceNumber", "ContentDate", "ContentTime", "CompletionFlag", "VerificationFlag", "ValueType"):
        assert written.get(keyword), keyword
    for keyword in ("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"):
        assert keyword in written
    for keyword in (
        "AccessionNumber",
        "ReferringPhysicianName",
        "Manufacturer",
        "ReferencedPerformedProcedureStepSequence",
        "PerformedProcedureCodeSequence",
    ):
        assert keyword in written
    assert written.VerificationFlag == "UNVERIFIED" and "RelationshipType" not in written
    assert written.ConceptNameCodeSequence[0].CodeValue == "125000"
    assert written.ContentTemplateSequence[0].TemplateIdentifier == "5000"
    assert walk(written) > 40
    sections = {
        item.ConceptNameCodeSequence[0].CodeValue: item
        for item in written.ContentSequence
        if item.ValueType == "CONTAINER"
    }
    assert list(sections) == ["121111", "125001", "125002"]
    for code in ("125001", "125002"):
        context = sections[code].ContentSequence[0]
        assert context.RelationshipType == "HAS OBS CONTEXT" and context.ConceptCodeSequence[0].CodeValue == "121026"
    groups = [i for i in sections["125002"].ContentSequence if i.ValueType == "CONTAINER"]
    assert len(groups) == 4 and {g.ConceptNameCodeSequence[0].CodeValue for g in groups} == {"125005"}


def test_an_independent_reader_opens_it(cine: Path, tmp_path: Path) -> None:
    highdicom = pytest.importorskip("highdicom")
    report = highdicom.sr.srread(str(write_sr(tmp_path / "report.dcm", [cine], head_entries(cine))))
    assert isinstance(report, highdicom.sr.ComprehensiveSR)
    sections = [item for item in report.content[0].ContentSequence if item.ValueType == "CONTAINER"]
    assert [type(s) for s in sections] == [highdicom.sr.ContainerContentItem] * 3


def test_codes_are_those_of_the_dictionaries() -> None:
    from pydicom.sr._cid_dict import cid_concepts
    from pydicom.sr._concepts_dict import concepts

    known: dict[tuple[str, str], set[str]] = {}  # a code may stand under several keywords
    for scheme in ("LN", "DCM", "SCT"):
        for entry in concepts[scheme].values():
            for value, meanings in entry.items():
                meaning = str(next(iter(meanings)) if isinstance(meanings, dict) else meanings[0])
                known.setdefault((scheme, value), set()).add(meaning)
    plain = [c for c in vars(codes).values() if isinstance(c, Code)] + list(codes.MEASURES.values())
    checked = 0
    for code in plain:
        if code.scheme in ("LN", "DCM", "SCT"):
            assert code.meaning in known[code.scheme, code.value]
            checked += 1
    assert checked > 45
    for name, cid in (("CI", 12004), ("HC", 12005), ("BPD", 12005), ("AC", 12005), ("FL", 12005), ("EFW", 12019)):
        listed = {v for n in cid_concepts[cid]["LN"] for v in concepts["LN"][n]}
        assert codes.MEASURES[name].value in listed
    assert {codes.section_of(n).value for n in ("CI", "HC", "EFW")} == {"125001", "125002", "125008"}


def test_units_and_names_map_back() -> None:
    for unit, code in codes.UNITS.items():
        assert codes.unit_of(code.value) == unit
    with pytest.raises(ValueError, match="unit"):
        codes.unit_of("furlong")
    for name, code in codes.MEASURES.items():
        assert codes.name_of(code) == name
    assert codes.code_of("Humerus").scheme == codes.PRIVATE_SCHEME
    assert codes.name_of(codes.code_of("Humerus")) == "Humerus"


def test_single_frame_has_no_frame_number(make_dicom: Callable[..., Path], still: np.ndarray, tmp_path: Path) -> None:
    source = make_dicom(still, "single.dcm")
    report = read_sr(write_sr(tmp_path / "report.dcm", [source], head_entries(source, None)))
    assert all(e.image is None or e.image.frame is None for e in report.entries)


def test_what_was_not_measured_is_left_out(cine: Path, tmp_path: Path) -> None:
    entries = head_entries(cine)
    entries[0] = replace(entries[0], measurement=replace(entries[0].measurement, value=None))
    names = [e.measurement.name for e in read_sr(write_sr(tmp_path / "r.dcm", [cine], entries)).entries]
    assert "BPD" not in names and "HC" in names


def test_sources_without_optional_header_values(
    make_dicom: Callable[..., Path], still: np.ndarray, tmp_path: Path
) -> None:
    import pydicom

    source = make_dicom(still)
    dataset = pydicom.dcmread(source)
    for keyword in ("PatientID", "PatientBirthDate", "StudyID", "AccessionNumber", "ReferringPhysicianName"):
        del dataset[keyword]
    dataset.save_as(source)
    written = pydicom.dcmread(write_sr(tmp_path / "report.dcm", [source], head_entries(source, None)))
    assert "PatientID" in written and not written.PatientID


def test_refusals_leave_nothing_behind(
    cine: Path, make_dicom: Callable[..., Path], still: np.ndarray, tmp_path: Path
) -> None:
    entries = head_entries(cine)
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / "report.dcm"
    elsewhere = make_dicom(still, "other.dcm", StudyInstanceUID="1.2.3.4")
    someone = make_dicom(still, "someone.dcm", PatientID="INVENTED-8")
    hc = entries[1]
    cases: list[tuple[list[Path], list[Entry], str]] = [
        ([], entries, "needs the DICOM file"),
        ([cine, elsewhere], entries, "different studies"),
        ([cine, someone], entries, "different studies or patients"),
        ([cine], [], "nothing measured"),
        ([cine], [replace(hc, measurement=replace(hc.measurement, value=float("nan")))], "finite"),
        ([cine], [replace(hc, measurement=replace(hc.measurement, sd=float("inf")))], "finite"),
        ([cine], [replace(hc, measurement=replace(hc.measurement, unit="furlong"))], "unknown unit"),
        ([cine], [replace(hc, points_px=np.zeros((3, 2)))], "outline"),
        ([cine], [replace(hc, points_px=None)], "outline"),
        ([cine], [replace(hc, image=ImageReference("1.2", "1.2.3"))], "not among"),
        ([tmp_path / "gone.dcm"], entries, "cannot be read"),
    ]
    for sources, wanted, said in cases:
        with pytest.raises(BadInput, match=said):
            write_sr(target, sources, wanted)
    with pytest.raises(DiskRefused, match="cannot be written"):
        write_sr(folder / "no folder" / "report.dcm", [cine], entries)
    assert list(folder.iterdir()) == []


def test_reading_what_is_no_report(cine: Path, tmp_path: Path) -> None:
    import pydicom

    with pytest.raises(BadInput, match="no obstetric"):
        read_sr(cine)
    (tmp_path / "x.dcm").write_text("text")
    with pytest.raises(BadInput, match="not a DICOM"):
        read_sr(tmp_path / "x.dcm")
    path = write_sr(tmp_path / "r.dcm", [cine], head_entries(cine))
    dataset = pydicom.dcmread(path)
    group = next(i for i in dataset.ContentSequence if i.ConceptNameCodeSequence[0].CodeValue == "125002")
    del group.ContentSequence[1].ContentSequence[0].MeasuredValueSequence
    dataset.save_as(path)
    with pytest.raises(BadInput, match="damaged"):
        read_sr(path)


def test_only_dicom_pictures_have_a_reference(tmp_path: Path, still: np.ndarray) -> None:
    from PIL import Image

    Image.fromarray(still).save(tmp_path / "a.png")
    with pytest.raises(BadInput, match="not a DICOM picture"):
        ImageReference.of(read_picture(tmp_path / "a.png"))


@pytest.mark.data
def test_reports_on_real_files(sharedData: Path, tmp_path: Path) -> None:
    """Headers of real scanners, with all their gaps, make readable reports."""
    written = 0
    for name, frame in (("OBXXXX1A_2frame", 1), ("gdcm-US-ALOKA-16", 0), ("JPGLosslessP14SV1_1s_1f_8b", 0)):
        source = sharedData / "fetal" / "ultrasound_dicom" / f"{name}.dcm"
        entries = head_entries(source, frame)
        report = read_sr(write_sr(tmp_path / f"{written}.dcm", [source], entries))
        assert len(report.entries) == len(entries)
        assert report.entries[-1].image is None or report.entries[-1].image.frame == (1 if frame else None)
        written += 1
    assert written == 3
