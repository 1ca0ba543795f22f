"""While a point is dragged: what follows it follows at once, nothing else moves, and the solved result is near."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.outlines.following import FOLLOWS, followers
from CephSketcherLib.sample_film import SampleFilm, sample_film
from CephSketcherLib.tracing.local_step import step
from CephSketcherLib.tracing.result import CephOptions, CephResult
from CephSketcherLib.tracing.solve import outline_model, solve, touched_outlines


@pytest.fixture(scope="module")
def sample() -> SampleFilm:
    return sample_film(7)


@pytest.fixture(scope="module")
def solved(sample: SampleFilm) -> CephResult:
    points = LandmarkSet(tuple(replace(p, covariance=((16.0, 0.0), (0.0, 9.0))) for p in sample.landmarks))
    film = sample.film
    empty = CephResult("film", film.width, film.height, sample.facing, points, film.scale, CephOptions(draws=200))
    return solve(empty, film.pixels)


def moved(result: CephResult, symbol: str, x: float, y: float) -> CephResult:
    return result.with_landmark(symbol, result.points[symbol].xy + np.array([x, y]))


def test_outlines_follow_the_points_on_them_and_those_that_carry_them() -> None:
    follow = followers(outline_model())
    assert {"mandible", "soft_tissue_profile", "lower_molar"} == follow["Me"]
    assert follow["U1A"] == {"upper_incisor"} and "cranial_base" in follow["S"]
    assert "orbit" not in follow["Me"] and "orbit" in follow["Or"] and 0 < FOLLOWS < 1


@pytest.mark.parametrize("symbol", ["Me", "S", "A", "Go", "U1A"])
def test_a_step_moves_what_follows_and_ends_near_the_solved_result(
    symbol: str, solved: CephResult, sample: SampleFilm
) -> None:
    after = moved(solved, symbol, 4, 2)
    shown, anew = step(solved, after), solve(after, sample.film.pixels, solved)
    following = set(touched_outlines(solved, after))
    assert following == set(followers(outline_model())[symbol])
    for name, outline in solved.outlines.items():
        gone = np.abs(shown.outlines[name].points - outline.points).max()
        if name in following:
            assert 0 < gone and np.abs(shown.outlines[name].points - anew.outlines[name].points).max() < 8
        else:
            assert gone == 0 and np.array_equal(anew.outlines[name].points, outline.points)
    for outline in shown.outlines.values():
        if symbol in outline.at:
            np.testing.assert_allclose(outline.points[outline.at[symbol]], after.points[symbol].xy, atol=1e-9)
    values = {m.name: m.value for m in anew.measures}
    for measure in shown.measures:
        before = next(m for m in solved.measures if m.name == measure.name)
        assert measure.sd == before.sd
        if symbol in measure.uses and not measure.from_outlines:
            assert measure.value != before.value and measure.value == pytest.approx(values[measure.name], abs=1e-9)


def test_a_step_bends_an_outline_through_its_handle(solved: CephResult, sample: SampleFilm) -> None:
    outline = solved.outlines["mandible"]
    index = next(i for i in range(4, len(outline.points)) if i not in outline.at.values())
    place = outline.points[index] + np.array([3.0, 5.0])
    after = solved.with_outline_point("mandible", index, place)
    shown = step(solved, after)
    assert touched_outlines(solved, after) == ("mandible",)
    np.testing.assert_allclose(shown.outlines["mandible"].points[index], place, atol=1e-9)
    assert np.abs(shown.outlines["mandible"].points[index + 1] - outline.points[index + 1]).max() > 1
    assert solve(after, sample.film.pixels, solved).outlines["orbit"] is solved.outlines["orbit"]


def test_steps_keep_to_the_film_as_given(solved: CephResult, sample: SampleFilm) -> None:
    """On a film that looks left with flat pixels the same drag gives the same measures."""
    film = sample.film
    left = LandmarkSet(
        tuple(replace(p, y=(p.y + 0.5) / 1.25 - 0.5, covariance=None) for p in solved.landmarks.mirrored(film.width))
    )
    turned = replace(solved, facing="left", landmarks=left, scale=None, aspect=1.25, outlines={}, derived=LandmarkSet())
    plain = replace(solved, scale=None, outlines={}, derived=LandmarkSet())
    here, there = (step(one, moved(one, "B", x, y)) for one, x, y in ((plain, 4, 2.5), (turned, -4, 2)))
    values = {m.name: m.value for m in there.measures}
    for measure in here.measures:
        assert values[measure.name] == pytest.approx(measure.value, abs=1e-6), measure.name
