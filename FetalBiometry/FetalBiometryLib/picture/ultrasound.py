"""What counts as a fetal ultrasound still: size, modality, pixel size and content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from DeepMedLib.picture import files
from DeepMedLib.picture.grey import to_uint8
from DeepMedLib.picture.kind import PictureKind
from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.scale import CLICK_SD_PX, Scale
from FetalBiometryLib.picture.checks import check_content


def _check(picture: Picture) -> Picture:
    pixels, note = to_uint8(picture.pixels)
    check_content(pixels)
    notes = (*picture.notes, note) if note else picture.notes
    return replace(picture, pixels=pixels, origin=replace(picture.origin, notes=notes))


ULTRASOUND = PictureKind(
    noun="picture",
    what="an ultrasound picture",
    example="a fetal ultrasound picture",
    modalities=("US", "IVUS"),
    smallest_side=64,
    largest_pixels=64_000_000,
    smallest_mm=0.005,
    largest_mm=5.0,
    check=_check,
)


def read_picture(path: str | Path, frame: int | None = None) -> Picture:
    """Read and check one still; see `DeepMedLib.picture.files.read_picture`.

    Args:
        frame: index from 0; needed when there are several.

    Raises:
        BadInput: it cannot be measured, with a remedy.
    """
    return files.read_picture(path, ULTRASOUND, frame)


def picture_from_array(
    array: np.ndarray,
    *,
    name: str = "picture",
    frame: int | None = None,
    spacing_mm: tuple[float, float] | None = None,
) -> Picture:
    """The same checks for an array; see `DeepMedLib.picture.files.picture_from_array`.

    Raises:
        BadInput: as `read_picture`.
    """
    return files.picture_from_array(array, ULTRASOUND, name, frame, spacing_mm)


def typed_scale(mm_per_px: float, aspect: float = 1.0) -> Scale:
    """A pixel's width in mm typed by the user (``--spacing``).

    Args:
        aspect: height of a pixel over its width.

    Raises:
        BadInput: it is zero, negative, not finite or far from any ultrasound picture.
    """
    return ULTRASOUND.typed_scale(mm_per_px, aspect)


def scale_from_clicks(
    p: Sequence[float] | np.ndarray,
    q: Sequence[float] | np.ndarray,
    length: float,
    aspect: float = 1.0,
    click_sd_px: float = CLICK_SD_PX,
) -> Scale:
    """Pixel size from two clicks (x, y) on a known length in mm; see `PictureKind.clicked_scale`.

    Raises:
        BadInput: the clicks are closer than 20 pixels, or the length is not a positive number.
    """
    return ULTRASOUND.clicked_scale(p, q, length, aspect, click_sd_px)
