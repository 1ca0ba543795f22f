"""Norms of cephalometric measures: named sets of means, spreads and ranges by sex and age.

A set is data (JSON, see `norm_files`): people choose one, edit a copy or bring their own. Samples behind the classic
norms are small and old, and sets disagree by several degrees; the source travels with every number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

ANY, MALE, FEMALE = "any", "male", "female"
SEXES = (ANY, MALE, FEMALE)


@dataclass(frozen=True)
class Norm:
    """One norm of one measure.

    Attributes:
        measure: name of the measure.
        mean: in the measure's unit, at `at_age` where the norm changes with age.
        sd: spread between people; None where the source gives none.
        low, high: the range that the source calls normal; None where it gives none.
        sex: "any", "male" or "female".
        age_min, age_max: years that the norm holds for, age_min <= age < age_max; None for no limit.
        at_age, per_year: the mean changes by per_year each year from at_age on, until until_age.
        film_mm: mm on the film with that study's magnification, not true mm.
        source: publication.
        family: the set it comes from; filled in when a set is read.
    """

    measure: str
    mean: float
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    sex: str = ANY
    age_min: float | None = None
    age_max: float | None = None
    at_age: float | None = None
    per_year: float = 0.0
    until_age: float | None = None
    film_mm: bool = False
    source: str = ""
    family: str = ""

    @property
    def needs_age(self) -> bool:
        """Whether the norm cannot be used while the age is unknown."""
        return self.per_year != 0 or self.age_min is not None or self.age_max is not None

    def holds(self, age: float | None, sex: str | None, film_mm: bool) -> bool:
        """Whether the norm may be used for this person and scale."""
        if self.film_mm and not film_mm:
            return False
        if self.sex not in (ANY, sex):
            return False
        if not self.needs_age:
            return True
        if age is None or not math.isfinite(age):
            return False
        return (self.age_min is None or age >= self.age_min) and (self.age_max is None or age < self.age_max)

    def at(self, age: float | None) -> Norm:
        """The norm moved to this age: mean and range shifted by the yearly change."""
        if not self.per_year or age is None or self.at_age is None:
            return self
        years = max(age, self.at_age) if self.until_age is None else min(max(age, self.at_age), self.until_age)
        shift = self.per_year * (years - self.at_age)
        return replace(
            self,
            mean=self.mean + shift,
            low=None if self.low is None else self.low + shift,
            high=None if self.high is None else self.high + shift,
        )

    def text(self, digits: int = 1) -> str:
        """For tables: "82.0 \u00b1 2.0", "25.0 (20.0 to 30.0)" or "4.0"."""
        text = f"{self.mean:.{digits}f}"
        if self.sd is not None:
            return f"{text} \u00b1 {self.sd:.{digits}f}"
        if self.low is not None and self.high is not None:
            return f"{text} ({self.low:.{digits}f} to {self.high:.{digits}f})"
        return text


@dataclass(frozen=True)
class NormSet:
    """A named set of norms.

    Attributes:
        name: as users choose it.
        description: who was measured, how.
        norms: in order of preference where several could serve.
    """

    name: str
    description: str
    norms: tuple[Norm, ...]

    def find(
        self, measure: str, age: float | None = None, sex: str | None = None, film_mm: bool = False, prefer: str = ""
    ) -> Norm | None:
        """The norm that fits a person best, moved to the person's age; None when the set has none that holds.

        Args:
            age: years; norms that need an age are not used without one.
            sex: "male", "female" or None; norms of one sex are not used without it.
            film_mm: the scale is that of the film with the study's magnification, so that film mm may be compared.
            prefer: family to be preferred, e.g. "Downs" for a measure shown under Downs' analysis.
        """
        holding = [n for n in self.norms if n.measure == measure and n.holds(age, sex, film_mm)]
        if not holding:
            return None

        def rank(norm: Norm) -> tuple[bool, bool, bool]:
            return norm.family == prefer, norm.sex != ANY, norm.needs_age

        best = max(rank(norm) for norm in holding)
        return next(norm for norm in holding if rank(norm) == best).at(age)

    def replaced(self, norm: Norm) -> NormSet:
        """The set with a norm put in place of the one for the same measure, sex and ages, or added."""
        key = (norm.measure, norm.sex, norm.age_min, norm.age_max, norm.film_mm)
        kept = tuple(n for n in self.norms if (n.measure, n.sex, n.age_min, n.age_max, n.film_mm) != key)
        return replace(self, norms=(norm, *kept))


def joined(name: str, description: str, sets: tuple[NormSet, ...]) -> NormSet:
    """Several sets as one, the first preferred."""
    return NormSet(name, description, tuple(norm for norm_set in sets for norm in norm_set.norms))
