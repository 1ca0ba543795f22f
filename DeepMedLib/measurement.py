"""A measured number with its unit, uncertainty, code and origin. Numbers never travel without them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Code:
    """A coded concept, e.g. Code("11984-2", "LN", "Head Circumference")."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class Measurement:
    """One number.

    Attributes:
        name: the field's short name (BPD, HC ...).
        value: the number in ``unit``; None when it could not be measured.
        unit: "mm", "px", "%", "weeks", "g", "deg", "mm2" or "" for a ratio.
        sd: standard uncertainty in ``unit``; None when it is not known (then say so, never 0).
        code: coded concept where one exists.
        source: where the number comes from: model, formula, calibration, "edited by the user" ...
        label: human name for tables and reports.
        predicts: True where ``sd`` also holds how far individuals scatter about the formula, so that the interval is a
            prediction interval.
    """

    name: str
    value: float | None
    unit: str
    sd: float | None = None
    code: Code | None = None
    source: str = ""
    label: str = ""
    predicts: bool = False

    @property
    def interval_name(self) -> str:
        """What its 95 % interval is called."""
        return "95 % prediction interval" if self.predicts else "95 %"

    def interval(self, z: float = 1.96) -> tuple[float, float] | None:
        """Central interval value +- z sd, or None when the value or its uncertainty is unknown."""
        if self.value is None or self.sd is None:
            return None
        return self.value - z * self.sd, self.value + z * self.sd

    def edited(self, value: float, source: str = "edited by the user") -> Measurement:
        """The same measurement with a value the user set; the model's uncertainty no longer applies."""
        return replace(self, value=value, sd=None, source=source)

    def text(self, digits: int = 1) -> str:
        """For people: ``174.2 +- 1.6 mm (95 % 171.1 to 177.3)``; an age as ``24w6d (95 % prediction interval ...)``."""
        if self.value is None:
            return "not measured"
        if self.unit == "weeks":
            return self._age_text()
        unit = f" {self.unit}" if self.unit else ""
        interval = self.interval()
        if interval is None or self.sd is None:
            return f"{decimals(self.value, digits)}{unit}"
        low, high = interval
        told = f"{self.interval_name} {decimals(low, digits)} to {decimals(high, digits)}"
        return f"{decimals(self.value, digits)} \u00b1 {self.sd:.{digits}f}{unit} ({told})"

    def short(self) -> str:
        """For one line: ``174.2 +- 1.6 mm``; an age as ``24w6d``."""
        if self.value is None:
            return "not measured"
        if self.unit == "weeks":
            return weeks_and_days(self.value)
        digits = {"": 2, "g": 0, "m/s": 2}.get(self.unit, 1)
        spread = "" if self.sd is None else f" \u00b1 {self.sd:.{digits}f}"
        return f"{decimals(self.value, digits)}{spread} {self.unit}".rstrip()

    def _age_text(self) -> str:
        assert self.value is not None
        interval = self.interval()
        if interval is None:
            return weeks_and_days(self.value)
        low, high = (weeks_and_days(end) for end in interval)
        return f"{weeks_and_days(self.value)} ({self.interval_name} {low} to {high})"

    def to_dict(self) -> dict[str, Any]:
        """The contract's form {name, value, unit, sd, code, source}; code as ``LN 11984-2``."""
        finite = self.value is not None and math.isfinite(self.value)
        return {
            "name": self.name,
            "value": self.value if finite else None,
            "unit": self.unit,
            "sd": self.sd,
            "code": f"{self.code.scheme} {self.code.value}" if self.code else None,
            "source": self.source,
        }


def decimals(value: float, digits: int) -> str:
    """A number with so many decimals; never "-0"."""
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def weeks_and_days(weeks: float) -> str:
    """An age as people write it, to the nearest day: 24.84 -> ``24w6d``."""
    full, days = divmod(math.floor(round(7 * weeks, 6) + 0.5), 7)
    return f"{full}w{days}d"
