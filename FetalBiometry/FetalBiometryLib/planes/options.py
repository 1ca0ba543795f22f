"""Settings of a measurement, the same for every plane; each plane uses those that concern it."""

from __future__ import annotations

from dataclasses import dataclass

from FetalBiometryLib.growth.bpd import OUTER_OUTER
from FetalBiometryLib.growth.choice import DEFAULT_STANDARD
from FetalBiometryLib.growth.dating import HADLOCK_1984
from FetalBiometryLib.options import BY_AREA, UNKNOWN


@dataclass(frozen=True)
class MeasureOptions:
    """Settings, as `FetalBiometryLib.options` declares them.

    Attributes:
        bpd_convention: outer-outer or outer-inner.
        ga_weeks: gestational age known otherwise (by CRL, LMP); centiles need it. None when unknown.
        standard: name of the growth standard for centiles.
        dating: name of the formula for the age from the measures.
        weight: name of the weight formula; empty takes the one that uses most of the measures at hand.
        sex: "girl", "boy" or empty; for weight charts by sex.
        ctr: cardiothoracic ratio by "area" or by "circumference".
        fetal_left: where the fetus' left lies for somebody who looks from the spine to the sternum in the picture:
            "right hand" (section seen from the feet), "left hand" (seen from the head) or "unknown". A picture does not
            show it; while it is unknown, no side of the cardiac axis is stated.
    """

    bpd_convention: str = OUTER_OUTER
    ga_weeks: float | None = None
    standard: str = DEFAULT_STANDARD
    dating: str = HADLOCK_1984
    weight: str = ""
    sex: str = ""
    ctr: str = BY_AREA
    fetal_left: str = UNKNOWN
