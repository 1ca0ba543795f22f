"""PNG, JPEG, TIFF and BMP files as viewers show them: upright, white where white was meant, with all of their bits.

Pillow reads; SimpleITK helps where Pillow would cut 16 bits of a color to 8. TIFF tags: TIFF 6.0, section 8
(photometric interpretation, orientation) and 19 (sample format).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.errors import BadInput, DependencyMissing
from DeepMedLib.picture.grey import turned

EXPORT_AGAIN = "Export it again."
_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
_BITS, _PHOTOMETRIC, _ORIENTATION, _SAMPLE_FORMAT = 258, 262, 274, 339
_WHITE_IS_ZERO, _SIGNED, _FLOAT = 0, 2, 3
_FAILURES = (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError, KeyError, OverflowError)


@contextmanager
def open_image(path: Path, largest_pixels: int) -> Iterator[Any]:
    """A Pillow image, not decoded yet.

    Raises:
        BadInput: no image, damaged, of a kind that cannot be read, or with far more than ``largest_pixels``.
        DependencyMissing: Pillow is not installed.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise DependencyMissing(
            "Reading pictures needs the package Pillow.", "Install it: pip install pillow"
        ) from None
    guard = Image.MAX_IMAGE_PIXELS
    with path.open("rb") as file:  # of a file by name Pillow maps turned TIFFs in the wrong shape
        Image.MAX_IMAGE_PIXELS = max(guard or 0, largest_pixels)
        try:
            image = Image.open(file, formats=_FORMATS)
        except UnidentifiedImageError:
            raise _not_identified(path) from None
        except Image.DecompressionBombError:
            raise BadInput(f"{path.name} has far too many pixels.", "Export it at a smaller size.") from None
        except _FAILURES:
            raise BadInput(f"{path.name} is damaged.", EXPORT_AGAIN) from None
        finally:
            Image.MAX_IMAGE_PIXELS = guard  # it guards others, too, such as the JPEG streams of a DICOM file
        with image:
            yield image


def pages_of(image: Any) -> int:
    """Pages of an open TIFF; 1 of every other image."""
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def turn_to(image: Any, page: int, path: Path) -> None:
    """Makes a page (from 0) of an open image the one whose size it tells and whose pixels are read.

    Raises:
        BadInput: it cannot be found, or has far too many pixels.
    """
    from PIL.Image import DecompressionBombError

    try:
        if page:
            image.seek(page)
    except DecompressionBombError:
        raise BadInput(f"{path.name} has far too many pixels.", "Export it at a smaller size.") from None
    except _FAILURES:
        raise BadInput(f"{path.name} is cut short or damaged.", EXPORT_AGAIN) from None


def pixels_of(image: Any, path: Path) -> np.ndarray:
    """The page of an open image that was turned to, upright: (H, W) of its own numbers, or (H, W, 3) RGB.

    Raises:
        BadInput: cut short, damaged, or with more bits than can be read.
    """
    from PIL import ImageOps

    try:
        tags = dict(image.tag_v2) if image.format == "TIFF" else {}  # decoding drops the orientation from them
        if _would_lose_bits(image):
            return _with_all_bits(path, pages_of(image) == 1 and _first(image.getexif().get(_ORIENTATION), 1) == 1)
        image.load()
        upright = image if image.format == "TIFF" else ImageOps.exif_transpose(image)
        return _numbers(upright, tags)
    except _FAILURES:
        raise BadInput(f"{path.name} is cut short or damaged.", EXPORT_AGAIN) from None


def _numbers(image: Any, tags: dict[int, Any]) -> np.ndarray:
    bits, sample = _first(tags.get(_BITS), 8), _first(tags.get(_SAMPLE_FORMAT), 1)
    if image.mode.startswith("I") or image.mode == "F":
        array = np.asarray(image)
        array = array.astype(array.dtype.newbyteorder("="))
        if _first(tags.get(_PHOTOMETRIC), 1) != _WHITE_IS_ZERO:
            return array
        is_plain = array.dtype.kind in "iu" and sample == 1 and bits <= 16
        return ((1 << bits) - 1 - array.astype(np.int32)).astype(np.uint16) if is_plain else turned(array)
    if image.mode in ("1", "L", "LA", "La"):
        array = np.asarray(image.convert("L"))
        if sample == _SIGNED and bits == 8:  # -128 is black and 127 is white
            return (array.view(np.int8).astype(np.int16) + 128).astype(np.uint8)
        return array
    return np.asarray(image.convert("RGB"))


def _first(value: Any, default: int) -> int:
    if isinstance(value, (tuple, list)):
        value = value[0] if value else None
    return default if value is None else int(value)


def _would_lose_bits(image: Any) -> bool:
    """Whether Pillow would cut 16 bits a color to 8: what uses only some of the bits would become dark and coarse."""
    if image.mode not in ("RGB", "RGBA", "LA"):
        return False
    if image.format == "TIFF":
        return _first(image.tag_v2.get(_BITS), 8) > 8
    return any("16" in str(tile[3]) for tile in image.tile)


def _with_all_bits(path: Path, is_plain: bool) -> np.ndarray:
    import SimpleITK as sitk

    refusal = BadInput(
        f"{path.name} holds 16 bits a color in a form that cannot be read whole.", "Export it as grey, or with 8 bits."
    )
    if not is_plain:
        raise refusal
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    try:
        array = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    except RuntimeError:
        raise refusal from None
    if array.dtype.itemsize < 2 or array.ndim != 3:  # SimpleITK's own fallback has 8 bits
        raise refusal
    return array


def _not_identified(path: Path) -> BadInput:
    """Why Pillow does not know a file."""
    tags = _tiff_tags(path)
    if not tags:
        return BadInput(f"{path.name} is not a picture, though its name says so.", EXPORT_AGAIN)
    bits, sample = _first(tags.get(_BITS), 0), _first(tags.get(_SAMPLE_FORMAT), 1)
    numbers = {_SIGNED: "signed numbers", _FLOAT: "floating-point numbers"}.get(sample, "values")
    what = f"{bits}-bit {numbers}" if bits else "values of an unknown kind"
    return BadInput(f"{path.name} is a TIFF of {what}, a kind that cannot be read.", "Export it with 8 or 16 bits.")


def _tiff_tags(path: Path) -> dict[int, Any]:
    """The first page's tags of a TIFF that Pillow refuses; empty where there are none."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    try:
        with path.open("rb") as file:
            head = file.read(16)
            if not head.startswith(_TIFF_STARTS):
                return {}
            directory = ImageFileDirectory_v2(head[:8] if head[2:3] != b"+" and head[3:4] != b"+" else head)
            file.seek(directory.next)
            directory.load(file)
            return dict(directory)
    except Exception:  # whatever is wrong in it, there is nothing to read
        return {}
