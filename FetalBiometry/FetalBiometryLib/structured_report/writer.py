"""Fetal measurements as a DICOM structured report of the TID 5000 family (OB-GYN Ultrasound Procedure Report, PS3.16).

Written as Comprehensive SR into the study of the pictures that were measured, so that an archive files it beside them.
Each number keeps its code, UCUM unit, uncertainty, outline, picture and frame; each age and weight its equation.
"""

from __future__ import annotations

import copy
import datetime as dt
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.dicom import open_dicom, quiet_pydicom
from DeepMedLib.dicom.identity import identity_of
from DeepMedLib.dicom.template1500 import MAKER
from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code
from DeepMedLib.report.files import write_whole
from FetalBiometryLib import codes
from FetalBiometryLib.structured_report import tree as sr_tree
from FetalBiometryLib.structured_report.model import (
    Entry,
    ImageReference,
    ReportedAge,
    ReportedGrowth,
    StructuredReport,
)
from FetalBiometryLib.structured_report.reader import read_sr

__all__ = ["Entry", "ImageReference", "ReportedAge", "ReportedGrowth", "StructuredReport", "read_sr", "write_sr"]

COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
_TEMPLATES = {"125001": "5004", "125002": "5005", "125003": "5006", "125004": "5007", "125005": "5008"}


def write_sr(
    path: str | Path,
    sources: Sequence[str | Path],
    entries: Sequence[Entry],
    comments: Sequence[str] = (),
    device: str = "DeepMed FetalBiometry",
    created: dt.datetime | None = None,
) -> Path:
    """Write a report; nothing is left on the disk when it fails.

    Args:
        path: file to write.
        sources: the DICOM files that were measured; patient and study are copied from the first.
        entries: numbers; those without a value are left out.
        comments: sentences for the summary, e.g. where the scale comes from and that no physician verified it.
        device: name of the software with its version.
        created: content date; now when None.

    Raises:
        CannotBeNamed: a source states no study, series, instance or class.
        BadInput: no source, sources of different studies or patients, an image that is not among them, no number at
            all, a number that is not finite, or an outline of the wrong form.
        DiskRefused: the file cannot be written.
        DependencyMissing: pydicom is not installed.
    """
    path = Path(path)
    headers = _open_sources(sources)
    kept = [e for e in entries if e.measurement.value is not None]
    _check(kept, headers)
    with quiet_pydicom():
        dataset = _header(headers, created or dt.datetime.now())
        root = _content(kept, comments, device)
        for element in root:
            dataset.add(element)
        _save(dataset, path)
    return path


def _open_sources(sources: Sequence[str | Path]) -> list[Any]:
    if not sources:
        raise BadInput("A DICOM report needs the DICOM file that was measured.", "Give a DICOM picture as input.")
    headers = [identity_of(open_dicom(Path(s), with_pixels=False), Path(s).name) for s in sources]
    for keyword in ("StudyInstanceUID", "PatientID"):
        if len({str(h.get(keyword, "")) for h in headers}) > 1:
            raise BadInput("The pictures belong to different studies or patients.", "Write one report for each study.")
    return headers


def _check(entries: Sequence[Entry], headers: Sequence[Any]) -> None:
    if not entries:
        raise BadInput("There is nothing measured to report.", "Measure the picture first.")
    known = {str(h.SOPInstanceUID) for h in headers}
    for entry in [one for e in entries for one in (e, *e.repeats)]:
        name, value = entry.measurement.name, entry.measurement.value
        numbers = [value, entry.measurement.sd]
        numbers += [entry.age.weeks, entry.age.sd] if entry.age else []
        numbers += [entry.growth.z, entry.growth.centile] if entry.growth else []
        if not all(v is None or math.isfinite(v) for v in numbers):
            raise BadInput(f"{name} is not a finite number.", "Measure it again.")
        if entry.measurement.unit not in codes.UNITS:
            raise BadInput(f"{name} has the unknown unit {entry.measurement.unit}.", "Use mm, g, days, % or deg.")
        if entry.image is not None and entry.image.sop_instance_uid not in known:
            raise BadInput(f"The picture of {name} is not among the source files.", "List all measured files.")
        if entry.shape:
            wanted = {"line": (2, 2), "ellipse": (4, 2)}.get(entry.shape)
            points = np.asarray(np.nan if entry.points_px is None else entry.points_px, float)
            if points.shape != wanted or entry.image is None or not np.isfinite(points).all():
                raise BadInput(f"The outline of {name} is incomplete.", "Give its end points and its picture.")


