"""Segments on a CT as DICOM: a segmentation (SEG), and a report of template 1500 with what was measured on each (SR).

Both refer to the slices that they were made from, whatever the order, orientation or spacing of the volume.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.dicom.segmentation import MadeSegmentation, write_segmentation
from DeepMedLib.dicom.source_slices import PlacedSlices
from DeepMedLib.dicom.template1500 import (
    check_highdicom,
    check_kind,
    comment,
    concept,
    number,
    own_concept,
    write_report,
)
from DeepMedLib.measurement import Code, Measurement

VOLUME = Code("118565006", "SCT", "Volume")
_EXTENT = ("EXTENT", "Extent on the scan")
_COMPLETE = ("COMPLETE", "Complete on the scan")
_CUT = ("CUT", "Cut by the edge of the scan: sizes are lower bounds")


@dataclass(frozen=True)
class DicomSegment:
    """One segment as it is written.

    Attributes:
        label: for people, e.g. "Right lung".
        codes: category, type and, where there is one, modifier.
        color: red, green, blue from 0 to 1.
        measurements: of it, with a code each; those without a value are left out.
        is_cut: whether the scan's edge cuts it, so that its sizes are lower bounds; None where that was not judged.
        remarks: sentences about it.
    """

    label: str
    codes: tuple[Code, ...]
    color: tuple[float, float, float]
    measurements: tuple[Measurement, ...] = ()
    is_cut: bool | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Writer:
    """Who writes.

    Attributes:
        module: its name, e.g. "ScanCoverage".
        family: coded kind of algorithm (CID 7162).
        serial: a part of the model's SHA-256, or "0".
        content: short name of what is segmented, in capitals, at most 16 characters.
        procedure: what was done, by a code of ours and its meaning.
    """

    module: str
    family: Code
    serial: str
    content: str
    procedure: tuple[str, str]


ARTIFICIAL_INTELLIGENCE = Code("123110", "DCM", "Artificial Intelligence")
MORPHOLOGY = Code("123104", "DCM", "Morphological Operations")


def write_segments(
    folder: Path,
    masks: Sequence[np.ndarray],
    segments: Sequence[DicomSegment],
    placed: PlacedSlices,
    writer: Writer,
    comments: Sequence[str] = (),
) -> list[Path]:
    """Write segmentation.dcm and, where something was measured, report.dcm; empty segments are left out.

    Args:
        masks: (k, j, i) bool on the volume's grid, one a segment.
        comments: sentences about the scan, the gravest first.

    Returns:
        the files; none when every segment is empty.

    Raises:
        CannotBeNamed: the slices are of a kind that DICOM does not list.
        DependencyMissing: highdicom is not installed.
        DiskRefused: a file cannot be written.
    """
    check_highdicom()
    check_kind(placed.patient)
    kept = [place for place, mask in enumerate(masks) if mask.any()]
    if not kept:
        return []
    shown = [segments[place] for place in kept]
    made = write_segmentation(
        folder / "segmentation.dcm",
        [placed.turn.forward(masks[place]) for place in kept],
        [(segment.label, segment.codes, segment.color) for segment in shown],
        placed,
        module=writer.module,
        family=writer.family,
        serial=writer.serial,
        content=writer.content,
    )
    groups = [
        _group(segment, index, made, placed)
        for index, segment in enumerate(shown, 1)
        if any(item.value is not None for item in segment.measurements)
    ]
    if not groups:
        return [made.path]
    report = write_report(
        folder / "report.dcm",
        [*placed.references(), made.dataset],
        groups,
        model=writer.module,
        serial=writer.serial,
        procedure=own_concept(*writer.procedure),
        description=f"{writer.procedure[1]}, proposal for research use",
        comments=comments,
    )
    return [made.path, report]


def _group(segment: DicomSegment, index: int, made: MadeSegmentation, placed: PlacedSlices) -> Any:
    """A segment's measurements as a group of template 1411."""
    from highdicom import sr
    from pydicom.uid import generate_uid

    category, kind = (concept(code) for code in segment.codes[:2])
    side = concept(segment.codes[2]) if len(segment.codes) > 2 else None
    extent = None if segment.is_cut is None else _CUT if segment.is_cut else _COMPLETE
    group = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(uid=generate_uid(), identifier=segment.label),
        referenced_segment=sr.ReferencedSegment(
            made.dataset.SOPClassUID,
            made.dataset.SOPInstanceUID,
            index,
            source_series=sr.SourceSeriesForSegmentation(placed.headers[0].series),
        ),
        finding_category=category,
        finding_type=kind,
        finding_sites=[sr.FindingSite(kind, laterality=side)],
        measurements=[
            number(item.code or VOLUME, item.value, item.unit, item.sd)
            for item in segment.measurements
            if item.value is not None
        ],
        qualitative_evaluations=None
        if extent is None
        else [sr.QualitativeEvaluation(own_concept(*_EXTENT), own_concept(*extent))],
    )
    for sentence in segment.remarks:
        group[0].ContentSequence.append(comment(sentence))
    return group
