"""Reading a structured report of fetal measurements back."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.dicom import open_dicom, quiet_pydicom
from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code, Measurement
from FetalBiometryLib import codes
from FetalBiometryLib.structured_report import tree as sr_tree
from FetalBiometryLib.structured_report.model import (
    Entry,
    ImageReference,
    ReportedAge,
    ReportedGrowth,
    StructuredReport,
)


def read_sr(path: str | Path) -> StructuredReport:
    """Read a report of `write_sr` back.

    Raises:
        BadInput: the file is no DICOM file or no OB-GYN ultrasound report.
    """
    dataset = open_dicom(Path(path))
    with quiet_pydicom():
        if dataset.get("ValueType") != "CONTAINER" or not sr_tree.is_concept(dataset, codes.REPORT):
            raise BadInput(f"{Path(path).name} is no obstetric ultrasound report.", "Choose a report of this module.")
        entries: list[Entry] = []
        comments: list[str] = []
        try:
            _walk(dataset, entries, comments, "")
        except (AttributeError, IndexError, KeyError, ValueError):
            raise BadInput(f"{Path(path).name} is a damaged report.", "Write it again.") from None
        images = []
        for study in dataset.get("CurrentRequestedProcedureEvidenceSequence") or ():
            for series in study.ReferencedSeriesSequence:
                for reference in series.ReferencedSOPSequence:
                    images.append(
                        ImageReference(str(reference.ReferencedSOPClassUID), str(reference.ReferencedSOPInstanceUID))
                    )
        return StructuredReport(
            tuple(entries), tuple(comments), tuple(images), str(dataset.get("StudyInstanceUID", ""))
        )


def _walk(parent: Any, entries: list[Entry], comments: list[str], fetus: str) -> None:
    """Collect the numbers below a container; an age or growth number belongs to the measure before it."""
    subject = sr_tree.first(parent, sr_tree.CONTEXT, codes.SUBJECT_ID)
    fetus = fetus if subject is None else str(subject.TextValue)
    before = len(entries)
    for child in sr_tree.children(parent, sr_tree.CONTAINS):
        if child.ValueType == "CONTAINER":
            _walk(child, entries, comments, fetus)
        elif child.ValueType == "TEXT" and sr_tree.is_concept(child, codes.COMMENT):
            comments.append(str(child.TextValue))
        elif child.ValueType == "NUM":
            concept = sr_tree.read_code(child.ConceptNameCodeSequence)
            citation = sr_tree.first(child, sr_tree.INFERRED, codes.EQUATION_CITATION)
            if concept.value == codes.MEASURES["GA"].value and citation is not None and entries:
                entries[-1] = replace(entries[-1], age=_read_age(child, str(citation.TextValue)))
            elif concept.value in (codes.GROWTH_PERCENTILE.value, codes.WEIGHT_PERCENTILE.value) and entries:
                table = sr_tree.first(child, sr_tree.INFERRED, codes.TABLE_CITATION)
                growth = ReportedGrowth(str(table.TextValue), sr_tree.read_number(child)[0], math.nan)
                entries[-1] = replace(entries[-1], growth=growth)
            elif concept.value == codes.GROWTH_Z_SCORE.value and entries and entries[-1].growth:
                growth = replace(entries[-1].growth, z=sr_tree.read_number(child)[0])
                entries[-1] = replace(entries[-1], growth=growth)
            else:
                entries.append(replace(_read_entry(child, concept), fetus=fetus))
    entries[before:] = _with_repeats(entries[before:])


def _with_repeats(entries: list[Entry]) -> list[Entry]:
    """Numbers of one container in which a derived number takes those of its kind before it as its repeats."""
    kept: list[Entry] = []
    for entry in entries:
        if entry.derivation is None or entry.repeats:
            kept.append(entry)
            continue
        name = entry.measurement.name
        same = tuple(e for e in kept if e.measurement.name == name and e.derivation is None)
        kept = [e for e in kept if e.measurement.name != name or e.derivation is not None]
        kept.append(replace(entry, repeats=same))
    return kept


def _read_sd(content: Any) -> float | None:
    sd = sr_tree.first(content, sr_tree.PROPERTIES, codes.STANDARD_DEVIATION)
    return None if sd is None else sr_tree.read_number(sd)[0]


def _read_equation(content: Any) -> Code | None:
    equation = sr_tree.first(content, sr_tree.INFERRED, codes.EQUATION)
    return None if equation is None else sr_tree.read_code(equation.ConceptCodeSequence)


def _read_age(content: Any, source: str) -> ReportedAge:
    sd = _read_sd(content)
    return ReportedAge(
        sr_tree.read_number(content)[0] / 7, None if sd is None else sd / 7, source, _read_equation(content)
    )


def _read_image(content: Any) -> ImageReference:
    reference = content.ReferencedSOPSequence[0]
    frame = reference.get("ReferencedFrameNumber")
    return ImageReference(
        str(reference.ReferencedSOPClassUID),
        str(reference.ReferencedSOPInstanceUID),
        None if frame is None else int(frame) - 1,
    )


def _read_entry(content: Any, concept: Code) -> Entry:
    value, ucum = sr_tree.read_number(content)
    method = sr_tree.first(content, sr_tree.INFERRED, codes.METHOD_CITATION)
    measurement = Measurement(
        codes.name_of(concept),
        value,
        codes.unit_of(ucum),
        _read_sd(content),
        concept,
        "" if method is None else str(method.TextValue),
    )
    derived = sr_tree.first(content, sr_tree.MODIFIER, codes.DERIVATION)
    derivation = None if derived is None else sr_tree.read_code(derived.ConceptCodeSequence)
    entry = Entry(measurement, equation=_read_equation(content), derivation=derivation)
    drawn = sr_tree.first(content, sr_tree.INFERRED, value_type="SCOORD")
    if drawn is not None:
        points = np.reshape(np.array(drawn.GraphicData, float) - 0.5, (-1, 2))
        shape = "ellipse" if drawn.GraphicType == "ELLIPSE" else "line"
        of_image = sr_tree.first(drawn, sr_tree.SELECTED, value_type="IMAGE")
        return replace(entry, shape=shape, points_px=points, image=_read_image(of_image))
    plain = sr_tree.first(content, sr_tree.INFERRED, value_type="IMAGE")
    return entry if plain is None else replace(entry, image=_read_image(plain))
