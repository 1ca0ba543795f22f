"""Numbers of any kind as grey or color that can be shown, and as the 8 bits that screens and networks take."""

from __future__ import annotations

import numpy as np

from DeepMedLib.errors import BadInput

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_GREY_SPREAD = 12  # levels between channels that JPEG leaves in grey stored as color


def to_grey(array: np.ndarray) -> np.ndarray:
    """(H, W) or (H, W, channels) -> (H, W); red, green and blue by luma (ITU-R BT.601), opacity dropped."""
    if array.ndim == 2:
        return array
    if array.shape[2] in (1, 2):
        return array[..., 0]
    grey = array[..., :3].astype(np.float32) @ _LUMA
    return np.rint(grey).astype(array.dtype) if array.dtype.kind in "iu" else grey


def as_shown(array: np.ndarray, name: str) -> np.ndarray:
    """Decoded numbers as a picture: (H, W) uint8 or uint16, or (H, W, 3) uint8.

    8 and 16 bits are kept, small whole numbers too; all others are stretched so that their own range fills 16 bits.
    Opacity is dropped, and grey that was stored as color is grey.

    Raises:
        BadInput: no plane of numbers, or some are not finite.
    """
    array = np.asarray(array)
    if array.ndim == 3 and array.shape[2] in (1, 2):
        array = array[..., 0]
    elif array.ndim == 3 and array.shape[2] == 4:
        array = array[..., :3]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] != 3):
        raise BadInput(f"{name} is not a two-dimensional picture.", "Choose one slice or frame.")
    if array.size == 0:
        raise BadInput(f"{name} holds no pixels.", "Export it again.")
    if array.dtype.kind not in "biuf":
        raise BadInput(f"{name} does not hold plain grey or color values.", "Export it as PNG, TIFF or DICOM.")
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise BadInput(f"{name} holds values that are not numbers (NaN or infinite).", "Export it again.")
    whole = _whole(array)
    if whole.ndim == 3:
        unit = 1.0 if whole.dtype == np.uint8 else max(1.0, float(whole.max()) / 255)
        spread = whole.max(2).astype(np.int32) - whole.min(2)
        whole = to_grey(whole) if int(spread.max()) <= _GREY_SPREAD * unit else to_uint8(whole)[0]
    return np.ascontiguousarray(whole)


def _whole(array: np.ndarray) -> np.ndarray:
    if array.dtype in (np.uint8, np.uint16):
        return array
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    low, high = float(array.min()), float(array.max())
    is_whole = array.dtype.kind in "iu" or bool((array == np.rint(array)).all())
    if is_whole and low >= 0 and high <= 65535:
        return array.astype(np.uint8 if high <= 255 else np.uint16)
    if high <= low:
        return np.zeros(array.shape, np.uint16)
    scaled = (array.astype(np.float64) - low) * (65535.0 / (high - low))
    return np.rint(scaled).astype(np.uint16)


def to_uint8(array: np.ndarray) -> tuple[np.ndarray, str]:
    """uint8 or uint16 of any shape -> uint8 of the same, and a note when their range was changed.

    Values already within 0..255 are kept; others are stretched so that the picture's own range fills 0..255.
    """
    if array.dtype == np.uint8:
        return array, ""
    low, high = float(array.min()), float(array.max())
    if 1 < high <= 255:
        return array.astype(np.uint8), ""
    if high <= low:
        return np.zeros(array.shape, np.uint8), ""
    stretched = (array.astype(np.float64) - low) * (255.0 / (high - low))
    return np.rint(stretched).astype(np.uint8), f"Grey values {low:g} to {high:g} were rescaled to 0 to 255."


def shown_range(pixels: np.ndarray) -> tuple[float, float]:
    """Darkest and brightest value that a screen should tell apart: 0.5th and 99.5th percentile."""
    low, high = (float(v) for v in np.percentile(pixels[::4, ::4], (0.5, 99.5)))
    return low, high


def to_display(pixels: np.ndarray) -> np.ndarray:
    """(H, W) of any plain number -> uint8, its `shown_range` over the whole range when it is not 8-bit."""
    if pixels.dtype == np.uint8:
        return pixels
    low, high = shown_range(pixels)
    scaled = (pixels.astype(np.float32) - low) * (255.0 / max(high - low, 1e-6))
    return np.rint(scaled.clip(0, 255)).astype(np.uint8)


def turned(pixels: np.ndarray) -> np.ndarray:
    """Bright for dark: 8-bit values over their whole range, others over the range that they span."""
    if pixels.dtype == np.uint8:
        return np.uint8(255) - pixels
    if pixels.dtype.kind not in "iu":
        return pixels.max() + pixels.min() - pixels
    return (int(pixels.max()) + int(pixels.min()) - pixels.astype(np.int64)).astype(pixels.dtype)
