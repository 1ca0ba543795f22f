"""Annotations of parameter fields: default, limits, choices, and hints for the widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Default:
    """Value of a field that the node does not hold yet."""

    value: Any


@dataclass(frozen=True)
class Decimals:
    """Digits that the widget shows."""

    value: int


@dataclass(frozen=True)
class SingleStep:
    """Step of the widget."""

    value: float


class Validator:
    """Refuses values. Subclasses override `validate`."""

    def validate(self, value: Any) -> None:
        """Raises ValueError where the value is refused."""
        raise NotImplementedError


@dataclass(frozen=True)
class WithinRange(Validator):
    """Between two limits, both included."""

    minimum: float
    maximum: float

    def validate(self, value: Any) -> None:
        """Raises ValueError outside the limits."""
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"Value must be within range [{self.minimum}, {self.maximum}], is {value}")


@dataclass(frozen=True)
class Minimum(Validator):
    """Not below a limit."""

    minimum: float

    def validate(self, value: Any) -> None:
        """Raises ValueError below the limit."""
        if value < self.minimum:
            raise ValueError(f"Value must not be below {self.minimum}, is {value}")


@dataclass(frozen=True)
class Maximum(Validator):
    """Not above a limit."""

    maximum: float

    def validate(self, value: Any) -> None:
        """Raises ValueError above the limit."""
        if value > self.maximum:
            raise ValueError(f"Value must not be above {self.maximum}, is {value}")


@dataclass(frozen=True)
class Choice(Validator):
    """One of some values."""

    choices: Sequence[Any]

    def validate(self, value: Any) -> None:
        """Raises ValueError for any other value."""
        if value not in self.choices:
            raise ValueError(f"Value must be one of {list(self.choices)}, is {value}")


@dataclass(frozen=True)
class Exclude(Validator):
    """None of some values."""

    excludedValues: Sequence[Any]

    def validate(self, value: Any) -> None:
        """Raises ValueError for one of them."""
        if value in self.excludedValues:
            raise ValueError(f"Value must be none of {list(self.excludedValues)}, is {value}")


@dataclass
class FloatRange:
    """Two numbers, for ctkRangeWidget."""

    minimum: float = 0.0
    maximum: float = 0.0


@dataclass(frozen=True)
class RangeBounds(Validator):
    """A FloatRange inside two limits."""

    minimum: float
    maximum: float

    def validate(self, value: Any) -> None:
        """Raises ValueError where the range reaches outside."""
        if value.minimum < self.minimum or value.maximum > self.maximum:
            raise ValueError(f"Range must be within [{self.minimum}, {self.maximum}], is {value}")
