"""Fetal growth standards: centile and z-score of a measure at an age, by name.

Lengths in mm, weight in g, ages in weeks. Every standard states its range and refuses ages outside it (`OutOfRange`).
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from DeepMedLib.errors import BadInput
from FetalBiometryLib.growth import who2017
from FetalBiometryLib.growth.weight import HADLOCK, INTERGROWTH, WeightFormula

IG21 = "INTERGROWTH-21st"
WHO = "WHO 2017"
EFW = "EFW"


class OutOfRange(ValueError):
    """The age is outside the standard's range, or the value cannot be placed on it; the text says which."""


class Standard(ABC):
    """One growth standard.

    Attributes:
        name: as users choose it.
        reference: publication.
        ranges: for each measure the weeks it covers.
        weight_family: family of weight formulas that the EFW chart was made for; empty when it has no EFW chart.
    """

    def __init__(
        self, name: str, reference: str, ranges: Mapping[str, tuple[float, float]], weight_family: str = ""
    ) -> None:
        self.name = name
        self.reference = reference
        self.ranges = dict(ranges)
        self.weight_family = weight_family

    @abstractmethod
    def _z(self, measure: str, weeks: float, value: float) -> float:
        """z-score inside the range."""

    @abstractmethod
    def _value(self, measure: str, weeks: float, z: float) -> float:
        """Value of a z-score inside the range."""

    def _check(self, measure: str, weeks: float) -> None:
        if measure not in self.ranges:
            raise OutOfRange(f"{self.name} has no chart of {measure}.")
        low, high = self.ranges[measure]
        if not (math.isfinite(weeks) and low <= weeks <= high):
            raise OutOfRange(f"{weeks:.1f} weeks is outside the {low:g} to {high:g} weeks of {self.name} ({measure}).")

    def covers(self, measure: str, weeks: float) -> bool:
        """True when a value of this measure can be placed at this age."""
        return measure in self.ranges and self.ranges[measure][0] <= weeks <= self.ranges[measure][1]

    def z_score(self, measure: str, weeks: float, value: float) -> float:
        """How many standard deviations above the median of the age.

        Raises:
            OutOfRange: no such chart, age outside it, or a value that no fetus has.
        """
        self._check(measure, weeks)
        if not (math.isfinite(value) and value > 0):
            raise OutOfRange(f"{measure} is not a positive number.")
        z = self._z(measure, weeks, float(value))
        if not math.isfinite(z):
            raise OutOfRange(f"{measure} {value:.1f} is too far from any value of {self.name} at {weeks:.1f} weeks.")
        return z

    def centile(self, measure: str, weeks: float, value: float) -> float:
        """0..100. Raises `OutOfRange` as `z_score`."""
        return float(100 * ndtr(self.z_score(measure, weeks, value)))

    def value_at(self, measure: str, weeks: float, centile: float) -> float:
        """The measure's value on a centile (0 < centile < 100), mm or g.

        Raises:
            OutOfRange: no such chart, age outside it, or a centile outside 0..100 or beyond what the chart can tell.
        """
        self._check(measure, weeks)
        if not 0 < centile < 100:
            raise OutOfRange(f"{centile:g} is not a centile between 0 and 100.")
        value = self._value(measure, weeks, float(ndtri(centile / 100)))
        if not math.isfinite(value):
            raise OutOfRange(f"{self.name} ({measure}) has no value for the centile {centile:g} at {weeks:.1f} weeks.")
        return value


class NormalStandard(Standard):
    """value = mean(g) + z sd(g)."""

    def __init__(
        self,
        name: str,
        reference: str,
        curves: Mapping[str, tuple[Callable[[float], float], Callable[[float], float]]],
        weeks: tuple[float, float],
        weight_family: str = "",
    ) -> None:
        super().__init__(name, reference, dict.fromkeys(curves, weeks), weight_family)
        self._curves = dict(curves)

    def _z(self, measure: str, weeks: float, value: float) -> float:
        mean, sd = self._curves[measure]
        return (value - mean(weeks)) / sd(weeks)

    def _value(self, measure: str, weeks: float, z: float) -> float:
        mean, sd = self._curves[measure]
        return mean(weeks) + z * sd(weeks)


class LmsStandard(Standard):
    """ln EFW is distributed after Box and Cox with l(g), m(g), s(g): ln EFW = m (1 + z s l)^(1/l)."""

    def __init__(
        self,
        name: str,
        reference: str,
        lms: Callable[[float], tuple[float, float, float]],
        weeks: tuple[float, float],
        weight_family: str,
    ) -> None:
        super().__init__(name, reference, {EFW: weeks}, weight_family)
        self._lms = lms

    def _z(self, measure: str, weeks: float, value: float) -> float:
        skew, median, spread = self._lms(weeks)
        ratio = math.log(value) / median
        if ratio <= 0:
            return math.nan
        return math.log(ratio) / spread if abs(skew) < 1e-9 else (ratio**skew - 1) / (spread * skew)

    def _value(self, measure: str, weeks: float, z: float) -> float:
        skew, median, spread = self._lms(weeks)
        if abs(skew) < 1e-9:
            return math.exp(median * math.exp(z * spread))
        base = 1 + z * spread * skew
        return math.exp(median * base ** (1 / skew)) if base > 0 else math.nan


