"""The pixel size that holds under a measurement: that of the ultrasound region it lies in, else the picture's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.picture.picture import Picture
from DeepMedLib.picture.regions import UltrasoundRegion, usable
from DeepMedLib.picture.scale import Scale

_SET_BY_HAND = "Set the scale by the depth ruler or by two clicks on a known length."


def scale_for(picture: Picture, points: np.ndarray | None = None) -> Scale | None:
    """The picture's own pixel size under the measurement.

    In this order: the DICOM ultrasound region that contains the points, then what the file states for the whole
    picture. None when it states nothing: then lengths stay in pixels until the user sets a scale. A ruler is never
    read here, see `ruler.propose_ruler`.

    Args:
        points: (n, 2) pixel positions (x, y) that are measured; None asks for the whole picture.

    Raises:
        BadInput: the regions contradict one another there, or the points lie in a region that is no 2D picture in cm.
    """
    if picture.regions:
        scale = _scale_from_regions(picture.regions, points)
        if scale is not None:
            return scale
    return picture.scale


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
