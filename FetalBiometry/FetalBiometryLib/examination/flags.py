"""Findings that a growth scan is made for, each with the rule that decides it and the number that it was decided on.

A rule is decided only when the calipers are good enough for it: with less than 97.5 % probability on either side of the
limit it is "not judged", and the probability is printed. A flag is a remark for a person, never a diagnosis.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from scipy.special import ndtr, ndtri

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.growth.standards import EFW, Placement
from FetalBiometryLib.growth.velocity import SHORTEST_DAYS, Velocity

PRESENT, ABSENT, NOT_JUDGED = "present", "absent", "not judged"
#: Probability from which a rule counts as met (and, from the other side, as not met): a two-sided 95 % interval.
CERTAIN = 0.975
#: Centiles that a fetus may lose between two visits (two quartiles).
CROSSED = 50.0
#: Usual FL/AC in percent, and the age from which it hardly changes.
FL_AC_RANGE, FL_AC_WEEKS = (20.0, 24.0), 21.0


@dataclass(frozen=True)
class Flag:
    """One finding.

    Attributes:
        name, label: short name, and the words for a report.
        state: `PRESENT`, `ABSENT` or `NOT_JUDGED`.
        rule: the rule as a sentence, with limit and standard.
        value: the number it was decided on, with its interval.
        reason: why it was not judged, or what else must be known; empty when nothing.
        probability: that the rule is met, by the calipers' uncertainty alone; None when that is not known.
    """

    name: str
    label: str
    state: str
    rule: str
    value: str = ""
    reason: str = ""
    probability: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON form for ``result.json``."""
        return asdict(self)


_HAND = "The uncertainty of the calipers is not known: decided on the value alone."


def decide(met: bool, probability: float | None) -> tuple[str, str]:
    """State and reason from the value's side of the limit and the probability that the rule is met."""
    if probability is None:
        return (PRESENT if met else ABSENT), _HAND
    if probability >= CERTAIN:
        return PRESENT, ""
    if probability <= 1 - CERTAIN:
        return ABSENT, ""
    return NOT_JUDGED, f"Within the calipers' uncertainty: {100 * probability:.0f} % that the rule is met."


def growth_flags(
    placements: Mapping[str, Placement],
    weeks: float | None,
    ratios: Mapping[str, Measurement],
    velocities: tuple[Velocity, ...] = (),
    ratio_weeks: float | None = None,
) -> tuple[Flag, ...]:
    """All flags of an examination, in the order in which they are read.

    Args:
        placements: of EFW, HC, AC, FL, as far as they could be placed.
        weeks: the known gestational age; None when it is known from this biometry only.
        ratios: "FL/AC" in percent and others.
        velocities: growth since the last former visit.
        ratio_weeks: the best age there is, for the ratios that hold from some age on.
    """
    unknown = "" if weeks is not None else "The gestational age is known from this biometry only: give it otherwise."
    at = "" if weeks is None else f" at {weeks:.1f} weeks"

    def by_centile(name: str, label: str, measure: str, centile: float, above: bool = False) -> Flag:
        side = "above" if above else "below"
        limit = f"{measure} {side} the {centile:g}{_ordinal(centile)} centile"
        return _by_limit(name, label, measure, float(ndtri(centile / 100)), limit, placements, unknown, at, above)

    def by_z(name: str, label: str, measure: str, z: float) -> Flag:
        limit = f"{measure} below the mean by more than {abs(z):g} SD (z < \u2212{abs(z):g})"
        return _by_limit(name, label, measure, z, limit, placements, unknown, at)

    flags = [
        by_centile("SGA", "Small for gestational age", EFW, 10),
        by_centile("SevereSGA", "Severely small for gestational age", EFW, 3),
        by_centile("LGA", "Large for gestational age", EFW, 90, above=True),
        by_centile("SmallAbdomen", "Small abdomen", "AC", 10),
        _asymmetry(placements, unknown, at),
        by_z("SmallHead", "Small head", "HC", -2),
        by_z("Microcephaly", "Microcephaly", "HC", -3),
        by_centile("ShortFemur", "Short femur", "FL", 5),
        by_z("ShortFemur2SD", "Short femur (2 SD)", "FL", -2),
        _femur_to_abdomen(ratios.get("FL/AC"), weeks if weeks is not None else ratio_weeks),
    ]
    flags += [_slow(v) for v in velocities if v.measure in (EFW, "AC")]
    return tuple(flags)


def _ordinal(number: float) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(int(number) % 10, "th") if int(number) not in (11, 12, 13) else "th"


def _missing(measure: str, placed: Placement | None, unknown: str) -> str:
    """Why a measure has no z-score; empty when it has one."""
    if unknown:
        return unknown
    if placed is None:
        return f"{'No weight was estimated' if measure == EFW else f'{measure} was not measured'}."
    return placed.note or "It could not be placed." if placed.z is None else ""


