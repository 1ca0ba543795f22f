"""Calibrated regions of a DICOM ultrasound picture (Sequence of Ultrasound Regions, DICOM PS3.3 C.8.5.5).

Pixel coordinates: 0-based, (0, 0) = centre of the first pixel, x = column, y = row. Region bounds are inclusive.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

SPATIAL_2D = 1
TISSUE, COLOR_FLOW = 1, 2
CENTIMETRES = 3
_FORMATS = {0: "none", 1: "2D", 2: "M-mode", 3: "spectral", 4: "waveform", 5: "graphics"}
_WHOLE_NUMBERS = (
    "RegionLocationMinX0",
    "RegionLocationMinY0",
    "RegionLocationMaxX1",
    "RegionLocationMaxY1",
    "RegionSpatialFormat",
    "RegionDataType",
    "PhysicalUnitsXDirection",
    "PhysicalUnitsYDirection",
)


@dataclass(frozen=True)
class UltrasoundRegion:
    """One item of the sequence.

    Attributes:
        x0, y0, x1, y1: first and last pixel column and row that belong to the region.
        spatial_format: 1 2D, 2 M-mode, 3 spectral, 4 waveform, 5 graphics, 0 none.
        data_type: 1 tissue, 2 color flow, 10 ECG trace ...
        units_x, units_y: 3 is centimetre, 4 second ...
        delta_x, delta_y: physical units per pixel, NaN where the tag is absent; a negative one says that the value
            falls along the axis, not that the pixel is small.
    """

    x0: int
    y0: int
    x1: int
    y1: int
    spatial_format: int
    data_type: int
    units_x: int
    units_y: int
    delta_x: float
    delta_y: float

    @property
    def is_2d_image(self) -> bool:
        """True for a two-dimensional tissue or color-flow picture: the only kind in which lengths may be measured."""
        return self.spatial_format == SPATIAL_2D and self.data_type in (TISSUE, COLOR_FLOW)

    def why_unusable(self) -> str:
        """Empty when the region gives a scale in mm, else the reason in words."""
        if not self.is_2d_image:
            kind = _FORMATS.get(self.spatial_format, f"format {self.spatial_format}")
            return f"it is not a 2D picture ({kind}, data type {self.data_type})"
        if self.units_x != CENTIMETRES or self.units_y != CENTIMETRES:
            return "its units are not centimetres"
        if not all(math.isfinite(d) and d != 0 for d in (self.delta_x, self.delta_y)):
            return "its pixel size is zero or missing"
        if self.x1 <= self.x0 or self.y1 <= self.y0:
            return "its bounds are empty"
        return ""

    @property
    def mm_per_px(self) -> tuple[float, float]:
        """(x, y) mm per pixel = 10 x the size of the deltas in cm.

        Raises:
            ValueError: the region gives no scale; see `why_unusable`.
        """
        reason = self.why_unusable()
        if reason:
            raise ValueError(f"This region gives no pixel size: {reason}.")
        return 10.0 * abs(self.delta_x), 10.0 * abs(self.delta_y)

    def contains(self, points: np.ndarray, margin: float = 0.5) -> np.ndarray:
        """Which of the points (n, 2) as (x, y) lie in the region; (n,) bool. ``margin`` in pixels around the bounds."""
        points = np.atleast_2d(np.asarray(points, float))
        x, y = points[:, 0], points[:, 1]
        return (x >= self.x0 - margin) & (x <= self.x1 + margin) & (y >= self.y0 - margin) & (y <= self.y1 + margin)

    def same_scale(self, other: UltrasoundRegion, tolerance: float = 1e-3) -> bool:
        """True when both give a scale and the two agree to the relative tolerance in x and in y."""
        if self.why_unusable() or other.why_unusable():
            return False
        return bool(np.allclose(self.mm_per_px, other.mm_per_px, rtol=tolerance, atol=0))


def _number(item: Any, keyword: str, default: float) -> float:
    value = getattr(item, keyword, None)
    try:
        return default if value is None else float(value)
    except (TypeError, ValueError):
        return default


def regions_of(dataset: Any) -> tuple[UltrasoundRegion, ...]:
    """Read the regions of a pydicom dataset; empty when it has none. Malformed numbers become NaN or -1, never 1."""
    found = []
    for item in getattr(dataset, "SequenceOfUltrasoundRegions", None) or ():
        whole = [_number(item, keyword, -1) for keyword in _WHOLE_NUMBERS]
        if not all(map(math.isfinite, whole)):
            continue
        x0, y0, x1, y1, spatial_format, data_type, units_x, units_y = (int(v) for v in whole)
        delta_x, delta_y = _number(item, "PhysicalDeltaX", math.nan), _number(item, "PhysicalDeltaY", math.nan)
        found.append(UltrasoundRegion(x0, y0, x1, y1, spatial_format, data_type, units_x, units_y, delta_x, delta_y))
    return tuple(found)


def usable(regions: Iterable[UltrasoundRegion]) -> list[UltrasoundRegion]:
    """The regions that give a scale in mm, in their order."""
    return [region for region in regions if not region.why_unusable()]
