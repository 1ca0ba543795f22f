"""Reading head films: PNG, JPEG, TIFF, BMP, DICOM, NRRD, NIfTI, MetaImage, and arrays from a volume node.

Pixel coordinates everywhere: 0-based, (0, 0) = center of the first pixel, x = column, y = row. Bright is dense (bone is
white), as film is read; a DICOM file that stores the opposite is turned.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from CephSketcherLib.film.dicom import read_dicom_film
from CephSketcherLib.film.scale import FILM, FilmScale
from DeepMedLib import picture_files
from DeepMedLib.errors import BadInput

SMALLEST_SIDE = 128
LARGEST_PIXELS = 120_000_000
PROJECT_REMEDY = "Make a lateral projection of it first (section Lateral projection, or --project)."


@dataclass(frozen=True)
class Film:
    """One film that can be read.

    Attributes:
        pixels: (H, W) uint8 or uint16, bright is dense.
        name: file or node name without its folder.
        scale: what the file states about its pixel size; None when it states none.
        aspect: height of a pixel over its width, also where its size is not known.
        notes: what the user should know, in sentences.
        path: source file; None for a film from an array.
    """

    pixels: np.ndarray = field(repr=False)
    name: str
    scale: FilmScale | None = None
    aspect: float = 1.0
    notes: tuple[str, ...] = ()
    path: Path | None = field(default=None, repr=False)

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.pixels.shape[1])


def read_film(path: str | Path) -> Film:
    """Read one film.

    Raises:
        BadInput: the file is missing, damaged, no picture, or a volume of several slices; with a remedy.
        DependencyMissing: the package that reads this kind of file is not installed.
    """
    path = Path(path)
    kind = picture_files.kind_of(path)
    if kind == "dicom":
        found = read_dicom_film(path)
        return _film(found.pixels, path.name, found.scale, found.notes, path, found.aspect)
    if kind == "volume":
        array, spacing = _read_volume(path)
        return film_from_array(array, path.name, spacing, path)
    return _film(_read_image(path), path.name, None, (), path)


def film_from_array(
    array: np.ndarray, name: str, spacing_mm: tuple[float, float] | None = None, path: Path | None = None
) -> Film:
    """A film from the array of a volume.

    Args:
        array: (H, W), (H, W, 3 or 4), (1, H, W) or (1, H, W, channels).
        spacing_mm: (x, y) of the volume; exactly (1, 1) counts as unknown.

    Raises:
        BadInput: several slices, or values that are no film.
    """
    array = np.asarray(array)
    if array.ndim == 4 or (array.ndim == 3 and array.shape[2] not in (3, 4)) or (array.ndim == 3 and len(array) == 1):
        if array.shape[0] != 1:
            raise BadInput(f"{name} is a volume of {array.shape[0]} slices, not a film.", PROJECT_REMEDY)
        array = array[0]
    scale, aspect = None, 1.0
    notes: tuple[str, ...] = ()
    if spacing_mm is not None:
        x, y = float(spacing_mm[0]), float(spacing_mm[1])
        if not all(math.isfinite(v) and v > 0 for v in (x, y)):
            raise BadInput(
                f"{name} states a pixel size that is zero, negative or not a number.", "Correct the volume's spacing."
            )
        aspect = y / x
        if (x, y) == (1.0, 1.0):
            notes = ("A spacing of exactly 1 mm was ignored: it is written when the pixel size is unknown.",)
        else:
            note = "It is not known whether this pixel size is that of the film or of the mid-sagittal plane."
            scale = FilmScale(x, y, "volume geometry", FILM, None, False, note)
    return _film(array, name, scale, notes, path, aspect)


def check_size(height: int, width: int, name: str) -> None:
    """Raises:
    BadInput: a side has fewer than 128 pixels, or the film more than 120 million.
    """
    if min(height, width) < SMALLEST_SIDE:
        raise BadInput(
            f"{name} has only {width} x {height} pixels.",
            f"Give the full-size film, at least {SMALLEST_SIDE} pixels on each side.",
        )
    if height * width > LARGEST_PIXELS:
        raise BadInput(f"{name} has {width} x {height} pixels, far more than a film.", "Export it at a smaller size.")


def to_display(pixels: np.ndarray) -> np.ndarray:
    """(H, W) of any plain number -> uint8, its 0.5th to 99.5th percentile over the whole range when it is not 8-bit."""
    if pixels.dtype == np.uint8:
        return pixels
    low, high = (float(v) for v in np.percentile(pixels[::4, ::4], (0.5, 99.5)))
    scaled = (pixels.astype(np.float32) - low) * (255.0 / max(high - low, 1e-6))
    return np.rint(scaled.clip(0, 255)).astype(np.uint8)


def _film(
    array: np.ndarray,
    name: str,
    scale: FilmScale | None,
    notes: tuple[str, ...],
    path: Path | None,
    aspect: float = 1.0,
) -> Film:
    """Bring the numbers into a film's form."""
    if array.ndim not in (2, 3) or (array.ndim == 3 and not 1 <= array.shape[2] <= 4):
        raise BadInput(f"{name} is not a two-dimensional film.", "Choose a film of one picture.")
    check_size(array.shape[0], array.shape[1], name)
    if array.dtype.kind not in "biuf":
        raise BadInput(f"{name} does not hold plain grey or color values.", "Export it as PNG, TIFF or DICOM.")
    grey = picture_files.to_grey(array.astype(np.uint8) * np.uint8(255) if array.dtype == bool else array)
    if grey.dtype.kind == "f" and not np.isfinite(grey).all():
        raise BadInput(f"{name} holds values that are not numbers (NaN or infinite).", picture_files.EXPORT_AGAIN)
    if not 0.2 < aspect < 5:
        raise BadInput(f"{name} has pixels {aspect:g} times as high as wide.", "Correct the spacing of the film.")
    return Film(np.ascontiguousarray(_whole(grey)), name, scale, aspect, notes, path)


