"""Tracing a film by hand: points wait in a plausible place and count nowhere until a person has placed them."""

from __future__ import annotations

import numpy as np
import pytest

from CephSketcherLib.film.lateral_film import typed_scale
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.sample_film import sample_film
from CephSketcherLib.tracing.hand_tracing import by_hand, starting_places
from CephSketcherLib.tracing.result import CephOptions, CephResult
from CephSketcherLib.tracing.solve import FEWEST_FOR_OUTLINES, solve
from CephSketcherLib.tracing.work_frame import WorkFrame

FILM = sample_film(7)


def refused(facing: str = "right") -> CephResult:
    film = FILM.film
    return CephResult(
        film.name,
        film.width,
        film.height,
        facing,
        LandmarkSet(),
        typed_scale(0.2),
        CephOptions(draws=100),
        abstained=True,
        reason="No lateral head film was recognized in the picture.",
    )


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize(("width", "height", "aspect"), [(800, 1000, 1.0), (1000, 500, 1.0), (600, 500, 1.6)])
def test_the_starting_face_lies_in_the_film_and_looks_the_right_way(
    mirrored: bool, width: int, height: int, aspect: float
) -> None:
    start = starting_places(WorkFrame(width, height, mirrored, aspect))
    assert start.symbols == ISBI19.symbols and all(point.flagged for point in start)
    places = start.array()
    assert (places > 0).all() and (places < [width, height]).all()
    middle = (places.min(0) + places.max(0)) / 2
    assert np.abs(middle - (np.array([width, height]) - 1) / 2).max() < 1.0
    forward = start["N"].x - start["S"].x
    assert forward < 0 if mirrored else forward > 0
    assert start["Me"].y > start["N"].y


def test_unplaced_points_count_nowhere() -> None:
    result = solve(by_hand(refused()), FILM.film.pixels)
    assert result.status() == "done" and not result.landmarks.points and not result.measures and not result.outlines
    assert [point.symbol for point in result.check_first()] == list(ISBI19.symbols)
    assert result.warnings()[-1] == f"Not placed yet, and not counted anywhere: {', '.join(ISBI19.symbols)}."


def test_measures_and_outlines_come_as_points_are_placed() -> None:
    truth = {point.symbol: point.xy for point in FILM.landmarks}
    result = by_hand(refused())
    for number, symbol in enumerate(("A", "Me", "S", "N", "B"), start=1):  # not in the layout's order
        result = solve(result.with_landmark(symbol, truth[symbol]), FILM.film.pixels)
        assert bool(result.outlines) == (number >= FEWEST_FOR_OUTLINES)
        assert ("SNA" in {m.name for m in result.measures}) == (number >= 4)
    assert result.landmarks.symbols == ("S", "N", "A", "B", "Me")
    assert result.listed.symbols == ISBI19.symbols
    for symbol in set(ISBI19.symbols) & set(truth):
        result = result.with_landmark(symbol, truth[symbol])
    result = solve(result, FILM.film.pixels)
    assert not result.unplaced.points and not result.check_first() and result.edited
    np.testing.assert_allclose(result.landmarks.array(), FILM.landmarks.array())


def test_a_point_that_looks_right_is_placed() -> None:
    result = by_hand(refused())
    there = result.unplaced["N"].xy
    result = result.with_confirmed("N")
    assert "N" not in result.unplaced
    point = result.landmarks["N"]
    np.testing.assert_array_equal(point.xy, there)
    assert point.edited and not point.flagged


def test_what_the_model_proposed_is_where_points_start() -> None:
    proposal = LandmarkSet((LandmarkPoint("B", 12.0, 34.0, ((1, 0), (0, 1)), 0.9, False, False, "network"),))
    waiting = by_hand(refused(), proposal).unplaced
    assert waiting.symbols == ISBI19.symbols
    assert (waiting["B"].x, waiting["B"].y) == (12.0, 34.0)
    assert waiting["B"].flagged and waiting["B"].covariance is None and waiting["B"].confidence == 0.0


def test_a_half_done_tracing_survives_its_text_form() -> None:
    result = by_hand(refused("left")).with_landmark("S", np.array([100.0, 120.0]))
    again = CephResult.from_json(result.to_json())
    assert again.unplaced == result.unplaced and again.landmarks == result.landmarks
