"""Lung-RADS v2022: the category of a nodule in a screening CT (American College of Radiology).

Thresholds of the v1.1 table (NBK568579), kept in v2022; growth is more than 1.5 mm of mean diameter in 12 months.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

VERSION = "Lung-RADS v2022"
GROWTH_MM = 1.5
ORDER = ("1", "2", "3", "4A", "4B")
MANAGEMENT = {
    "1": "low-dose CT in 12 months",
    "2": "low-dose CT in 12 months",
    "3": "low-dose CT in 6 months",
    "4A": "low-dose CT in 3 months; PET/CT may be considered from 8 mm of solid part on",
    "4B": "referral; diagnostic CT, PET/CT or tissue sampling",
}
BASELINE, STABLE, NEW, GROWING = "baseline", "stable", "new", "growing"
_JUXTAPLEURAL_MM = 10.0


@dataclass(frozen=True)
class Category:
    """A category, or the range of those that remain possible.

    Attributes:
        lowest, highest: equal where all that the table needs is known.
        rules: the rows that fired, in words.
        missing: inputs that would narrow the range.
    """

    lowest: str
    highest: str
    rules: tuple[str, ...]
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """E.g. "4A", or "2 to 4A"."""
        return self.lowest if self.lowest == self.highest else f"{self.lowest} to {self.highest}"

    def text(self) -> str:
        """One line for people."""
        care = f": {MANAGEMENT[self.lowest]}" if self.lowest == self.highest else ""
        lacking = f"; not known: {', '.join(self.missing)}" if self.missing else ""
        return f"{VERSION} category {self.name} ({'; '.join(self.rules)}){care}{lacking}"


def lung_rads(
    diameter_mm: float,
    kind: str = "",
    prior: str = "",
    solid_mm: float | None = None,
    benign_calcification: bool = False,
    juxtapleural: bool = False,
) -> Category:
    """The category of one nodule.

    Args:
        diameter_mm: mean diameter; taken to 0.1 mm as the table does.
        kind: "solid", "part-solid", "ground glass"; "" where not known.
        prior: "baseline", "stable", "new" or "growing" against an earlier scan; "" where not known.
        solid_mm: mean diameter of the solid part of a part-solid nodule.
        benign_calcification: complete, central, popcorn or in rings, as the user judges it.
        juxtapleural: solid, smooth, and oval, lentiform or triangular at the pleura, as the user judges it.

    Raises:
        ValueError: an unknown kind or prior, or a diameter that is not above 0.
    """
    if kind not in ("solid", "part-solid", "ground glass", "") or prior not in (BASELINE, STABLE, NEW, GROWING, ""):
        raise ValueError(f"there is no kind '{kind}' or prior '{prior}'")
    if not diameter_mm > 0:
        raise ValueError("a diameter is above 0 mm")
    size = round(diameter_mm, 1)
    missing = [name for name, value in (("type", kind), ("earlier scan", prior)) if not value]
    kinds = (kind,) if kind else ("solid", "part-solid", "ground glass")
    priors = (prior,) if prior else (BASELINE, NEW)
    if not benign_calcification and "part-solid" in kinds and solid_mm is None and (size >= 6 or prior != BASELINE):
        missing.append("solid part")
    found: list[tuple[str, str]] = []
    if benign_calcification:
        return Category("1", "1", ("benign calcification",))
    for each in kinds:
        for when in priors:
            if each == "solid":
                found.append(_solid(size, when, juxtapleural))
            elif each == "ground glass":
                found.append(_ground_glass(size, when))
            else:
                solids = (0.0, size) if solid_mm is None else (round(min(solid_mm, diameter_mm), 1),)
                found += [_part_solid(size, solid, when) for solid in solids]
    ranks = sorted({ORDER.index(category) for category, _rule in found})
    lowest, highest = ORDER[ranks[0]], ORDER[ranks[-1]]
    rules = tuple(dict.fromkeys(rule for category, rule in found if category in (lowest, highest)))
    needless = lowest == highest
    return Category(lowest, highest, rules[:1] if needless else rules, () if needless else tuple(missing))


def highest(categories: Iterable[Category]) -> Category | None:
    """The category of a scan: that of its most suspicious nodule; None without nodules."""
    ranked = sorted(categories, key=lambda each: (ORDER.index(each.highest), ORDER.index(each.lowest)))
    return ranked[-1] if ranked else None


def _solid(size: float, when: str, juxtapleural: bool) -> tuple[str, str]:
    if juxtapleural and size < _JUXTAPLEURAL_MM:
        return "2", "solid, juxtapleural, smooth, below 10 mm"
    if when == NEW:
        steps = ((4.0, "2", "below 4 mm"), (6.0, "3", "4 to below 6 mm"), (8.0, "4A", "6 to below 8 mm"))
        return _step(size, steps, "4B", "8 mm or more", "solid, new")
    if when == GROWING:
        return _step(size, ((8.0, "4A", "below 8 mm"),), "4B", "8 mm or more", "solid, growing")
    steps = ((6.0, "2", "below 6 mm"), (8.0, "3", "6 to below 8 mm"), (15.0, "4A", "8 to below 15 mm"))
    return _step(size, steps, "4B", "15 mm or more", "solid")


def _ground_glass(size: float, when: str) -> tuple[str, str]:
    if size < 30.0:
        return "2", "ground glass, below 30 mm"
    if when == STABLE:
        return "2", "ground glass, 30 mm or more, stable"
    return "3", "ground glass, 30 mm or more"


def _part_solid(size: float, solid: float, when: str) -> tuple[str, str]:
    if when in (NEW, GROWING) and solid > 0:
        if solid < 4.0 and not (when == NEW and size < 6.0):
            return "4A", f"part-solid, solid part below 4 mm, {when}"
        if solid >= 4.0:
            return "4B", f"part-solid, solid part 4 mm or more, {when}"
    if size < 6.0:
        return ("3", "part-solid, new, below 6 mm") if when == NEW else ("2", "part-solid, below 6 mm")
    steps = ((6.0, "3", "solid part below 6 mm"), (8.0, "4A", "solid part 6 to below 8 mm"))
    return _step(solid, steps, "4B", "solid part 8 mm or more", "part-solid, 6 mm or more")


def _step(size: float, steps: tuple[tuple[float, str, str], ...], beyond: str, last: str, row: str) -> tuple[str, str]:
    for limit, category, words in steps:
        if size < limit:
            return category, f"{row}, {words}"
    return beyond, f"{row}, {last}"