def _by_limit(
    name: str,
    label: str,
    measure: str,
    limit: float,
    words: str,
    placements: Mapping[str, Placement],
    unknown: str,
    at: str,
    above: bool = False,
) -> Flag:
    placed = placements.get(measure)
    missing = _missing(measure, placed, unknown)
    rule = words + (f" of {placed.standard}{at}." if placed is not None and placed.standard else ".")
    if missing or placed is None or placed.z is None:
        return Flag(name, label, NOT_JUDGED, rule, "", missing)
    distance = placed.z - limit if above else limit - placed.z
    state, reason = decide(distance > 0, _probability(distance, placed.z_sd))
    return Flag(name, label, state, rule, _placed_text(placed), reason, _probability(distance, placed.z_sd))


def _probability(distance: float, sd: float | None) -> float | None:
    if sd is None:
        return None
    return float(ndtr(distance / sd)) if sd > 0 else float(distance > 0)


def _placed_text(placed: Placement) -> str:
    assert placed.z is not None and placed.centile is not None
    text = f"centile {placed.centile:.1f}, z {placed.z:.2f}".replace("-", "\u2212")
    if placed.centile_low is None or placed.centile_high is None:
        return text
    return f"{text} (95 % interval: centile {placed.centile_low:.1f} to {placed.centile_high:.1f})"


def _asymmetry(placements: Mapping[str, Placement], unknown: str, at: str) -> Flag:
    """Abdomen small, head not: both sides must be certain; one that certainly fails decides against it."""
    name, label = "Asymmetry", "Head/abdomen asymmetry"
    small, head = placements.get("AC"), placements.get("HC")
    chart = f" of {small.standard}{at}" if small is not None and small.standard else ""
    rule = f"AC below the 10th centile{chart} while HC is not."
    missing = [m for m in (_missing("AC", small, unknown), _missing("HC", head, unknown)) if m]
    if missing or small is None or head is None or small.z is None or head.z is None:
        return Flag(name, label, NOT_JUDGED, rule, "", missing[0] if missing else "")
    limit = float(ndtri(0.10))
    chances = _probability(limit - small.z, small.z_sd), _probability(head.z - limit, head.z_sd)
    states = [decide(small.z < limit, chances[0]), decide(head.z >= limit, chances[1])]
    value = f"AC {_placed_text(small)}; HC {_placed_text(head)}"
    found = [state for state, _ in states]
    if ABSENT in found:
        decided = ABSENT
    elif NOT_JUDGED in found:
        decided = NOT_JUDGED
    else:
        decided = PRESENT
    parts = zip(("AC", "HC"), states, strict=True)
    told = "" if decided == ABSENT else " ".join(f"{which}: {reason}" for which, (_, reason) in parts if reason)
    if decided == ABSENT and None in chances:
        told = _HAND
    return Flag(name, label, decided, rule, value, told)


def _femur_to_abdomen(ratio: Measurement | None, weeks: float | None) -> Flag:
    low, high = FL_AC_RANGE
    name, label = "FemurAbdomen", "Femur out of proportion to the abdomen"
    rule = f"FL/AC outside {low:g} to {high:g} % (usual range from {FL_AC_WEEKS:g} weeks on)."
    if ratio is None or ratio.value is None:
        return Flag(name, label, NOT_JUDGED, rule, "", "FL and AC were not both measured in millimetres.")
    value = f"FL/AC {ratio.value:.1f} %"
    if ratio.sd is not None:
        value += f" \u00b1 {ratio.sd:.1f}"
    if weeks is None or weeks < FL_AC_WEEKS:
        return Flag(name, label, NOT_JUDGED, rule, value, f"The rule holds from {FL_AC_WEEKS:g} weeks on.")
    outside = not low <= ratio.value <= high
    chance = None
    if ratio.sd is not None and ratio.sd > 0:
        chance = float(ndtr((low - ratio.value) / ratio.sd) + ndtr((ratio.value - high) / ratio.sd))
    state, reason = decide(outside, chance)
    return Flag(name, label, state, rule, value, reason, chance)


def _slow(found: Velocity) -> Flag:
    name, label = f"Slow{found.measure}", f"Slow growth ({found.measure})"
    rule = (
        f"{found.measure} lost more than {CROSSED:g} centiles (two quartiles) since the visit at "
        f"{found.from_weeks:.1f} weeks."
    )
    change = found.centile_change
    if change is None:
        return Flag(name, label, NOT_JUDGED, rule, "", found.before.note or found.after.note)
    value = f"{change:+.0f} centiles".replace("-", "\u2212")
    if 7 * (found.to_weeks - found.from_weeks) < SHORTEST_DAYS - 0.01:
        return Flag(name, label, NOT_JUDGED, rule, value, found.note)
    chance = _probability(-change - CROSSED, found.centile_change_sd)
    state, reason = decide(-change > CROSSED, chance)
    if chance is not None and not math.isfinite(chance):
        raise ValueError("a probability is not finite")
    return Flag(name, label, state, rule, value, reason, chance)
