"""Uncertainty and abstention that abdomen, femur and thorax share (numpy and scipy only)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from FetalBiometryLib.inference.framing import Frame
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.head_quality import insonated
from FetalBiometryLib.planes.head_shape import ShapeFit, fit_head


@dataclass(frozen=True)
class Limits:
    """Numbers fixed by cross-validation: how spread and fit become an uncertainty, and when to abstain.

    The relative standard uncertainty is ``scale * sqrt(floor^2 + spread^2 + (gain * residual)^2)``.
    """

    scale: float
    floor: float
    gain: float
    max_spread: float
    max_residual: float
    min_certainty: float
    min_inside: float
    min_looks: int
    shape_range: tuple[float, float]

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Limits:
        """From a part of the bundle's ``configs/calibration.json``."""
        values = {name: record[name] for name in cls.__dataclass_fields__}
        values["shape_range"] = tuple(values["shape_range"])
        return cls(**values)

    def relative_sd(self, spread: float, residual: float = 0.0) -> float:
        """Standard uncertainty as a share of the value."""
        return float(self.scale * np.sqrt(self.floor**2 + spread**2 + (self.gain * residual) ** 2))


@dataclass(frozen=True)
class RegionFit:
    """The ellipse of one region.

    Attributes:
        ellipse: in picture pixels, from the mean map.
        shape: of the mean map, in canvas pixels.
        each: the ellipses of single looks, in canvas pixels.
        looks: how many looks there were.
    """

    ellipse: Ellipse
    shape: ShapeFit
    each: tuple[Ellipse, ...]
    looks: int

    @property
    def seen(self) -> float:
        """Share of the looks that found the region."""
        return len(self.each) / self.looks

    def spread(self, of: str = "perimeter") -> float:
        """Standard deviation over mean of an attribute of the looks' ellipses."""
        values = np.array([getattr(e, of) for e in self.each])
        return float(values.std() / values.mean())

    def cues(self, prefix: str = "") -> dict[str, float]:
        """The raw cues, for `details`."""
        return {
            f"{prefix}looks": float(len(self.each)),
            f"{prefix}spread": self.spread(),
            f"{prefix}residual": self.shape.residual,
            f"{prefix}certainty": self.shape.certainty,
            f"{prefix}share": self.shape.share,
            f"{prefix}shape": self.ellipse.b / self.ellipse.a,
        }


def to_picture(ellipse: Ellipse, frame: Frame) -> Ellipse:
    """A canvas ellipse in the picture's own pixels."""
    centre = frame.to_picture(np.array([[ellipse.cx, ellipse.cy]]))[0]
    return Ellipse.make(centre[0], centre[1], ellipse.a / frame.scale, ellipse.b / frame.scale, ellipse.angle)


def fit_region(mean: np.ndarray, each: np.ndarray, frame: Frame) -> RegionFit | None:
    """Ellipse of a region in the mean map (h, w) and in the looks (n, h, w); None when it was not found."""
    corners = frame.to_canvas(np.array([[-0.5, -0.5], [frame.width - 0.5, frame.height - 0.5]]))
    (left, top), (right, bottom) = np.clip(corners, 0, [frame.canvas_width - 1, frame.canvas_height - 1])
    bounds = (float(left), float(top), float(right), float(bottom))
    shape = fit_head(mean, bounds)
    fits = [fit.ellipse for one in each if (fit := fit_head(one, bounds)) is not None]
    if shape is None or not fits:
        return None
    return RegionFit(to_picture(shape.ellipse, frame), shape, tuple(fits), len(each))


def inside_share(picture: np.ndarray, points: np.ndarray) -> float:
    """Share of points (n, 2) that lie on the picture and on its insonated part."""
    height, width = picture.shape
    column, row = np.round(np.asarray(points)).astype(int).T
    on_picture = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    seen = insonated(picture)[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    return float((on_picture & seen).mean())


def reason_to_abstain(name: str, details: Mapping[str, float], limits: Limits, prefix: str = "") -> str:
    """Why the ellipse of a region must not be trusted, as a sentence; empty when it may.

    Args:
        name: of the region, for the sentence.
        details: `RegionFit.cues` and ``inside``, all with ``prefix``.
        limits: of this region.
        prefix: of the keys.
    """
    cue = {key: details[prefix + key] for key in ("looks", "spread", "residual", "certainty", "inside", "shape")}
    low, high = limits.shape_range
    if cue["looks"] < limits.min_looks:
        return f"The {name} was found in too few of the repeated looks at the picture."
    if cue["spread"] > limits.max_spread:
        return f"Repeated looks disagree by {100 * cue['spread']:.1f} % of the circumference of the {name}."
    if cue["residual"] > limits.max_residual:
        return f"The border of the {name} is not an ellipse (RMS {100 * cue['residual']:.1f} % of the radius)."
    if cue["certainty"] < limits.min_certainty:
        return f"The network is not sure that this is a fetal {name}."
    if cue["inside"] < limits.min_inside:
        return f"Only {100 * cue['inside']:.0f} % of the outline of the {name} lies inside the insonated picture."
    if not low <= cue["shape"] <= high:
        return f"The shape of the {name} (short / long axis {cue['shape']:.2f}) is outside {low:.2f} to {high:.2f}."
    return ""


def first_reason(reasons: Sequence[str]) -> str:
    """The first sentence that is not empty."""
    return next((reason for reason in reasons if reason), "")


def bright_spot(mean: np.ndarray, inside: np.ndarray, level: float = 0.3, least: float = 4.0) -> np.ndarray | None:
    """Centre (2,) as (x, y) of what a map (h, w) shows above ``level`` within ``inside``; None if below ``least``."""
    weight = np.where(inside & (mean > level), mean, 0.0)
    total = float(weight.sum())
    if total < least:
        return None
    rows, columns = np.arange(mean.shape[0]), np.arange(mean.shape[1])
    return np.array([weight.sum(0) @ columns, weight.sum(1) @ rows]) / total