def _header(headers: Sequence[Any], created: dt.datetime) -> Any:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence as DicomSequence
    from pydicom.uid import generate_uid

    made = copy.deepcopy(headers[0])  # a shallow copy would share its elements
    made.SOPClassUID = COMPREHENSIVE_SR
    made.SOPInstanceUID = generate_uid(prefix=None)
    made.Modality = "SR"
    made.SeriesInstanceUID = generate_uid(prefix=None)
    made.SeriesNumber = 901
    made.SeriesDescription = "Fetal biometry report"
    made.InstanceNumber = 1
    made.Manufacturer = MAKER
    made.ContentDate = made.InstanceCreationDate = made.SeriesDate = created.strftime("%Y%m%d")
    made.ContentTime = made.InstanceCreationTime = made.SeriesTime = created.strftime("%H%M%S")
    made.CompletionFlag = "PARTIAL"
    made.VerificationFlag = "UNVERIFIED"
    scheme = Dataset()
    scheme.CodingSchemeDesignator = codes.PRIVATE_SCHEME
    scheme.CodingSchemeName = MAKER
    made.CodingSchemeIdentificationSequence = DicomSequence([scheme])
    made.ReferencedPerformedProcedureStepSequence = DicomSequence([])
    made.PerformedProcedureCodeSequence = DicomSequence([])
    made.CurrentRequestedProcedureEvidenceSequence = DicomSequence([_evidence(headers)])
    return made


def _evidence(headers: Sequence[Any]) -> Any:
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence as DicomSequence

    series: dict[str, list[Any]] = {}
    for header in headers:
        reference = Dataset()
        reference.ReferencedSOPClassUID = header.SOPClassUID
        reference.ReferencedSOPInstanceUID = header.SOPInstanceUID
        references = series.setdefault(str(header.SeriesInstanceUID), [])
        if all(r.ReferencedSOPInstanceUID != header.SOPInstanceUID for r in references):
            references.append(reference)
    study = Dataset()
    study.StudyInstanceUID = headers[0].StudyInstanceUID
    study.ReferencedSeriesSequence = DicomSequence([])
    for series_uid, references in series.items():
        one = Dataset()
        one.SeriesInstanceUID = series_uid
        one.ReferencedSOPSequence = DicomSequence(references)
        study.ReferencedSeriesSequence.append(one)
    return study


def _content(entries: Sequence[Entry], comments: Sequence[str], device: str) -> Any:
    from pydicom.uid import generate_uid

    top = [
        sr_tree.coded(sr_tree.MODIFIER, codes.LANGUAGE, codes.ENGLISH),
        sr_tree.coded(sr_tree.CONTEXT, codes.OBSERVER_TYPE, codes.DEVICE),
        sr_tree.uid(sr_tree.CONTEXT, codes.DEVICE_UID, generate_uid(prefix=None, entropy_srcs=[device])),
        sr_tree.text(sr_tree.CONTEXT, codes.DEVICE_NAME, device),
    ]
    fetuses = list(dict.fromkeys(e.fetus for e in entries))
    summary = [sr_tree.text(sr_tree.CONTAINS, codes.COMMENT, sentence) for sentence in comments if sentence]
    sections = []
    for fetus in fetuses:
        found, below = _of_fetus([e for e in entries if e.fetus == fetus], fetus)
        summary += found
        sections += below
    if summary:
        top.append(sr_tree.container(sr_tree.CONTAINS, codes.SUMMARY, summary, "5002"))
    return sr_tree.container("", codes.REPORT, [*top, *sections], "5000")


