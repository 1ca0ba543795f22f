"""Growth between two visits: how fast, how fast it should have been, and how many centiles were crossed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from FetalBiometryLib.growth.choice import Charts
from FetalBiometryLib.growth.standards import EFW, Placement, place
from FetalBiometryLib.growth.visits import MEASURES, Visit

#: Below this, the errors of two measurements outweigh what a fetus grows between them.
SHORTEST_DAYS = 14


@dataclass(frozen=True)
class Velocity:
    """Growth of one measure between two visits.

    Attributes:
        from_weeks, to_weeks: gestational ages.
        change: in ``unit`` (mm or g); ``per_week`` the same divided by the weeks between.
        sd: standard uncertainty of ``per_week``, None when that of a visit is unknown. The errors of two visits are
            taken as independent.
        expected_per_week: of a fetus that keeps its centile; None where the standard does not cover both ages.
        before, after: where the measure stood, and stands.
        note: what the reader must know; empty when nothing.
    """

    measure: str
    unit: str
    from_weeks: float
    to_weeks: float
    change: float
    per_week: float
    sd: float | None
    expected_per_week: float | None
    before: Placement
    after: Placement
    note: str = ""

    @property
    def centile_change(self) -> float | None:
        """Centiles gained (lost when negative); None when a visit could not be placed."""
        if self.before.centile is None or self.after.centile is None:
            return None
        return self.after.centile - self.before.centile

    @property
    def centile_change_sd(self) -> float | None:
        """Its standard uncertainty (first order); None when unknown."""
        first, second = self.before.centile_sd, self.after.centile_sd
        return None if first is None or second is None else math.hypot(first, second)

    @property
    def z_change(self) -> float | None:
        """Standard deviations gained; None when a visit could not be placed."""
        return None if self.before.z is None or self.after.z is None else self.after.z - self.before.z

    def to_dict(self) -> dict[str, Any]:
        """JSON form for ``result.json``."""
        return {**asdict(self), "centile_change": self.centile_change, "z_change": self.z_change}


def velocities(before: Visit, after: Visit, charts: Charts) -> tuple[Velocity, ...]:
    """Growth of every measure that both visits have.

    Raises:
        ValueError: the second visit is not later than the first.
    """
    weeks = after.weeks - before.weeks
    if weeks <= 0:
        raise ValueError("growth needs a later second visit")
    made = []
    for name in MEASURES:
        if name not in before.measures or name not in after.measures:
            continue
        first, second = before.measures[name], after.measures[name]
        sds = before.sd(name), after.sd(name)
        sd = None if sds[0] is None or sds[1] is None else math.hypot(sds[0], sds[1]) / weeks
        note = ""
        if 7 * weeks < SHORTEST_DAYS - 0.01:
            note = (
                f"Only {7 * weeks:.0f} days apart: under {SHORTEST_DAYS} days errors of measuring may outweigh growth."
            )
        chart = charts.of(name)
        placed, expected = [], None
        for visit in (before, after):
            if chart is None:
                placed.append(Placement(name, "", note=charts.weight_note or f"There is no chart of {name}."))
            else:
                placed.append(place(chart, name, visit.measures[name], visit.weeks, visit.sd(name)))
        if chart is not None and placed[0].centile is not None and chart.covers(name, after.weeks):
            centile = min(max(placed[0].centile, 1e-6), 100 - 1e-6)
            expected = (chart.value_at(name, after.weeks, centile) - first) / weeks
        made.append(
            Velocity(
                name,
                "g" if name == EFW else "mm",
                before.weeks,
                after.weeks,
                second - first,
                (second - first) / weeks,
                sd,
                expected,
                placed[0],
                placed[1],
                note,
            )
        )
    return tuple(made)


def latest_before(visits: Sequence[Visit], weeks: float) -> Visit | None:
    """The last visit before an age; None when there is none."""
    earlier = [v for v in visits if v.weeks < weeks - 1e-6]
    return max(earlier, key=lambda v: v.weeks) if earlier else None
