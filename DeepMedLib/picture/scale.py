"""How many millimetres a pixel is, and where that is known from. There is no default: an unknown scale is None.

A projection (an X-ray film) magnifies: what lies between source and detector appears larger on the detector by the
distance of the detector from the source over its own. A pixel size of the detector therefore gives lengths "on the
film"; only a known length in the plane of the object, or a known magnification, gives lengths in the object.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from DeepMedLib.errors import BadInput

CLICK_SD_PX = 0.7
"""Standard deviation of one click along the line, in pixels."""
FILM = "film"
"""`Scale.plane` where the magnification of a projection is still in the lengths."""
LARGEST_MAGNIFICATION = 2.0
_CLOSEST_PX = 20
_SAME = 1e-3
_SCREEN_DPI = (72, 96, 120, 144)
_MM_PER_INCH = 25.4


@dataclass(frozen=True)
class Scale:
    """Pixel size.

    Attributes:
        mm_per_px_x, mm_per_px_y: millimetres per pixel along columns' and rows' direction.
        source: where it comes from, in words, e.g. "DICOM ultrasound region".
        confirmed: True for a calibration made for these pixels or set by the user; False for a proposal that the user
            should look at (ruler ticks, detector spacing, the geometry of a converted file).
        note: what the user should know about it; "" when nothing.
        relative_sd: standard uncertainty of the pixel size as a share of it; 0 when the machine states it.
        plane: of a projection the plane in which lengths hold, `FILM` where magnification is still in them; "" for a
            picture that is no projection.
        magnification: the factor between object and film where it is known: taken out already unless plane is `FILM`.
    """

    mm_per_px_x: float
    mm_per_px_y: float
    source: str
    confirmed: bool = True
    note: str = ""
    relative_sd: float = 0.0
    plane: str = ""
    magnification: float | None = None

    def __post_init__(self) -> None:
        for value in (self.mm_per_px_x, self.mm_per_px_y):
            if not (math.isfinite(value) and value > 0):
                raise BadInput(f"A pixel size of {value:g} mm is not possible.", "Give the mm per pixel, above 0.")
        if self.magnification is not None and not 1.0 <= self.magnification <= LARGEST_MAGNIFICATION:
            raise BadInput(
                f"A magnification of {self.magnification:g} is not possible.",
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

    @property
    def square(self) -> bool:
        """True when both directions agree within 0.1 %."""
        return math.isclose(self.mm_per_px_x, self.mm_per_px_y, rel_tol=_SAME)

    def to_mm(self, points: np.ndarray) -> np.ndarray:
        """Pixels (..., 2) as (x, y) -> mm (..., 2)."""
        return np.asarray(points, float) * [self.mm_per_px_x, self.mm_per_px_y]

    def after_confirmation(self) -> Scale:
        """The same scale once the user has agreed to it."""
        return replace(self, confirmed=True, source=f"{self.source}, confirmed by the user")

    def same_as(self, other: Scale, tolerance: float = _SAME) -> bool:
        """True when both pixel sizes agree to the relative tolerance in x and in y."""
        own, others = (self.mm_per_px_x, self.mm_per_px_y), (other.mm_per_px_x, other.mm_per_px_y)
        return bool(np.allclose(own, others, rtol=tolerance, atol=0))

    def text(self) -> str:
        """In one line for people."""
        if self.plane == FILM:
            where = " on the film, magnification included"
        else:
            where = f" in the {self.plane}" if self.plane else ""
        known = f", magnification {self.magnification:.3f}" if self.magnification is not None else ""
        return f"{self.mean:.4f} mm per pixel{where}{known} ({self.source})"

    def in_object(self, magnification: float, plane: str) -> Scale:
        """The scale of the object's plane, from one of the film and a known magnification.

        Args:
            plane: name of the object's plane.

        Raises:
            BadInput: the magnification is not possible.
        """
        checked = replace(self, magnification=magnification)  # refuses impossible numbers
        if self.plane != FILM:
            return checked
        return replace(
            checked,
            mm_per_px_x=self.mm_per_px_x / magnification,
            mm_per_px_y=self.mm_per_px_y / magnification,
            plane=plane,
            note="",
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Scale:
        """Read `to_dict`."""
        return cls(**record)


def factor_of(scale: Scale | None, aspect: float = 1.0) -> np.ndarray:
    """(2,) units per pixel along x and y: mm, or without a scale widths of a pixel.

    Args:
        aspect: height of a pixel over its width, for a picture without a scale.
    """
    return np.array([1.0, aspect]) if scale is None else np.array([scale.mm_per_px_x, scale.mm_per_px_y])


def screen_resolution(scale: Scale) -> int | None:
    """The dots per inch of the screen whose pixels these would be; None where they are no screen's."""
    for dpi in _SCREEN_DPI:
        if np.allclose((scale.mm_per_px_x, scale.mm_per_px_y), _MM_PER_INCH / dpi, rtol=1e-3, atol=0):
            return dpi
    return None


def length_mm(p: Sequence[float] | np.ndarray, q: Sequence[float] | np.ndarray, scale: Scale) -> float:
    """Distance in mm between two pixel positions (x, y); right also for pixels that are not square."""
    d = scale.to_mm(np.subtract(np.asarray(p, float), np.asarray(q, float)))
    return float(np.hypot(d[0], d[1]))


def mm_between_clicks(
    p: Sequence[float] | np.ndarray,
    q: Sequence[float] | np.ndarray,
    length: float,
    aspect: float = 1.0,
    click_sd_px: float = CLICK_SD_PX,
) -> tuple[float, float]:
    """A pixel's width in mm from two clicks (x, y) on a known length, and its standard uncertainty as a share of it.

    Args:
        length: what lies between the clicks, in mm.
        aspect: height of a pixel over its width.
        click_sd_px: standard deviation of one click along the line, in pixels.

    Raises:
        BadInput: the clicks are closer than 20 pixels, or the length is not a positive number.
    """
    points = np.asarray([p, q], float)
    if not np.isfinite(points).all():
        raise BadInput("The two clicks are not inside the picture.", "Click again on both ends of the known length.")
    if not (math.isfinite(length) and length > 0):
        raise BadInput(f"A known length of {length:g} mm is not possible.", "Give a length above 0 mm.")
    dx, dy = points[1] - points[0]
    distance = math.hypot(dx, dy * aspect)
    if distance < _CLOSEST_PX:
        raise BadInput(
            "The two clicks are too close together to set a scale.",
            f"Click on points at least {_CLOSEST_PX} pixels apart.",
        )
    return length / distance, math.sqrt(2) * click_sd_px / distance


def check_same_scale(scales: Iterable[Scale | None], tolerance: float = _SAME) -> None:
    """Make sure that frames to be measured together have one pixel size (deltas may change within a cine series).

    Raises:
        BadInput: a frame has no scale while another has one, or two differ; names the first such frame (from 1).
    """
    known = list(scales)
    if not known or all(s is None for s in known):
        return
    first = known[0]
    for number, scale in enumerate(known, start=1):
        if first is None or scale is None:
            raise BadInput(
                "Some frames of the sequence have a pixel size and others have none.",
                "Measure the frames one by one and set the scale where it is missing.",
            )
        if not scale.same_as(first, tolerance):
            raise BadInput(
                f"The pixel size changes within the sequence (frame {number}).",
                "Measure each frame with its own scale; do not carry calipers from frame to frame.",
            )
