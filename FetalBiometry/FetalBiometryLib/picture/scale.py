"""How many millimetres a pixel is, and where that is known from. There is no default: an unknown scale is None."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.pixel_size import CLICK_SD_PX, check_pixel_size, mm_between_clicks
from FetalBiometryLib.picture.regions import UltrasoundRegion, usable

if TYPE_CHECKING:
    from FetalBiometryLib.picture.files import Picture

SMALLEST_MM = 0.005
LARGEST_MM = 5.0
_SET_BY_HAND = "Set the scale by the depth ruler or by two clicks on a known length."


@dataclass(frozen=True)
class Scale:
    """Pixel size.

    Attributes:
        mm_per_px_x, mm_per_px_y: millimetres per pixel along columns' and rows' direction.
        source: where it comes from, in words, e.g. "DICOM ultrasound region".
        confirmed: True for a calibration made by the scanner for these pixels or set by the user; False for a proposal
            that the user should look at (ruler ticks, detector spacing, the geometry of a converted file).
        note: what the user should know about it; empty when nothing.
        relative_sd: standard uncertainty of the pixel size as a share of it; 0 when the scanner states it.
    """

    mm_per_px_x: float
    mm_per_px_y: float
    source: str
    confirmed: bool
    note: str = ""
    relative_sd: float = 0.0

    def __post_init__(self) -> None:
        check_pixel_size(self.mm_per_px_x, self.mm_per_px_y, SMALLEST_MM, LARGEST_MM, "an ultrasound picture")

    @property
    def mean(self) -> float:
        """Geometric mean of the two, mm per pixel."""
        return math.sqrt(self.mm_per_px_x * self.mm_per_px_y)

    @property
    def square(self) -> bool:
        """True when both directions agree within 0.1 %."""
        return math.isclose(self.mm_per_px_x, self.mm_per_px_y, rel_tol=1e-3)

    def to_mm(self, points: np.ndarray) -> np.ndarray:
        """Pixels (..., 2) as (x, y) -> mm (..., 2)."""
        return np.asarray(points, float) * [self.mm_per_px_x, self.mm_per_px_y]

    def after_confirmation(self) -> Scale:
        """The same scale once the user has agreed to it."""
        return replace(self, confirmed=True, source=f"{self.source}, confirmed by the user")


def length_mm(p: Sequence[float] | np.ndarray, q: Sequence[float] | np.ndarray, scale: Scale) -> float:
    """Distance in mm between two pixel positions (x, y); right also for pixels that are not square."""
    d = scale.to_mm(np.subtract(np.asarray(p, float), np.asarray(q, float)))
    return float(np.hypot(d[0], d[1]))


def typed_scale(mm_per_px: float, mm_per_px_y: float | None = None) -> Scale:
    """A pixel size typed by the user (``--spacing``), mm.

    Raises:
        BadInput: it is zero, negative, not finite or far from any ultrasound picture.
    """
    y = mm_per_px if mm_per_px_y is None else mm_per_px_y
    return Scale(float(mm_per_px), float(y), "pixel size given by the user", True)


def scale_from_clicks(
    p: Sequence[float] | np.ndarray,
    q: Sequence[float] | np.ndarray,
    length: float,
    click_sd_px: float = CLICK_SD_PX,
) -> Scale:
    """Pixel size from two clicks (x, y) on a known length in mm, assuming square pixels.

    Args:
        click_sd_px: standard deviation of one click along the line, in pixels; gives the scale's relative uncertainty.

    Raises:
        BadInput: the clicks are closer than 20 pixels, or the length is not a positive number.
    """
    mm, relative_sd = mm_between_clicks(p, q, length, click_sd_px=click_sd_px)
    return Scale(mm, mm, f"two clicks on {length:g} mm", True, relative_sd=relative_sd)


def scale_for(picture: Picture, points: np.ndarray | None = None) -> Scale | None:
    """The picture's own pixel size under the measurement.

    In this order: the DICOM ultrasound region that contains the points, PixelSpacing, ImagerPixelSpacing or the
    geometry of a converted file (with a note). None when the file states nothing: then lengths stay in pixels until
    the user sets a scale. A ruler is never read here, see `ruler.propose_ruler`.

    Args:
        points: (n, 2) pixel positions (x, y) that are measured; None asks for the whole picture.

    Raises:
        BadInput: the regions contradict one another there, or the points lie in a region that is no 2D picture in cm.
    """
    if picture.regions:
        scale = _scale_from_regions(picture.regions, points)
        if scale is not None:
            return scale
    if picture.spacing_mm is None:
        return None
    x, y = picture.spacing_mm
    if picture.spacing_source == "PixelSpacing":
        return Scale(x, y, "DICOM PixelSpacing", True)
    note = {
        "ImagerPixelSpacing": "ImagerPixelSpacing is the size at the detector, not in the body: check it on the ruler.",
    }.get(
        picture.spacing_source,
        "The pixel size comes from the file's geometry, which conversion may have invented: check it on the ruler.",
    )
    return Scale(x, y, picture.spacing_source, False, note)


def _scale_from_regions(regions: Sequence[UltrasoundRegion], points: np.ndarray | None) -> Scale | None:
    calibrated = usable(regions)
    if points is None:
        pictures_2d = [r for r in regions if r.is_2d_image]
        if not pictures_2d:
            return None
        if not calibrated:
            raise BadInput(f"The DICOM region gives no pixel size: {pictures_2d[0].why_unusable()}.", _SET_BY_HAND)
        if not all(calibrated[0].same_scale(r) for r in calibrated[1:]):
            raise BadInput(
                "The picture holds regions of different pixel size.",
                "Measure inside one of them, or set the scale by hand.",
            )
        return _of_region(calibrated[0], len(calibrated))
    points = np.atleast_2d(np.asarray(points, float))
    if points.size == 0 or not np.isfinite(points).all():
        raise BadInput("The measurement has no valid points.", "Place the measurement again.")
    inside = [(region, region.contains(points)) for region in regions]
    touched = [(r, m) for r, m in inside if m.any() and r.spatial_format != 5]
    good = [(r, m) for r, m in touched if not r.why_unusable()]
    best = max(good, key=lambda pair: int(pair[1].sum()), default=None)
    if best is None:
        if touched:
            raise BadInput(f"The measurement lies in a region where {touched[0][0].why_unusable()}.", _SET_BY_HAND)
        if calibrated:
            raise BadInput(
                "The measurement lies outside the calibrated regions of the picture.",
                "Move it into the ultrasound picture, or set the scale by hand.",
            )
        return None
    region, mask = best
    others = [r for r, m in good if r is not region]
    if not all(region.same_scale(r) for r in others):
        raise BadInput(
            "The measurement reaches over regions of different pixel size.", "Measure inside one of the regions."
        )
    covered = np.any([m for _, m in good], axis=0)
    for other, m in touched:
        if other.why_unusable() and bool((m & ~covered).any()):
            raise BadInput(
                f"The measurement reaches into a region where {other.why_unusable()}.", "Measure inside the 2D picture."
            )
    if covered.mean() < 0.5:
        raise BadInput(
            "Most of the measurement lies outside the calibrated regions of the picture.",
            "Move it into the ultrasound picture, or set the scale by hand.",
        )
    scale = _of_region(region, 1 + len(others))
    if not covered.all():
        scale = replace(scale, note="Some points lie outside the calibrated region of the picture.")
    elif not mask.all():
        scale = replace(scale, note="The measurement reaches over two regions of equal pixel size.")
    return scale


def _of_region(region: UltrasoundRegion, count: int) -> Scale:
    x, y = region.mm_per_px
    source = "DICOM ultrasound region" if count == 1 else f"DICOM ultrasound regions ({count} of equal pixel size)"
    return Scale(x, y, source, True)


def check_same_scale(scales: Iterable[Scale | None], tolerance: float = 1e-3) -> None:
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
        if not np.allclose(
            (scale.mm_per_px_x, scale.mm_per_px_y), (first.mm_per_px_x, first.mm_per_px_y), rtol=tolerance, atol=0
        ):
            raise BadInput(
                f"The pixel size changes within the sequence (frame {number}).",
                "Measure each frame with its own scale; do not carry calipers from frame to frame.",
            )
