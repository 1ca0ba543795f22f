"""One frame of a DICOM ultrasound file: its pixels, what the header says about their size, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib import dicom
from DeepMedLib.errors import BadInput
from FetalBiometryLib.picture.regions import UltrasoundRegion, regions_of

_ULTRASOUND = ("US", "IVUS")


@dataclass(frozen=True)
class DicomReference:
    """What a structured report needs to point at the picture. Identifiers stay out of the printed form."""

    modality: str
    frame_count: int
    sop_class_uid: str = field(repr=False)
    sop_instance_uid: str = field(repr=False)
    study_instance_uid: str = field(repr=False)
    series_instance_uid: str = field(repr=False)
    path: str = field(repr=False)


@dataclass(frozen=True)
class DicomFrame:
    """One decoded frame and what the header says about its size on the body."""

    pixels: np.ndarray  # (H, W) or (H, W, 3), as stored
    frame: int  # from 0
    frame_count: int
    reference: DicomReference
    regions: tuple[UltrasoundRegion, ...]
    spacing_mm: tuple[float, float] | None  # x, y
    spacing_source: str
    notes: tuple[str, ...]


def dicom_reference(path: str | Path) -> DicomReference:
    """The reference of a file without decoding its pixels.

    Raises:
        BadInput: see `dicom.open_dicom`, or the modality is not ultrasound.
    """
    path = Path(path)
    dataset = dicom.open_dicom(path, with_pixels=False)
    with dicom.quiet_pydicom():
        return _reference(dataset, path)


def _reference(dataset: Any, path: Path) -> DicomReference:
    modality = dicom.modality_of(dataset)
    if modality not in _ULTRASOUND + dicom.SCREEN_MODALITIES:
        raise BadInput(
            f"{path.name} is of modality {modality[:16]}, not ultrasound.", "Give a fetal ultrasound picture."
        )
    return DicomReference(
        modality,
        dicom.frames_in(dataset),
        str(dataset.get("SOPClassUID", "")),
        str(dataset.get("SOPInstanceUID", "")),
        str(dataset.get("StudyInstanceUID", "")),
        str(dataset.get("SeriesInstanceUID", "")),
        str(path),
    )


def read_dicom_frame(path: Path, frame: int | None) -> DicomFrame:
    """Decode one frame (from 0); the only one when there is one.

    Raises:
        BadInput: damaged, not ultrasound, no picture in it, frame missing or not chosen, spacing not a positive number.
    """
    dataset = dicom.open_dicom(path)
    with dicom.quiet_pydicom():
        reference = _reference(dataset, path)
        dicom.check_has_pixels(dataset, path)
        index = pick_frame(reference.frame_count, frame, path.name)
        pixels = dicom.decode_frame(dataset, path, index)
        notes = []
        if reference.modality not in _ULTRASOUND:
            notes.append("The DICOM file does not say that it is ultrasound (a screen picture?).")
        spacing, source, note = _spacing(dataset, index)
        return DicomFrame(
            pixels,
            index,
            reference.frame_count,
            reference,
            _frame_regions(dataset, index),
            spacing,
            source,
            tuple(notes + ([note] if note else [])),
        )


def pick_frame(count: int, frame: int | None, name: str) -> int:
    """The frame's index, from 0.

    Raises:
        BadInput: there are several and none was chosen, or the chosen one is not there.
    """
    if frame is None:
        if count > 1:
            raise BadInput(f"{name} holds {count} frames or slices.", "Choose one of them.")
        return 0
    if not 0 <= frame < count:
        raise BadInput(f"{name} has no frame {frame + 1}: it holds {count}.", f"Choose a frame from 1 to {count}.")
    return frame


def _group(dataset: Any, index: int, keyword: str) -> Any:
    """A functional group of this frame (enhanced multi-frame files), else the shared one, else None."""
    frames = dataset.get("PerFrameFunctionalGroupsSequence") or []
    shared = dataset.get("SharedFunctionalGroupsSequence") or []
    for group in ([frames[index]] if index < len(frames) else []) + list(shared[:1]):
        items = group.get(keyword)
        if items:
            return items[0]
    return None


def _spacing(dataset: Any, index: int) -> tuple[tuple[float, float] | None, str, str]:
    measures = _group(dataset, index, "PixelMeasuresSequence")
    for keyword, holder in (("PixelSpacing", measures), ("PixelSpacing", dataset), ("ImagerPixelSpacing", dataset)):
        pair = dicom.stated_spacing(holder, keyword) if holder is not None else None
        if pair is None:
            continue
        if pair == dicom.UNKNOWN_MM:
            return None, "", f"{keyword} of exactly 1 mm was ignored: converters write it when the size is unknown."
        return pair, keyword, ""
    return None, "", ""


def _frame_regions(dataset: Any, index: int) -> tuple[UltrasoundRegion, ...]:
    """The regions of this frame: some scanners store them per frame, since zooming changes them inside a cine."""
    frames = dataset.get("PerFrameFunctionalGroupsSequence") or []
    if index < len(frames):
        own = regions_of(frames[index])
        if own:
            return own
    return regions_of(dataset)
