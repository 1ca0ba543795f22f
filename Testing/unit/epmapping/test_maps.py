"""Maps from sparse points: their error, their uncertainty, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity
from EPMappingLib.maps.mapping import MapSettings, given_map, map_of_points
from EPMappingLib.maps.points import MapPoints
from EPMappingLib.phantom.atrium import atrium
from EPMappingLib.phantom.shells import plane, sphere, sphere_distance
from EPMappingLib.surface.mesh import Surface, merged
from EPMappingLib.velocity.numbers import map_conduction, map_numbers

QUICK = MapSettings(draws=20)


def _sparse(surface: Surface, lat: np.ndarray, count: int, seed: int) -> MapPoints:
    random = np.random.default_rng(seed)
    at = random.choice(len(surface.vertices), count, replace=False)
    return MapPoints.of(surface.vertices[at], lat[at] + random.normal(0, 2.0, count))


def test_two_hundred_points_with_two_ms_of_noise() -> None:
    """RMSE at most 1.4 ms; the 95 % intervals hold 90 to 98 % of the true times; the velocity's interval the truth."""
    surface = sphere(4)
    lat = sphere_distance(surface, 0) / 0.6
    covered, errors = [], []
    for seed in range(4):
        found = map_of_points(surface, _sparse(surface, lat, 200, seed), QUICK)
        there = found.lat_measured
        error = (found.lat_ms - lat)[there]
        errors.append(np.sqrt((error**2).mean()))
        covered.append((np.abs(error) <= 1.96 * found.lat_sd_ms[there]).mean())
    assert max(errors) <= 1.4
    assert 0.90 <= np.mean(covered) <= 0.98
    numbers = map_numbers(found, map_conduction(found), 0.5)
    assert numbers.cv_median is not None and numbers.cv_median.sd is not None
    assert abs(numbers.cv_median.value - 0.6) <= 3 * numbers.cv_median.sd


@pytest.mark.slow
def test_numbers_from_sparse_points_hold_the_truth_of_an_atrium_that_set_no_interval() -> None:
    """Another spacing, ratio and site than those of `MODEL_ERROR`: the median within 10 %, all in their intervals."""
    made = atrium(2.8, 2.5)
    lat = made.activation("right wall")
    found = map_of_points(made.surface, made.points(lat, 250, 77), MapSettings())
    velocities = map_conduction(found)
    numbers = map_numbers(found, velocities, 0.5)
    truth = np.nanquantile(made.speeds(lat)[velocities.kept], (0.25, 0.5, 0.75))
    for number, true in zip((numbers.cv_q25, numbers.cv_median, numbers.cv_q75), truth, strict=True):
        assert number is not None and number.sd is not None
        assert abs(number.value - true) <= 1.96 * number.sd
    assert numbers.cv_median is not None and numbers.cv_median.value == pytest.approx(truth[1], rel=0.10)
    assert numbers.low_cm2 is not None and numbers.low_cm2.sd is None


def test_the_order_of_points_does_not_matter() -> None:
    """The same points in another order give the same map."""
    surface = sphere(3)
    points = _sparse(surface, sphere_distance(surface, 0) / 0.6, 60, 1)
    order = np.random.default_rng(2).permutation(60)
    first, second = (map_of_points(surface, each, QUICK) for each in (points, points.some(order)))
    np.testing.assert_allclose(first.lat_ms, second.lat_ms, atol=1e-6)


def test_nothing_is_said_beyond_the_points_or_on_another_part() -> None:
    """Points on half of one sheet: known there, unknown beyond 7 mm, and on the sheet behind it."""
    sheet = plane(41, 60.0)
    both = merged([sheet, Surface(sheet.vertices + np.array([0, 0, 4.0]), sheet.faces)])
    lat = both.vertices[:, 0] / 0.5
    at = np.flatnonzero((both.vertices[:, 0] < 0) & (both.vertices[:, 2] == 0))[::9]
    found = map_of_points(both, MapPoints.of(both.vertices[at], lat[at]), QUICK)
    count = len(sheet.vertices)
    assert not found.lat_measured[count:].any() and np.isnan(found.lat_ms[count:]).all()
    assert found.lat_measured[:count][sheet.vertices[:, 0] < 0].all()
    assert not found.lat_measured[:count][sheet.vertices[:, 0] > 9].any()
    np.testing.assert_array_equal(np.isnan(found.lat_ms), ~found.lat_measured)


def test_missing_values_never_become_numbers() -> None:
    """A point without a time says nothing of time, and voltages of 0 or below are none."""
    surface = sphere(3)
    points = _sparse(surface, sphere_distance(surface, 0) / 0.6, 60, 1)
    missing = MapPoints.of(
        np.vstack([points.positions, surface.vertices[:1]]),
        np.append(points.lat_ms, np.nan),
        np.append(np.full(60, -1.0), 0.0),
    )
    found, expected = map_of_points(surface, missing, QUICK), map_of_points(surface, points, QUICK)
    np.testing.assert_allclose(found.lat_ms, expected.lat_ms, atol=0.05)
    assert not found.has_voltage


@pytest.mark.parametrize("count", [1, 3])
def test_too_few_points_are_refused(count: int) -> None:
    """Below four."""
    surface = sphere(3)
    with pytest.raises(BadInput, match="4 are needed"):
        map_of_points(surface, MapPoints.of(surface.vertices[:count], np.arange(count, dtype=float)), QUICK)


def test_all_missing_is_said() -> None:
    """Neither points nor a given map without a value."""
    surface = sphere(3)
    with pytest.raises(BadInput, match="no annotated activation time"):
        map_of_points(surface, MapPoints.of(surface.vertices[:20]), QUICK)
    with pytest.raises(BadInput, match="no annotated activation time"):
        given_map(surface, np.full(len(surface.vertices), np.nan), None)


def test_points_of_another_frame_are_refused_with_their_distance() -> None:
    """x and y negated about a shell far from the origin."""
    surface = sphere(3)
    moved = Surface(surface.vertices + np.array([60.0, 40.0, 0.0]), surface.faces)
    points = MapPoints.of(moved.vertices[:50] * [-1, -1, 1], np.arange(50.0))
    with pytest.raises(BadInput, match="LPS or RAS"):
        map_of_points(moved, points, QUICK)


@pytest.mark.parametrize(("scale", "grave"), [(0.001, True), (1.0, False), (100.0, True)])
def test_times_in_another_unit_are_noticed(scale: float, grave: bool) -> None:
    """Seconds taken for ms, ms, and more than a beat."""
    surface = sphere(3)
    found = given_map(surface, scale * sphere_distance(surface, 0) / 0.6, None)
    assert any(remark.gravity is Gravity.GRAVE for remark in found.remarks) == grave


def test_a_given_map_has_no_interval() -> None:
    """What the mapping system interpolated cannot be told from what it measured."""
    surface = sphere(3)
    found = given_map(surface, sphere_distance(surface, 0) / 0.6, None)
    numbers = map_numbers(found, map_conduction(found), 0.5)
    assert np.isnan(found.lat_sd_ms).all()
    assert numbers.cv_median is not None and numbers.cv_median.sd is None
