"""What was found in a picture: the plane itself, and ellipses and lines with uncertainty.

Coordinates are pixels of the picture: (0, 0) is the centre of the first pixel, x = column, y = row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from DeepMedLib.picture.square import SquareFrame
from FetalBiometryLib.planes.ellipse import Ellipse

#: What the classifier tells apart; all but the last are measured.
PLANES = ("head", "abdomen", "femur", "thorax", "other")
MEASURED = PLANES[:-1]

Line = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True)
class PlaneGuess:
    """Which plane a picture shows.

    Attributes:
        plane: the most probable of `PLANES`.
        probabilities: calibrated, one a plane, with sum 1.
        certain: False when the module abstains from choosing.
        reason: why it abstains, as a sentence; empty when it is certain.
    """

    plane: str
    probabilities: dict[str, float]
    certain: bool
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> PlaneGuess:
        """Read `to_dict`.

        Raises:
            ValueError: the plane is not one of `PLANES`.
        """
        if record["plane"] not in PLANES:
            raise ValueError(f"Unknown plane {record['plane']!r}; known are {', '.join(PLANES)}.")
        probabilities = {str(k): float(v) for k, v in record["probabilities"].items()}
        return cls(str(record["plane"]), probabilities, bool(record["certain"]), str(record["reason"]))


@dataclass(frozen=True)
class Finding:
    """What was found in one picture.

    A proposal stays when the module abstained, so that a person can drag it; its numbers are then not reported.

    Attributes:
        plane: "head", "abdomen", "femur" or "thorax".
        ellipses: head {"HC"}; abdomen {"AC"}; thorax {"Heart", "Thorax"}; femur {}.
        lines: abdomen {"TAD", "APAD"}; femur {"FL"}; thorax {"CardiacAxis", "Midline"} where they were found.
        relative_sd: standard uncertainty as a share of the value: HC BPD OFD | AC TAD APAD | FL |
            HeartArea HeartCircumference ThoraxArea ThoraxCircumference.
        absolute_sd: standard uncertainty of CardiacAxis in degrees.
        quality: what a person should look at, as sentences.
        abstained: True when the module does not vouch for the finding; ``reason`` says why.
        details: the raw cues behind the decision; ``quality_score`` (0..1) where the plane has one of its own.
    """

    plane: str
    ellipses: dict[str, Ellipse]
    lines: dict[str, Line]
    relative_sd: dict[str, float]
    absolute_sd: dict[str, float]
    quality: tuple[str, ...]
    abstained: bool
    reason: str
    details: dict[str, float] = field(default_factory=dict)

    @classmethod
    def nothing(cls, plane: str, reason: str, details: Mapping[str, float] | None = None) -> Finding:
        """An abstention without a proposal."""
        return cls(plane, {}, {}, {}, {}, (), True, reason, dict(details or {}))

    def in_given_pixels(self, square: SquareFrame) -> Finding:
        """What was found on square pixels, in those of the given picture."""
        if square.stretch == (1.0, 1.0):
            return self
        x, y = square.stretch
        ellipses = {}
        for name, e in self.ellipses.items():
            cx, cy = square.to_given(np.array([e.cx, e.cy]))
            ellipses[name] = replace(e.scaled(1 / x, 1 / y), cx=float(cx), cy=float(cy))
        lines = {name: line_of(square.to_given(np.array(ends))) for name, ends in self.lines.items()}
        return replace(self, ellipses=ellipses, lines=lines)

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Finding:
        """Read `to_dict`."""
        return cls(
            plane=str(record["plane"]),
            ellipses={name: Ellipse(**ellipse) for name, ellipse in record["ellipses"].items()},
            lines={name: line_of(ends) for name, ends in record["lines"].items()},
            relative_sd=dict(record["relative_sd"]),
            absolute_sd=dict(record["absolute_sd"]),
            quality=tuple(record["quality"]),
            abstained=bool(record["abstained"]),
            reason=str(record["reason"]),
            details=dict(record["details"]),
        )


def bone_is_seen(femur: Finding, looks: float, certainty: float) -> bool:
    """Whether a femur's finding, vouched for or not, rests on so many looks and on so sure a shaft."""
    return femur.details.get("looks", 0.0) >= looks and femur.details.get("certainty", 0.0) >= certainty


def line_of(ends: Any) -> Line:
    """Two end points, each (x, y), as plain numbers."""
    (x1, y1), (x2, y2) = ends
    return (float(x1), float(y1)), (float(x2), float(y2))
