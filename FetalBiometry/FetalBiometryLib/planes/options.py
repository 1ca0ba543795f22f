"""Settings of a measurement, the same for every plane; each plane uses those that concern it."""

from __future__ import annotations

from dataclasses import dataclass

from FetalBiometryLib.growth.bpd import OUTER_OUTER

BY_AREA = "area"
BY_CIRCUMFERENCE = "circumference"
CTR_CONVENTIONS = (BY_AREA, BY_CIRCUMFERENCE)
UNKNOWN = "unknown"
RIGHT_HAND, LEFT_HAND = "right hand", "left hand"
FETAL_LEFT = (UNKNOWN, RIGHT_HAND, LEFT_HAND)


@dataclass(frozen=True)
class MeasureOptions:
    """Settings.

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
    standard: str = "INTERGROWTH-21st"
    dating: str = "Hadlock 1984"
    weight: str = ""
    sex: str = ""
    ctr: str = BY_AREA
    fetal_left: str = UNKNOWN
