"""Reading one frame of a DICOM ultrasound file (pydicom, with SimpleITK for compressions that pydicom cannot open).

Header values that identify a person are never printed: pydicom's warnings, which quote them, are silenced here.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.errors import BadInput, DependencyMissing

from .regions import UltrasoundRegion, regions_of

_ULTRASOUND = ("US", "IVUS")
_SCREEN = ("OT", "SC", "XC", "")  # screen pictures and files without a modality


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


@contextmanager
def quiet_pydicom() -> Iterator[None]:
    """Silence pydicom's warnings and log, which may quote header values."""
    log = logging.getLogger("pydicom")
    before = log.disabled
    log.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.disabled = before


def looks_like_dicom(head: bytes) -> bool:
    """Judge by the first 132 bytes: preamble with DICM, or a data set of group 8 (or 2) without preamble."""
    return head[128:132] == b"DICM" or head[:4] in (b"\x08\x00\x05\x00", b"\x08\x00\x00\x00", b"\x02\x00\x00\x00")


def open_dicom(path: Path, with_pixels: bool = True) -> Any:
    """The pydicom data set.

    Raises:
        BadInput: the file is no DICOM file, is cut short, or holds no picture.
        DependencyMissing: pydicom is not installed.
    """
    try:
        import pydicom
        from pydicom.errors import InvalidDicomError
    except ImportError:
        raise DependencyMissing("Reading DICOM needs the package pydicom.", "Install it: pip install pydicom") from None
    try:
        with path.open("rb") as file:
            head = file.read(132)
        with quiet_pydicom():
            dataset = pydicom.dcmread(
                str(path), stop_before_pixels=not with_pixels, force=head[128:132] != b"DICM" and looks_like_dicom(head)
            )
            empty = "SOPClassUID" not in dataset
    except InvalidDicomError:
        raise BadInput(
            f"{path.name} is not a DICOM file, though its name says so.", "Give the original DICOM file."
        ) from None
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror or 'input error'}).", "Check the file.") from None
    except Exception:
        raise BadInput(f"{path.name} is a damaged DICOM file.", "Export it from the scanner again.") from None
    if empty:
        raise BadInput(f"{path.name} is a damaged DICOM file.", "Export it from the scanner again.")
    return dataset


def dicom_reference(path: str | Path) -> DicomReference:
    """The reference of a file without decoding its pixels.

    Raises:
        BadInput: see `open_dicom`, or the modality is not ultrasound.
    """
    path = Path(path)
    dataset = open_dicom(path, with_pixels=False)
    with quiet_pydicom():
        return _reference(dataset, path)


def _reference(dataset: Any, path: Path) -> DicomReference:
    modality = str(dataset.get("Modality", "") or "")
    if modality not in _ULTRASOUND + _SCREEN:
        raise BadInput(
            f"{path.name} is of modality {modality[:16]}, not ultrasound.", "Give a fetal ultrasound picture."
        )
    return DicomReference(
        modality,
        _frames(dataset),
        str(dataset.get("SOPClassUID", "")),
        str(dataset.get("SOPInstanceUID", "")),
        str(dataset.get("StudyInstanceUID", "")),
        str(dataset.get("SeriesInstanceUID", "")),
        str(path),
    )


def _frames(dataset: Any) -> int:
    try:
        return max(1, int(dataset.get("NumberOfFrames", 1) or 1))
    except (TypeError, ValueError):
        return 1


def read_dicom_frame(path: Path, frame: int | None) -> DicomFrame:
    """Decode one frame (from 0); the only one when there is one.

    Raises:
        BadInput: damaged, not ultrasound, no picture in it, frame missing or not chosen, spacing not a positive number.
    """
    dataset = open_dicom(path)
    with quiet_pydicom():
        reference = _reference(dataset, path)
        if not any(k in dataset for k in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            raise BadInput(f"{path.name} holds no picture, or it is cut short.", "Choose an ultrasound image file.")
        index = pick_frame(reference.frame_count, frame, path.name)
        pixels = _decode(dataset, path, index, reference.frame_count)
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


def _decode(dataset: Any, path: Path, index: int, count: int) -> np.ndarray:
    try:
        from pydicom.pixels import apply_color_lut, pixel_array

        # The decoder turns YBR into RGB; asking for one frame keeps long cine loops out of memory.
        pixels = np.asarray(pixel_array(dataset, index=index))
    except Exception:
        return _decode_with_itk(path, index, count)
    interpretation = str(dataset.get("PhotometricInterpretation", ""))
    try:
        if interpretation == "PALETTE COLOR":
            pixels = apply_color_lut(pixels, dataset)
            if pixels.dtype == np.uint16:
                bits = int(dataset.RedPaletteColorLookupTableDescriptor[2])
                pixels = (pixels >> 8 if bits == 16 else pixels).clip(0, 255).astype(np.uint8)
        elif interpretation == "MONOCHROME1":
            pixels = (pixels.max() if pixels.dtype != np.uint8 else np.uint8(255)) - pixels
    except Exception:
        raise BadInput(f"{path.name} has a damaged color table.", "Export it from the scanner again.") from None
    return pixels


def _decode_with_itk(path: Path, index: int, count: int) -> np.ndarray:
    import SimpleITK as sitk

    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        array = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    except RuntimeError:
        raise BadInput(
            f"The picture in {path.name} is cut short or compressed in a way that cannot be read.",
            "Export it again, uncompressed or as JPEG.",
        ) from None
    return array[index] if array.shape[0] == count and array.ndim > 2 else array


def _pair(value: Any) -> tuple[float, float] | None:
    """DICOM spacing is row, column; returned as x, y."""
    if value is None or isinstance(value, (str, bytes)) or len(value) != 2:
        return None
    try:
        return float(value[1]), float(value[0])
    except (TypeError, ValueError):
        return math.nan, math.nan


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
        pair = _pair(holder.get(keyword)) if holder is not None else None
        if pair is None:
            continue
        if not all(math.isfinite(v) and v > 0 for v in pair):
            raise BadInput(
                f"The DICOM file states a {keyword} that is zero, negative or not a number.",
                "Correct the tag or export the file again.",
            )
        if pair == (1.0, 1.0):
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