def _of_fetus(entries: Sequence[Entry], fetus: str) -> tuple[list[Any], list[Any]]:
    """The summary group of one fetus, and its sections of numbers."""
    by_section: dict[Code, list[Entry]] = {}
    for entry in entries:
        by_section.setdefault(codes.section_of(entry.measurement.name), []).append(entry)
    in_summary = by_section.pop(codes.FETUS_SUMMARY, [])
    summary = []
    if in_summary:
        items = [i for e in in_summary for i in _group(e)]
        summary.append(sr_tree.container(sr_tree.CONTAINS, codes.FETUS_SUMMARY, [*_fetus(fetus), *items], "5003"))
    made = []
    for section in codes.SECTIONS:
        found = by_section.get(section)
        if not found:
            continue
        parts = _fetus(fetus)
        for entry in found:
            if section == codes.RATIOS:  # its template holds plain numbers
                parts.extend(_group(entry))
            else:
                parts.append(sr_tree.container(sr_tree.CONTAINS, codes.GROUP, _group(entry), _TEMPLATES["125005"]))
        made.append(sr_tree.container(sr_tree.CONTAINS, section, parts, _TEMPLATES[section.value]))
    return summary, made


def _fetus(name: str = "") -> list[Any]:
    """Whom the numbers below are about."""
    made = [sr_tree.coded(sr_tree.CONTEXT, codes.SUBJECT_CLASS, codes.FETUS)]
    return [*made, sr_tree.text(sr_tree.CONTEXT, codes.SUBJECT_ID, name)] if name else made


def _group(entry: Entry) -> list[Any]:
    """The repeats, the number, then the age and growth that follow from it."""
    m = entry.measurement
    value = float(m.value if m.value is not None else math.nan)
    unit = codes.UNITS[m.unit]
    below = []
    if entry.derivation is not None:
        below.append(sr_tree.coded(sr_tree.MODIFIER, codes.DERIVATION, entry.derivation))
    if m.sd is not None:
        below.append(sr_tree.number(sr_tree.PROPERTIES, codes.STANDARD_DEVIATION, m.sd, unit))
    if entry.equation is not None:
        below.append(sr_tree.coded(sr_tree.INFERRED, codes.EQUATION, entry.equation))
    if m.source:
        below.append(sr_tree.text(sr_tree.INFERRED, codes.METHOD_CITATION, m.source))
    if entry.image is not None:
        where = (entry.image.sop_class_uid, entry.image.sop_instance_uid, entry.image.frame)
        if entry.shape and entry.points_px is not None:
            of_image = sr_tree.image(sr_tree.SELECTED, *where)
            below.append(
                sr_tree.outline(sr_tree.INFERRED, codes.SOURCE_OF_MEASUREMENT, entry.shape, entry.points_px, of_image)
            )
        else:
            below.append(sr_tree.image(sr_tree.INFERRED, *where, codes.SOURCE_OF_MEASUREMENT))
    items = [item for repeat in entry.repeats for item in _group(repeat)]
    items.append(sr_tree.number(sr_tree.CONTAINS, m.code or codes.code_of(m.name), value, unit, below))
    if entry.age is not None:
        items.append(_age(entry.age))
    if entry.growth is not None:
        table = sr_tree.text(sr_tree.INFERRED, codes.TABLE_CITATION, entry.growth.standard)
        rank = codes.WEIGHT_PERCENTILE if m.name == "EFW" else codes.GROWTH_PERCENTILE
        items.append(sr_tree.number(sr_tree.CONTAINS, rank, entry.growth.centile, codes.UNITS["%"], [table]))
        table = sr_tree.text(sr_tree.INFERRED, codes.TABLE_CITATION, entry.growth.standard)
        items.append(sr_tree.number(sr_tree.CONTAINS, codes.GROWTH_Z_SCORE, entry.growth.z, codes.UNITS[""], [table]))
    return items


def _age(age: ReportedAge) -> Any:
    below = []
    if age.sd is not None:
        below.append(sr_tree.number(sr_tree.PROPERTIES, codes.STANDARD_DEVIATION, 7 * age.sd, codes.UNITS["days"]))
    if age.code is not None:
        below.append(sr_tree.coded(sr_tree.INFERRED, codes.EQUATION, age.code))
    below.append(sr_tree.text(sr_tree.INFERRED, codes.EQUATION_CITATION, age.source))
    return sr_tree.number(sr_tree.CONTAINS, codes.MEASURES["GA"], 7 * age.weeks, codes.UNITS["days"], below)


def _save(dataset: Any, path: Path) -> None:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = io.BytesIO()
    FileDataset(stream, dataset, file_meta=meta, preamble=b"\0" * 128).save_as(stream, enforce_file_format=True)
    write_whole(path, stream.getvalue())
