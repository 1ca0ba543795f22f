"""Measures taken more than once in an examination: their mean, and an uncertainty that says no more than is known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from DeepMedLib.measurement import Code, Measurement

#: A length farther than this share from the median of three or more is set aside, an area farther than the second;
#: a repeat with a larger stated uncertainty gets `FAR_SDS` times that. Two angles (degrees) or two ratios that differ
#: by more than theirs are told, but ratios and angles scatter too much to set a picture aside.
FAR_SHARE, FAR_AREA_SHARE, FAR_RATIO_SHARE, FAR_DEGREES = 0.10, 0.20, 0.20, 20.0
FAR_SDS = 3.0

#: How often a pixel size enters a value of this unit.
_SCALE_POWER = {"mm": 1, "mm2": 2}


@dataclass(frozen=True)
class Repeat:
    """One measure in one picture.

    Attributes:
        picture, frame: where it was taken; ``frame`` counts from 0.
        value, unit: the number.
        sd: its standard uncertainty, the scale's included; None when unknown (placed by hand).
        scale_share: relative standard uncertainty that the pixel size brings, shared by the whole examination.
        quality: of the picture, 0..1.
        set_aside: why it is not in the mean; empty when it is.
    """

    picture: str
    frame: int
    value: float
    unit: str
    sd: float | None
    scale_share: float = 0.0
    quality: float = 0.0
    set_aside: str = ""

    @property
    def own_sd(self) -> float | None:
        """The uncertainty without the scale's."""
        if self.sd is None:
            return None
        return math.sqrt(max(self.sd**2 - (self.scale_share * self.value) ** 2, 0.0))


@dataclass(frozen=True)
class Average:
    """The mean of a measure.

    Attributes:
        value, unit: mean of the repeats that were not set aside.
        own_sd: its standard uncertainty without the scale's; None when it is not known.
        scale_share: relative standard uncertainty that the scale brings.
        single_sd: root mean square of the repeats' own uncertainties; None when one is unknown.
        spread: sample standard deviation of the repeats; None with fewer than two.
        repeats: all of them, in the order of the pictures.
    """

    name: str
    value: float
    unit: str
    own_sd: float | None
    scale_share: float
    single_sd: float | None
    spread: float | None
    repeats: tuple[Repeat, ...]
    label: str = ""
    code: Code | None = None
    source: str = ""

    @property
    def used(self) -> tuple[Repeat, ...]:
        """The repeats in the mean."""
        return tuple(r for r in self.repeats if not r.set_aside)

    @property
    def sd(self) -> float | None:
        """Standard uncertainty of the mean, the scale's included; None when unknown."""
        return None if self.own_sd is None else math.hypot(self.own_sd, self.scale_share * self.value)

    def measurement(self) -> Measurement:
        """The mean as a measurement; its source tells how many repeats there were and how far they scatter."""
        count = len(self.used)
        told = self.source
        if count > 1:
            scatter = "" if self.spread is None else f", within-examination SD {self.spread:.2g} {self.unit}".rstrip()
            told = f"mean of {count}{scatter}; {told}"
        return Measurement(self.name, self.value, self.unit, self.sd, self.code, told, self.label or self.name)

    def to_dict(self) -> dict[str, Any]:
        """JSON form for ``result.json``."""
        return {
            "name": self.name,
            "mean": self.value,
            "unit": self.unit,
            "sd": self.sd,
            "single_sd": self.single_sd,
            "within_examination_sd": self.spread,
            "scale_share": self.scale_share,
            "repeats": [asdict(r) for r in self.repeats],
        }


