"""Uncertainty and abstention that all planes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Limits:
    """Numbers fixed by calibration: how spread and fit become an uncertainty, and when to abstain.

    The relative standard uncertainty of a length is ``scale * sqrt(floor^2 + spread^2 + (gain * residual)^2)``.
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
    def from_dict(cls, record: Mapping[str, Any], name: str = "") -> Limits:
        """From the bundle's ``configs/calibration.json`` or a part of it.

        Args:
            name: of the length, where scale and floor differ between the lengths of one outline (HC, BPD, OFD).
        """
        values = {key: record[key] for key in cls.__dataclass_fields__}
        if name:
            values |= {key: record[key][name] for key in ("scale", "floor")}
        values["shape_range"] = tuple(values["shape_range"])
        return cls(**values)

    def relative_sd(self, spread: float, residual: float = 0.0) -> float:
        """Standard uncertainty as a share of the value."""
        return float(self.scale * np.sqrt(self.floor**2 + spread**2 + (self.gain * residual) ** 2))


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
