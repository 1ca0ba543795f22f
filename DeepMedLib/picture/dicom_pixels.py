"""One frame of a DICOM file as a viewer shows it: decoded, padding left out, window applied, bright where meant bright.

pydicom decodes; SimpleITK decodes compressions that pydicom has no decoder for. Terms: DICOM PS3.3, C.7.6.3.1.2
(photometric interpretation), C.7.5.1.1.2 (padding), C.11.1 (modality LUT), C.11.2 (VOI LUT), C.11.6 (presentation LUT).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.dicom import frames_in, stated_number, stream_is_whole, transfer_syntax
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.grey import turned
from DeepMedLib.picture.volume_files import LARGEST_BYTES

_EXPORT_AGAIN = "Export it from its source again."
_PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_RLE = "1.2.840.10008.1.2.5"
_NEARLY_ALL = 0.02  # of the window's width: what lies so little outside is not clipped for
_NEARLY_DARKEST = 0.02  # of the range: padding about as dark as the picture's background does no harm


def check_has_pixels(dataset: Any, path: Path) -> None:
    """Raises:
    BadInput: the data set holds no picture.
    """
    if not any(keyword in dataset for keyword in _PIXELS) or not dataset.get("Rows") or not dataset.get("Columns"):
        raise BadInput(f"{path.name} holds no picture, or it is cut short.", "Choose the file that holds the picture.")


def decode_frame(dataset: Any, path: Path, frame: int = 0) -> tuple[np.ndarray, tuple[str, ...]]:
    """One frame (from 0), and remarks: (H, W) where high values are shown bright, or (H, W, 3) RGB.

    Args:
        path: the file, for what pydicom cannot decompress.

    Raises:
        BadInput: it cannot be decoded, it is cut short, or its color table is damaged.
    """
    interpretation = str(dataset.get("PhotometricInterpretation", ""))
    white_is_low = interpretation == "MONOCHROME1" or str(dataset.get("PresentationLUTShape", "")) == "INVERSE"
    stored = _decoded(dataset, path, frame)
    if stored is None:
        _check_fits_memory(dataset, path)
        pixels = _decode_with_itk(path, frame, frames_in(dataset))
        # SimpleITK has applied slope and intercept, turned MONOCHROME1, and looked up colors.
        return (turned(pixels) if white_is_low and interpretation == "MONOCHROME2" else pixels), ()
    if interpretation == "PALETTE COLOR":
        return _palette_colors(stored, dataset, path), ()
    if stored.ndim != 2:
        return stored, ()
    padding = _padding(stored, dataset)
    values = _modality_values(stored, dataset)
    shown, notes = _windowed(values, dataset, padding)
    if padding is not None:
        shown = _without_padding(shown, padding, white_is_low)
    return (turned(shown) if white_is_low else shown), notes


def _decoded(dataset: Any, path: Path, frame: int) -> np.ndarray | None:
    """The stored numbers, YBR turned into RGB; None where pydicom has no decoder for the compression."""
    from pydicom.pixels import get_decoder, pixel_array

    damaged = BadInput(f"The picture in {path.name} is cut short or damaged.", _EXPORT_AGAIN)
    syntax = transfer_syntax(dataset)
    compressed = bool(syntax.is_compressed)
    if compressed and not stream_is_whole(dataset, frame):
        raise damaged
    try:
        # Asking for one frame keeps long loops out of memory.
        return np.asarray(pixel_array(dataset, index=frame))
    except Exception:
        if not compressed:
            raise damaged from None
    try:
        known = get_decoder(syntax).is_available
    except NotImplementedError:
        known = False
    if known and syntax == _RLE:
        raise damaged
    return None


def _check_fits_memory(dataset: Any, path: Path) -> None:
    """SimpleITK decodes all frames at once."""
    samples = int(dataset.get("SamplesPerPixel", 1) or 1) * max(1, int(dataset.get("BitsAllocated", 8) or 8) // 8)
    if int(dataset.Rows) * int(dataset.Columns) * frames_in(dataset) * samples > LARGEST_BYTES:
        raise BadInput(
            f"{path.name} holds more than can be decoded at once in its compression.",
            "Export the frame alone, uncompressed or as JPEG.",
        )


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


def _palette_colors(pixels: np.ndarray, dataset: Any, path: Path) -> np.ndarray:
    from pydicom.pixels import apply_color_lut

    try:
        colors = np.asarray(apply_color_lut(pixels, dataset))
        if colors.dtype == np.uint16:
            bits = int(dataset.RedPaletteColorLookupTableDescriptor[2])
            # Tables said to hold 16 bits often hold 8.
            colors = (colors >> 8 if bits == 16 and colors.max() > 255 else colors).clip(0, 255).astype(np.uint8)
    except Exception:
        raise BadInput(f"{path.name} has a damaged color table.", _EXPORT_AGAIN) from None
    return colors


def _padding(stored: np.ndarray, dataset: Any) -> np.ndarray | None:
    """(H, W) bool where the file says that there is no picture; None where it says nothing of the kind."""
    value = stated_number(dataset.get("PixelPaddingValue"))
    if value is None:
        return None
    limit = stated_number(dataset.get("PixelPaddingRangeLimit"))
    low, high = sorted((value, value if limit is None else limit))
    mask = (stored >= low) & (stored <= high)
    return mask if mask.any() and not mask.all() else None


def _without_padding(shown: np.ndarray, padding: np.ndarray, white_is_low: bool) -> np.ndarray:
    """Padding as dark as the darkest of the picture, so that its range is the picture's own."""
    inside, outside = shown[~padding], shown[padding]
    low, high = float(inside.min()), float(inside.max())
    dark = high if white_is_low else low
    if np.abs(outside.astype(float) - dark).max() <= _NEARLY_DARKEST * (high - low):
        return shown
    out = shown.copy()
    out[padding] = inside.max() if white_is_low else inside.min()
    return out