class QuantileStandard(Standard):
    """Published quantiles; between them (and beyond the outermost) z is linear in the value's logarithm."""

    def __init__(
        self,
        name: str,
        reference: str,
        levels: Mapping[str, tuple[float, ...]],
        quantiles: Mapping[str, Callable[[float], np.ndarray]],
        ranges: Mapping[str, tuple[float, float]],
        weight_family: str = "",
    ) -> None:
        super().__init__(name, reference, ranges, weight_family)
        self._levels = {m: ndtri(np.asarray(v, float)) for m, v in levels.items()}
        self._quantiles = dict(quantiles)

    def _z(self, measure: str, weeks: float, value: float) -> float:
        return _line(_rising(self._quantiles[measure](weeks)), self._levels[measure], math.log(value))

    def _value(self, measure: str, weeks: float, z: float) -> float:
        return math.exp(_line(self._levels[measure], _rising(self._quantiles[measure](weeks)), z))


def _rising(quantiles: np.ndarray) -> np.ndarray:
    """Logarithms of quantiles, kept apart where fitted curves touch (WHO boys' weight at 40 weeks, 97.5 and 99 %)."""
    logs = np.log(quantiles)
    steps = 5e-7 * np.arange(len(logs))
    return np.maximum.accumulate(logs - steps) + steps


def _line(x: np.ndarray, y: np.ndarray, at: float) -> float:
    """Piecewise linear with the outermost pieces continued."""
    i = int(np.clip(np.searchsorted(x, at) - 1, 0, len(x) - 2))
    return float(y[i] + (at - x[i]) * (y[i + 1] - y[i]) / (x[i + 1] - x[i]))


_INTERGROWTH_BIOMETRY: dict[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "HC": (
        lambda g: -28.2849 + 1.69267 * g**2 - 0.397485 * g**2 * math.log(g),
        lambda g: 1.98735 + 0.0136772 * g**3 - 0.00726264 * g**3 * math.log(g) + 0.000976253 * g**3 * math.log(g) ** 2,
    ),
    "BPD": (
        lambda g: 5.60878 + 0.158369 * g**2 - 0.00256379 * g**3,
        lambda g: math.exp(
            0.101242 + 0.00150557 * g**3 - 0.000771535 * g**3 * math.log(g) + 0.0000999638 * g**3 * math.log(g) ** 2
        ),
    ),
    "OFD": (
        lambda g: -12.4097 + 0.626342 * g**2 - 0.148075 * g**2 * math.log(g),
        lambda g: math.exp(
            -0.880034 + 0.0631165 * g**2 - 0.0317136 * g**2 * math.log(g) + 0.00408302 * g**2 * math.log(g) ** 2
        ),
    ),
    "AC": (
        lambda g: -81.3243 + 11.6772 * g - 0.000561865 * g**3,
        lambda g: -4.36302 + 0.121445 * g**2 - 0.0130256 * g**3 + 0.00282143 * g**3 * math.log(g),
    ),
    "FL": (
        lambda g: -39.9616 + 4.32298 * g - 0.0380156 * g**2,
        lambda g: math.exp(0.605843 - 42.0014 * g**-2 + 0.00000917972 * g**3),
    ),
}


def _intergrowth_2017(g: float) -> tuple[float, float, float]:
    cube, log = g**3, math.log(g)
    return (
        -4.257629 - 2162.234 * g**-2 + 0.0002301829 * cube,
        4.956737 + 0.0005019687 * cube - 0.0001227065 * cube * log,
        1e-4 * (-6.997171 + 0.057559 * cube - 0.01493946 * cube * log),
    )


def _intergrowth_2020(g: float) -> tuple[float, float, float]:
    u = g / 10
    return (
        9.43643 + 9.41579 * u**-2 - 83.54220 * math.log(u) * u**-2,
        -2.42272 + 1.86478 * g**0.5 - 1.93299e-5 * g**3,
        0.0193557 + 0.0310716 * u**-2 - 0.0657587 * math.log(u) * u**-2,
    )


def _hadlock_1991(g: float) -> float:
    return math.exp(0.578 + 0.332 * g - 0.00354 * g**2)


def _who(name: str, weight_rows: who2017.Rows) -> QuantileStandard:
    rows = {"AC": who2017.AC, "BPD": who2017.BPD, "FL": who2017.FL, "HC": who2017.HC, EFW: weight_rows}

    def curve(table: who2017.Rows) -> Callable[[float], np.ndarray]:
        coefficients = np.array(table)
        return lambda g: np.exp(coefficients @ g ** np.arange(5.0))

    return QuantileStandard(
        name,
        "Kiserud T et al. PLoS Med 2017;14:e1002220",
        dict.fromkeys(rows, who2017.LEVELS),
        {measure: curve(table) for measure, table in rows.items()},
        dict.fromkeys(rows, (14.0, 40.0)),
        HADLOCK,
    )


