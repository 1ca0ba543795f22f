"""Numbers of an input on the page of a demo, and where they stand in its record (result.json)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Number:
    """One measured number beside its truth, in the unit."""

    name: str
    unit: str
    value: float | None
    sd: float | None = None
    truth: float | None = None

    @property
    def error(self) -> float | None:
        """Measured minus true."""
        return None if self.value is None or self.truth is None else self.value - self.truth

    @property
    def covered(self) -> bool | None:
        """Whether the 95 % interval holds the truth; None when one of them is unknown."""
        if self.error is None or self.sd is None:
            return None
        return abs(self.error) <= 1.96 * self.sd


Numbers = Callable[[Mapping[str, Any]], list[Number]]
"""The numbers of a record (result.json), without their truth."""


def measured_numbers(record: Mapping[str, Any]) -> list[Number]:
    """All ``measurements`` of a record."""
    return [
        Number(item["name"], item["unit"], item["value"], item.get("sd")) for item in record.get("measurements", ())
    ]


def measurements_named(names: Sequence[str]) -> Numbers:
    """Those of a record's ``measurements`` that have one of the names, in the order of the names."""

    def numbers(record: Mapping[str, Any]) -> list[Number]:
        found = {number.name: number for number in measured_numbers(record)}
        return [found[name] for name in names if name in found]

    return numbers


def values_under(part: str, keys: Mapping[str, str], unit: str) -> Numbers:
    """What a record has under ``part``, by the name of the number -> its key; none for what is absent or empty."""

    def numbers(record: Mapping[str, Any]) -> list[Number]:
        return [Number(name, unit, record[part][key]) for name, key in keys.items() if record[part].get(key)]

    return numbers
