"""How far a fetus may be from what a formula says of it: the scatter of age and weight about the published equations.

The figures hold for measures taken by hand, so that an ordinary caliper's error is part of them.
"""

from __future__ import annotations

from collections.abc import Sequence

#: Hadlock FP et al. Radiology 1984;152:497: variability (2 SD, weeks) at 12 to 18, 18 to 24, 24 to 30, 30 to 36 and 36
#: to 42 weeks. For other combinations the least of their parts is taken: they are at least as good as their best part.
_HADLOCK_2SD: dict[tuple[str, ...], tuple[float, float, float, float, float]] = {
    ("BPD",): (1.19, 1.73, 2.18, 3.08, 3.20),
    ("HC",): (1.19, 1.48, 2.06, 2.98, 2.70),
    ("AC",): (1.66, 2.06, 2.18, 2.96, 3.04),
    ("FL",): (1.38, 1.80, 2.08, 2.96, 3.12),
    ("BPD", "HC", "AC", "FL"): (1.08, 1.40, 1.80, 2.44, 2.30),
}
_HADLOCK_UPPER_WEEKS = (18.0, 24.0, 30.0, 36.0)

#: Crown-rump length: 4.7 days as two standard deviations (Robinson HP, Fleming JE. Br J Obstet Gynaecol 1975;82:702).
ROBINSON_WEEKS = 4.7 / 2 / 7
#: 8 % as two standard deviations (Hadlock FP et al. Radiology 1992;182:501).
HADLOCK_CRL_SHARE = 0.04

#: Relative scatter of the weight: 7.5 % with head, abdomen and femur (Hadlock FP et al. Radiology 1984;150:535). By
#: two measures it is 7 to 12 % (Dudley NJ. Ultrasound Obstet Gynecol 2005;25:80), of which 10 % is taken.
WEIGHT_SHARE, WEIGHT_SHARE_OF_TWO = 0.075, 0.10


def hadlock_1984_weeks(names: Sequence[str], weeks: float) -> float:
    """Standard deviation, weeks, of the age by Hadlock 1984 from these measures at an age.

    Args:
        names: of BPD, HC, AC, FL.
        weeks: the age that the equation gave.
    """
    band = sum(weeks >= upper for upper in _HADLOCK_UPPER_WEEKS)
    own = _HADLOCK_2SD.get(tuple(names))
    parts = [own] if own is not None else [_HADLOCK_2SD[(name,)] for name in names]
    return min(part[band] for part in parts) / 2


def intergrowth_crl_weeks(crl_mm: float) -> float:
    """Standard deviation, weeks, of the age by the crown-rump length (Papageorghiou AT et al. 2014;44:641)."""
    return (2.39102 + 0.0193474 * crl_mm) / 7


def weight_share(names: Sequence[str]) -> float:
    """Relative standard deviation of a weight by these measures."""
    return WEIGHT_SHARE if len(names) > 2 else WEIGHT_SHARE_OF_TWO
