"""Gestational age and weight against published numbers."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from DeepMedLib.errors import BadInput
from FetalBiometryLib.growth.dating import (
    CRL_HADLOCK,
    CRL_INTERGROWTH,
    CRL_ROBINSON,
    due_date,
    gestational_age,
    weeks_and_days,
    whole_days,
)
from FetalBiometryLib.growth.weight import FORMULAS, INTERGROWTH, estimated_weight

#: B 7.1, H 26.0, A 24.0, F 5.3 cm
FETUS = {"BPD": 71.0, "HC": 260.0, "AC": 240.0, "FL": 53.0}


@pytest.mark.parametrize(
    ("names", "weeks"),
    [(("BPD",), 28.511), (("HC",), 28.273), (("AC",), 28.286), (("FL",), 28.163), (("BPD", "HC", "AC", "FL"), 27.907)],
)
def test_worked_example_of_age(names: tuple[str, ...], weeks: float) -> None:
    age = gestational_age({n: FETUS[n] for n in names})
    assert age.weeks == pytest.approx(weeks, abs=5e-4)
    assert age.parameters == names and age.in_range and (age.code is not None) == (len(names) == 1)


@pytest.mark.parametrize(("hc_mm", "possible"), [(363.5, True), (363.6, False), (420.0, False)])
def test_an_age_beyond_43_weeks_is_none(hc_mm: float, possible: bool) -> None:
    """8.96 + 0.540 H + 0.0003 H^3 with H in cm: 42.998 weeks at 36.35, 43.015 at 36.36."""
    age = gestational_age({"HC": hc_mm})
    assert age.possible is possible
    assert ("No age is stated" in age.note) is not possible
    assert possible or "weeks" not in age.note


@pytest.mark.parametrize(("weeks", "possible"), [(3.999, False), (4.0, True), (43.0, True), (43.001, False)])
def test_possible_ages_end_on_both_sides(weeks: float, possible: bool) -> None:
    assert replace(gestational_age({"HC": 260.0}), weeks=weeks).possible is possible


def test_every_combination_of_hadlock_1984_agrees_on_an_average_fetus() -> None:
    """A typing error in one of the fifteen would stand out."""
    for size in range(1, 5):
        for names in itertools.combinations(FETUS, size):
            age = gestational_age({n: FETUS[n] for n in names})
            assert age.weeks == pytest.approx(28.1, abs=0.6), names
            assert age.parameters == names


@pytest.mark.parametrize(
    ("fl_cm", "printed"),
    [
        (4.48, "24w6d"),
        (6.10, "31w5d"),
        (6.32, "32w5d"),
        (6.53, "33w5d"),
        (6.68, "34w3d"),
        (6.73, "34w5d"),
        (7.01, "36w0d"),
        (7.09, "36w3d"),
        (7.36, "37w5d"),
    ],
)
def test_what_a_scanner_printed(fl_cm: float, printed: str) -> None:
    age = gestational_age({"FL": 10 * fl_cm})
    assert age.text("up") == printed
    assert 0 <= age.days("up") - age.days("nearest") <= 1


def test_rounding() -> None:
    assert [whole_days(24 + d / 7) for d in (0.49, 0.5, 6.6)] == [168, 169, 175]
    assert whole_days(24.0, "up") == whole_days(24.0, "down") == 168
    assert whole_days(174 / 7, "up") == 174
    assert weeks_and_days(24 + 6.6 / 7) == "25w0d"
    assert weeks_and_days(24 + 6.6 / 7, "down") == "24w6d"
    with pytest.raises(ValueError, match="rounding"):
        whole_days(20, "sideways")


@pytest.mark.parametrize(
    ("formula", "days"),
    [
        (CRL_ROBINSON, (78.73, 87.24, 98.88)),
        (CRL_INTERGROWTH, (78.18, 86.75, 99.69)),
        (CRL_HADLOCK, (79.29, 87.35, 100.30)),
    ],
)
def test_crown_rump_length(formula: str, days: tuple[float, ...]) -> None:
    for crl, expected in zip((45, 60, 84), days, strict=True):
        age = gestational_age({"CRL": float(crl)}, formula=formula)
        assert 7 * age.weeks == pytest.approx(expected, abs=0.006) and age.in_range


def test_out_of_range_says_so() -> None:
    small = gestational_age({"HC": 60.0})
    assert not small.in_range and "outside the 14 to 42 weeks" in small.note
    assert not gestational_age({"CRL": 130.0}, formula=CRL_ROBINSON).in_range
    assert gestational_age({"HC": 260.0}).note == ""


def test_wrong_requests() -> None:
    for measures, formula in (
        ({"HC": 260.0}, "Nobody 1900"),
        ({"OFD": 90.0}, "Hadlock 1984"),
        ({"HC": 260.0}, CRL_ROBINSON),
        ({"HC": 0.0}, "Hadlock 1984"),
        ({"HC": float("nan")}, "Hadlock 1984"),
        ({"CRL": -3.0}, CRL_ROBINSON),
    ):
        with pytest.raises(BadInput):
            gestational_age(measures, formula=formula)


def test_uncertainty_of_the_age() -> None:
    one = gestational_age({"HC": 260.0}, {"HC": 2.0})
    slope = (gestational_age({"HC": 260.5}).weeks - gestational_age({"HC": 259.5}).weeks) / 1.0
    assert one.sd == pytest.approx(2.0 * slope, rel=1e-4)
    assert gestational_age({"HC": 260.0}).sd is None
    assert gestational_age({"HC": 260.0, "FL": 53.0}, {"HC": 2.0, "FL": None}).sd is None
    # head measures share their error, head and femur do not
    both = gestational_age({"BPD": 71.0, "HC": 260.0}, {"BPD": 0.8, "HC": 2.0}).sd
    alone = [
        gestational_age({"BPD": 71.0, "HC": 260.0}, sds).sd
        for sds in ({"BPD": 0.8, "HC": 0.0}, {"BPD": 0.0, "HC": 2.0})
    ]
    assert both is not None and None not in alone
    assert both == pytest.approx(sum(a for a in alone if a is not None), rel=1e-3)
    sds = {"HC": 2.0, "FL": 1.0}
    parts = [gestational_age({"HC": 260.0, "FL": 53.0}, {**dict.fromkeys(sds, 0.0), n: sds[n]}).sd for n in sds]
    assert gestational_age({"HC": 260.0, "FL": 53.0}, sds).sd == pytest.approx(
        np.sqrt(sum(p**2 for p in parts if p is not None)), rel=1e-3
    )


@given(st.sampled_from(["BPD", "HC", "AC", "FL"]), st.floats(0.4, 1.3), st.floats(1.001, 1.2))
def test_age_rises_with_size(name: str, share: float, factor: float) -> None:
    size = FETUS[name] * share
    assert gestational_age({name: size * factor}).weeks > gestational_age({name: size}).weeks


@given(st.sampled_from([CRL_ROBINSON, CRL_INTERGROWTH, CRL_HADLOCK]), st.floats(10, 100), st.floats(0.1, 10))
def test_age_rises_with_crown_rump_length(formula: str, crl: float, more: float) -> None:
    ages = [gestational_age({"CRL": v}, formula=formula).weeks for v in (crl, crl + more)]
    assert ages[1] > ages[0]


def test_due_date() -> None:
    assert due_date(dt.date(2024, 1, 1), 40.0) == dt.date(2024, 1, 1)
    assert due_date(dt.date(2024, 1, 1), 20.0) == dt.date(2024, 5, 20)


@pytest.mark.parametrize(
    ("names", "grams"),
    [
        (("AC", "FL"), 1229.6),
        (("BPD", "AC", "FL"), 1213.0),
        (("HC", "AC", "FL"), 1197.1),
        (("BPD", "HC", "AC", "FL"), 1198.8),
    ],
)
def test_worked_example_of_weight(names: tuple[str, ...], grams: float) -> None:
    weight = estimated_weight({n: FETUS[n] for n in names})
    assert weight.grams == pytest.approx(grams, abs=0.05)
    assert weight.formula.parameters == names and weight.formula.code is not None


def test_intergrowth_weight() -> None:
    weight = estimated_weight(FETUS, family=INTERGROWTH)
    assert weight.grams == pytest.approx(1144.7, abs=0.05)
    assert weight.formula.parameters == ("AC", "HC")


def test_weight_names_its_formula_and_refuses_what_is_missing() -> None:
    for formula in FORMULAS:
        found = estimated_weight(FETUS, formula=formula.name)
        assert found.source == formula.name and all(p in formula.name for p in formula.parameters)
        with pytest.raises(BadInput, match="needs AC"):
            estimated_weight({"BPD": 71.0, "HC": 260.0, "FL": 53.0}, formula=formula.name)
    for measures in ({"HC": 260.0}, {"AC": 240.0}, {"AC": 240.0, "FL": -1.0}):
        with pytest.raises(BadInput):
            estimated_weight(measures)
    with pytest.raises(BadInput, match="no weight formula"):
        estimated_weight(FETUS, formula="Hadlock V")


def test_uncertainty_of_the_weight() -> None:
    sds = {"BPD": 1.0, "HC": 3.0, "AC": 6.0, "FL": 1.0}
    weight = estimated_weight(FETUS, sds)
    assert weight.sd is not None and 0.02 < weight.sd / weight.grams < 0.08
    rng = np.random.default_rng(0)
    head = rng.standard_normal(4000)
    drawn = [
        estimated_weight(
            {
                "BPD": 71 + 1.0 * h,
                "HC": 260 + 3.0 * h,
                "AC": 240 + 6.0 * rng.standard_normal(),
                "FL": 53 + 1.0 * rng.standard_normal(),
            }
        ).grams
        for h in head
    ]
    assert weight.sd == pytest.approx(float(np.std(drawn)), rel=0.06)
    assert estimated_weight(FETUS).sd is None


@given(st.sampled_from(["AC", "FL"]), st.floats(0.6, 1.3), st.floats(1.01, 1.1))
def test_weight_rises_with_size(name: str, share: float, factor: float) -> None:
    base = {n: v * share for n, v in FETUS.items()}
    assert estimated_weight({**base, name: base[name] * factor}).grams > estimated_weight(base).grams
