"""DICOM headers as plain slices: one for each single-frame file, one for each frame of an enhanced one (pydicom).

Header values that identify a person are not looked at. Tags and functional groups: DICOM PS3.3, C.7.6.2 (planes),
C.7.6.16 (multi-frame functional groups), C.11.1 (rescale).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.dicom import quiet_pydicom
from DeepMedLib.inflation import inflates_too_far

CT_CLASSES = ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.2.2")
_DIRECTORY = "1.2.840.10008.1.3.10"

TRAITS = {
    "kernel": ("ConvolutionKernel",),
    "acquisition": ("FrameAcquisitionNumber", "AcquisitionNumber"),
    "temporal position": ("TemporalPositionIndex", "TemporalPositionIdentifier"),
    "cardiac phase": ("NominalPercentageOfCardiacPhase",),
    "trigger time": ("NominalCardiacTriggerDelayTime", "TriggerTime"),
    "tube voltage": ("KVP",),
    "energy": ("MonoenergeticEnergyEquivalent",),
    "image type": ("FrameType", "ImageType"),
    "contrast": ("ContrastBolusAgent",),
    "slice thickness": ("SliceThickness",),
    "reconstruction diameter": ("ReconstructionDiameter",),
    "acquisition time": ("FrameAcquisitionDateTime", "AcquisitionDateTime", "AcquisitionTime"),
    "content time": ("FrameReferenceDateTime", "ContentTime"),
    "comment": ("ImageComments",),
}
"""What can tell two phases or reconstructions of one series apart, the surest first, by the keywords that state it."""

_KEYWORDS = (
    "SOPClassUID SOPInstanceUID StudyInstanceUID SeriesInstanceUID FrameOfReferenceUID SeriesNumber SeriesDescription "
    "Modality Rows Columns SamplesPerPixel BitsAllocated PhotometricInterpretation NumberOfFrames InstanceNumber "
    "SliceLocation ImagePositionPatient ImageOrientationPatient PixelSpacing RescaleSlope RescaleIntercept "
    "PixelPaddingValue PixelPaddingRangeLimit PatientPosition SharedFunctionalGroupsSequence "
    "PerFrameFunctionalGroupsSequence DirectoryRecordSequence"
).split() + [keyword for keywords in TRAITS.values() for keyword in keywords]


@dataclass(frozen=True, eq=False)
class SliceHeader:
    """What is stated about one slice.

    Attributes:
        path: file.
        frame: in the file, from 0.
        frames: that the file holds.
        modality: "CT" too where only the kind of file says so.
        image_type: words in capitals.
        position: (3,) LPS mm of the first pixel's center; None where not stated or no numbers.
        orientation: (6,) cosines of rows and columns, LPS; None likewise.
        spacing: mm between rows, between columns; None likewise.
        slope, intercept: to HU; None where not stated.
        padding: stored values that stand for nothing, from and to.
        location: Slice Location, mm.
        patient_position: "HFS" ...
        traits: by the names of `TRAITS`, only what is stated.
    """

    path: Path
    frame: int
    frames: int
    study: str
    series: str
    frame_of_reference: str
    sop_class: str
    instance_uid: str
    series_number: int | None
    description: str
    modality: str
    image_type: tuple[str, ...]
    rows: int
    columns: int
    samples: int
    bits: int
    photometric: str
    position: np.ndarray | None
    orientation: np.ndarray | None
    spacing: tuple[float, float] | None
    slope: float | None
    intercept: float | None
    padding: tuple[int, int] | None
    instance: int | None
    location: float | None
    patient_position: str
    traits: Mapping[str, str]


@dataclass(frozen=True)
class FileHeaders:
    """The slices of one file, or why there are none.

    Attributes:
        fault: "" where there are slices; else "damaged", "too large", "directory" or "no picture".
    """

    slices: tuple[SliceHeader, ...]
    fault: str = ""


def read_headers(path: Path) -> FileHeaders:
    """The headers of a DICOM file, without its pixels; never raises for what the file holds.

    Raises:
        DependencyMissing: pydicom is not installed.
    """
    import pydicom

    with quiet_pydicom():
        try:
            if inflates_too_far(path):
                return FileHeaders((), "too large")
            dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True, specific_tags=list(_KEYWORDS))
            if str(dataset.file_meta.get("MediaStorageSOPClassUID", "")) == _DIRECTORY or (
                "DirectoryRecordSequence" in dataset
            ):
                return FileHeaders((), "directory")
            if "SOPClassUID" not in dataset and "Rows" not in dataset:
                return FileHeaders((), "directory" if path.name.upper() == "DICOMDIR" else "damaged")
            if "Rows" not in dataset or "Columns" not in dataset:
                return FileHeaders((), "no picture")
            return FileHeaders(tuple(_slices(dataset, path)))
        except MemoryError:
            return FileHeaders((), "too large")
        except Exception:  # pydicom raises nearly anything on damaged files
            return FileHeaders((), "damaged")


def _slices(dataset: Any, path: Path) -> Iterator[SliceHeader]:
    frames = max(1, _whole((dataset,), "NumberOfFrames") or 1)
    shared = _groups(dataset.get("SharedFunctionalGroupsSequence"), 0)
    each = dataset.get("PerFrameFunctionalGroupsSequence")
    for frame in range(frames if each is not None else min(frames, 1)):
        yield _header((*_groups(each, frame), *shared, dataset), path, frame, frames)


def _groups(sequence: Any, number: int) -> tuple[Any, ...]:
    """First items of the functional groups of one frame (or of all)."""
    if sequence is None or number >= len(sequence):
        return ()
    return tuple(element.value[0] for element in sequence[number] if element.VR == "SQ" and len(element.value or ()))


def _header(holders: Sequence[Any], path: Path, frame: int, frames: int) -> SliceHeader:
    kinds = _text(holders, "FrameType", "ImageType").upper().split("\\")
    stated = _text(holders, "Modality").upper()
    sop_class = _text(holders, "SOPClassUID")
    spacing = _numbers(holders, "PixelSpacing", 2)
    cosines = _numbers(holders, "ImageOrientationPatient", 6)
    traits = {name: text for name, keywords in TRAITS.items() if (text := _text(holders, *keywords))}
    return SliceHeader(
        path=path,
        frame=frame,
        frames=frames,
        study=_text(holders, "StudyInstanceUID"),
        series=_text(holders, "SeriesInstanceUID"),
        frame_of_reference=_text(holders, "FrameOfReferenceUID"),
        sop_class=sop_class,
        instance_uid=_text(holders, "SOPInstanceUID"),
        series_number=_whole(holders, "SeriesNumber"),
        description=_text(holders, "SeriesDescription")[:64],
        modality=stated or ("CT" if sop_class in CT_CLASSES or not sop_class else ""),
        image_type=tuple(kinds),
        rows=_whole(holders, "Rows") or 0,
        columns=_whole(holders, "Columns") or 0,
        samples=_whole(holders, "SamplesPerPixel") or 1,
        bits=_whole(holders, "BitsAllocated") or 16,
        photometric=_text(holders, "PhotometricInterpretation").upper(),
        position=_numbers(holders, "ImagePositionPatient", 3),
        orientation=cosines if cosines is not None and _are_axes(cosines) else None,
        spacing=(float(spacing[0]), float(spacing[1])) if spacing is not None and (spacing > 0).all() else None,
        slope=_number(holders, "RescaleSlope"),
        intercept=_number(holders, "RescaleIntercept"),
        padding=_padding(holders),
        instance=_whole(holders, "InstanceNumber"),
        location=_number(holders, "SliceLocation"),
        patient_position=_text(holders, "PatientPosition").upper(),
        traits=traits,
    )


def _are_axes(cosines: np.ndarray) -> bool:
    row, column = cosines[:3], cosines[3:]
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    return bool(max(abs(length - 1) for length in lengths) < 0.05 and abs(float(row @ column)) < 0.05)


def _padding(holders: Sequence[Any]) -> tuple[int, int] | None:
    first = _whole(holders, "PixelPaddingValue")
    if first is None:
        return None
    last = _whole(holders, "PixelPaddingRangeLimit")
    return (first, first) if last is None else (min(first, last), max(first, last))


def _value(holders: Sequence[Any], *keywords: str) -> Any:
    for holder in holders:
        for keyword in keywords:
            if keyword in holder:
                try:
                    value = holder[keyword].value
                except Exception:  # not what its value representation allows
                    continue
                if value is not None and value != "":
                    return value
    return None


def _text(holders: Sequence[Any], *keywords: str) -> str:
    value = _value(holders, *keywords)
    if value is None:
        return ""
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return str(value).strip()
    return "\\".join(str(part) for part in value).strip()


def _numbers(holders: Sequence[Any], keyword: str, count: int) -> np.ndarray | None:
    value = _value(holders, keyword)
    if value is None or isinstance(value, (str, bytes)) or not hasattr(value, "__len__") or len(value) != count:
        return None
    try:
        numbers = np.array([float(part) for part in value])
    except (TypeError, ValueError):
        return None
    return numbers if np.isfinite(numbers).all() else None


def _number(holders: Sequence[Any], keyword: str) -> float | None:
    try:
        number = float(_value(holders, keyword))
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _whole(holders: Sequence[Any], keyword: str) -> int | None:
    number = _number(holders, keyword)
    return None if number is None else int(number)
