"""Probability maps to ellipses: sub-pixel, robust."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.framing import Frame
from FetalBiometryLib.planes.region import RegionFit, ShapeFit, fit_shape, heaviest_region, main_component


def soft_map(e: Ellipse, height: int = 256, width: int = 384, edge: float = 2.0) -> np.ndarray:
    """A map like the network's: 0.5 on the outline, falling over a few pixels."""
    y, x = np.mgrid[:height, :width]
    distance = e.radial_distance(np.column_stack([x.ravel(), y.ravel()])).reshape(height, width)
    return 1 / (1 + np.exp(distance / edge))


@settings(max_examples=25)
@given(st.floats(150, 230), st.floats(100, 150), st.floats(50, 90), st.floats(0.7, 0.98), st.floats(0, 180))
def test_fit_is_sub_pixel(cx, cy, a, ratio, angle):
    truth = Ellipse.make(cx, cy, a, a * ratio, angle)
    fit = fit_shape(soft_map(truth))
    assert fit is not None
    assert fit.ellipse.perimeter == pytest.approx(truth.perimeter, rel=2e-3)
    assert (fit.ellipse.cx, fit.ellipse.cy) == pytest.approx((cx, cy), abs=0.1)
    assert fit.residual < 0.005


def test_a_notch_and_a_speck_do_not_move_the_ellipse():
    truth = Ellipse.make(190, 130, 90, 72, 20)
    probability = soft_map(truth)
    probability[40:85, 180:204] = 0.1  # an acoustic shadow bites into the upper border
    probability[5:15, 5:15] = 0.9
    fit = fit_shape(probability)
    assert fit is not None
    assert fit.ellipse.perimeter == pytest.approx(truth.perimeter, rel=0.01)
    assert fit.residual > 0.01  # and the bite is reported


def test_head_cut_by_the_canvas_edge_is_extrapolated():
    truth = Ellipse.make(60, 130, 90, 75, 0)
    fit = fit_shape(soft_map(truth))
    assert fit is not None
    assert fit.ellipse.perimeter == pytest.approx(truth.perimeter, rel=0.01)


def test_of_two_regions_the_heavier_stays_even_if_it_is_smaller():
    probability = np.full((40, 60), 0.2, np.float32)
    probability[5:15, 5:15] = 0.55  # 55
    probability[20:29, 30:37] = 0.9  # 57
    kept = heaviest_region(probability)
    assert kept[25, 33] == np.float32(0.9) and kept[10, 10] == 0 and kept[0, 0] == np.float32(0.2)
    probability[28, 30:37] = 0.2  # 50
    kept = heaviest_region(probability)
    assert kept[25, 33] == 0 and kept[10, 10] == np.float32(0.55)
    assert np.array_equal(heaviest_region(kept), kept)


@pytest.mark.parametrize("value", [0.0, 0.49])
def test_nothing_found(value):
    assert fit_shape(np.full((256, 384), value)) is None
    assert not main_component(np.full((256, 384), value)).any()


def test_spread_is_relative():
    looks = (Ellipse.make(0, 0, 99, 80, 0), Ellipse.make(0, 0, 101, 80, 0))
    fit = RegionFit(looks[0], ShapeFit(looks[0], 0.01, 0.9, 0.2), looks, 4)
    assert fit.spread("a") == pytest.approx(0.01)
    assert fit.spread("b") == 0
    assert fit.seen == 0.5 and fit.cues("x_")["x_looks"] == 2


@given(st.integers(1, 2000), st.integers(1, 2000), st.floats(-50, 2050), st.floats(-50, 2050))
def test_frame_there_and_back(height, width, x, y):
    frame = Frame.letterbox(height, width, 256, 384)
    back = frame.to_picture(frame.to_canvas(np.array([[x, y]])))
    assert np.allclose(back, [[x, y]], atol=1e-6)


def test_frame_shows_the_whole_picture_centred():
    frame = Frame.letterbox(540, 800, 256, 384)
    corners = frame.to_canvas(np.array([[-0.5, -0.5], [799.5, 539.5]]))
    assert corners.min() >= -0.5 - 1e-9
    assert corners[1, 0] <= 383.5 + 1e-9
    assert corners[1, 1] <= 255.5 + 1e-9
    assert np.allclose(corners.mean(0), [191.5, 127.5])
    with pytest.raises(ValueError, match="pixel"):
        Frame.letterbox(0, 10, 256, 384)