def _modality_values(stored: np.ndarray, dataset: Any) -> np.ndarray:
    """The numbers in the modality's own unit; as stored where nothing is stated."""
    from pydicom.pixels import apply_modality_lut

    if "ModalityLUTSequence" not in dataset:
        slope = stated_number(dataset.get("RescaleSlope"))
        if slope is None or slope == 0 or (slope == 1 and not stated_number(dataset.get("RescaleIntercept"))):
            return stored
    try:
        return np.asarray(apply_modality_lut(stored, dataset))
    except Exception:  # a table or slope that is malformed changes nothing
        return stored


def _windowed(values: np.ndarray, dataset: Any, padding: np.ndarray | None) -> tuple[np.ndarray, tuple[str, ...]]:
    """After the VOI table or the first window; whole numbers of the stored depth, or the values where none clips."""
    inside = values if padding is None else values[~padding]
    top = 255 if values.dtype == np.uint8 else 65535
    try:
        share = (
            _table_share(values, dataset) if dataset.get("VOILUTSequence") else _window_share(values, dataset, inside)
        )
    except Exception:
        return values, ("The window that the file states is malformed and was left out.",)
    if share is None:
        return values, ()
    shown = np.rint(share * top).astype(np.uint8 if top == 255 else np.uint16)
    within = shown if padding is None else shown[~padding]
    if float(within.std()) < 0.004 * top:
        return values, ("The window that the file states shows nothing and was left out.",)
    return shown, ()


def _table_share(values: np.ndarray, dataset: Any) -> np.ndarray:
    """0..1 by the VOI table, over the range of what the table holds."""
    from pydicom.pixels import apply_voi

    looked = np.asarray(apply_voi(np.rint(values).astype(np.int32), dataset), float)
    table = dataset.VOILUTSequence[0]
    bits = int(table.LUTDescriptor[2])
    return (looked / (2.0**bits - 1)).clip(0, 1)


def _window_share(values: np.ndarray, dataset: Any, inside: np.ndarray) -> np.ndarray | None:
    """0..1 by the first window; None without one, and where it clips nothing: contrast alone changes nothing here."""
    center, width = (_first(dataset.get(keyword)) for keyword in ("WindowCenter", "WindowWidth"))
    if center is None or width is None or width <= 0:
        return None
    function = str(dataset.get("VOILUTFunction", "") or "LINEAR").upper()
    x = values.astype(np.float64)
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp((-4 * (x - center) / width).clip(-700, 700))))
    if function == "LINEAR":
        center, width = center - 0.5, max(width - 1, 1e-6)
    low, high = center - width / 2, center + width / 2
    near = _NEARLY_ALL * width
    if inside.min() >= low - near and inside.max() <= high + near:
        return None
    return ((x - low) / width).clip(0, 1)


def _first(value: Any) -> float | None:
    if value is not None and not isinstance(value, (str, bytes)) and hasattr(value, "__len__"):
        value = value[0] if len(value) else None
    return stated_number(value)
