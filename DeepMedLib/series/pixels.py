"""Pixels of a stack in Hounsfield units (pydicom; SimpleITK for compressions that pydicom cannot open)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.dicom import quiet_pydicom, stream_is_whole, transfer_syntax
from DeepMedLib.inflation import swells_too_far
from DeepMedLib.series.headers import SliceHeader
from DeepMedLib.series.scan import PADDING_HU

_HIGHEST_HU = 3071  # of twelve bits; padding that reads as more is no tissue


class UnreadableFile(Exception):
    """The pixels of a file cannot be decoded.

    Attributes:
        path: the file.
        why: "cut short", "too large" or "compressed in a way that cannot be read".
    """

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)
        self.path, self.why = path, why


def stored_bytes(header: SliceHeader) -> bytes:
    """What a slice's file holds as pixels, or the decoded frame of a file with several; b"" where unreadable."""
    try:
        if header.frames > 1:
            return _FileOfSlices(header).frame(header)[0].tobytes()
        with quiet_pydicom():
            import pydicom

            dataset = pydicom.dcmread(header.path, force=True, specific_tags=["PixelData"])
            return bytes(dataset.get("PixelData", b""))
    except Exception:  # judged when it is decoded
        return str(header.path).encode()


def read_pixels(slices: Sequence[SliceHeader]) -> tuple[np.ndarray, list[UnreadableFile]]:
    """(k, j, i) HU of slices of one size, int16 where that loses nothing, else float32; files that failed.

    Padding that would read as metal becomes `PADDING_HU`. Slices of failed files hold nothing meaningful.
    """
    shape = (len(slices), slices[0].rows, slices[0].columns)
    volume = np.empty(shape, np.int16)
    failed: dict[Path, UnreadableFile] = {}
    opened: _FileOfSlices | None = None
    for place, header in enumerate(slices):
        if header.path in failed:
            continue
        try:
            if opened is None or opened.path != header.path:
                opened = _FileOfSlices(header)
            plane = _hounsfield(*opened.frame(header), header)
        except UnreadableFile as error:
            failed[header.path] = error
            continue
        if volume.dtype == np.int16 and not _fits(plane):
            volume = volume.astype(np.float32)
        volume[place] = plane
    return volume, list(failed.values())


class _FileOfSlices:
    """An open DICOM file; the frames of one that holds several are decoded one at a time.

    Raises:
        UnreadableFile: it cannot be opened, is cut short, or states more than it can hold.
    """

    def __init__(self, header: SliceHeader) -> None:
        import pydicom

        self.path = header.path
        decoded = header.rows * header.columns * header.frames * max(1, header.bits // 8)
        stored = _size(header.path)
        with quiet_pydicom():
            try:
                self._dataset: Any = pydicom.dcmread(header.path, force=True)
                self._compressed = bool(transfer_syntax(self._dataset).is_compressed)
            except Exception:
                raise UnreadableFile(header.path, "damaged") from None
        if not any(keyword in self._dataset for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
            raise UnreadableFile(header.path, "cut short")
        if swells_too_far(decoded, stored):
            raise UnreadableFile(header.path, "too large" if self._compressed else "cut short")

    def frame(self, header: SliceHeader) -> tuple[np.ndarray, bool]:
        """A slice's stored values and False; or, where only SimpleITK can decompress it, its HU and True."""
        from pydicom.pixels import pixel_array

        with quiet_pydicom():
            if self._compressed and not stream_is_whole(self._dataset, header.frame):
                raise UnreadableFile(self.path, "cut short")
            try:
                several = header.frames > 1
                stored = np.asarray(pixel_array(self._dataset, index=header.frame if several else None, raw=True))
            except Exception:
                if not self._compressed or header.frames > 1:
                    why = "compressed in a way that cannot be read" if self._compressed else "cut short"
                    raise UnreadableFile(self.path, why) from None
                return self._decoded_elsewhere(header), True
        if stored.shape != (header.rows, header.columns):
            raise UnreadableFile(self.path, "cut short")
        return stored, False

    def _decoded_elsewhere(self, header: SliceHeader) -> np.ndarray:
        import SimpleITK as sitk

        before = sitk.ProcessObject.GetGlobalWarningDisplay()
        sitk.ProcessObject.SetGlobalWarningDisplay(False)
        try:
            array = sitk.GetArrayFromImage(sitk.ReadImage(str(self.path), imageIO="GDCMImageIO"))
        except RuntimeError:
            why = "cut short or compressed in a way that cannot be read"
            raise UnreadableFile(self.path, why) from None
        finally:
            sitk.ProcessObject.SetGlobalWarningDisplay(before)
        if array.shape != (1, header.rows, header.columns):
            raise UnreadableFile(self.path, "damaged")
        return array[0]


def _hounsfield(values: np.ndarray, is_hounsfield: bool, header: SliceHeader) -> np.ndarray:
    if is_hounsfield:
        return values
    slope = 1.0 if header.slope is None else header.slope
    intercept = 0.0 if header.intercept is None else header.intercept
    found: np.ndarray
    if values.dtype.kind == "f" or slope != round(slope) or intercept != round(intercept):
        found = values.astype(np.float64) * slope + intercept
    else:
        found = values.astype(np.int64) * round(slope) + round(intercept)
    if header.padding is not None:
        low, high = header.padding
        # The value may be written as unsigned for signed pixels, and the other way round.
        empty = (values >= low) & (values <= high)
        if values.dtype.kind in "iu" and low == high:
            empty |= values == np.array(low & 0xFFFF, np.uint16).astype(values.dtype)
        outside = empty & (found > _HIGHEST_HU)
        if outside.any():
            found[outside] = PADDING_HU
    return found


def _fits(plane: np.ndarray) -> bool:
    limits = np.iinfo(np.int16)
    if plane.size and (plane.min() < limits.min or plane.max() > limits.max):
        return False
    return plane.dtype.kind in "iu" or bool(np.array_equal(plane, np.rint(plane)))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        raise UnreadableFile(path, "unreadable") from None
