"""Fleischner Society 2017: what follows for an incidental nodule (MacMahon et al., doi 10.1148/radiol.2017161659)."""

from __future__ import annotations

import math
from dataclasses import dataclass

VERSION = "Fleischner 2017"
SCOPE = "For incidental nodules from 35 years on, without known cancer or immunosuppression; not for screening."

SMALL_MM, LARGE_MM = 6, 8
"""Whole mm, mean of long and short axis; below 6 is small, above 8 is large."""

_SOLID = {  # (several, high risk) -> below 6 mm, 6 to 8 mm, above 8 mm
    (False, False): (
        "no routine follow-up",
        "CT at 6 to 12 months, then consider CT at 18 to 24 months",
        "consider CT at 3 months, PET/CT or tissue sampling",
    ),
    (False, True): (
        "optional CT at 12 months",
        "CT at 6 to 12 months, then CT at 18 to 24 months",
        "consider CT at 3 months, PET/CT or tissue sampling",
    ),
    (True, False): (
        "no routine follow-up",
        "CT at 3 to 6 months, then consider CT at 18 to 24 months",
        "CT at 3 to 6 months, then consider CT at 18 to 24 months",
    ),
    (True, True): (
        "optional CT at 12 months",
        "CT at 3 to 6 months, then CT at 18 to 24 months",
        "CT at 3 to 6 months, then CT at 18 to 24 months",
    ),
}
_SUBSOLID = {  # (type, several) -> below 6 mm, from 6 mm on
    ("ground glass", False): ("no routine follow-up", "CT at 6 to 12 months, then every 2 years until 5 years"),
    ("part-solid", False): (
        "no routine follow-up",
        "CT at 3 to 6 months; if unchanged and the solid part stays below 6 mm, CT every year for 5 years",
    ),
    ("ground glass", True): (
        "CT at 3 to 6 months; if stable consider CT at 2 and 4 years",
        "CT at 3 to 6 months, then the most suspicious nodule decides",
    ),
    ("part-solid", True): (
        "CT at 3 to 6 months; if stable consider CT at 2 and 4 years",
        "CT at 3 to 6 months, then the most suspicious nodule decides",
    ),
}


@dataclass(frozen=True)
class Advice:
    """What a rule says.

    Attributes:
        version: of the rules.
        rule: the row that fired, in words; "" where none could.
        advice: what follows; several, joined by "or", where an input is missing.
        missing: inputs that the rule needs and did not get.
    """

    version: str
    rule: str
    advice: str
    missing: tuple[str, ...] = ()

    def text(self) -> str:
        """One line for people."""
        row = f" ({self.rule})" if self.rule else ""
        lacking = f"; not known: {', '.join(self.missing)}" if self.missing else ""
        return f"{self.version}{row}: {self.advice}{lacking}"


def whole_mm(diameter_mm: float) -> int:
    """A mean diameter to the nearest mm, halves up."""
    return math.floor(diameter_mm + 0.5)


def fleischner(
    diameter_mm: float,
    kind: str,
    several: bool,
    high_risk: bool | None = None,
    age: float | None = None,
) -> Advice:
    """What the rules advise for a nodule.

    Args:
        diameter_mm: mean of long and short axis on one slice.
        kind: "solid", "part-solid", "ground glass", or "" where it is not known.
        several: whether there are more nodules.
        high_risk: the person's risk as the user gave it; None leaves both answers standing. It is never guessed.
        age: years; None where not given.

    Raises:
        ValueError: another kind, or a diameter that is not above 0.
    """
    if kind not in ("solid", "part-solid", "ground glass", ""):
        raise ValueError(f"there is no kind '{kind}'")
    if not diameter_mm > 0:
        raise ValueError("a diameter is above 0 mm")
    if age is not None and age < 35:
        return Advice(VERSION, "below 35 years", "the rules do not apply", ())
    size = whole_mm(diameter_mm)
    number = "several" if several else "single"
    missing = () if age is not None else ("age",)
    if not kind:
        answers = [
            fleischner(diameter_mm, each, several, high_risk, age) for each in ("solid", "part-solid", "ground glass")
        ]
        lacking = tuple(dict.fromkeys(["type", *(name for answer in answers for name in answer.missing)]))
        parts = [f"{answer.rule.split(',')[0]}: {answer.advice}" for answer in answers]
        return Advice(VERSION, f"{number}, {size} mm, any type", "; ".join(parts), lacking)
    if kind == "solid":
        place = 0 if size < SMALL_MM else 1 if size <= LARGE_MM else 2
        band = ("below 6 mm", "6 to 8 mm", "above 8 mm")[place]
        if high_risk is not None:
            risk = "high risk" if high_risk else "low risk"
            return Advice(VERSION, f"solid, {number}, {band}, {risk}", _SOLID[several, high_risk][place], missing)
        low, high = _SOLID[several, False][place], _SOLID[several, True][place]
        told = low if low == high else f"low risk: {low}; high risk: {high}"
        return Advice(VERSION, f"solid, {number}, {band}", told, missing if low == high else ("risk", *missing))
    place = 0 if size < SMALL_MM else 1
    band = ("below 6 mm", "6 mm or more")[place]
    return Advice(VERSION, f"{kind}, {number}, {band}", _SUBSOLID[kind, several][place], missing)
