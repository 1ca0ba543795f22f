"""Growth charts: curves of the standard, points where they belong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from FetalBiometryLib.examination.growth_chart import CENTILES, curves, growth_charts
from FetalBiometryLib.examination.result import ExaminationResult
from FetalBiometryLib.growth.standards import EFW, IG21, WHO, OutOfRange, standard, standard_names
from FetalBiometryLib.growth.visits import Visit

Of = Callable[..., ExaminationResult]


@pytest.mark.parametrize(("name", "measure"), [(n, m) for n in standard_names() for m in standard(n).ranges])
def test_curves_of_every_standard(name: str, measure: str) -> None:
    """Over the whole range, exact, in order, and rising with age.

    Two published equations fall by a fraction of a millimeter at the end: OFD of INTERGROWTH-21st (its official table
    gives 104.3 and 104.1 mm for the 3rd centile of 39 and 40 weeks) and FL of WHO.
    """
    chart = standard(name)
    weeks, lines = curves(chart, measure)
    assert (weeks[0], weeks[-1]) == chart.ranges[measure] and tuple(lines) == CENTILES
    stacked = np.array(list(lines.values()))
    assert (np.diff(stacked, axis=0) > 0).all()
    published_fall = {"OFD": 0.15, "FL": 0.02}.get(measure, 0.0) if name != IG21 or measure == "OFD" else 0.0
    steps = np.diff(stacked, axis=1)
    rises = steps > 0
    assert rises[:, np.array(weeks[1:]) <= 39.0].all() and steps[~rises].sum() >= -4 * published_fall
    assert (stacked.max(axis=1) - stacked[:, -1] <= published_fall).all()
    middle = len(weeks) // 2
    for centile, values in lines.items():
        assert chart.centile(measure, weeks[middle], values[middle]) == pytest.approx(centile, abs=1e-6)


def test_no_such_chart() -> None:
    with pytest.raises(OutOfRange, match="no chart of EFW"):
        curves(standard(IG21), EFW)


def test_points(of: Of, fetus: list[Any]) -> None:
    visits = (Visit(24.0, {"HC": 220.0, EFW: 650.0}, {"HC": 3.0}), Visit(20.0, {"HC": 175.0}, {}, "2026-01-01"))
    result = of(*fetus, ga_weeks=28.0, ga_sd_weeks=0.3, visits=visits)
    charts = {c.measure: c for c in growth_charts(result)}
    assert list(charts) == [EFW, "AC", "HC", "BPD", "FL", "OFD"]
    assert charts[EFW].standard == f"{IG21} EFW 2020" and charts["HC"].standard == IG21
    assert (charts["HC"].weeks[0], charts["HC"].weeks[-1]) == (16.0, 34.0)  # somewhat beyond the points
    assert charts[EFW].weeks[0] == 20.0
    head = charts["HC"].points
    assert [(p.weeks, p.value, p.sd, p.former) for p in head] == [
        (20.0, 175.0, None, True),
        (24.0, 220.0, 3.0, True),
        (28.0, 260.0, pytest.approx(2.6), False),
    ]
    assert head[0].visit == "2026-01-01 (20.0 weeks)" and head[-1].weeks_sd == 0.3
    assert charts["BPD"].points[-1].value == pytest.approx(0.555934 + 1.027318 * 71)  # as the chart takes it
    assert [p.value for p in charts[EFW].points] == [650.0, pytest.approx(1198.8, abs=0.05)]


def test_points_outside_the_standard_show_all_of_it(of: Of) -> None:
    weeks, lines = curves(standard(IG21), "HC", about=(5.0, 6.0))
    assert (weeks[0], weeks[-1]) == (14.0, 40.0) and len(lines[50.0]) == len(weeks)


def test_report_chart(of: Of, fetus: list[Any]) -> None:
    drawn = next(c for c in growth_charts(of(*fetus, ga_weeks=28.0)) if c.measure == "AC").report_chart()
    assert [s.label for s in drawn.series] == ["3", "10", "50", "90", "97"]
    assert [s.dashed for s in drawn.series] == [True, True, False, True, True]
    assert drawn.bands[0].low == drawn.series[1].y and drawn.bands[0].high == drawn.series[3].y
    (point,) = drawn.points
    assert (point.x, point.y, point.label, point.sd_x) == (28.0, 240.0, "240 mm", None)
    assert IG21 in drawn.title and drawn.y_label == "AC (mm)"


def test_without_a_known_age_there_are_only_former_visits(of: Of, fetus: list[Any]) -> None:
    assert growth_charts(of(*fetus)) == ()
    charts = growth_charts(of(*fetus, visits=(Visit(20.0, {"HC": 175.0}),)))
    assert [(c.measure, len(c.points)) for c in charts] == [("HC", 1)]


def test_no_chart_without_a_standard_for_it(of: Of, fetus: list[Any]) -> None:
    who = growth_charts(of(*fetus, ga_weeks=28.0, standard=WHO))
    assert "OFD" not in {c.measure for c in who} and {c.standard for c in who} == {WHO}
