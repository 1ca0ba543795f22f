"""Every published equation against values worked out apart from the code, and every threshold on both of its sides."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from FetalBiometryLib.examination.cine import sampled_frames
from FetalBiometryLib.examination.flags import ABSENT, NOT_JUDGED, PRESENT, decide
from FetalBiometryLib.growth.bpd import inner_bpd_mm, outer_bpd_mm
from FetalBiometryLib.growth.choice import choose_charts
from FetalBiometryLib.growth.dating import gestational_age
from FetalBiometryLib.growth.standards import IG21, standard
from FetalBiometryLib.growth.velocity import velocities
from FetalBiometryLib.growth.visits import Visit

#: Hadlock 1984, table 3, for BPD 7.0, HC 26.0, AC 24.0 and FL 5.3 cm: worked out on paper, weeks.
MM = {"BPD": 70.0, "HC": 260.0, "AC": 240.0, "FL": 53.0}
HADLOCK_1984 = (
    ("BPD", 28.12640),
    ("HC", 28.27280),
    ("AC", 28.28560),
    ("FL", 28.16330),
    ("BPD AC", 28.12400),
    ("BPD HC", 27.75312),
    ("BPD FL", 27.95370),
    ("HC AC", 27.66200),
    ("HC FL", 27.67400),
    ("AC FL", 28.09685),
    ("BPD HC AC", 27.49552),
    ("BPD HC FL", 27.88600),
    ("BPD AC FL", 27.99350),
    ("HC AC FL", 27.77836),
    ("BPD HC AC FL", 27.84000),
)
#: INTERGROWTH-21st (Papageorghiou 2014): medians in mm at 20 and 36 weeks.
MEDIANS = {
    "HC": (172.47964, 319.39947),
    "BPD": (48.44606, 91.23882),
    "OFD": (60.68988, 111.63361),
    "AC": (147.72478, 312.84053),
    "FL": (31.29176, 66.39746),
}


@pytest.mark.parametrize(("names", "weeks"), HADLOCK_1984)
def test_every_hadlock_equation(names: str, weeks: float) -> None:
    assert gestational_age({name: MM[name] for name in names.split()}).weeks == pytest.approx(weeks, abs=1e-5)


@pytest.mark.parametrize("measure", MEDIANS)
def test_every_intergrowth_median(measure: str) -> None:
    found = [standard(IG21).value_at(measure, weeks, 50) for weeks in (20.0, 36.0)]
    assert found == pytest.approx(MEDIANS[measure], abs=1e-4)


def test_the_range_of_the_dating_formula_holds_its_ends() -> None:
    """The FL of exactly 14 weeks by 10.35 + 2.46 FL + 0.17 FL^2, a hair more, and a hundredth of a week less."""

    def femur_mm(weeks: float) -> float:
        return 10 * (-2.460 + math.sqrt(2.460**2 - 4 * 0.170 * (10.35 - weeks))) / (2 * 0.170)

    assert gestational_age({"FL": femur_mm(14.0001)}).note == ""
    assert "outside" in gestational_age({"FL": femur_mm(13.99)}).note


def test_outer_inner_bpd_by_the_published_regression() -> None:
    assert outer_bpd_mm(70.0) == pytest.approx(72.468194, abs=1e-6)
    assert inner_bpd_mm(72.468194) == pytest.approx(70.0, abs=1e-6)


def visit(weeks: float, sd: float) -> Visit:
    return Visit(weeks, {"HC": 9.0 * weeks}, {"HC": sd})


def test_growth_needs_fourteen_days_to_be_told_without_a_note() -> None:
    charts = choose_charts(IG21, None)
    notes = {days: velocities(visit(28, 2), visit(28 + days / 7, 2), charts)[0].note for days in (13, 14)}
    assert "13 days apart" in notes[13] and notes[14] == ""


def test_growth_a_week_carries_the_errors_of_both_visits() -> None:
    (growth,) = velocities(visit(26, 3), visit(30, 4), choose_charts(IG21, None))
    assert (growth.per_week, growth.sd) == (pytest.approx(9.0), pytest.approx(5 / 4))  # 3-4-5 over four weeks
    for later in (26, 25.9):
        with pytest.raises(ValueError, match="later"):
            velocities(visit(26, 3), visit(later, 4), choose_charts(IG21, None))


def test_a_rule_is_met_from_97_5_percent_on() -> None:
    states = [decide(True, chance)[0] for chance in (0.975, 0.9749, 0.0251, 0.0249)]
    assert states == [PRESENT, NOT_JUDGED, NOT_JUDGED, ABSENT]


def test_a_loop_of_as_many_frames_as_wanted_is_taken_whole() -> None:
    assert sampled_frames(6) == list(range(6)) == sampled_frames(6, 6)
    seven = sampled_frames(7)
    assert (len(seven), seven[0], seven[-1]) == (6, 0, 6) and all(b > a for a, b in pairwise(seven))
