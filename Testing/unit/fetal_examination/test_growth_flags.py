"""Flags on fetuses of known centile: each side of each limit, and the band in which nothing is decided."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.examination.flags import ABSENT, CERTAIN, NOT_JUDGED, PRESENT, Flag, decide, growth_flags
from FetalBiometryLib.growth.choice import choose_charts
from FetalBiometryLib.growth.standards import EFW, IG21, Placement, place, standard
from FetalBiometryLib.growth.velocity import velocities
from FetalBiometryLib.growth.visits import Visit
from FetalBiometryLib.growth.weight import FORMULAS

WEEKS = 30.0
NAMES = (
    *("SGA", "SevereSGA", "LGA", "SmallAbdomen", "Asymmetry", "SmallHead", "Microcephaly"),
    *("ShortFemur", "ShortFemur2SD", "FemurAbdomen"),
)


def at(measure: str, z: float, sd: float | None = 0.01) -> Placement:
    """A measure with this z-score on its chart."""
    chart = standard(f"{IG21} EFW 2020" if measure == EFW else IG21)
    value = chart.value_at(measure, WEEKS, 100 * float(ndtr(z)))
    slope = (chart.z_score(measure, WEEKS, value * 1.001) - chart.z_score(measure, WEEKS, value)) / (0.001 * value)
    return place(chart, measure, value, WEEKS, None if sd is None else sd / slope)


def flags(*placed: Placement, **ratios: float) -> dict[str, Flag]:
    made = {n: Measurement(n.replace("_", "/"), v, "%", 0.1) for n, v in ratios.items()}
    found = growth_flags({p.measure: p for p in placed}, WEEKS, {m.name: m for m in made.values()})
    return {f.name: f for f in found}


@pytest.mark.parametrize(
    ("name", "measure", "limit", "above"),
    [
        ("SGA", EFW, float(ndtri(0.10)), False),
        ("SevereSGA", EFW, float(ndtri(0.03)), False),
        ("LGA", EFW, float(ndtri(0.90)), True),
        ("SmallAbdomen", "AC", float(ndtri(0.10)), False),
        ("SmallHead", "HC", -2.0, False),
        ("Microcephaly", "HC", -3.0, False),
        ("ShortFemur", "FL", float(ndtri(0.05)), False),
        ("ShortFemur2SD", "FL", -2.0, False),
    ],
)
def test_each_side_of_each_limit(name: str, measure: str, limit: float, above: bool) -> None:
    inward = 0.05 if above else -0.05
    beyond, before = flags(at(measure, limit + inward))[name], flags(at(measure, limit - inward))[name]
    assert (beyond.state, before.state) == (PRESENT, ABSENT)
    assert beyond.reason == "" and measure in beyond.rule and "at 30.0 weeks" in beyond.rule
    assert IG21 in beyond.rule and "95 % interval" in beyond.value
    unsure = flags(at(measure, limit + inward, sd=0.1))[name]
    assert unsure.state == NOT_JUDGED and "% that the rule is met" in unsure.reason
    assert unsure.probability == pytest.approx(float(ndtr(0.5)), abs=0.01)


def test_the_rule_says_its_limit() -> None:
    found = flags(at(EFW, 0.0), at("HC", 0.0), at("AC", 0.0), at("FL", 0.0))
    assert tuple(found) == NAMES
    assert found["SGA"].rule == f"EFW below the 10th centile of {IG21} EFW 2020 at 30.0 weeks."
    assert found["SevereSGA"].rule.startswith("EFW below the 3rd centile")
    assert found["LGA"].rule.startswith("EFW above the 90th centile")
    assert "more than 3 SD" in found["Microcephaly"].rule and "2 SD" in found["ShortFemur2SD"].rule
    assert all(f.state == ABSENT for f in found.values() if f.name != "FemurAbdomen")


def test_asymmetry_needs_both_sides() -> None:
    rule = flags(at("AC", -2.0), at("HC", 0.0))["Asymmetry"]
    assert rule.state == PRESENT and "AC" in rule.value and "HC" in rule.value
    assert flags(at("AC", -2.0), at("HC", -2.0))["Asymmetry"].state == ABSENT  # small altogether
    assert flags(at("AC", 0.0), at("HC", 0.0))["Asymmetry"].state == ABSENT
    assert flags(at("AC", -2.0), at("HC", -1.3, sd=0.2))["Asymmetry"].state == NOT_JUDGED
    assert flags(at("AC", 1.0), at("HC", -1.3, sd=0.2))["Asymmetry"].state == ABSENT  # the abdomen alone decides
    assert flags(at("AC", -2.0))["Asymmetry"].state == NOT_JUDGED


def test_missing_data_is_not_judged_and_told() -> None:
    found = flags()
    assert {f.state for f in found.values()} == {NOT_JUDGED}
    assert found["SGA"].reason == "No weight was estimated."
    assert found["Microcephaly"].reason == "HC was not measured."
    undated = {f.name: f for f in growth_flags({"HC": at("HC", -4.0)}, None, {})}
    assert undated["Microcephaly"].state == NOT_JUDGED and "this biometry only" in undated["Microcephaly"].reason
    outside = place(standard(IG21), "HC", 100.0, 12.0, 1.0)
    late = {f.name: f for f in growth_flags({"HC": outside}, 12.0, {})}
    assert late["Microcephaly"].state == NOT_JUDGED and "outside the 14 to 40 weeks" in late["Microcephaly"].reason


def test_hand_placed_calipers_are_decided_on_the_value_and_told() -> None:
    found = flags(at("HC", -3.5, sd=None), at("AC", -2.0, sd=None))
    assert found["Microcephaly"].state == PRESENT and "value alone" in found["Microcephaly"].reason
    assert found["Microcephaly"].probability is None
    assert found["Asymmetry"].state == ABSENT and "value alone" in found["Asymmetry"].reason


@pytest.mark.parametrize(("ratio", "state"), [(18.0, PRESENT), (22.0, ABSENT), (26.0, PRESENT), (20.1, NOT_JUDGED)])
def test_femur_to_abdomen(ratio: float, state: str) -> None:
    assert flags(FL_AC=ratio)["FemurAbdomen"].state == state
    young = growth_flags({}, 20.0, {"FL/AC": Measurement("FL/AC", ratio, "%", 0.1)})
    assert young[-1].state == NOT_JUDGED and "from 21 weeks on" in young[-1].reason
    of_age = growth_flags({}, 21.0, {"FL/AC": Measurement("FL/AC", ratio, "%", 0.1)})
    assert of_age[-1].state == state
    by_biometry = growth_flags({}, None, {"FL/AC": Measurement("FL/AC", ratio, "%", 0.1)}, ratio_weeks=30.0)
    assert by_biometry[-1].state == state  # the ratio hardly changes with age: the biometry's own age is enough


@pytest.mark.parametrize(
    ("lost", "days", "state"), [(60, 28, PRESENT), (40, 28, ABSENT), (50, 28, NOT_JUDGED), (60, 10, NOT_JUDGED)]
)
def test_slow_growth(lost: float, days: int, state: str) -> None:
    charts = choose_charts(IG21, FORMULAS[0])
    assert charts.weight is not None
    start = WEEKS - days / 7
    before = Visit(start, {EFW: charts.weight.value_at(EFW, start, 80)}, {EFW: 10.0})
    now = Visit(WEEKS, {EFW: charts.weight.value_at(EFW, WEEKS, 80 - lost)}, {EFW: 10.0})
    grown = velocities(before, now, charts)
    found = {f.name: f for f in growth_flags({}, WEEKS, {}, grown)}
    assert found["SlowEFW"].state == state and "50 centiles" in found["SlowEFW"].rule
    assert found["SlowEFW"].value == f"\u2212{lost:g} centiles"


@given(st.floats(-5, 5, allow_subnormal=False), st.floats(0.01, 3))
def test_decided_only_with_certainty(distance: float, sd: float) -> None:
    probability = float(ndtr(distance / sd))
    state, reason = decide(distance > 0, probability)
    assert (state == PRESENT) == (probability >= CERTAIN)
    assert (state == NOT_JUDGED) == bool(reason)
    if state == NOT_JUDGED:
        assert abs(distance) < 1.97 * sd
    assert math.isfinite(probability)


def test_json_form() -> None:
    for flag in flags(at(EFW, -2.0), at("HC", 0.0)).values():
        record = flag.to_dict()
        assert Flag(**record) == flag and record["rule"]


@pytest.mark.parametrize(("ratio", "state"), [(19.7, PRESENT), (20.3, ABSENT), (23.7, ABSENT), (24.3, PRESENT)])
def test_femur_to_abdomen_is_usually_20_to_24_percent(ratio: float, state: str) -> None:
    assert flags(FL_AC=ratio)["FemurAbdomen"].state == state


@pytest.mark.parametrize(("weeks", "state"), [(20.99, NOT_JUDGED), (21.0, ABSENT)])
def test_femur_to_abdomen_is_judged_from_21_weeks_on(weeks: float, state: str) -> None:
    found = growth_flags({}, weeks, {"FL/AC": Measurement("FL/AC", 22.0, "%", 0.1)})
    assert next(flag.state for flag in found if flag.name == "FemurAbdomen") == state
