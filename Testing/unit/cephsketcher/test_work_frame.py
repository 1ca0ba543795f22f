"""The frame of computation: there and back, with the face turned and pixels made square; and small helpers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.report.deviation_bar import CELLS, deviation_bar, number
from CephSketcherLib.tracing.work_frame import WorkFrame


@given(
    st.booleans(),
    st.floats(0.5, 2.0, width=32),
    st.floats(0, 500, width=32),
    st.floats(0, 700, width=32),
)
def test_points_come_back(mirrored: bool, aspect: float, x: float, y: float) -> None:
    frame = WorkFrame(500, 700, mirrored, aspect)
    np.testing.assert_allclose(frame.to_given(frame.to_work(np.array([x, y]))), [x, y], atol=1e-6)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("aspect", [1.0, 1.5])
def test_a_bright_pixel_stays_under_its_point(mirrored: bool, aspect: float) -> None:
    pixels = np.zeros((60, 40), np.uint8)
    pixels[30:33, 10:13] = 200
    frame = WorkFrame(40, 60, mirrored, aspect)
    work = frame.film(pixels)
    rows, columns = np.nonzero(work > 100)
    x, y = frame.to_work(np.array([11.0, 31.0]))
    assert abs(columns.mean() - x) < 0.01 and abs(rows.mean() - y) < 0.51


def test_covariances_turn_with_the_face() -> None:
    point = LandmarkPoint("S", 10.0, 20.0, ((4.0, 1.0), (1.0, 9.0)))
    frame = WorkFrame(100, 100, True, 2.0)
    there = frame.landmarks_to_work(LandmarkSet((point,)))
    np.testing.assert_allclose(there["S"].covariance, [[4.0, -2.0], [-2.0, 36.0]])
    back = frame.landmarks_to_given(there)["S"]
    assert back.covariance is not None
    np.testing.assert_allclose(back.covariance, point.covariance)
    np.testing.assert_allclose(back.xy, point.xy)


def test_nearly_square_pixels_are_not_resampled() -> None:
    pixels = np.arange(200, dtype=np.uint8).reshape(20, 10)
    np.testing.assert_array_equal(WorkFrame(10, 20, False, 1.0005).film(pixels), pixels)


def test_deviation_bar_shows_side_and_reach() -> None:
    middle = CELLS // 2
    assert deviation_bar(0.0)[middle] == "●"
    assert deviation_bar(1.5).index("●") > middle > deviation_bar(-1.5).index("●")
    assert deviation_bar(9.0)[-1] == "▶" and deviation_bar(-9.0)[0] == "◀"
    assert deviation_bar(0.0, (-0.98, 0.98)).count("━") == 4
    assert len(deviation_bar(0.3, (-0.1, 0.7))) == CELLS


def test_numbers_for_people() -> None:
    assert number(-0.04) == "0.0" and number(-1.25, 2) == "−1.25" and number(None) == ""