def average(name: str, repeats: Sequence[Repeat], like: Measurement) -> Average:
    """The mean of a measure's repeats, those left out that are set aside (see `with_set_aside`).

    The variance of the mean is ``max(single^2 - spread^2, 0) + spread^2 / n``: what the repeats show as scatter
    averages out, the rest of the stated uncertainty is taken as common to all pictures of this fetus (one model, one
    scanner) and does not. Repeats of nearly the same frame therefore gain nothing, and repeats that scatter more than
    they should widen the result. Without stated uncertainties (placed by hand) three or more repeats give
    ``spread / sqrt(n)`` (type A evaluation, JCGM 100:2008, 4.2); fewer give none.

    Args:
        repeats: all of one unit, at least one of them not set aside.
        like: gives label, code and source.

    Raises:
        ValueError: no repeat to use, or mixed units.
    """
    used = [r for r in repeats if not r.set_aside]
    if not used or len({r.unit for r in repeats}) != 1:
        raise ValueError(f"{name}: an average needs repeats of one unit")
    values = np.array([r.value for r in used])
    mean = float(values.mean())
    spread = float(values.std(ddof=1)) if len(used) > 1 else None
    own = [r.own_sd for r in used]
    single = None
    if all(sd is not None for sd in own):
        single = float(np.sqrt(np.mean([float(sd or 0.0) ** 2 for sd in own])))
    own_sd: float | None = single
    if single is not None and spread is not None:
        own_sd = math.sqrt(max(single**2 - spread**2, 0.0) + spread**2 / len(used))
    elif single is None and spread is not None and len(used) >= 3:
        own_sd = spread / math.sqrt(len(used))
    share = float(np.mean([r.scale_share * r.value for r in used]) / mean) if mean else 0.0
    sources = dict.fromkeys(s for s in (like.source,) if s)
    return Average(
        name,
        mean,
        used[0].unit,
        own_sd,
        share,
        single,
        spread,
        tuple(repeats),
        like.label or name,
        like.code,
        "; ".join(sources),
    )


def repeat_of(measurement: Measurement, picture: str, frame: int, scale_share: float, quality: float) -> Repeat:
    """A repeat from a picture's measurement; ``scale_share`` is the relative uncertainty of the pixel size.

    Raises:
        ValueError: the measurement has no value.
    """
    if measurement.value is None:
        raise ValueError(f"{measurement.name} has no value")
    share = scale_share * _SCALE_POWER.get(measurement.unit, 0)
    return Repeat(picture, frame, measurement.value, measurement.unit, measurement.sd, share, quality)


def disagreement(made: Average) -> str:
    """A sentence when the only two repeats contradict each other; empty otherwise."""
    if len(made.repeats) == 2 and len(made.used) == 2:
        first, second = (r.value for r in made.used)
        sds = [r.sd for r in made.used if r.sd is not None]
        if _is_far(first, second, made.unit, max(sds, default=None)):
            values = f"{first:.1f} and {second:.1f} {made.unit}".rstrip()
            return f"{made.name}: the two repeats ({values}) contradict each other; measure a third picture."
    return ""


def with_set_aside(repeats: Mapping[str, Sequence[Repeat]]) -> dict[str, tuple[Repeat, ...]]:
    """Repeats with the wrong ones marked.

    A length or area that is far from the median of three or more is set aside, and with it all that was measured in
    the same picture: it most likely shows a wrong plane, a wrong outline or a wrong scale. Where fewer than two would
    be left, nothing is set aside: then the median is no better than the others.
    """
    wrong: dict[tuple[str, int], str] = {}
    for name, found in repeats.items():
        if len(found) < 3 or found[0].unit not in _SCALE_POWER:
            continue
        median = float(np.median([r.value for r in found]))
        far = [r for r in found if _is_far(r.value, median, r.unit, r.sd)]
        if far and len(found) - len(far) >= 2:
            for r in far:
                wrong.setdefault((r.picture, r.frame), f"{name} is more than {100 * _far(r.unit):g} % from the median")
    marked = {}
    for name, found in repeats.items():
        kept = [r for r in found if (r.picture, r.frame) not in wrong]
        marked[name] = tuple(replace(r, set_aside=wrong.get((r.picture, r.frame), "")) if kept else r for r in found)
    return marked


def _is_far(value: float, reference: float, unit: str, sd: float | None) -> bool:
    return abs(value - reference) > max(_far(unit) * (1.0 if unit == "deg" else abs(reference)), FAR_SDS * (sd or 0.0))


def _far(unit: str) -> float:
    return {"mm": FAR_SHARE, "mm2": FAR_AREA_SHARE, "deg": FAR_DEGREES}.get(unit, FAR_RATIO_SHARE)
