"""What counts as a lateral head film: size, modality and pixel size, and in which plane its lengths hold.

What lies in the mid-sagittal plane appears larger on the film by the magnification (about 1.08 to 1.14).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from DeepMedLib.picture import files
from DeepMedLib.picture.kind import PictureKind
from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.scale import Scale

HEAD = "mid-sagittal plane"
_PROJECT = "Load the whole series and make a lateral projection of it (--project on its folder)."


def _check(picture: Picture) -> Picture:
    return replace(picture, pixels=picture.grey())


LATERAL_FILM = PictureKind(
    noun="film",
    what="an X-ray film",
    example="a lateral cephalogram",
    modalities=("DX", "CR", "RG", "RF", "XA", "PX", "IO"),
    smallest_side=128,
    largest_pixels=120_000_000,
    smallest_mm=0.01,
    largest_mm=2.0,
    remedies=dict.fromkeys(("CT", "MR", "PT", "NM"), _PROJECT),
    choose_one="Export the film as a file of its own; of a head volume make a lateral projection first "
    "(section Lateral projection, or --project).",
    object_plane=HEAD,
    check=_check,
)


def read_film(path: str | Path) -> Picture:
    """Read one film; see `DeepMedLib.picture.files.read_picture`.

    Raises:
        BadInput: the file is missing, damaged, no picture, or a volume of several slices; with a remedy.
    """
    return files.read_picture(path, LATERAL_FILM)


def film_from_array(array: np.ndarray, name: str, spacing_mm: tuple[float, float] | None = None) -> Picture:
    """A film from the array of a volume; see `DeepMedLib.picture.files.picture_from_array`.

    Raises:
        BadInput: several slices, or values that are no film.
    """
    return files.picture_from_array(array, LATERAL_FILM, name, spacing_mm=spacing_mm)


def typed_scale(mm_per_px: float, aspect: float = 1.0) -> Scale:
    """A pixel's width in the mid-sagittal plane, in mm, that the user typed (``--spacing``).

    Args:
        aspect: height of a pixel over its width.

    Raises:
        BadInput: it is zero, negative, not finite or far from any head film.
    """
    return LATERAL_FILM.typed_scale(mm_per_px, aspect)


def ruler_scale(
    p: Sequence[float] | np.ndarray, q: Sequence[float] | np.ndarray, length: float, aspect: float = 1.0
) -> Scale:
    """Pixel size from two clicks (x, y) on a ruler of the head holder, which hangs in the mid-sagittal plane.

    Raises:
        BadInput: the clicks are closer than 20 pixels, or the length is not a positive number.
    """
    scale = LATERAL_FILM.clicked_scale(p, q, length, aspect)
    return replace(scale, source=f"ruler of {length:g} mm")
