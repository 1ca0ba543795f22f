"""Every published equation against values that were worked out from the publications, apart from our code."""

from __future__ import annotations

import math

import pytest

from FetalBiometryLib.growth import scatter
from FetalBiometryLib.growth.dating import CRL_HADLOCK, CRL_INTERGROWTH, CRL_ROBINSON, gestational_age
from FetalBiometryLib.growth.standards import IG21, standard
from FetalBiometryLib.growth.weight import INTERGROWTH, estimated_weight

#: Two fetuses of different proportions (mm), so that no coefficient hides behind another.
FETUSES = (
    {"BPD": 71.0, "HC": 260.0, "AC": 240.0, "FL": 53.0},
    {"BPD": 47.0, "HC": 172.0, "AC": 151.0, "FL": 32.0},
)
#: Hadlock 1984: measures -> weeks of either fetus.
AGES = {
    ("BPD",): (28.5109, 20.2077),
    ("HC",): (28.2728, 19.7745),
    ("AC",): (28.2856, 20.3311),
    ("FL",): (28.1633, 19.9628),
    ("BPD", "AC"): (28.2960, 20.1774),
    ("BPD", "HC"): (27.8851, 19.7972),
    ("BPD", "FL"): (28.1311, 19.9339),
    ("HC", "AC"): (27.6620, 19.6736),
    ("HC", "FL"): (27.6740, 19.5664),
    ("AC", "FL"): (28.0968, 19.9631),
    ("BPD", "HC", "AC"): (27.5643, 19.5806),
    ("BPD", "HC", "FL"): (27.9840, 19.8388),
    ("BPD", "AC", "FL"): (28.0862, 19.9987),
    ("HC", "AC", "FL"): (27.7784, 19.6854),
    ("BPD", "HC", "AC", "FL"): (27.9070, 19.8382),
}
#: Hadlock 1985: measures -> grams.
WEIGHTS = {
    ("AC", "FL"): (1229.6, 337.5),
    ("BPD", "AC", "FL"): (1213.0, 337.8),
    ("HC", "AC", "FL"): (1197.1, 330.7),
    ("BPD", "HC", "AC", "FL"): (1198.8, 333.8),
}
#: INTERGROWTH-21st (Papageorghiou 2014): measure, weeks, mean and SD in mm.
STANDARD = (
    *(("HC", 18, 147.903, 6.894), ("BPD", 18, 41.968, 2.11), ("OFD", 18, 51.856, 2.5152)),
    *(("AC", 18, 125.589, 6.5797), ("FL", 18, 25.535, 1.6985)),
    *(("HC", 28, 260.359, 8.9353), ("BPD", 28, 73.49, 2.9465), ("OFD", 28, 91.804, 3.6573)),
    *(("AC", 28, 233.303, 11.2954), ("FL", 28, 51.278, 2.125)),
    *(("HC", 38, 328.071, 11.6741), ("BPD", 38, 93.613, 3.6538), ("OFD", 38, 114.238, 5.4383)),
    *(("AC", 38, 331.579, 19.4249), ("FL", 38, 69.417, 2.9461)),
)


@pytest.mark.parametrize("names", AGES, ids=" ".join)
def test_hadlock_1984(names: tuple[str, ...]) -> None:
    for fetus, weeks in zip(FETUSES, AGES[names], strict=True):
        assert gestational_age({n: fetus[n] for n in names}).weeks == pytest.approx(weeks, abs=6e-5)


@pytest.mark.parametrize("names", WEIGHTS, ids=" ".join)
def test_hadlock_1985(names: tuple[str, ...]) -> None:
    for fetus, grams in zip(FETUSES, WEIGHTS[names], strict=True):
        assert estimated_weight({n: fetus[n] for n in names}).grams == pytest.approx(grams, abs=0.06)


def test_intergrowth_weight_2017() -> None:
    for fetus, grams in zip(FETUSES, (1144.7, 429.1), strict=True):
        assert estimated_weight(fetus, family=INTERGROWTH).grams == pytest.approx(grams, abs=0.06)


@pytest.mark.parametrize(("measure", "weeks", "mean", "sd"), STANDARD)
def test_intergrowth_biometry(measure: str, weeks: float, mean: float, sd: float) -> None:
    chart = standard(IG21)
    assert chart.value_at(measure, weeks, 50) == pytest.approx(mean, abs=6e-4)
    assert chart.z_score(measure, weeks, mean + sd) == pytest.approx(1, abs=4e-4)
    assert chart.z_score(measure, weeks, mean - 2 * sd) == pytest.approx(-2, abs=4e-4)


@pytest.mark.parametrize(
    ("weeks", "two_sd"), [(17.99, 1.19), (18.0, 1.48), (24.0, 2.06), (29.99, 2.06), (30.0, 2.98), (36.0, 2.70)]
)
def test_scatter_of_hadlock_by_age(weeks: float, two_sd: float) -> None:
    assert scatter.hadlock_1984_weeks(("HC",), weeks) == pytest.approx(two_sd / 2)


def test_scatter_of_combinations() -> None:
    assert scatter.hadlock_1984_weeks(("BPD", "HC", "AC", "FL"), 26.0) == pytest.approx(0.90)
    assert scatter.hadlock_1984_weeks(("BPD", "AC"), 20.0) == pytest.approx(1.73 / 2)  # that of the better part
    assert scatter.weight_share(("BPD", "AC", "FL")) == 0.075 and scatter.weight_share(("AC", "FL")) == 0.10


@pytest.mark.parametrize("measure", ["BPD", "HC", "AC", "FL"])
@pytest.mark.parametrize("weeks", [20.0, 27.0, 33.0])
def test_published_scatter_agrees_with_a_growth_standard(measure: str, weeks: float) -> None:
    """How far fetuses of one age differ in size, over how fast they grow, is how far ages of one size differ."""
    chart = standard(IG21)
    size = chart.value_at(measure, weeks, 50)
    sd = chart._value(measure, weeks, 1.0) - size
    per_week = (chart.value_at(measure, weeks + 0.5, 50) - chart.value_at(measure, weeks - 0.5, 50)) / 1.0
    assert scatter.hadlock_1984_weeks((measure,), weeks) == pytest.approx(sd / per_week, rel=0.5)


def test_prediction_interval_holds_scatter_and_calipers() -> None:
    age = gestational_age({"HC": 260.0}, {"HC": 4.0})
    assert age.sd is not None and age.prediction_sd == pytest.approx(math.hypot(age.sd, 1.03))
    assert gestational_age({"HC": 260.0}).prediction_sd == pytest.approx(1.03)
    low, high = age.prediction_interval()
    assert (low + high) / 2 == pytest.approx(age.weeks) and high - low == pytest.approx(3.92 * age.prediction_sd)
    weight = estimated_weight(FETUSES[0], {"BPD": 1.0, "HC": 3.0, "AC": 6.0, "FL": 1.0})
    assert weight.sd is not None
    assert weight.prediction_sd == pytest.approx(math.hypot(weight.sd, 0.075 * weight.grams))


@pytest.mark.parametrize(
    ("formula", "weeks"),
    [
        (CRL_ROBINSON, 4.7 / 14),
        (CRL_INTERGROWTH, (2.39102 + 0.0193474 * 60) / 7),
        (CRL_HADLOCK, 0.04 * 87.35 / 7),
    ],
)
def test_scatter_of_crown_rump_length(formula: str, weeks: float) -> None:
    assert gestational_age({"CRL": 60.0}, formula=formula).prediction_sd == pytest.approx(weeks, rel=1e-3)
