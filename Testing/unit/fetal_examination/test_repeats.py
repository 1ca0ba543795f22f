"""Means of repeats: exact values, and uncertainty that claims no more than is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from DeepMedLib.measurement import Measurement
from FetalBiometryLib.examination.repeats import Repeat, average, disagreement, repeat_of, with_set_aside

HC = Measurement("HC", 1.0, "mm", source="model 1.0")


def repeats(*values: float, sd: float | None = 3.0, share: float = 0.0, unit: str = "mm") -> list[Repeat]:
    return [Repeat(f"{n}.png", 0, v, unit, sd, share) for n, v in enumerate(values)]


def test_a_single_measure_keeps_its_uncertainty() -> None:
    made = average("HC", repeats(260.0), HC)
    assert (made.value, made.sd, made.spread) == (260.0, 3.0, None)
    assert made.measurement().source == "model 1.0"


def test_equal_repeats_gain_nothing() -> None:
    """Frames of one cine are one look at one plane: the model's error is the same in all of them."""
    made = average("HC", repeats(260.0, 260.0, 260.0, 260.0), HC)
    assert made.spread == 0 and made.sd == pytest.approx(3.0)


def test_scatter_averages_out_and_the_rest_stays() -> None:
    made = average("HC", repeats(258.0, 260.0, 262.0), HC)
    assert made.value == pytest.approx(260) and made.spread == pytest.approx(2)
    assert made.sd == pytest.approx(math.sqrt(9 - 4 + 4 / 3))
    assert made.measurement().source == "mean of 3, within-examination SD 2 mm; model 1.0"


def test_more_scatter_than_stated_widens() -> None:
    made = average("HC", repeats(250.0, 270.0), HC)
    assert made.sd == pytest.approx(np.std([250, 270], ddof=1) / math.sqrt(2)) and made.sd > 3


def test_hand_placed_repeats() -> None:
    assert average("FL", repeats(50.0, 51.0, sd=None), HC).sd is None
    three = average("FL", repeats(50.0, 51.0, 52.0, sd=None), HC)
    assert three.sd == pytest.approx(1 / math.sqrt(3)) and three.single_sd is None
    mixed = [*repeats(50.0), Repeat("x", 0, 51.0, "mm", None)]
    assert average("FL", mixed, HC).sd is None


def test_the_scale_does_not_average_out() -> None:
    """1 % of 260 mm is in every repeat; the rest of 3 mm is sqrt(9 - 2.6^2)."""
    made = average("HC", repeats(258.0, 260.0, 262.0, share=0.01), HC)
    own = np.mean([9 - (0.01 * v) ** 2 for v in (258, 260, 262)])
    assert made.scale_share == pytest.approx(0.01)
    assert made.sd == pytest.approx(math.sqrt(max(own - 4, 0) + 4 / 3 + 2.6**2))
    many = average("HC", repeats(*[260.0] * 400, share=0.01), HC)
    assert many.sd == pytest.approx(3.0)


def test_an_area_feels_the_scale_twice() -> None:
    area = repeat_of(Measurement("HeartArea", 700.0, "mm2", 20.0), "a", 0, 0.01, 0.5)
    angle = repeat_of(Measurement("CardiacAxis", 45.0, "deg", 3.0), "a", 0, 0.01, 0.5)
    assert area.scale_share == pytest.approx(0.02) and angle.scale_share == 0
    assert area.own_sd == pytest.approx(math.sqrt(400 - 14**2))
    with pytest.raises(ValueError, match="no value"):
        repeat_of(Measurement("HC", None, "mm"), "a", 0, 0.0, 0.5)


def test_a_wrong_picture_is_set_aside_whole() -> None:
    found = with_set_aside({"HC": repeats(260.0, 262.0, 300.0), "CI": repeats(78.0, 79.0, 78.5, unit="%")})
    assert [bool(r.set_aside) for r in found["HC"]] == [False, False, True]
    assert [bool(r.set_aside) for r in found["CI"]] == [False, False, True]
    assert "HC is more than 10 % from the median" in found["CI"][2].set_aside
    made = average("HC", found["HC"], HC)
    assert made.value == pytest.approx(261) and len(made.used) == 2 and len(made.repeats) == 3


def test_a_large_stated_uncertainty_and_scattering_ratios_set_nothing_aside() -> None:
    found = with_set_aside(
        {
            "HC": repeats(260.0, 262.0, 300.0, sd=13.0),
            "CTR": repeats(0.20, 0.21, 0.30, sd=0.01, unit=""),
            "CardiacAxis": repeats(40.0, 45.0, 80.0, sd=1.0, unit="deg"),
        }
    )
    assert not any(r.set_aside for group in found.values() for r in group)
    areas = with_set_aside({"HeartArea": repeats(700.0, 710.0, 860.0, sd=20.0, unit="mm2")})
    assert "more than 20 %" in areas["HeartArea"][2].set_aside


def test_nothing_is_set_aside_where_nothing_agrees() -> None:
    found = with_set_aside({"HC": repeats(200.0, 260.0, 330.0), "FL": repeats(50.0, 70.0)})
    assert not any(r.set_aside for group in found.values() for r in group)
    assert average("HC", found["HC"], HC).sd == pytest.approx(np.std([200, 260, 330], ddof=1) / math.sqrt(3))


def test_two_that_contradict_each_other_are_told() -> None:
    assert "contradict" in disagreement(average("FL", repeats(50.0, 60.0), HC))
    assert disagreement(average("FL", repeats(50.0, 51.0), HC)) == ""
    assert "contradict" in disagreement(average("CardiacAxis", repeats(30.0, 60.0, unit="deg"), HC))
    assert disagreement(average("CardiacAxis", repeats(30.0, 45.0, unit="deg"), HC)) == ""


def test_wrong_requests() -> None:
    with pytest.raises(ValueError, match="one unit"):
        average("HC", [*repeats(1.0), *repeats(1.0, unit="%")], HC)
    with pytest.raises(ValueError, match="one unit"):
        average("HC", [], HC)


@given(
    st.lists(st.floats(200, 220, allow_subnormal=False), min_size=2, max_size=8),
    st.floats(0.5, 5),
    st.floats(0, 0.01, allow_subnormal=False),
)
def test_the_mean_is_never_surer_than_independent_repeats_would_be(
    values: list[float], sd: float, share: float
) -> None:
    made = average("HC", repeats(*values, sd=sd, share=share), HC)
    assert made.sd is not None and made.single_sd is not None
    assert made.value == pytest.approx(float(np.mean(values)))
    assert made.sd >= made.single_sd / math.sqrt(len(values)) - 1e-9
    assert made.sd >= share * made.value - 1e-9


@pytest.mark.parametrize(("value", "aside"), [(114.9, False), (115.1, True), (85.1, False), (84.9, True)])
def test_a_doubtful_repeat_may_lie_three_of_its_uncertainties_away(value: float, aside: bool) -> None:
    marked = with_set_aside({"HC": repeats(100.0, 100.0, value, sd=5.0)})["HC"]
    assert [bool(repeat.set_aside) for repeat in marked] == [False, False, aside]
