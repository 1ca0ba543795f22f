"""How measurements are written, once for tables, HTML and PDF, so that all carry identical numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable

from DeepMedLib.measurement import Measurement, decimals, weeks_and_days

_DIGITS = {"m/s": 2, "": 3, "SD": 2, "centile": 0, "g": 0, "mm2": 0, "mm3": 0, "HU": 0, "cm": 2, "mm/px": 4}
_PRETTY_UNITS = {"mm2": "mm\u00b2", "cm2": "cm\u00b2", "mm3": "mm\u00b3", "cm3": "cm\u00b3", "deg": "\u00b0"}
MINUS = "\u2212"


def digits_of(measurement: Measurement) -> int:
    """Decimals for a measurement: by unit, and more where the uncertainty would otherwise read 0."""
    digits = _DIGITS.get(measurement.unit, 1)
    if measurement.sd is not None and math.isfinite(measurement.sd) and measurement.sd > 0:
        while digits < 6 and round(measurement.sd, digits) == 0:
            digits += 1
    return digits


def plain(value: float | None, digits: int) -> str:
    """A number with so many decimals, "" when unknown or not finite; never "-0"."""
    if value is None or not math.isfinite(value):
        return ""
    return decimals(value, digits)


def unit_text(unit: str) -> str:
    """The unit as printed: mm2 with a raised 2, deg as the degree sign."""
    return _PRETTY_UNITS.get(unit, unit)


def code_text(measurement: Measurement) -> str:
    """Scheme and value of the coded concept, e.g. "LN 11984-2", or ""."""
    return f"{measurement.code.scheme} {measurement.code.value}" if measurement.code else ""


def row_texts(measurement: Measurement) -> tuple[str, str, str, str, str, str, str, str]:
    """Measure, value, SD, 95 % low, 95 % high, unit, code and source as text, ASCII numbers, unknown as ""."""
    digits = digits_of(measurement)
    known = measurement.value is not None and math.isfinite(measurement.value)
    interval = measurement.interval() if known else None
    low, high = interval if interval is not None else (None, None)
    age = measurement.unit == "weeks"

    def text(value: float | None) -> str:
        return weeks_and_days(value) if age and value is not None and math.isfinite(value) else plain(value, digits)

    return (
        measurement.label or measurement.name,
        text(measurement.value),
        plain(measurement.sd, digits) if known else "",
        text(low),
        text(high),
        measurement.unit,
        code_text(measurement),
        measurement.source,
    )


def is_number(cells: Iterable[str]) -> bool:
    """Whether a column of a plain table holds numbers (with a sign, unit or percent) and is set flush right."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return bool(filled) and all(cell[0].isdigit() or cell[0] in f"+-{MINUS}<>.\u00b1" for cell in filled)
