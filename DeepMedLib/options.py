"""An option of a module, declared once: its panel, its command and its Lib read the same declaration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from DeepMedLib.errors import BadInput


@dataclass(frozen=True)
class Option:
    """One option.

    Attributes:
        name: as Python writes it, e.g. "ga_weeks"; the command line says ``--ga-weeks``, the parameter node gaWeeks.
        default: its value where nobody says otherwise; its type is the option's type (bool, int, float or str).
        help: one sentence for people.
        choices: the values that it takes; empty for any.
        limits: least and greatest number, both included; None for any.
        unit: of a number, e.g. "weeks".
        label: what a form calls it; the name in words where none is given.
        unknown: what a form shows for the default where that stands for "not given"; limits hold for the rest.
        read: the value of what people write, where choices, unit and type do not tell; raises BadInput.
        metavar: what stands for the value in the command's help where that is not the unit or the choices.
        columns: further names of its column in a table of inputs.
    """

    name: str
    default: bool | int | float | str
    help: str
    choices: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None
    unit: str = ""
    label: str = ""
    unknown: str = ""
    read: Callable[[str], Any] | None = None
    metavar: str = ""
    columns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"{self.name!r} cannot name an option")
        self.checked(self.default)

    @property
    def kind(self) -> type:
        """bool, int, float or str."""
        return type(self.default)

    @property
    def title(self) -> str:
        """What a form calls it."""
        return self.label or self.name.replace("_", " ").capitalize()

    @property
    def _called(self) -> str:
        """`title` inside a sentence; abbreviations stay as they are."""
        return self.title if self.title[:2].isupper() else self.title[:1].lower() + self.title[1:]

    @property
    def parameter(self) -> str:
        """The name in camelCase, as parameter nodes and module files write it."""
        first, *rest = self.name.split("_")
        return first + "".join(word[:1].upper() + word[1:] for word in rest)

    def checked(self, value: Any) -> Any:
        """The value itself, of the option's type; also the default that stands for "not given".

        Raises:
            BadInput: it is of another type, none of the choices, or beyond the limits.
        """
        return self.default if self.unknown and value == self.default else self.given(value)

    def given(self, value: Any) -> Any:
        """`checked`, of a value that somebody wrote: 0 for "not given" is none where the limits leave it out."""
        number = self.kind in (int, float)
        fits = (
            isinstance(value, (int, float)) and not isinstance(value, bool) if number else isinstance(value, self.kind)
        )
        if not fits or (number and not math.isfinite(value)) or (self.kind is int and value != int(value)):
            raise BadInput(f"{self.name} cannot be {value!r}.", f"Give {self._wanted()}.")
        if self.choices and value not in self.choices:
            raise BadInput(f"There is no {self._called} '{value}'.", f"Choose one of: {', '.join(self.choices)}.")
        if self.limits is not None and not self.limits[0] <= value <= self.limits[1]:
            number_given = f"{value:g} {self.unit}".rstrip()
            raise BadInput(f"{self.title} {number_given} is not possible.", f"Give {self._wanted()}.")
        return self.kind(value)

    def _wanted(self) -> str:
        if self.choices:
            return f"one of: {', '.join(self.choices)}"
        if self.limits is not None:
            unit = f" {self.unit}" if self.unit else ""
            return f"a number from {self.limits[0]:g} to {self.limits[1]:g}{unit}"
        return {bool: "yes or no", int: "a whole number", float: "a number"}.get(self.kind, "a text")


DEVICE = Option("device", "auto", "Where to compute.", choices=("auto", "cpu", "cuda"))
"""The one option that every module with a network has."""


def checked_options(options: Iterable[Option], values: Mapping[str, Any]) -> dict[str, Any]:
    """Every option by name: the given value, else its default.

    Raises:
        BadInput: a value is refused.
        TypeError: there is no option of a given name.
    """
    known = {option.name: option for option in options}
    for name in values:
        if name not in known:
            raise TypeError(f"there is no option {name}; there is {', '.join(known)}")
    return {name: option.checked(values.get(name, option.default)) for name, option in known.items()}
