"""A tracing as a DICOM structured report of template 1500 (Measurement Report, PS3.16), in the study of its film.

Landmarks are points on the film (TID 1410); each analysis is a group of measurements (TID 1501), each with its unit,
its standard deviation in the same unit, and the points that it uses. Measures and landmarks have codes of our own, for
no public scheme names them all. Needs highdicom, which Slicer ships since 5.13.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.analysis.analyses import CephMeasure
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint
from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.tracing.result import CephResult
from DeepMedLib.dicom import open_dicom
from DeepMedLib.dicom.identity import identity_of
from DeepMedLib.dicom.template1500 import (
    LONGEST_CODE,
    SCHEME,
    check_highdicom,
    check_kind,
    number,
    own_concept,
    write_report,
)
from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code

_SHORTENED = {"Cranial deflection": "Cranial deflect."}


def code_of(measure: str) -> str:
    """The code value of a measure's name."""
    return _SHORTENED.get(measure, measure)


def write_structured_report(result: CephResult, source: str | Path, path: str | Path) -> Path:
    """Write the report; nothing is left on the disk when it fails.

    Args:
        result: the tracing, with measures.
        source: the DICOM file of the film.

    Raises:
        BadInput: nothing was traced.
        CannotBeNamed: the film's file lacks what a report must name.
        DependencyMissing: highdicom is not installed.
        OSError: the file cannot be written.
    """
    check_highdicom()
    from highdicom import sr
    from pydicom.uid import generate_uid

    if not result.measures:
        raise BadInput(f"{result.film} has no measures to report.", "Trace the film first.")
    film = identity_of(open_dicom(Path(source), with_pixels=False), Path(source).name)
    check_kind(film)
    image = sr.SourceImageForRegion(film.SOPClassUID, film.SOPInstanceUID)
    groups: list[Any] = [_landmark(point, image) for point in result.points if point.symbol in ISBI19]
    for analysis in dict.fromkeys(measure.analysis for measure in result.measures):
        measures = [m for m in result.measures if m.analysis == analysis]
        groups.append(
            sr.MeasurementsAndQualitativeEvaluations(
                tracking_identifier=sr.TrackingIdentifier(uid=generate_uid(), identifier=analysis),
                finding_type=own_concept(analysis[:LONGEST_CODE], f"{analysis} analysis"),
                measurements=[_measurement(measure, result, image) for measure in measures],
                source_images=[sr.SourceImageForMeasurementGroup(film.SOPClassUID, film.SOPInstanceUID)],
            )
        )
    return write_report(
        path,
        [film],
        groups,
        model="CephSketcher",
        serial=result.provenance.get("sha256", "")[:16],
        procedure=own_concept("LATERAL_CEPH", "Lateral cephalogram"),
        description="Cephalometric analysis, proposal for research use",
    )


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
        finding_type=own_concept(point.symbol, landmark.name),
    )


def _measurement(measure: CephMeasure, result: CephResult, image: Any) -> Any:
    from highdicom import sr

    points = _pixels([result.points[symbol] for symbol in measure.uses])
    return number(
        Code(code_of(measure.name), SCHEME, measure.title),
        measure.value,
        measure.unit,
        measure.sd,
        [sr.CoordinatesForMeasurement(sr.GraphicTypeValues.MULTIPOINT, points, image)],
    )