_STANDARDS: dict[str, Standard] = {
    s.name: s
    for s in (
        NormalStandard(IG21, "Papageorghiou AT et al. Lancet 2014;384:869", _INTERGROWTH_BIOMETRY, (14.0, 40.0)),
        LmsStandard(
            f"{IG21} EFW 2020",
            "Stirnemann J et al. Ultrasound Obstet Gynecol 2020;56:946",
            _intergrowth_2020,
            (18.0, 41.0),
            HADLOCK,
        ),
        LmsStandard(
            f"{IG21} EFW 2017",
            "Stirnemann J et al. Ultrasound Obstet Gynecol 2017;49:478",
            _intergrowth_2017,
            (22.0, 40.0),
            INTERGROWTH,
        ),
        _who(WHO, who2017.EFW),
        _who(f"{WHO} girls (EFW)", who2017.EFW_GIRLS),
        _who(f"{WHO} boys (EFW)", who2017.EFW_BOYS),
        NormalStandard(
            "Hadlock 1991",
            "Hadlock FP et al. Radiology 1991;181:129 (equation, SD 12.7 % of the mean)",
            {EFW: (_hadlock_1991, lambda g: 0.127 * _hadlock_1991(g))},
            (10.0, 40.0),
            HADLOCK,
        ),
    )
}


def standard_names() -> tuple[str, ...]:
    """The built-in standards, the default first. Others come from a table, see `growth_table.read_growth_table`."""
    return tuple(_STANDARDS)


def standard(name: str) -> Standard:
    """A built-in standard.

    Raises:
        BadInput: there is none of that name.
    """
    if name not in _STANDARDS:
        raise BadInput(f"There is no growth standard {name}.", f"Choose one of: {', '.join(_STANDARDS)}.")
    return _STANDARDS[name]


def weight_standard(name: str, formula: WeightFormula) -> Standard:
    """The weight chart that belongs to a standard and to the formula that gave the weight.

    INTERGROWTH-21st has two: 2020 for Hadlock weights, 2017 for its own formula; they must not be mixed.

    Raises:
        BadInput: the standard has no chart for weights by that formula.
    """
    if name == IG21:
        name = f"{IG21} EFW 2017" if formula.family == INTERGROWTH else f"{IG21} EFW 2020"
    found = standard(name)
    if found.weight_family != formula.family:
        raise BadInput(
            f"{found.name} has no weight chart for {formula.name}.", "Choose another standard or weight formula."
        )
    return found


@dataclass(frozen=True)
class Placement:
    """Where a measure stands among fetuses of its age.

    Attributes:
        z, centile: None when it cannot be placed; then ``note`` says why.
        z_sd: standard uncertainty of z; None when that of the measure (or of the age) is unknown.
        centile_low, centile_high: 95 % interval of the centile, None likewise.
    """

    measure: str
    standard: str
    z: float | None = None
    centile: float | None = None
    z_sd: float | None = None
    centile_low: float | None = None
    centile_high: float | None = None
    note: str = ""

    @property
    def centile_sd(self) -> float | None:
        """Standard uncertainty of the centile (first order), in centiles; None when unknown."""
        if self.z is None or self.z_sd is None:
            return None
        return 100 * self.z_sd * math.exp(-0.5 * self.z**2) / math.sqrt(2 * math.pi)


def place(
    chart: Standard,
    measure: str,
    value: float,
    weeks: float,
    sd: float | None = None,
    weeks_sd: float | None = 0.0,
) -> Placement:
    """Centile and z-score with the uncertainty that the measure and the age bring (first order).

    Args:
        sd: standard uncertainty of the value, None when unknown.
        weeks_sd: of the age; 0 for an age that is taken as given.
    """
    try:
        z = chart.z_score(measure, weeks, value)
        centile = float(100 * ndtr(z))
        if sd is None or weeks_sd is None:
            return Placement(measure, chart.name, z, centile)
        step = 1e-4 * value
        up, down = chart.z_score(measure, weeks, value + step), chart.z_score(measure, weeks, value - step)
        low, high = chart.ranges[measure]
        before, after = max(low, weeks - 0.01), min(high, weeks + 0.01)
        later, earlier = chart.z_score(measure, after, value), chart.z_score(measure, before, value)
    except OutOfRange as reason:
        return Placement(measure, chart.name, note=str(reason))
    z_sd = math.hypot((up - down) / (2 * step) * sd, (later - earlier) / (after - before) * weeks_sd)
    lowest, highest = (float(100 * ndtr(z + side * 1.96 * z_sd)) for side in (-1, 1))
    return Placement(measure, chart.name, z, centile, z_sd, lowest, highest)
