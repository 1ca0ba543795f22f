"""Change of a nodule between two scans: volume doubling time with its interval, and what it is called."""

from __future__ import annotations

import math
from dataclasses import dataclass

GROWTH_SHARE = 0.25
"""Of volume, from which a change counts as growth (NELSON; British Thoracic Society)."""


@dataclass(frozen=True)
class Change:
    """How a nodule changed.

    Attributes:
        days: between the scans.
        ratio: later over earlier volume, with its 95 % interval ``ratio_low``, ``ratio_high``.
        state: "growing", "stable" or "shrinking": growing needs 25 % more volume and an interval above no change.
        doubling_days: None where it is undefined; negative when shrinking: the time in which it halves.
        doubling_low, doubling_high: 95 % interval of a growing nodule; ``doubling_high`` None when it may be stable.
    """

    days: float
    ratio: float
    ratio_low: float
    ratio_high: float
    state: str
    doubling_days: float | None
    doubling_low: float | None = None
    doubling_high: float | None = None

    def text(self) -> str:
        """One line for people."""
        share = (
            f"volume x {self.ratio:.2f} (95 % {self.ratio_low:.2f} to {self.ratio_high:.2f}) in {self.days:.0f} days"
        )
        if self.state != "growing" or self.doubling_days is None:
            return f"{self.state}; {share}"
        until = "no growth" if self.doubling_high is None else f"{self.doubling_high:.0f}"
        low = "0" if self.doubling_low is None else f"{self.doubling_low:.0f}"
        return f"growing; {share}; doubling time {self.doubling_days:.0f} days (95 % {low} to {until})"


def doubling_days(days: float, earlier: float, later: float) -> float | None:
    """Volume doubling time ``days * ln 2 / ln(later / earlier)``; None where the volumes are equal.

    Raises:
        ValueError: volumes or days are not above 0.
    """
    if not (days > 0 and earlier > 0 and later > 0):
        raise ValueError("days and volumes are above 0")
    growth = math.log(later / earlier)
    return None if growth == 0 else days * math.log(2) / growth


def change(days: float, earlier: float, later: float, earlier_sd: float, later_sd: float) -> Change:
    """The change of a volume whose standard uncertainties are known; taken as log-normal and independent.

    Raises:
        ValueError: as `doubling_days`, or an uncertainty below 0.
    """
    if earlier_sd < 0 or later_sd < 0:
        raise ValueError("an uncertainty is not below 0")
    time = doubling_days(days, earlier, later)
    spread = 1.96 * math.hypot(earlier_sd / earlier, later_sd / later)
    growth = math.log(later / earlier)
    low, high = growth - spread, growth + spread
    ratio = later / earlier
    state = "stable"
    if ratio >= 1 + GROWTH_SHARE and low > 0:
        state = "growing"
    elif ratio <= 1 / (1 + GROWTH_SHARE) and high < 0:
        state = "shrinking"
    bounds: tuple[float | None, float | None] = (None, None)
    if growth > 0:
        bounds = days * math.log(2) / high, None if low <= 0 else days * math.log(2) / low
    return Change(days, ratio, math.exp(low), math.exp(high), state, time, *bounds)
