"""Gestational age from fetal measures.

Lengths in mm, ages in weeks. An age has two uncertainties: what the calipers bring, and how far healthy fetuses scatter
about the formula. Its 95 % prediction interval holds both.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code
from FetalBiometryLib import codes
from FetalBiometryLib.growth import scatter
from FetalBiometryLib.growth.propagation import propagate

HADLOCK_1984 = "Hadlock 1984"
CRL_ROBINSON = "Robinson 1975"
CRL_INTERGROWTH = "INTERGROWTH-21st CRL"
CRL_HADLOCK = "Hadlock 1992"
ROUNDINGS = ("nearest", "up", "down")
_ORDER = ("BPD", "HC", "AC", "FL")

#: Ages that a fetus can have, from the first look at it to the latest birth; an age beyond them is never stated.
POSSIBLE_WEEKS = (4.0, 43.0)

#: For pictures without dates, as those of HC18: (name, from, to), HC in mm. The limits are the medians of
#: INTERGROWTH-21st at 14 and 28 weeks.
TRIMESTERS_BY_HC = (("first", 0.0, 97.9), ("second", 97.9, 260.4), ("third", 260.4, math.inf))

#: Hadlock FP et al. Radiology 1984;152:497. B, H, A, F = BPD, HC, AC, FL in cm, result in weeks.
_HADLOCK: dict[tuple[str, ...], Callable[[float, float, float, float], float]] = {
    ("BPD",): lambda b, h, a, f: 9.54 + 1.482 * b + 0.1676 * b**2,
    ("HC",): lambda b, h, a, f: 8.96 + 0.540 * h + 0.0003 * h**3,
    ("AC",): lambda b, h, a, f: 8.14 + 0.753 * a + 0.0036 * a**2,
    ("FL",): lambda b, h, a, f: 10.35 + 2.460 * f + 0.170 * f**2,
    ("BPD", "AC"): lambda b, h, a, f: 9.57 + 0.524 * a + 0.122 * b**2,
    ("BPD", "HC"): lambda b, h, a, f: 10.32 + 0.009 * h**2 + 1.32 * b + 0.00012 * h**3,
    ("BPD", "FL"): lambda b, h, a, f: 10.50 + 0.197 * b * f + 0.95 * f + 0.73 * b,
    ("HC", "AC"): lambda b, h, a, f: 10.31 + 0.012 * h**2 + 0.385 * a,
    ("HC", "FL"): lambda b, h, a, f: 11.19 + 0.07 * h * f + 0.263 * h,
    ("AC", "FL"): lambda b, h, a, f: 10.47 + 0.442 * a + 0.314 * f**2 - 0.0121 * f**3,
    ("BPD", "HC", "AC"): lambda b, h, a, f: 10.58 + 0.005 * h**2 + 0.3635 * a + 0.02864 * b * a,
    ("BPD", "HC", "FL"): lambda b, h, a, f: 11.38 + 0.07 * h * f + 0.98 * b,
    ("BPD", "AC", "FL"): lambda b, h, a, f: 10.61 + 0.175 * b * f + 0.297 * a + 0.71 * f,
    ("HC", "AC", "FL"): lambda b, h, a, f: 10.33 + 0.031 * h * f + 0.361 * h + 0.0298 * a * f,
    ("BPD", "HC", "AC", "FL"): lambda b, h, a, f: 10.85 + 0.060 * h * f + 0.6700 * b + 0.1680 * a,
}
_HADLOCK_WEEKS = (14.0, 42.0)
_HADLOCK_CODES: dict[tuple[str, ...], Code] = {
    ("BPD",): codes.AGE_BPD_HADLOCK_1984,
    ("HC",): codes.AGE_HC_HADLOCK_1984,
    ("AC",): codes.AGE_AC_HADLOCK_1984,
    ("FL",): codes.AGE_FL_HADLOCK_1984,
}


def _robinson(mm: float) -> float:
    return (8.052 * math.sqrt(1.037 * mm) + 23.73) / 7


def _intergrowth_crl(mm: float) -> float:
    return (40.9041 + 3.21585 * math.sqrt(mm) + 0.348956 * mm) / 7


def _hadlock_crl(mm: float) -> float:
    c = mm / 10
    return math.exp(1.684969 + 0.315646 * c - 0.049306 * c**2 + 0.004057 * c**3 - 0.000120456 * c**4)


#: CRL in mm -> weeks, with the range of CRL in mm in which the formula is commonly used.
_CRL: dict[str, tuple[Callable[[float], float], tuple[float, float], Code | None]] = {
    CRL_ROBINSON: (_robinson, (9.0, 85.0), codes.AGE_CRL_ROBINSON_1975),
    CRL_INTERGROWTH: (_intergrowth_crl, (15.0, 95.0), None),
    CRL_HADLOCK: (_hadlock_crl, (2.0, 120.0), codes.AGE_CRL_HADLOCK_1992),
}
FORMULAS = (HADLOCK_1984, *_CRL)


@dataclass(frozen=True)
class GestationalAge:
    """An age with its origin.

    Attributes:
        weeks: as computed, not rounded.
        sd: standard uncertainty in weeks that the measurements bring; None when theirs is unknown.
        scatter: standard deviation in weeks of fetuses about the formula; see `scatter`.
        formula: name of the formula.
        parameters: the measures that went in.
        in_range: False outside the ages or sizes for which the formula was made.
        note: says so in words; empty when in range.
        code: the equation's code, where there is one.
    """

    weeks: float
    sd: float | None
    scatter: float
    formula: str
    parameters: tuple[str, ...]
    in_range: bool
    note: str = ""
    code: Code | None = None

    def days(self, rounding: str = "nearest") -> int:
        """Whole days; see `whole_days`."""
        return whole_days(self.weeks, rounding)

    def text(self, rounding: str = "nearest") -> str:
        """Such as ``24w6d``."""
        return weeks_and_days(self.weeks, rounding)

    @property
    def possible(self) -> bool:
        """Whether a fetus can be that old; what is not possible is not stated."""
        return POSSIBLE_WEEKS[0] <= self.weeks <= POSSIBLE_WEEKS[1]

    @property
    def prediction_sd(self) -> float:
        """Standard deviation in weeks of the true age about this one: scatter of the formula and error of the calipers.

        Where the calipers' error is not known (placed by hand) the scatter stands alone: it was found by hand too.
        """
        return math.hypot(self.sd or 0.0, self.scatter)

    def prediction_interval(self) -> tuple[float, float]:
        """Central 95 % of the true age, weeks."""
        return self.weeks - 1.96 * self.prediction_sd, self.weeks + 1.96 * self.prediction_sd

    @property
    def source(self) -> str:
        """Formula and parameters, for tables: ``Hadlock 1984 (BPD, HC)``."""
        return f"{self.formula} ({', '.join(self.parameters)})"


def whole_days(weeks: float, rounding: str = "nearest") -> int:
    """Weeks -> whole days.

    Args:
        rounding: "nearest" (ours, unbiased), "up" (as a Philips scanner was seen to print) or "down" (completed days).

    Raises:
        ValueError: unknown rounding.
    """
    days = round(7 * weeks, 6)  # 174.0000000001 is 174, also when rounding up
    if rounding == "up":
        return math.ceil(days)
    if rounding == "down":
        return math.floor(days)
    if rounding != "nearest":
        raise ValueError(f"Unknown rounding {rounding!r}; use one of {', '.join(ROUNDINGS)}.")
    return math.floor(days + 0.5)


def weeks_and_days(weeks: float, rounding: str = "nearest") -> str:
    """24.84 -> ``24w6d``."""
    full, days = divmod(whole_days(weeks, rounding), 7)
    return f"{full}w{days}d"


def checked_lengths(measures_mm: Mapping[str, float]) -> dict[str, float]:
    """The measures as plain floats.

    Raises:
        BadInput: one is not a positive number.
    """
    for name, value in measures_mm.items():
        if not (math.isfinite(value) and value > 0):
            raise BadInput(f"{name} is not a positive length.", "Measure it again.")
    return {name: float(value) for name, value in measures_mm.items()}


def gestational_age(
    measures_mm: Mapping[str, float],
    sds_mm: Mapping[str, float | None] | None = None,
    formula: str = HADLOCK_1984,
) -> GestationalAge:
    """Age from one measure or a combination.

    Args:
        measures_mm: any of BPD, HC, AC, FL for Hadlock 1984 (all that are given are combined), CRL for the others.
        sds_mm: standard uncertainty of each.

    Raises:
        BadInput: unknown formula, no suitable measure, or a measure that is not a positive number.
    """
    if formula in _CRL:
        return _age_by_crl(measures_mm, sds_mm, formula)
    if formula != HADLOCK_1984:
        raise BadInput(f"There is no dating formula {formula}.", f"Choose one of: {', '.join(FORMULAS)}.")
    names = tuple(n for n in _ORDER if n in measures_mm)
    if not names:
        raise BadInput("Hadlock 1984 needs BPD, HC, AC or FL.", "Measure at least one of them.")
    values = checked_lengths({n: measures_mm[n] for n in names})
    equation = _HADLOCK[names]

    def weeks_of(mm: Mapping[str, float]) -> float:
        return equation(*(mm.get(n, math.nan) / 10 for n in _ORDER))

    weeks = weeks_of(values)
    low, high = _HADLOCK_WEEKS
    inside = low <= weeks <= high
    note = "" if inside else f"{weeks:.1f} weeks is outside the {low:g} to {high:g} weeks of {formula}."
    if not POSSIBLE_WEEKS[0] <= weeks <= POSSIBLE_WEEKS[1]:
        note = f"No age is stated: no fetus is old enough for this {', '.join(names)}. Check pixel size and lines."
    return GestationalAge(
        weeks,
        propagate(weeks_of, values, sds_mm),
        scatter.hadlock_1984_weeks(names, weeks),
        formula,
        names,
        inside,
        note,
        _HADLOCK_CODES.get(names),
    )


def _age_by_crl(
    measures_mm: Mapping[str, float], sds_mm: Mapping[str, float | None] | None, formula: str
) -> GestationalAge:
    if "CRL" not in measures_mm:
        raise BadInput(f"{formula} needs the crown-rump length.", "Measure the CRL.")
    values = checked_lengths({"CRL": measures_mm["CRL"]})
    equation, (low, high), code = _CRL[formula]
    inside = low <= values["CRL"] <= high
    note = "" if inside else f"A CRL of {values['CRL']:.1f} mm is outside the {low:g} to {high:g} mm of {formula}."
    sd = propagate(lambda mm: equation(mm["CRL"]), values, sds_mm)
    weeks = equation(values["CRL"])
    spread = {
        CRL_ROBINSON: scatter.ROBINSON_WEEKS,
        CRL_INTERGROWTH: scatter.intergrowth_crl_weeks(values["CRL"]),
        CRL_HADLOCK: scatter.HADLOCK_CRL_SHARE * weeks,
    }[formula]
    return GestationalAge(weeks, sd, spread, formula, ("CRL",), inside, note, code)


def due_date(examined: dt.date, weeks: float, rounding: str = "nearest") -> dt.date:
    """Estimated date of delivery: 280 days after the first day of the last period that the age implies."""
    return examined + dt.timedelta(days=280 - whole_days(weeks, rounding))
