"""MRE, SDR, angles and coverage against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.landmarks.scores import (
    angle,
    coverage,
    distance_figures,
    film_figures,
    reader_from_mean,
    sagittal_angles,
)


def test_distances() -> None:
    figures = distance_figures(np.array([[1.0, 2.0], [3.0, np.nan]]))
    assert figures["n"] == 3 and figures["mre_mm"] == pytest.approx(2) and figures["median_mm"] == 2
    assert figures["sdr_2mm"] == pytest.approx(200 / 3) and figures["sdr_2.5mm"] == pytest.approx(200 / 3)
    assert figures["sdr_3mm"] == 100


def test_angles_do_not_depend_on_the_turn() -> None:
    a, v, b = np.array([1.0, 0]), np.zeros(2), np.array([1.0, 1.0])
    assert angle(a, v, b) == pytest.approx(45)
    shape = np.zeros((19, 2))
    for symbol, xy in {"S": (0, 0), "N": (60, 0), "A": (60, 50), "B": (50, 90)}.items():
        shape[ISBI19.index(symbol)] = xy
    found = sagittal_angles(shape, ISBI19)
    assert found["SNA"] == pytest.approx(90) and found["SNB"] == pytest.approx(np.degrees(np.arctan2(90, 10)))
    turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    assert sagittal_angles(shape @ turn.T + 7, ISBI19)["ANB"] == pytest.approx(found["ANB"])


def test_film_figures_use_both_pixel_sides_and_the_mean_of_the_readers() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(100, 900, (4, 1, 19, 2))
    readers = np.concatenate((truth + np.array([3, 0]), truth - np.array([3, 0])), 1)
    readers[0, 1, 5] = np.nan
    points = truth[:, 0] + np.array([0, 10])
    points[3] = np.nan
    figures = film_figures(points, readers, np.tile([0.1, 0.2], (4, 1)), ("one", "two"), ISBI19)
    assert figures["films"] == 4 and figures["answered"] == 3
    assert figures["against_mean"]["n"] == 57 and figures["against_mean"]["median_mm"] == pytest.approx(2)
    assert figures["against_one"]["mre_mm"] == pytest.approx(np.hypot(0.3, 2))
    assert figures["against_two"]["n"] == 56
    assert figures["readers_apart"]["mre_mm"] == pytest.approx(0.6)
    assert set(figures["angles_deg"]) == {"SNA", "SNB", "ANB"}


def test_the_readers_own_distance_with_and_without_their_offset() -> None:
    first = np.array([80.0, 82.0, 84.0, 86.0, np.nan])
    found = reader_from_mean(first, first + np.array([3.0, 5.0, 3.0, 1.0, 1.0]))
    assert found["reader_mean_abs"] == pytest.approx(1.5)
    assert found["reader_random"] == pytest.approx(0.5)
    assert set(reader_from_mean(first, np.full(5, np.nan)).values()) == {None}


def test_coverage_of_points_drawn_from_the_covariance_is_95_percent() -> None:
    rng = np.random.default_rng(0)
    covariance = np.array([[4.0, 1.5], [1.5, 2.0]])
    points = np.zeros((400, 19, 2))
    readers = rng.multivariate_normal([0, 0], covariance, (400, 2, 19))
    found = coverage(points, readers, np.broadcast_to(covariance, (400, 19, 2, 2)), ISBI19)
    assert found["readers_points"] == pytest.approx(0.95, abs=0.01)
