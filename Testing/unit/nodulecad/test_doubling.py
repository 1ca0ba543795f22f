"""Volume doubling times against values worked by hand."""

from __future__ import annotations

import math

import pytest

from NoduleCADLib.followup.doubling import change, doubling_days


def test_a_doubled_volume_takes_the_days_between() -> None:
    assert doubling_days(90, 100, 200) == pytest.approx(90.0)
    assert doubling_days(90, 200, 100) == pytest.approx(-90.0)
    assert doubling_days(90, 100, 100) is None
    # 500 to 700 mm3 in 180 days: 180 * 0.693147 / 0.336472 = 370.81
    assert doubling_days(180, 500, 700) == pytest.approx(370.81, abs=0.01)


@pytest.mark.parametrize("values", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_nothing_is_no_volume(values: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        doubling_days(*values)


def test_growth_needs_a_quarter_and_an_interval_above_no_change() -> None:
    assert change(90, 100, 125, 1, 1).state == "growing"
    assert change(90, 100, 124, 1, 1).state == "stable"
    assert change(90, 100, 125, 20, 20).state == "stable"
    assert change(90, 100, 79, 1, 1).state == "shrinking"
    assert change(90, 100, 81, 1, 1).state == "stable"


def test_interval_of_the_doubling_time() -> None:
    found = change(100, 100, 200, 5, 10)
    spread = 1.96 * math.hypot(0.05, 0.05)
    assert found.ratio_low == pytest.approx(2 * math.exp(-spread))
    assert found.doubling_low == pytest.approx(100 * math.log(2) / (math.log(2) + spread))
    assert found.doubling_high == pytest.approx(100 * math.log(2) / (math.log(2) - spread))
    assert "doubling time 100 days" in found.text()
    assert change(100, 100, 120, 20, 20).doubling_high is None  # it may not grow at all
