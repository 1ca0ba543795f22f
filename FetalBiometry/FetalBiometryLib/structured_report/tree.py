"""Content items of a DICOM structured report: building and reading them (pydicom, imported inside functions)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from DeepMedLib.measurement import Code

CONTAINS, CONTEXT, MODIFIER = "CONTAINS", "HAS OBS CONTEXT", "HAS CONCEPT MOD"
PROPERTIES, INFERRED, SELECTED = "HAS PROPERTIES", "INFERRED FROM", "SELECTED FROM"


def code_sequence(code: Code) -> Any:
    """A code sequence of one item."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence as DicomSequence

    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme
    item.CodeMeaning = code.meaning[:64]
    return DicomSequence([item])


def read_code(sequence: Any) -> Code:
    """The first code of a sequence."""
    item = sequence[0]
    return Code(str(item.CodeValue), str(item.CodingSchemeDesignator), str(item.CodeMeaning))


def item(value_type: str, relation: str, concept: Code | None, children: Sequence[Any] = ()) -> Any:
    """A content item without its value."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence as DicomSequence

    made = Dataset()
    if relation:
        made.RelationshipType = relation
    made.ValueType = value_type
    if concept is not None:
        made.ConceptNameCodeSequence = code_sequence(concept)
    if children:
        made.ContentSequence = DicomSequence(list(children))
    return made


def container(relation: str, concept: Code, children: Sequence[Any], template: str | None = None) -> Any:
    """A CONTAINER; ``template`` is the identifier of the DCMR template that it follows."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence as DicomSequence

    made = item("CONTAINER", relation, concept, children)
    made.ContinuityOfContent = "SEPARATE"
    if template:
        identifier = Dataset()
        identifier.MappingResource = "DCMR"
        identifier.TemplateIdentifier = template
        made.ContentTemplateSequence = DicomSequence([identifier])
    return made


def coded(relation: str, concept: Code, value: Code) -> Any:
    """A CODE item."""
    made = item("CODE", relation, concept)
    made.ConceptCodeSequence = code_sequence(value)
    return made


def text(relation: str, concept: Code, value: str) -> Any:
    """A TEXT item."""
    made = item("TEXT", relation, concept)
    made.TextValue = value
    return made


def uid(relation: str, concept: Code, value: str) -> Any:
    """A UIDREF item."""
    made = item("UIDREF", relation, concept)
    made.UID = value
    return made


def number(relation: str, concept: Code, value: float, unit: Code, children: Sequence[Any] = ()) -> Any:
    """A NUM item; the decimal string is for people, the double beside it keeps every digit."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence as DicomSequence

    made = item("NUM", relation, concept, children)
    measured = Dataset()
    measured.NumericValue = f"{value:.9g}"
    measured.FloatingPointValue = float(value)
    measured.MeasurementUnitsCodeSequence = code_sequence(unit)
    made.MeasuredValueSequence = DicomSequence([measured])
    return made


def image(relation: str, sop_class: str, sop_instance: str, frame: int | None, concept: Code | None = None) -> Any:
    """An IMAGE item; ``frame`` counts from 0, None for a single-frame image."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence as DicomSequence

    made = item("IMAGE", relation, concept)
    reference = Dataset()
    reference.ReferencedSOPClassUID = sop_class
    reference.ReferencedSOPInstanceUID = sop_instance
    if frame is not None:
        reference.ReferencedFrameNumber = frame + 1
    made.ReferencedSOPSequence = DicomSequence([reference])
    return made


def outline(relation: str, concept: Code, shape: str, points_px: np.ndarray, of_image: Any) -> Any:
    """An SCOORD item: "line" (2 points) or "ellipse" (ends of the long, then of the short axis).

    DICOM counts from the upper left corner of the first pixel, we from its centre: half a pixel is added.
    """
    made = item("SCOORD", relation, concept, [of_image])
    made.GraphicType = "ELLIPSE" if shape == "ellipse" else "POLYLINE"
    made.GraphicData = [float(v) + 0.5 for v in np.asarray(points_px, float).ravel()]
    return made


def children(parent: Any, relation: str = "", concept: Code | None = None, value_type: str = "") -> Iterator[Any]:
    """The content items directly below one, filtered."""
    for child in parent.get("ContentSequence") or ():
        if relation and child.get("RelationshipType") != relation:
            continue
        if value_type and child.get("ValueType") != value_type:
            continue
        if concept is not None and not is_concept(child, concept):
            continue
        yield child


def is_concept(content: Any, concept: Code) -> bool:
    """True when the item's name is this code."""
    names = content.get("ConceptNameCodeSequence")
    if not names:
        return False
    found = read_code(names)
    return (found.value, found.scheme) == (concept.value, concept.scheme)


def first(parent: Any, relation: str = "", concept: Code | None = None, value_type: str = "") -> Any:
    """The first such child, or None."""
    return next(children(parent, relation, concept, value_type), None)


def read_number(content: Any) -> tuple[float, str]:
    """Value and UCUM unit of a NUM item.

    Raises:
        ValueError: the item holds no number.
    """
    measured = content.get("MeasuredValueSequence")
    if not measured:
        raise ValueError("A numeric content item holds no number.")
    value = measured[0].get("FloatingPointValue")
    units = read_code(measured[0].MeasurementUnitsCodeSequence)
    return float(measured[0].NumericValue if value is None else value), units.value