def _whole(grey: np.ndarray) -> np.ndarray:
    """uint8 and uint16 as they are; small whole numbers as uint16; everything else stretched over uint16."""
    if grey.dtype in (np.uint8, np.uint16):
        return grey
    low, high = float(grey.min()), float(grey.max())
    if grey.dtype.kind in "iu" and low >= 0 and high <= 65535:
        return grey.astype(np.uint8 if high <= 255 else np.uint16)
    if high <= low:
        return np.zeros(grey.shape, np.uint16)
    return np.rint((grey.astype(np.float64) - low) * (65535.0 / (high - low))).astype(np.uint16)


def _read_image(path: Path) -> np.ndarray:
    try:
        image = picture_files.open_image(path, LARGEST_PIXELS)
    except BadInput:
        if picture_files.is_tiff(path):  # kinds of TIFF that Pillow lacks
            return _read_volume(path)[0]
        raise
    with image:
        pages = picture_files.image_pages(image)
        if pages > 1:
            raise BadInput(f"{path.name} holds {pages} pages.", "Export the page with the film as a file of its own.")
        check_size(image.height, image.width, path.name)
        return picture_files.image_pixels(image, 0, path.name)


def _read_volume(path: Path) -> tuple[np.ndarray, tuple[float, float]]:
    """The array as (1, H, W[, channels]) and its (x, y) spacing.

    Raises:
        BadInput: damaged, or it has several slices.
    """
    reader = picture_files.open_volume(path)
    size, slices, spacing = reader.GetSize(), picture_files.volume_slices(reader), reader.GetSpacing()
    if slices > 1:
        raise BadInput(f"{path.name} is a volume of {slices} slices, not a film.", PROJECT_REMEDY)
    check_size(int(size[1]), int(size[0]), path.name)
    return picture_files.volume_pixels(reader, path), (float(spacing[0]), float(spacing[1]))
