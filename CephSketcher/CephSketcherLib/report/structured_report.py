"""A tracing as a DICOM structured report of template 1500 (Measurement Report, PS3.16), in the study of its film.

Landmarks are points on the film (TID 1410); each analysis is a group of measurements (TID 1501), each with its unit,
its standard deviation in the same unit, and the points that it uses. Measures and landmarks have codes of our own, for
no public scheme names them all. Needs highdicom, which Slicer ships since 5.13.
"""

from __future__ import annotations

import io
import math
import uuid
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.analysis.analyses import CephMeasure
from CephSketcherLib.analysis.measure_definition import DEGREE, MILLIMETER, PERCENT
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint
from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.tracing.result import CephResult
from DeepMedLib import __version__
from DeepMedLib.dicom import open_dicom, quiet_pydicom
from DeepMedLib.errors import BadInput
from DeepMedLib.report.files import write_whole

SCHEME = "99DEEPMED"
LONGEST_CODE = 16  # value representation SH
_SHORTENED = {"Cranial deflection": "Cranial deflect."}
_UNITS = {DEGREE: ("deg", "degree"), MILLIMETER: ("mm", "millimeter"), PERCENT: ("%", "percent")}
#: Names the software as an observer; made once, so that all reports name the same one.
_DEVICE_UID = f"2.25.{uuid.UUID('6f3f1c62-5a0b-4a52-9a53-6a1f8a3f8d11').int}"
_MAKER, _MODEL = "DeepMed for 3D Slicer", "CephSketcher"


def code_of(measure: str) -> str:
    """The code value of a measure's name."""
    return _SHORTENED.get(measure, measure)


def write_structured_report(result: CephResult, source: str | Path, path: str | Path) -> Path:
    """Write the report; nothing is left on the disk when it fails.

    Args:
        result: the tracing, with measures.
        source: the DICOM file of the film.

    Raises:
        BadInput: nothing was traced, or the film's file lacks what a report must refer to.
        OSError: the file cannot be written.
    """
    from highdicom import sr
    from pydicom.uid import generate_uid

    if not result.measures:
        raise BadInput(f"{result.film} has no measures to report.", "Trace the film first.")
    film = open_dicom(Path(source))
    for keyword in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        if not film.get(keyword):
            raise BadInput(f"{Path(source).name} states no {keyword}.", "Export the film again with its DICOM header.")
    _complete(film)
    image = sr.SourceImageForRegion(film.SOPClassUID, film.SOPInstanceUID)
    groups: list[Any] = [_landmark(point, image) for point in result.points if point.symbol in ISBI19]
    for analysis in dict.fromkeys(measure.analysis for measure in result.measures):
        measures = [m for m in result.measures if m.analysis == analysis]
        groups.append(
            sr.MeasurementsAndQualitativeEvaluations(
                tracking_identifier=sr.TrackingIdentifier(uid=generate_uid(), identifier=analysis),
                finding_type=_code(analysis[:LONGEST_CODE], f"{analysis} analysis"),
                measurements=[_measurement(measure, result, image) for measure in measures],
                source_images=[sr.SourceImageForMeasurementGroup(film.SOPClassUID, film.SOPInstanceUID)],
            )
        )
    device = sr.DeviceObserverIdentifyingAttributes(uid=_DEVICE_UID, name=_MODEL, manufacturer_name=_MAKER)
    observer = sr.ObserverContext(_concept("121007", "DCM", "Device"), device)
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=_code("LATERAL_CEPH", "Lateral cephalogram"),
        imaging_measurements=groups,
    )
    with quiet_pydicom():
        document = sr.ComprehensiveSR(
            evidence=[film],
            content=report,
            series_instance_uid=generate_uid(),
            series_number=1,
            sop_instance_uid=generate_uid(),
            instance_number=1,
            manufacturer=_MAKER,
            manufacturer_model_name=_MODEL,
            software_versions=__version__,
            device_serial_number=result.provenance.get("sha256", "")[:16] or "0",
            series_description="Cephalometric analysis, proposal for research use",
        )
        stream = io.BytesIO()
        document.save_as(stream)
    return write_whole(path, stream.getvalue())


def _complete(film: Any) -> None:
    """Give a header the empty values of what it must hold (type 2) and lacks, so that the report can copy them."""
    for keyword in (
        *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"),
        *("AccessionNumber", "ReferringPhysicianName"),
    ):
        if keyword not in film:
            setattr(film, keyword, "")


def _concept(value: str, scheme: str, meaning: str) -> Any:
    from highdicom.sr import CodedConcept

    return CodedConcept(value=value, scheme_designator=scheme, meaning=meaning[:64])


def _code(value: str, meaning: str) -> Any:
    return _concept(value, SCHEME, meaning)


def _pixels(points: list[LandmarkPoint]) -> np.ndarray:
    """(n, 2) as DICOM counts: from the corner of the first pixel, half a pixel beside its center."""
    return np.array([point.xy for point in points], float) + 0.5


def _landmark(point: LandmarkPoint, image: Any) -> Any:
    from highdicom import sr
    from pydicom.uid import generate_uid

    landmark = ISBI19[point.symbol]
    return sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=generate_uid(), identifier=point.symbol),
        referenced_region=sr.ImageRegion(sr.GraphicTypeValues.POINT, _pixels([point]), image),
        finding_type=_code(point.symbol, landmark.name),
    )


def _measurement(measure: CephMeasure, result: CephResult, image: Any) -> Any:
    from highdicom import sr

    symbol, word = _UNITS[measure.unit]
    unit = _concept(symbol, "UCUM", word)
    properties = None
    if measure.sd is not None and math.isfinite(measure.sd):
        sd = sr.NumContentItem(
            name=_concept("386136009", "SCT", "Standard deviation"),
            value=measure.sd,
            unit=unit,
            relationship_type=sr.RelationshipTypeValues.HAS_PROPERTIES,
        )
        properties = sr.MeasurementProperties(
            measurement_statistical_properties=sr.MeasurementStatisticalProperties(values=[sd])
        )
    points = _pixels([result.points[symbol] for symbol in measure.uses])
    return sr.Measurement(
        name=_code(code_of(measure.name), measure.title),
        value=measure.value,
        unit=unit,
        properties=properties,
        referenced_coordinates=[sr.CoordinatesForMeasurement(sr.GraphicTypeValues.MULTIPOINT, points, image)],
    )
