"""Still pictures in files: what kind a file is, and its numbers as stored, from PNG, JPEG, TIFF, BMP and volume files.

What may be measured is the module's to say: it checks size and content before and after. DICOM is in `dicom`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib import dicom
from DeepMedLib.errors import BadInput, DependencyMissing

IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".jfif", ".tif", ".tiff", ".bmp")
VOLUME_SUFFIXES = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")
EXPORT_AGAIN = "Export it again."
_PIL_FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
_IMAGE_START = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM")
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def kind_of(path: Path) -> str:
    """ "dicom", "volume" or "image", by content first and by name second.

    Raises:
        BadInput: missing, a folder, empty, unreadable or of no known kind.
    """
    try:
        if path.is_dir():
            raise BadInput(f"{path.name} is a folder.", "Give one of its files.")
        with path.open("rb") as file:
            head = file.read(132)
    except FileNotFoundError:
        raise BadInput(f"There is no file {path.name}.", "Check the path.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a valid path"
        raise BadInput(f"{path.name[:80]} cannot be read ({reason}).", "Check the path and its permissions.") from None
    if not head:
        raise BadInput(f"{path.name} is empty (0 bytes).", EXPORT_AGAIN)
    name = path.name.lower()
    if dicom.looks_like_dicom(head) or name.endswith(dicom.SUFFIXES):
        return "dicom"
    if name.endswith(VOLUME_SUFFIXES):
        return "volume"
    if name.endswith(IMAGE_SUFFIXES) or head.startswith(_IMAGE_START):
        return "image"
    raise BadInput(f"{path.name} is of a kind that cannot be read.", "Give a PNG, JPEG, TIFF, DICOM or NRRD file.")


def may_be_picture(path: Path) -> bool:
    """Judge a file of a folder by its name; without a known suffix it counts when it begins as DICOM files do."""
    return path.name.lower().endswith(IMAGE_SUFFIXES + dicom.SUFFIXES + VOLUME_SUFFIXES) or dicom.begins_as_dicom(path)


def in_natural_order(paths: Iterable[Path]) -> list[Path]:
    """Sorted so that 2 comes before 10."""
    return sorted(paths, key=lambda p: [int(t) if t.isdigit() else t.lower() for t in re.split(r"(\d+)", str(p))])


def open_image(path: Path, largest_pixels: int) -> Any:
    """A Pillow image, not decoded yet; to be closed.

    Raises:
        BadInput: no image, damaged, or with far more than ``largest_pixels``.
        DependencyMissing: Pillow is not installed.
    """
    try:
        from PIL import Image, UnidentifiedImageError
    except ImportError:
        raise DependencyMissing(
            "Reading pictures needs the package Pillow.", "Install it: pip install pillow"
        ) from None
    Image.MAX_IMAGE_PIXELS = max(Image.MAX_IMAGE_PIXELS or 0, largest_pixels)
    try:
        return Image.open(path, formats=_PIL_FORMATS)
    except UnidentifiedImageError:
        raise BadInput(f"{path.name} is not a picture, though its name says so.", EXPORT_AGAIN) from None
    except Image.DecompressionBombError:
        raise BadInput(f"{path.name} has far too many pixels.", "Export it at a smaller size.") from None
    except (OSError, ValueError, SyntaxError):
        raise BadInput(f"{path.name} is damaged.", EXPORT_AGAIN) from None


def image_pages(image: Any) -> int:
    """Pages of an open TIFF; 1 of every other image."""
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def image_pixels(image: Any, page: int, name: str) -> np.ndarray:
    """A page (from 0) of an open image: (H, W) of its own numbers, or (H, W, 3) RGB uint8.

    Raises:
        BadInput: cut short or damaged.
    """
    try:
        if page:
            image.seek(page)
        image.load()
    except (OSError, ValueError, SyntaxError, EOFError, IndexError):
        raise BadInput(f"{name} is cut short or damaged.", EXPORT_AGAIN) from None
    if image.mode.startswith("I") or image.mode == "F":
        return np.asarray(image)
    if image.mode in ("1", "L", "LA", "La"):
        return np.asarray(image.convert("L"))
    return np.asarray(image.convert("RGB"))


def is_tiff(path: Path) -> bool:
    """By name; some kinds that Pillow lacks, e.g. 16-bit RGB, can be read as volumes."""
    return path.suffix.lower() in (".tif", ".tiff")


def open_volume(path: Path) -> Any:
    """A SimpleITK reader that knows the header of a volume file; nothing is decoded yet.

    Raises:
        BadInput: damaged, or its spacing is zero or not a number.
    """
    import SimpleITK as sitk

    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    reader = sitk.ImageFileReader()
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
    except RuntimeError as error:
        if "pacing" in str(error):
            raise BadInput(
                f"{path.name} states a pixel size that is zero or not a number.", "Correct the file's spacing."
            ) from None
        raise BadInput(f"{path.name} is damaged or not what its name says.", EXPORT_AGAIN) from None
    return reader


def volume_slices(reader: Any) -> int:
    """Slices of an open volume, all further axes together."""
    size = reader.GetSize()
    return int(math.prod(size[2:])) if len(size) > 2 else 1


def volume_pixels(reader: Any, path: Path) -> np.ndarray:
    """The numbers of an open volume: (slices, H, W) or (slices, H, W, channels).

    Raises:
        BadInput: cut short or damaged.
    """
    import SimpleITK as sitk

    try:
        image = reader.Execute()
    except RuntimeError:
        raise BadInput(f"{path.name} is cut short or damaged.", EXPORT_AGAIN) from None
    array = sitk.GetArrayFromImage(image)
    if path.suffix.lower() == ".nii" and array.nbytes > path.stat().st_size:
        # The NIfTI reader fills what is missing with zeros and says nothing.
        raise BadInput(f"{path.name} is cut short or damaged.", EXPORT_AGAIN)
    size = reader.GetSize()
    shape = (volume_slices(reader), int(size[1]), int(size[0]))
    channels = image.GetNumberOfComponentsPerPixel()
    return array.reshape(shape if channels == 1 else (*shape, channels))


def to_grey(array: np.ndarray) -> np.ndarray:
    """(H, W) or (H, W, channels) -> (H, W); red, green and blue by luma (ITU-R BT.601), opacity dropped."""
    if array.ndim == 2:
        return array
    if array.shape[2] in (1, 2):
        return array[..., 0]
    grey = array[..., :3].astype(np.float32) @ _LUMA
    return np.rint(grey).astype(array.dtype) if array.dtype.kind in "iu" else grey
