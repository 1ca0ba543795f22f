"""One picture out of a DICOM file: opening it, decoding a frame, and the spacings that its header states.

pydicom reads; SimpleITK decodes compressions that pydicom cannot open. Header values that identify a person are never
printed: pydicom's warnings, which quote them, are silenced here. Tags and their meaning: DICOM PS3.3, C.7.6.3.1.2
(photometric interpretation) and 10.7.1.3 (pixel spacing and its calibration).
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.errors import BadInput, DependencyMissing

SUFFIXES = (".dcm", ".dicom", ".ima")
#: Modalities of screen pictures, and of files that state none.
SCREEN_MODALITIES = ("SC", "OT", "XC", "")
UNKNOWN_MM = (1.0, 1.0)
"""Spacing that converters write when the size of a pixel is unknown."""
_EXPORT_AGAIN = "Export it from its source again."
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


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


def begins_as_dicom(path: Path) -> bool:
    """Whether a file looks like DICOM; False where it cannot be read."""
    try:
        with path.open("rb") as file:
            return looks_like_dicom(file.read(132))
    except OSError:
        return False


def open_dicom(path: Path, with_pixels: bool = True) -> Any:
    """The pydicom data set.

    Raises:
        BadInput: no DICOM file, or cut short.
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
        forced = head[128:132] != b"DICM" and looks_like_dicom(head)
        with quiet_pydicom():
            dataset = pydicom.dcmread(str(path), stop_before_pixels=not with_pixels, force=forced)
            empty = "SOPClassUID" not in dataset
    except InvalidDicomError:
        raise BadInput(
            f"{path.name} is not a DICOM file, though its name says so.", "Give the original DICOM file."
        ) from None
    except OSError as error:
        raise BadInput(f"{path.name} cannot be read ({error.strerror or 'input error'}).", "Check the file.") from None
    except Exception:
        raise BadInput(f"{path.name} is a damaged DICOM file.", _EXPORT_AGAIN) from None
    if empty:
        raise BadInput(f"{path.name} is a damaged DICOM file.", _EXPORT_AGAIN)
    return dataset


def modality_of(dataset: Any) -> str:
    """Modality, "" where none is stated."""
    return str(dataset.get("Modality", "") or "")


def frames_in(dataset: Any) -> int:
    """Number of frames, at least 1."""
    try:
        return max(1, int(dataset.get("NumberOfFrames", 1) or 1))
    except (TypeError, ValueError):
        return 1


def check_has_pixels(dataset: Any, path: Path) -> None:
    """Raises:
    BadInput: the data set holds no picture.
    """
    if not any(keyword in dataset for keyword in _PIXELS):
        raise BadInput(f"{path.name} holds no picture, or it is cut short.", "Choose the file that holds the picture.")


def decode_frame(dataset: Any, path: Path, frame: int = 0) -> np.ndarray:
    """One frame (from 0): (H, W) where high values are shown bright, or (H, W, 3) RGB; modality table applied.

    Args:
        path: the file, for what pydicom cannot decompress.

    Raises:
        BadInput: it cannot be decoded, or its color table is damaged.
    """
    interpretation = str(dataset.get("PhotometricInterpretation", ""))
    white_is_low = interpretation == "MONOCHROME1"
    try:
        from pydicom.pixels import apply_modality_lut, pixel_array

        # The decoder turns YBR into RGB; asking for one frame keeps long loops out of memory.
        pixels = np.asarray(pixel_array(dataset, index=frame))
        if "ModalityLUTSequence" in dataset:  # a plain slope and intercept changes nothing that is used here
            pixels = np.asarray(apply_modality_lut(pixels, dataset))
    except Exception:
        pixels = _decode_with_itk(path, frame, frames_in(dataset))
        white_is_low = False  # SimpleITK has turned MONOCHROME1, and looked up colors
    else:
        if interpretation == "PALETTE COLOR":
            pixels = _palette_colors(pixels, dataset, path)
    if interpretation == "MONOCHROME2" and str(dataset.get("PresentationLUTShape", "")) == "INVERSE":
        white_is_low = True
    return turned(pixels) if white_is_low else pixels


def turned(pixels: np.ndarray) -> np.ndarray:
    """Bright for dark: 8-bit values over their whole range, others over the range that they span."""
    if pixels.dtype == np.uint8:
        return np.uint8(255) - pixels
    if pixels.dtype.kind not in "iu":
        return pixels.max() + pixels.min() - pixels
    return (int(pixels.max()) + int(pixels.min()) - pixels.astype(np.int64)).astype(pixels.dtype)


def _palette_colors(pixels: np.ndarray, dataset: Any, path: Path) -> np.ndarray:
    from pydicom.pixels import apply_color_lut

    try:
        colors = np.asarray(apply_color_lut(pixels, dataset))
        if colors.dtype == np.uint16:
            bits = int(dataset.RedPaletteColorLookupTableDescriptor[2])
            colors = (colors >> 8 if bits == 16 else colors).clip(0, 255).astype(np.uint8)
    except Exception:
        raise BadInput(f"{path.name} has a damaged color table.", _EXPORT_AGAIN) from None
    return colors


def _decode_with_itk(path: Path, frame: int, count: int) -> np.ndarray:
    import SimpleITK as sitk

    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        array = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    except RuntimeError:
        raise BadInput(
            f"The picture in {path.name} is cut short or compressed in a way that cannot be read.",
            "Export it again, uncompressed or as JPEG.",
        ) from None
    return array[frame] if array.ndim > 2 and array.shape[0] == count else array


def stated_number(value: Any) -> float | None:
    """A header value as a number; None where it is none, or not finite."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def stated_spacing(holder: Any, keyword: str) -> tuple[float, float] | None:
    """Pixel spacing as (x, y) mm (DICOM's order is row, column); None where it is not stated. May be `UNKNOWN_MM`.

    Args:
        holder: data set or an item of one.

    Raises:
        BadInput: a value is zero, negative or not a number.
    """
    value = holder.get(keyword)
    if value is None or isinstance(value, (str, bytes)) or len(value) != 2:
        return None
    x, y = stated_number(value[1]), stated_number(value[0])
    if x is None or y is None or x <= 0 or y <= 0:
        raise BadInput(
            f"The DICOM file states a {keyword} that is zero, negative or not a number.",
            "Correct the tag or export the file again.",
        )
    return x, y
