"""DICOM structured reports of template 1500 (Measurement Report, PS3.16) in the study of what was measured (highdicom).

Each number has its unit and its standard deviation in the same unit. What no public scheme names has a code of our own.
"""

from __future__ import annotations

import importlib.util
import io
import math
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from DeepMedLib import __version__
from DeepMedLib.dicom.files import quiet_pydicom
from DeepMedLib.dicom.identity import CannotBeNamed
from DeepMedLib.errors import DependencyMissing
from DeepMedLib.measurement import Code
from DeepMedLib.report.files import write_whole

SCHEME = "99DEEPMED"
MAKER = "DeepMed for 3D Slicer"
LONGEST_CODE = 16
"""Characters of a code value (value representation SH)."""
_UNITS = {
    "mm": ("mm", "millimeter"),
    "mm2": ("mm2", "square millimeter"),
    "ml": ("mL", "milliliter"),
    "deg": ("deg", "degree"),
    "%": ("%", "percent"),
    "HU": ("[hnsf'U]", "Hounsfield unit"),
    "": ("1", "no units"),
}
"""UCUM symbol and word by the unit of a `Measurement`."""


def check_highdicom() -> None:
    """Make sure that documents can be written here.

    Raises:
        DependencyMissing: highdicom is not installed.
    """
    if importlib.util.find_spec("highdicom") is None:
        raise DependencyMissing("This needs highdicom.", "Slicer has it since version 5.13.")


def check_kind(source: Any) -> None:
    """Make sure that a report can be about an object: highdicom looks up by its kind what belongs to patient and study.

    Args:
        source: as `identity_of` gives it.

    Raises:
        CannotBeNamed: the standard does not list its SOP Class UID, or no longer.
    """
    from pydicom.uid import UID

    kind = UID(source.SOPClassUID)
    if kind.type != "SOP Class" or kind.is_retired:
        raise CannotBeNamed(
            "The source is of a kind (SOP Class UID) that DICOM does not list.", "Export it as another."
        )


def concept(code: Code) -> Any:
    """A code as highdicom takes it; its meaning is cut to the 64 characters that DICOM allows."""
    from highdicom.sr import CodedConcept

    return CodedConcept(value=code.value, scheme_designator=code.scheme, meaning=code.meaning[:64])


def own_concept(value: str, meaning: str) -> Any:
    """A code of our own scheme."""
    return concept(Code(value, SCHEME, meaning))


def number(
    name: Code, value: float, unit: str, sd: float | None = None, referenced_coordinates: Sequence[Any] | None = None
) -> Any:
    """A measurement of template 300 with its unit and its standard deviation where that is known.

    Args:
        unit: as `Measurement` has it.

    Raises:
        KeyError: a unit that has no UCUM symbol here.
    """
    from highdicom import sr

    symbol, word = _UNITS[unit]
    coded = concept(Code(symbol, "UCUM", word))
    properties = None
    if sd is not None and math.isfinite(sd):
        spread = sr.NumContentItem(
            name=concept(Code("386136009", "SCT", "Standard deviation")),
            value=sd,
            unit=coded,
            relationship_type=sr.RelationshipTypeValues.HAS_PROPERTIES,
        )
        properties = sr.MeasurementProperties(
            measurement_statistical_properties=sr.MeasurementStatisticalProperties(values=[spread])
        )
    return sr.Measurement(
        name=concept(name),
        value=value,
        unit=coded,
        properties=properties,
        referenced_coordinates=referenced_coordinates,
    )


def comment(text: str) -> Any:
    """A sentence for the reader."""
    from highdicom import sr

    return sr.TextContentItem(
        name=concept(Code("121106", "DCM", "Comment")),
        value=text,
        relationship_type=sr.RelationshipTypeValues.CONTAINS,
    )


def write_report(
    path: str | Path,
    evidence: Sequence[Any],
    groups: Sequence[Any],
    *,
    model: str,
    serial: str,
    procedure: Any,
    description: str,
    comments: Sequence[str] = (),
) -> Path:
    """Write a report; nothing is left on the disk when it fails.

    Args:
        evidence: data sets that it refers to; the first one's patient and study become the report's, see
            `DeepMedLib.dicom.identity.identity_of`.
        groups: of measurements, as highdicom has them; at least one.
        model: the module, which is named as the observer.
        serial: of what measured, e.g. a part of the model's SHA-256; "0" where there is none.
        procedure: coded, as `concept` gives it.
        description: of the series.
        comments: sentences about the whole, the gravest first.

    Raises:
        DiskRefused: the file cannot be written.
    """
    from highdicom import sr
    from pydicom.uid import generate_uid

    device = sr.DeviceObserverIdentifyingAttributes(uid=_device_uid(model), name=model, manufacturer_name=MAKER)
    observer = sr.ObserverContext(concept(Code("121007", "DCM", "Device")), device)
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=procedure,
        imaging_measurements=list(groups),
    )
    for sentence in comments:
        report[0].ContentSequence.append(comment(sentence))
    with quiet_pydicom():
        document = sr.ComprehensiveSR(
            evidence=list(evidence),
            content=report,
            series_instance_uid=generate_uid(),
            series_number=902,
            sop_instance_uid=generate_uid(),
            instance_number=1,
            manufacturer=MAKER,
            manufacturer_model_name=model,
            software_versions=__version__,
            device_serial_number=serial or "0",
            series_description=description,
        )
        document.CodingSchemeIdentificationSequence = [_scheme()]
        stream = io.BytesIO()
        document.save_as(stream)
    return write_whole(path, stream.getvalue())


def _scheme() -> Any:
    from pydicom.dataset import Dataset

    scheme = Dataset()
    scheme.CodingSchemeDesignator, scheme.CodingSchemeName = SCHEME, MAKER
    return scheme


def _device_uid(model: str) -> str:
    """Names the module as an observer: the same in all its reports."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_URL, f'{MAKER}/{model}').int}"
