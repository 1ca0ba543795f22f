"""What the rules say of the marks of a scan, for the person that the user described."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from .mark import REJECTED, NoduleMark
from .rules.brock import SOURCE, brock_probability
from .rules.fleischner import Advice, fleischner
from .rules.lung_rads import Category, highest, lung_rads


def counted(marks: Sequence[NoduleMark]) -> list[NoduleMark]:
    """Marks that rules look at: outlined, and not rejected."""
    return [mark for mark in marks if mark.outlined and mark.decision != REJECTED]


def fleischner_of(mark: NoduleMark, marks: Sequence[NoduleMark], person: Mapping[str, Any]) -> Advice:
    """Fleischner 2017 for a mark among others."""
    assert mark.mean_mm is not None
    risk = {"low": False, "high": True}.get(str(person.get("risk", "unknown")))
    age = float(person.get("age", 0)) or None
    return fleischner(mark.mean_mm, mark.kind, len(counted(marks)) > 1, risk, age)


def lung_rads_of(mark: NoduleMark) -> Category:
    """Lung-RADS of a mark on a scan whose earlier scans are not known."""
    assert mark.mean_mm is not None
    return lung_rads(mark.mean_mm, mark.kind, "", mark.solid_mm)


def lung_rads_of_scan(marks: Sequence[NoduleMark]) -> Category | None:
    """Of the most suspicious mark; None without one."""
    return highest(lung_rads_of(mark) for mark in counted(marks))


def brock_of(mark: NoduleMark, marks: Sequence[NoduleMark], person: Mapping[str, Any]) -> str:
    """Brock's probability as a range over what nobody gave (upper lobe, spiculation); "" without age and sex."""
    age, sex = float(person.get("age", 0)), str(person.get("sex", "unknown"))
    if not mark.outlined or age < 18 or sex == "unknown" or not mark.kind:
        return ""
    assert mark.mean_mm is not None
    values = [
        brock_probability(
            age,
            sex == "female",
            mark.mean_mm,
            mark.kind,
            max(1, len(counted(marks))),
            family_history=bool(person.get("family_history")),
            emphysema=bool(person.get("emphysema")),
            upper_lobe=upper,
            spiculation=spiculated,
        )
        for upper, spiculated in itertools.product((False, True), repeat=2)
    ]
    return f"{100 * min(values):.1f} to {100 * max(values):.1f} % ({SOURCE}; upper lobe and spiculation left open)"
