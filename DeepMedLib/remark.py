"""A sentence about an input, with how much it matters, so that what a person must know first is said first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Gravity(IntEnum):
    """How much a remark matters: a grave one makes numbers wrong, a warning limits them, a note explains."""

    NOTE = 1
    WARNING = 2
    GRAVE = 3


@dataclass(frozen=True)
class Remark:
    """One sentence, or two, for a person.

    Attributes:
        text: what was found, and what follows from it.
        gravity: how much it matters.
    """

    text: str
    gravity: Gravity = Gravity.WARNING

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return {"text": self.text, "gravity": self.gravity.name.lower()}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Remark:
        """The remark that `to_dict` described."""
        return cls(str(record["text"]), Gravity[str(record["gravity"]).upper()])


def gravest_first(remarks: Iterable[Remark]) -> tuple[Remark, ...]:
    """The remarks by falling gravity, equal ones in the given order, each text once with its greatest gravity."""
    found: dict[str, Remark] = {}
    for remark in remarks:
        known = found.get(remark.text)
        found[remark.text] = remark if known is None or remark.gravity > known.gravity else known
    return tuple(sorted(found.values(), key=lambda remark: -remark.gravity))
