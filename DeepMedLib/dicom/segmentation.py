"""Masks as a DICOM segmentation (SEG, PS3.3 A.51) on the slices that they were made from (highdicom)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib import __version__
from DeepMedLib.dicom.files import quiet_pydicom
from DeepMedLib.dicom.source_slices import PlacedSlices
from DeepMedLib.dicom.template1500 import MAKER, concept
from DeepMedLib.measurement import Code
from DeepMedLib.report.files import write_whole

Segment = tuple[str, tuple[Code, ...], tuple[float, float, float]]
"""Label, codes (category, type, modifier), color."""
_CT = "1.2.840.10008.5.1.4.1.1.2"


@dataclass(frozen=True)
class MadeSegmentation:
    """A segmentation on the disk, with its data set."""

    path: Path
    dataset: Any


def write_segmentation(
    path: Path,
    masks: Sequence[np.ndarray],
    segments: Sequence[Segment],
    placed: PlacedSlices,
    *,
    module: str,
    family: Code,
    serial: str,
    content: str,
) -> MadeSegmentation:
    """Write a binary segmentation without empty frames.

    Args:
        masks: (k, j, i) bool on ``placed``'s turned grid, none of them empty, one a segment; they may overlap.
        module, family, serial, content: as `DeepMedLib.dicom.segments.Writer`.

    Raises:
        DiskRefused: the file cannot be written.
    """
    from highdicom import PixelMeasuresSequence, PlaneOrientationSequence, PlanePositionSequence, seg
    from pydicom.uid import generate_uid

    shown = np.flatnonzero(np.any([mask.any(axis=(1, 2)) for mask in masks], axis=0))
    spacing, step = placed.turn.target.spacing, placed.step
    first = placed.headers[0]
    pixel = first.spacing if placed.is_same and first.spacing else (float(spacing[1]), float(spacing[0]))
    with quiet_pydicom():
        made = seg.Segmentation(
            source_images=[_stand_in(placed)],
            pixel_array=_stacked([mask[shown] for mask in masks]),
            segmentation_type=seg.SegmentationTypeValues.BINARY,
            segment_descriptions=[
                _described(number, segment, module, family) for number, segment in enumerate(segments, 1)
            ],
            series_instance_uid=generate_uid(),
            series_number=901,
            sop_instance_uid=generate_uid(),
            instance_number=1,
            manufacturer=MAKER,
            manufacturer_model_name=module,
            software_versions=__version__,
            device_serial_number=serial or "0",
            content_label=content,
            content_description=f"{module}, proposal for research use"[:64],
            pixel_measures=PixelMeasuresSequence(
                pixel_spacing=pixel, slice_thickness=float(spacing[2]), spacing_between_slices=step
            ),
            plane_orientation=PlaneOrientationSequence("PATIENT", [float(value) for value in placed.orientation]),
            plane_positions=[
                PlanePositionSequence("PATIENT", [round(float(value), 6) for value in placed.positions[k]])
                for k in shown
            ],
        )
        made.SeriesDescription = f"{module} segmentation"
        _refer(made, placed)
        stream = io.BytesIO()
        made.save_as(stream)
    return MadeSegmentation(write_whole(path, stream.getvalue()), made)


def _stacked(masks: list[np.ndarray]) -> np.ndarray:
    """Labels (k, j, i) where no masks overlap, which needs far less memory; else (k, j, i, segment)."""
    labels = np.zeros(masks[0].shape, np.uint8 if len(masks) < 256 else np.uint16)
    for number, mask in enumerate(masks, 1):
        if labels[mask].any():
            return np.stack(masks, axis=-1).astype(np.uint8)
        labels[mask] = number
    return labels


def _described(number: int, segment: Segment, module: str, family: Code) -> Any:
    from highdicom import AlgorithmIdentificationSequence, seg
    from highdicom.color import CIELabColor
    from pydicom.sequence import Sequence as DicomSequence

    label, codes, color = segment
    made = seg.SegmentDescription(
        segment_number=number,
        segment_label=label[:64],
        segmented_property_category=concept(codes[0]),
        segmented_property_type=concept(codes[1]),
        algorithm_type=seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=AlgorithmIdentificationSequence(f"{MAKER} {module}", concept(family), __version__),
        display_color=CIELabColor.from_rgb(*(round(255 * value) for value in color)),
    )
    if len(codes) > 2:
        kind = made.SegmentedPropertyTypeCodeSequence[0]
        kind.SegmentedPropertyTypeModifierCodeSequence = DicomSequence([concept(codes[2])])
    return made


def _stand_in(placed: PlacedSlices) -> Any:
    """One plain slice in the place of all: highdicom takes patient, study and frame of reference from it.

    It allows neither series with a UID for each slice nor frames of several files; references are written by `_refer`.
    """
    import copy

    first = placed.headers[0]
    made = copy.deepcopy(placed.patient)  # a shallow copy would share its elements
    assert first.spacing is not None
    made.SOPClassUID, made.FrameOfReferenceUID, made.Modality = _CT, first.frame_of_reference, "CT"
    made.Rows, made.Columns, made.PixelSpacing = first.rows, first.columns, list(first.spacing)
    made.ImageOrientationPatient = [float(value) for value in placed.orientation]
    made.ImagePositionPatient = [float(value) for value in placed.positions[0]]
    made.SliceThickness = float(placed.turn.target.spacing[2])
    return made


def _refer(made: Any, placed: PlacedSlices) -> None:
    """Write which slices the segmentation was made from, and for each frame which slice lies there."""
    from pydicom.dataset import Dataset
    from pydicom.sequence import Sequence as DicomSequence

    def reference(sop_class: str, instance: str) -> Any:
        one = Dataset()
        one.ReferencedSOPClassUID, one.ReferencedSOPInstanceUID = sop_class, instance
        return one

    series: dict[str, list[Any]] = {}
    for source in placed.references():
        series.setdefault(source.SeriesInstanceUID, []).append(reference(source.SOPClassUID, source.SOPInstanceUID))
    made.SourceImageSequence = DicomSequence([one for ones in series.values() for one in ones])
    made.ReferencedSeriesSequence = DicomSequence()
    for uid, instances in series.items():
        one = Dataset()
        one.SeriesInstanceUID, one.ReferencedInstanceSequence = uid, DicomSequence(instances)
        made.ReferencedSeriesSequence.append(one)
    for frame in made.PerFrameFunctionalGroupsSequence:
        position = np.array(frame.PlanePositionSequence[0].ImagePositionPatient, float)
        header = placed.headers[int(np.argmin(np.linalg.norm(placed.positions - position, axis=1)))]
        source = reference(header.sop_class, header.instance_uid)
        if header.frames > 1:
            source.ReferencedFrameNumber = header.frame + 1
        source.PurposeOfReferenceCodeSequence = DicomSequence(
            [concept(Code("121322", "DCM", "Source image for image processing operation"))]
        )
        source.SpatialLocationsPreserved = "YES" if placed.is_same else "NO"
        derivation = Dataset()
        derivation.SourceImageSequence = DicomSequence([source])
        derivation.DerivationCodeSequence = DicomSequence([concept(Code("113076", "DCM", "Segmentation"))])
        frame.DerivationImageSequence = DicomSequence([derivation])
