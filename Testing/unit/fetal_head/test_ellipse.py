"""Ellipses against exact truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from FetalBiometryLib.planes.ellipse import Ellipse, fit_ellipse

ellipses = st.builds(
    Ellipse.make,
    st.floats(-200, 900),
    st.floats(-200, 900),
    st.floats(20, 400),
    st.floats(20, 400),
    st.floats(-360, 360),
)


def angle_between(p: Ellipse, q: Ellipse) -> float:
    return abs((p.angle - q.angle + 90) % 180 - 90)


@given(ellipses)
def test_fit_recovers_the_ellipse_through_its_points(truth):
    found = fit_ellipse(truth.points(40))
    assert found.a == pytest.approx(truth.a, rel=1e-5)
    assert found.b == pytest.approx(truth.b, rel=1e-5)
    assert (found.cx, found.cy) == pytest.approx((truth.cx, truth.cy), abs=1e-3)
    if truth.a / truth.b > 1.01:
        assert angle_between(found, truth) < 0.05


@given(ellipses)
def test_perimeter_matches_the_elliptic_integral(e):
    eccentricity2 = 1 - (e.b / e.a) ** 2
    exact = 4 * e.a * integrate.quad(lambda t: np.sqrt(1 - eccentricity2 * np.sin(t) ** 2), 0, np.pi / 2)[0]
    assert e.perimeter == pytest.approx(exact, rel=2e-4 if e.a / e.b > 4 else 1e-5)


def test_circle():
    e = Ellipse.make(0, 0, 10, 10, 0)
    assert e.perimeter == pytest.approx(2 * np.pi * 10)
    assert e.area == pytest.approx(np.pi * 100)


@given(ellipses)
def test_normal_form_keeps_the_outline(e):
    turned = Ellipse.make(e.cx, e.cy, e.b, e.a, e.angle + 90)
    assert (turned.a, turned.b) == (e.a, e.b)
    if e.a > e.b:  # a circle has no direction
        assert angle_between(turned, e) < 1e-6


@given(ellipses, st.floats(0.05, 3), st.floats(0.05, 3))
def test_unequal_scaling_maps_every_outline_point(e, sx, sy):
    scaled = e.scaled(sx, sy)
    points = e.points(50) * [sx, sy]
    assert np.abs(scaled.radial_distance(points)).max() < 1e-6 * scaled.a


def test_mask_area_and_axis_ends():
    e = Ellipse.make(60, 50, 40, 25, 30)
    assert e.mask(100, 120, subsamples=5).sum() == pytest.approx(e.area, rel=1e-3)
    long, short = e.axis_ends()
    assert np.linalg.norm(long[1] - long[0]) == pytest.approx(80)
    assert np.linalg.norm(short[1] - short[0]) == pytest.approx(50)
    assert (long[1] - long[0]) @ (short[1] - short[0]) == pytest.approx(0, abs=1e-9)
    assert np.abs(e.radial_distance(np.vstack([long, short]))).max() < 1e-9


@pytest.mark.parametrize(
    "points",
    [
        np.zeros((10, 2)),
        np.column_stack([np.arange(10.0), 2 * np.arange(10.0)]),
        np.array([[0, 0], [1, 0], [0, 1], [1, 1]]),
        np.array([[0, 0], [1, 5], [2, 20], [3, 45], [4, 80], [np.nan, 3]]),
    ],
)
def test_points_without_an_ellipse_are_refused(points):
    with pytest.raises(ValueError, match="ellipse"):
        fit_ellipse(points)


@pytest.mark.parametrize("numbers", [(0, 0, 0, 1, 0), (0, 0, 1, -1, 0), (np.nan, 0, 1, 1, 0), (0, 0, np.inf, 1, 0)])
def test_impossible_ellipses_are_refused(numbers):
    with pytest.raises(ValueError, match="ellipse"):
        Ellipse.make(*numbers)


def test_five_points_determine_an_ellipse_and_four_do_not():
    truth = Ellipse.make(100, 80, 60, 40, 20)
    assert fit_ellipse(truth.points(5)).a == pytest.approx(60, rel=1e-6)
    with pytest.raises(ValueError, match="at least five"):
        fit_ellipse(truth.points(4))
