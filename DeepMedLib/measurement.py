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
    """

    name: str
    value: float | None
    unit: str
    sd: float | None = None
    code: Code | None = None
    source: str = ""
    label: str = ""

    def interval(self, z: float = 1.96) -> tuple[float, float] | None:
        """Central interval value +- z sd, or None when the value or its uncertainty is unknown."""
        if self.value is None or self.sd is None:
            return None
        return self.value - z * self.sd, self.value + z * self.sd

    def edited(self, value: float, source: str = "edited by the user") -> Measurement:
        """The same measurement with a value the user set; the model's uncertainty no longer applies."""
        return replace(self, value=value, sd=None, source=source)

    def text(self, digits: int = 1) -> str:
        """For people: ``174.2 +- 1.6 mm (95 % interval 171.1 to 177.3)``."""
        if self.value is None:
            return "not measured"
        unit = f" {self.unit}" if self.unit else ""
        interval = self.interval()
        if interval is None or self.sd is None:
            return f"{self.value:.{digits}f}{unit}"
        low, high = interval
        return f"{self.value:.{digits}f} \u00b1 {self.sd:.{digits}f}{unit} (95 % {low:.{digits}f} to {high:.{digits}f})"

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
