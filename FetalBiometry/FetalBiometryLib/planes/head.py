"""The fetal head as a result: ellipse, uncertainty, quality, measurements, and when to abstain (numpy only)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.codes import MEASURES
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.head_quality import HeadQuality
from FetalBiometryLib.planes.options import OUTER_INNER, OUTER_OUTER

#: Outer-outer BPD = 0.555934 + 1.027318 outer-inner BPD, mm (543 paired measures, PMC8409806).
_BPD_OFFSET, _BPD_SLOPE = 0.555934, 1.027318


@dataclass(frozen=True)
class Calibration:
    """Numbers fixed on the calibration split: how spread and fit become an uncertainty, and when to abstain.

    The relative standard uncertainty of a length is ``scale * sqrt(floor^2 + spread^2 + (gain * residual)^2)``.
    """

    scale: dict[str, float]
    floor: dict[str, float]
    gain: float
    max_spread: float
    max_residual: float
    min_certainty: float
    min_inside: float
    min_looks: int
    shape_range: tuple[float, float]

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Calibration:
        """From the bundle's ``configs/calibration.json``."""
        names = cls.__dataclass_fields__
        values = {name: record[name] for name in names}
        values["shape_range"] = tuple(values["shape_range"])
        return cls(**values)

    def relative_sd(self, name: str, spread: float, residual: float) -> float:
        """Standard uncertainty of HC, BPD or OFD as a share of its value."""
        score = np.sqrt(self.floor[name] ** 2 + spread**2 + (self.gain * residual) ** 2)
        return float(self.scale[name] * score)


@dataclass(frozen=True)
class HeadFinding:
    """What was found in one picture, all in the picture's own pixels.

    Attributes:
        ellipse: outer border of the skull; None when no head was found.
        relative_sd: standard uncertainty of HC, BPD, OFD as a share of the value.
        abstained: True when the module does not vouch for the ellipse; ``reason`` says why.
        details: the raw cues behind the decision (spread, residual, certainty ...).
    """

    ellipse: Ellipse | None
    relative_sd: dict[str, float]
    quality: HeadQuality | None
    abstained: bool
    reason: str
    details: dict[str, float] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> HeadFinding:
        """Read `to_dict`."""
        ellipse = Ellipse(**record["ellipse"]) if record["ellipse"] else None
        quality = HeadQuality(**record["quality"]) if record["quality"] else None
        rest = {k: record[k] for k in ("relative_sd", "abstained", "reason", "details")}
        return cls(ellipse=ellipse, quality=quality, **rest)


def reason_to_abstain(
    calibration: Calibration, ellipse: Ellipse, details: dict[str, float], quality: HeadQuality
) -> str:
    """Why the finding must not be trusted, as a sentence; empty when it may."""
    low, high = calibration.shape_range
    index = ellipse.b / ellipse.a
    if details["looks"] < calibration.min_looks:
        return "The head was found in too few of the repeated looks at the picture."
    if details["spread"] > calibration.max_spread:
        return f"Repeated looks disagree by {100 * details['spread']:.1f} % of the circumference."
    if details["residual"] > calibration.max_residual:
        return f"The border found is not an ellipse (RMS {100 * details['residual']:.1f} % of the radius)."
    if details["certainty"] < calibration.min_certainty:
        return "The network is not sure that this is a fetal head."
    if quality.inside < calibration.min_inside:
        return f"Only {100 * quality.inside:.0f} % of the head's outline lies inside the insonated picture."
    if not low <= index <= high:
        return f"The shape (BPD/OFD {index:.2f}) is outside what heads show ({low:.2f} to {high:.2f})."
    return ""


def ellipse_from_axes(ofd: np.ndarray, bpd: np.ndarray) -> Ellipse:
    """The head ellipse that two dragged axis lines define.

    Args:
        ofd, bpd: end points, each (2, 2) as (x, y), in any isotropic unit.

    Returns:
        centre halfway between the lines' middles, long axis along the OFD line, axes as long as the lines.

    Raises:
        ValueError: a line has no length.
    """
    ofd, bpd = np.asarray(ofd, float), np.asarray(bpd, float)
    along = ofd[1] - ofd[0]
    length, breadth = float(np.linalg.norm(along)), float(np.linalg.norm(bpd[1] - bpd[0]))
    centre = 0.5 * (ofd.mean(0) + bpd.mean(0))
    return Ellipse.make(centre[0], centre[1], length / 2, breadth / 2, np.rad2deg(np.arctan2(along[1], along[0])))


def inner_bpd_mm(outer_mm: float) -> float:
    """Outer-inner BPD from outer-outer BPD, mm (published regression, see `_BPD_OFFSET`)."""
    return (outer_mm - _BPD_OFFSET) / _BPD_SLOPE


def outer_bpd_mm(inner_mm: float) -> float:
    """Outer-outer BPD from outer-inner BPD, mm (the same regression)."""
    return _BPD_OFFSET + _BPD_SLOPE * inner_mm


def head_measurements(
    ellipse: Ellipse,
    unit: str,
    relative_sd: dict[str, float] | None,
    source: str,
    convention: str = OUTER_OUTER,
) -> list[Measurement]:
    """BPD, OFD, HC and cephalic index.

    Args:
        ellipse: outer skull border in ``unit``.
        unit: "mm", or "px" where the picture has no scale.
        relative_sd: standard uncertainties as shares, None after an edit.
        source: said with each number.
        convention: `OUTER_OUTER` or `OUTER_INNER` for BPD; the latter exists in mm only.

    Raises:
        ValueError: unknown convention.
    """
    if convention not in (OUTER_OUTER, OUTER_INNER):
        raise ValueError(f"BPD convention must be {OUTER_OUTER} or {OUTER_INNER}, not {convention}.")
    a, b = ellipse.a, ellipse.b

    def length(name: str, value: float, label: str) -> Measurement:
        sd = relative_sd[name] * value if relative_sd else None
        return Measurement(name, float(value), unit, sd, MEASURES[name], source, label)

    bpd = length("BPD", 2 * b, f"BPD {OUTER_OUTER}")
    if convention == OUTER_INNER and unit == "mm":
        inner = inner_bpd_mm(2 * b)
        sd = None if bpd.sd is None else bpd.sd / _BPD_SLOPE
        note = f"{source}; outer-outer converted by regression"
        bpd = Measurement("BPD", inner, unit, sd, MEASURES["BPD"], note, f"BPD {OUTER_INNER}")
    index_sd = None
    if relative_sd:
        index_sd = 100 * b / a * float(np.hypot(relative_sd["BPD"], relative_sd["OFD"]))
    return [
        bpd,
        length("OFD", 2 * a, "OFD"),
        length("HC", ellipse.perimeter, "HC"),
        Measurement("CI", 100 * b / a, "%", index_sd, MEASURES["CI"], source, "Cephalic index"),
    ]
