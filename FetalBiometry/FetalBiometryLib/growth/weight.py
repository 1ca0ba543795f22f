"""Estimated fetal weight. Lengths in mm, weight in grams."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code
from FetalBiometryLib import codes
from FetalBiometryLib.growth.dating import checked_lengths
from FetalBiometryLib.growth.propagation import propagate
from FetalBiometryLib.growth.scatter import weight_share

HADLOCK = "Hadlock"
INTERGROWTH = "INTERGROWTH-21st"


@dataclass(frozen=True)
class WeightFormula:
    """A formula. Charts of weight are made for one ``family`` of formulas, see `standards.weight_standard`."""

    name: str
    family: str
    parameters: tuple[str, ...]
    equation: Callable[[dict[str, float]], float]  # cm by name -> g
    code: Code | None = None


def _hadlock(exponent: Callable[[dict[str, float]], float]) -> Callable[[dict[str, float]], float]:
    return lambda cm: 10 ** exponent(cm)


def _intergrowth_2017(cm: dict[str, float]) -> float:
    a = cm["AC"] / 100
    return math.exp(5.084820 - 54.06633 * a**3 - 95.80076 * a**3 * math.log(a) + 3.136370 * cm["HC"] / 100)


#: Hadlock FP et al. Am J Obstet Gynecol 1985;151:333 (numbered I to IV by many, not by all); Stirnemann J et al.
#: Ultrasound Obstet Gynecol 2017;49:478. Best first.
FORMULAS: tuple[WeightFormula, ...] = (
    WeightFormula(
        "Hadlock 1985 (BPD, HC, AC, FL)",
        HADLOCK,
        ("BPD", "HC", "AC", "FL"),
        _hadlock(
            lambda c: (
                1.3596
                - 0.00386 * c["AC"] * c["FL"]
                + 0.0064 * c["HC"]
                + 0.00061 * c["BPD"] * c["AC"]
                + 0.0424 * c["AC"]
                + 0.174 * c["FL"]
            )
        ),
        codes.WEIGHT_BPD_HC_AC_FL,
    ),
    WeightFormula(
        "Hadlock 1985 (HC, AC, FL)",
        HADLOCK,
        ("HC", "AC", "FL"),
        _hadlock(lambda c: 1.326 - 0.00326 * c["AC"] * c["FL"] + 0.0107 * c["HC"] + 0.0438 * c["AC"] + 0.158 * c["FL"]),
        codes.WEIGHT_HC_AC_FL,
    ),
    WeightFormula(
        "Hadlock 1985 (BPD, AC, FL)",
        HADLOCK,
        ("BPD", "AC", "FL"),
        _hadlock(
            lambda c: 1.335 - 0.0034 * c["AC"] * c["FL"] + 0.0316 * c["BPD"] + 0.0457 * c["AC"] + 0.1623 * c["FL"]
        ),
        codes.WEIGHT_BPD_AC_FL,
    ),
    WeightFormula(
        "Hadlock 1985 (AC, FL)",
        HADLOCK,
        ("AC", "FL"),
        _hadlock(lambda c: 1.304 + 0.05281 * c["AC"] + 0.1938 * c["FL"] - 0.004 * c["AC"] * c["FL"]),
        codes.WEIGHT_AC_FL,
    ),
    WeightFormula("INTERGROWTH-21st 2017 (AC, HC)", INTERGROWTH, ("AC", "HC"), _intergrowth_2017),
)
NAMES = tuple(f.name for f in FORMULAS)


@dataclass(frozen=True)
class FetalWeight:
    """A weight with its origin.

    Attributes:
        grams: the estimate.
        sd: standard uncertainty that the measurements bring; None when unknown.
        formula: how it was estimated.
    """

    grams: float
    sd: float | None
    formula: WeightFormula

    @property
    def prediction_sd(self) -> float:
        """Standard deviation in grams of the true weight about this one: formula's scatter and calipers' error."""
        return math.hypot(self.sd or 0.0, weight_share(self.formula.parameters) * self.grams)

    @property
    def source(self) -> str:
        """Name of the formula with its parameters."""
        return self.formula.name


def weight_formula(name: str) -> WeightFormula:
    """A formula by its name.

    Raises:
        BadInput: there is none of that name.
    """
    for formula in FORMULAS:
        if formula.name == name:
            return formula
    raise BadInput(f"There is no weight formula {name}.", f"Choose one of: {', '.join(NAMES)}.")


def estimated_weight(
    measures_mm: Mapping[str, float],
    sds_mm: Mapping[str, float | None] | None = None,
    formula: str | None = None,
    family: str = HADLOCK,
) -> FetalWeight:
    """Weight from head, abdomen and femur.

    Args:
        measures_mm: BPD, HC, AC, FL as far as measured.
        sds_mm: standard uncertainty of each.
        formula: name of a formula; None takes the family's formula that uses most of the measures at hand.
        family: "Hadlock" or "INTERGROWTH-21st".

    Raises:
        BadInput: a measure is missing or not a positive number, or the formula is unknown.
    """
    if formula is None:
        fits = [f for f in FORMULAS if f.family == family and all(n in measures_mm for n in f.parameters)]
        if not fits:
            needs = " and HC" if family == INTERGROWTH else " and FL"
            raise BadInput(f"A weight by {family} needs at least AC{needs}.", "Measure them.")
        chosen = fits[0]
    else:
        chosen = weight_formula(formula)
        missing = [n for n in chosen.parameters if n not in measures_mm]
        if missing:
            raise BadInput(f"{chosen.name} needs {', '.join(missing)}.", "Measure it or choose another formula.")
    values = checked_lengths({n: measures_mm[n] for n in chosen.parameters})

    def grams(mm: Mapping[str, float]) -> float:
        return chosen.equation({n: v / 10 for n, v in mm.items()})

    return FetalWeight(grams(values), propagate(grams, values, sds_mm), chosen)
