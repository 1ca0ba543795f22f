"""Norms of cephalometric measures: named sets of means, spreads and ranges by sex and age.

A set is data (JSON, see `norm_files`): people choose one, edit a copy or bring their own. Samples behind the classic
norms are small and old, and sets disagree by several degrees; the source travels with every number, and so does where
the number was checked. Lengths that a study measured on its films are divided by that study's magnification first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

ANY, MALE, FEMALE = "any", "male", "female"
SEXES = (ANY, MALE, FEMALE)
#: Said in `Norm.checked` of what nobody compared with a publication yet.
NOT_CHECKED = "not checked"
#: Follows such a norm wherever it is printed.
MARK = " ?"


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
        magnification: of the study's films; None where it does not say, so that film mm cannot be converted.
        source: publication.
        checked: what the number was compared with; "not checked", whole or in part, shows as a mark; "" says nothing.
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
    magnification: float | None = None
    source: str = ""
    checked: str = ""
    family: str = ""

    @property
    def needs_age(self) -> bool:
        """Whether the norm cannot be used while the age is unknown."""
        return self.per_year != 0 or self.age_min is not None or self.age_max is not None

    @property
    def origin(self) -> str:
        """Publication and what the number was checked against, for people."""
        checked = self.checked[:1].upper() + self.checked[1:]
        return ". ".join(text.rstrip(".") for text in (self.source, checked) if text)

    def holds(self, age: float | None, sex: str | None) -> bool:
        """Whether the norm may be used for this person."""
        if self.sex not in (ANY, sex):
            return False
        if not self.needs_age:
            return True
        if age is None or not math.isfinite(age):
            return False
        return (self.age_min is None or age >= self.age_min) and (self.age_max is None or age < self.age_max)

    def enlarged(self, magnification: float | None) -> Norm | None:
        """The norm for lengths of this magnification (1: in the head, None: not known); None where that cannot be told.

        True mm, degrees and percent stay as they are.
        """
        if not self.film_mm:
            return self
        if self.magnification is None or magnification is None:
            return None
        factor = magnification / self.magnification

        def scaled(value: float | None) -> float | None:
            return None if value is None else value * factor

        return replace(
            self,
            mean=self.mean * factor,
            sd=scaled(self.sd),
            low=scaled(self.low),
            high=scaled(self.high),
            per_year=self.per_year * factor,
            film_mm=False,
            magnification=None,
            source=f"{self.source}; {self.mean:g} mm on films of magnification {self.magnification:g}, converted",
        )

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
        """For tables: "82.0 \u00b1 2.0", "25.0 (20.0 to 30.0)" or "4.0"; a "?" behind what is not checked."""
        text = f"{self.mean:.{digits}f}"
        if self.sd is not None:
            text += f" \u00b1 {self.sd:.{digits}f}"
        elif self.low is not None and self.high is not None:
            text += f" ({self.low:.{digits}f} to {self.high:.{digits}f})"
        return text + MARK if NOT_CHECKED in self.checked else text


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
        self,
        measure: str,
        age: float | None = None,
        sex: str | None = None,
        magnification: float | None = 1.0,
        prefer: str = "",
    ) -> Norm | None:
        """The norm that fits a person best, moved to the person's age; None when the set has none that holds.

        Args:
            age: years; norms that need an age are not used without one.
            sex: "male", "female" or None; norms of one sex are not used without it.
            magnification: what the person's mm still hold: 1 for lengths in the head, None when it is not known.
            prefer: family to be preferred, e.g. "Downs" for a measure shown under Downs' analysis.
        """
        converted = (norm.enlarged(magnification) for norm in self._of(measure, age, sex))
        holding = [norm for norm in converted if norm is not None]
        if not holding:
            return None

        def rank(norm: Norm) -> tuple[bool, bool, bool]:
            return norm.family == prefer, norm.sex != ANY, norm.needs_age

        best = max(rank(norm) for norm in holding)
        return next(norm for norm in holding if rank(norm) == best).at(age)

    def held_back(
        self, measure: str, age: float | None = None, sex: str | None = None, magnification: float | None = 1.0
    ) -> str:
        """Why norms in film millimeters that fit the person are not used, in one sentence; "" when there are none."""
        for norm in self._of(measure, age, sex):
            if norm.enlarged(magnification) is None:
                why = "the magnification of this film is not known; enter it under Scale"
                if norm.magnification is None:
                    why = "the magnification of that study's films is not stated"
                return f"Norms of {norm.family or self.name} in millimeters on the film are not applied: {why}."
        return ""

    def _of(self, measure: str, age: float | None, sex: str | None) -> list[Norm]:
        return [norm for norm in self.norms if norm.measure == measure and norm.holds(age, sex)]

    def replaced(self, norm: Norm) -> NormSet:
        """The set with a norm put in place of the one for the same measure, sex and ages, or added."""
        key = (norm.measure, norm.sex, norm.age_min, norm.age_max, norm.film_mm)
        kept = tuple(n for n in self.norms if (n.measure, n.sex, n.age_min, n.age_max, n.film_mm) != key)
        return replace(self, norms=(norm, *kept))


def joined(name: str, description: str, sets: tuple[NormSet, ...]) -> NormSet:
    """Several sets as one, the first preferred."""
    return NormSet(name, description, tuple(norm for norm_set in sets for norm in norm_set.norms))
