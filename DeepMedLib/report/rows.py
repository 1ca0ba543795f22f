"""Rows of the measurement tables, the same for HTML and PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from DeepMedLib.measurement import Measurement
from DeepMedLib.report.numbers import MINUS, code_text, row_texts, unit_text

NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Row:
    """One measurement as printed; unknown parts are "", an unmeasured value reads "not measured"."""

    label: str
    value: str
    sd: str
    unit: str
    interval: str
    code: str
    source: str

    @property
    def unmeasured(self) -> bool:
        """Whether there is no number."""
        return self.value == NOT_MEASURED

    @property
    def unit_alone(self) -> str:
        """The unit behind the value where no SD stands there; an age such as 24w6d has its own."""
        return "" if self.unit == "weeks" and "w" in self.value else self.unit

    @property
    def figure(self) -> str:
        """Value, SD and unit in one line, e.g. "174.2 \u00b1 1.6 mm"."""
        if not self.sd and not self.unit_alone:
            return self.value
        spread = f" \u00b1 {self.sd}" if self.sd else ""
        space = "" if self.unit in ("", "\u00b0") else " "
        return f"{self.value}{spread}{space}{self.unit}"

    def remark(self, with_source: bool) -> str:
        """The small line below the label: code and, where rows differ in it, the source."""
        return ", ".join(part for part in (self.code, self.source if with_source else "") if part)


def _typographic(number: str) -> str:
    return number.replace("-", MINUS)


def row_of(measurement: Measurement) -> Row:
    """A measurement as a row."""
    label, value, sd, low, high, unit, _code, source = row_texts(measurement)
    if not value:
        return Row(label, NOT_MEASURED, "", "", "", code_text(measurement), source)
    interval = f"{_typographic(low)} to {_typographic(high)}" if low and high else ""
    if interval and measurement.predicts:
        interval += " (prediction)"
    return Row(label, _typographic(value), sd, unit_text(unit), interval, code_text(measurement), source)


def spread_text(row: Row) -> str:
    """The line below a large figure: "\u00b1 1.6 mm, 95 % 171.1 to 177.3", or that nothing is known."""
    if not row.sd:
        return "uncertainty not known"
    space = "" if row.unit in ("", "\u00b0") else " "
    return f"\u00b1 {row.sd}{space}{row.unit}, 95 % {row.interval}"


def rows_of(measurements: Sequence[Measurement]) -> tuple[list[Row], str]:
    """All rows, and the source they share ("" when they differ): printed once above instead of on every line."""
    rows = [row_of(measurement) for measurement in measurements]
    sources = {row.source for row in rows}
    return rows, sources.pop() if len(sources) == 1 else ""


def provenance_items(provenance: Mapping[str, str]) -> list[tuple[str, str]]:
    """Provenance as label and value, without the attributes' prefix, hashes cut to twelve digits."""
    items = []
    for key, value in provenance.items():
        label = str(key).removeprefix("DeepMed.")
        text = str(value)
        if len(text) == 64 and all(digit in "0123456789abcdef" for digit in text.lower()):
            text = text[:12]
        items.append((label, text))
    return items
