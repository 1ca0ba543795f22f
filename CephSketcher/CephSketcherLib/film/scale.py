"""How many millimetres a film's pixel is, in which plane, and where that is known from. An unknown scale is None.

A head film is a shadow: what lies in the mid-sagittal plane appears larger on the detector by the magnification
(source to detector over source to mid-sagittal plane, about 1.08 to 1.14). A pixel size of the detector therefore gives
lengths "on the film"; only a ruler in the mid-sagittal plane, or a known magnification, gives lengths in the head.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.pixel_size import check_pixel_size, mm_between_clicks

SMALLEST_MM = 0.01
LARGEST_MM = 2.0
HEAD, FILM = "mid-sagittal plane", "film"
LARGEST_MAGNIFICATION = 2.0


@dataclass(frozen=True)
class FilmScale:
    """Pixel size.

    Attributes:
        mm_per_px_x, mm_per_px_y: millimetres per pixel along x and y in `plane`.
        source: where it comes from, in words.
        plane: `HEAD` where lengths are those of the mid-sagittal plane, `FILM` where magnification is still in them.
        magnification: the factor between both planes where it is known: already taken out when the plane is `HEAD`.
        confirmed: True when a person or a calibration on the object stands behind it.
        note: what the user should know about it; "" when nothing.
        relative_sd: standard uncertainty as a share.
    """

    mm_per_px_x: float
    mm_per_px_y: float
    source: str
    plane: str = HEAD
    magnification: float | None = None
    confirmed: bool = True
    note: str = ""
    relative_sd: float = 0.0

    def __post_init__(self) -> None:
        check_pixel_size(self.mm_per_px_x, self.mm_per_px_y, SMALLEST_MM, LARGEST_MM, "a head film")
        if self.magnification is not None and not 1.0 <= self.magnification <= LARGEST_MAGNIFICATION:
            raise BadInput(
                f"A magnification of {self.magnification:g} is not possible in a head film.",
                f"Give a number between 1 and {LARGEST_MAGNIFICATION:g}, or leave it out.",
            )

    @property
    def mean(self) -> float:
        """Geometric mean of both directions, mm per pixel."""
        return math.sqrt(self.mm_per_px_x * self.mm_per_px_y)

    @property
    def aspect(self) -> float:
        """Height of a pixel over its width."""
        return self.mm_per_px_y / self.mm_per_px_x

    def text(self) -> str:
        """In one line for people."""
        lengths = (
            f"{self.mean:.4f} mm per pixel in the {self.plane}"
            if self.plane == HEAD
            else (f"{self.mean:.4f} mm per pixel on the film, magnification included")
        )
        known = f", magnification {self.magnification:.3f}" if self.magnification is not None else ""
        return f"{lengths}{known} ({self.source})"

    def in_head(self, magnification: float) -> FilmScale:
        """The scale of the mid-sagittal plane, from one of the film and a known magnification.

        Raises:
            BadInput: the magnification is not possible.
        """
        if self.plane == HEAD:
            return replace(self, magnification=magnification)
        checked = replace(self, magnification=magnification)  # refuses impossible numbers
        return replace(
            checked,
            mm_per_px_x=self.mm_per_px_x / magnification,
            mm_per_px_y=self.mm_per_px_y / magnification,
            plane=HEAD,
            note="",
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> FilmScale:
        """Read `to_dict`."""
        return cls(**record)


def typed_scale(mm_per_px: float) -> FilmScale:
    """A pixel size in the mid-sagittal plane that the user typed (``--spacing``), mm.

    Raises:
        BadInput: it is zero, negative, not finite or far from any head film.
    """
    return FilmScale(float(mm_per_px), float(mm_per_px), "pixel size given by the user")


def ruler_scale(
    p: Sequence[float] | np.ndarray, q: Sequence[float] | np.ndarray, length: float, aspect: float = 1.0
) -> FilmScale:
    """Pixel size from two clicks (x, y) on a ruler of the head holder, which hangs in the mid-sagittal plane.

    Args:
        length: what lies between the clicks, in mm.
        aspect: height of a pixel over its width.

    Raises:
        BadInput: the clicks are closer than 20 pixels, or the length is not a positive number.
    """
    mm, relative_sd = mm_between_clicks(p, q, length, aspect)
    return FilmScale(mm, mm * aspect, f"ruler of {length:g} mm", relative_sd=relative_sd)
