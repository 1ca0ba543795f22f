"""Two films laid on each other: known motions come back, uncertainty decides what counts as change."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from CephSketcherLib.analysis.analyses import analyse, drawn_values, exact_values
from CephSketcherLib.analysis.measures import MEASURES
from CephSketcherLib.analysis.point_errors import draw_two_films, point_errors
from CephSketcherLib.analysis.shape_fit import fit, left_out
from CephSketcherLib.comparison.changes import Change, Displacement, changes
from CephSketcherLib.comparison.changes import displacements as displacements_of
from CephSketcherLib.comparison.superimposition import (
    BEST_FIT,
    CRANIAL_BASE,
    MANDIBLE,
    METHODS,
    SELLA_NASION,
    Superimposition,
    TracedFilm,
    superimpose,
)
from CephSketcherLib.comparison.tables import changes_table, displacements_table
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.outlines.outline_solver import Outline
from DeepMedLib.errors import BadInput

FACE = {
    "S": (300, 300), "N": (640, 260), "Or": (600, 420), "Po": (200, 400), "A": (640, 600), "B": (600, 800),
    "Pog": (600, 900), "Me": (560, 940), "Gn": (585, 925), "Go": (280, 740), "PNS": (400, 560), "ANS": (660, 550),
    "Ar": (240, 480), "UL": (730, 650),
}  # fmt: skip
BASE = np.array([(560, 240), (500, 260), (440, 275), (380, 285), (340, 290), (330, 310), (300, 325), (270, 300)], float)
CHIN = np.array(
    [(240, 480), (280, 740), (420, 850), (560, 940), (585, 925), (600, 900), (602, 850), (600, 800), (610, 760),
     (580, 770), (545, 840), (530, 890)], float
)  # fmt: skip


def outline(name: str, points: np.ndarray, at: dict[str, int]) -> Outline:
    return Outline(name, name, points, False, np.full(len(points), 2.0), tuple(at), 1.0, at)


def film(sd: float = 2.0, scale: float | None = 0.2) -> TracedFilm:
    covariance = ((sd**2, 0.0), (0.0, sd**2))
    points = LandmarkSet(tuple(LandmarkPoint(s, x, y, covariance) for s, (x, y) in FACE.items()))
    outlines = {
        "cranial_base": outline("cranial_base", BASE, {}),
        "mandible": outline("mandible", CHIN, {"Ar": 0, "Go": 1, "Me": 3, "Gn": 4, "Pog": 5, "B": 7}),
    }
    return TracedFilm(points, outlines, scale)


def moved_film(source: TracedFilm, degrees: float, shift: tuple[float, float], mirror: bool = False) -> TracedFilm:
    """The film on a turned and shifted sheet, the face unchanged."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[c, -s], [s, c]])

    def there(xy: np.ndarray) -> np.ndarray:
        moved = xy @ turn.T + np.array(shift)
        return moved * np.array([-1.0, 1.0]) + np.array([1000.0, 0.0]) if mirror else moved

    points = LandmarkSet(tuple(replace(p, x=float(there(p.xy)[0]), y=float(there(p.xy)[1])) for p in source.points))
    outlines = {k: replace(v, points=there(v.points)) for k, v in source.outlines.items()}
    return TracedFilm(points, outlines, source.mm_per_px)


def displacements(first: TracedFilm, second: TracedFilm, laid: Superimposition, draws: int = 500) -> list[Displacement]:
    return displacements_of(first, second, laid, draw_two_films(first.points, second.points, draws, 0))


def changed(first: TracedFilm, second: TracedFilm) -> dict[str, Change]:
    size, measures, drawn = (0.2, 0.2), [], []
    for film_, points in zip((first, second), draw_two_films(first.points, second.points, 2000, 0), strict=True):
        measures.append(analyse(film_.points, 0.2, ["Steiner", "Growth lengths"]))
        drawn.append(drawn_values(film_.points, points, size, exact_values(film_.points, size, MEASURES)))
    return {change.name: change for change in changes(*measures, (drawn[0], drawn[1]))}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("mirror", [False, True])
def test_the_same_face_on_a_turned_or_mirrored_sheet_has_not_changed(method: str, mirror: bool) -> None:
    first = film()
    second = moved_film(first, 12.0, (40.0, -25.0), mirror)
    laid = superimpose(first, second, method)
    back = laid.to_first(first, second, second.points.array())
    assert np.allclose(back, first.points.array(), atol=1e-6)
    assert laid.in_mm and laid.unit == "mm" and laid.note
    moves = displacements(first, second, laid, draws=200)
    assert [d.symbol for d in moves] == list(FACE)
    assert all(d.length < 1e-6 and d.significant is False for d in moves)


def test_a_change_is_widened_as_its_measure_is(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = film(), moved_film(film(), 0.0, (1.0, 0.0))
    monkeypatch.setattr("CephSketcherLib.analysis.widening._factors", dict)
    plain = changed(first, second)["SNA"].sd
    monkeypatch.setattr("CephSketcherLib.analysis.widening._factors", lambda: {"SNA": 1.25})
    assert plain and changed(first, second)["SNA"].sd == pytest.approx(1.25 * plain)


def test_a_chin_that_grew_is_found_and_nothing_else() -> None:
    first = film(1.0)
    grown = dict.fromkeys(("B", "Pog", "Me", "Gn"), (20.0, 30.0))
    points = tuple(
        replace(p, x=p.x + grown.get(p.symbol, (0, 0))[0], y=p.y + grown.get(p.symbol, (0, 0))[1]) for p in first.points
    )
    second = moved_film(TracedFilm(LandmarkSet(points), {}, 0.2), 5.0, (10.0, 10.0))
    moves = {d.symbol: d for d in displacements(first, second, superimpose(first, second, SELLA_NASION))}
    assert {s for s, d in moves.items() if d.significant} == set(grown)
    # 20 px forward and 30 px down on the sheet, in the frame where sella-nasion (rising 40 in 340) is level.
    tilt = math.atan2(40, 340)
    forward, up = 0.2 * 20, -0.2 * 30
    c, s = math.cos(tilt), math.sin(tilt)
    assert moves["Pog"].forward == pytest.approx(c * forward + s * up)
    assert moves["Pog"].up == pytest.approx(-s * forward + c * up)
    assert moves["S"].length == pytest.approx(0, abs=1e-9) and moves["S"].sd_up == pytest.approx(0, abs=1e-9)
    assert moves["Pog"].sd_up is not None and moves["Pog"].sd_up > 0.2 * math.sqrt(2) * 0.95


def test_best_fit_spreads_the_change_and_bjorks_mandible_holds_the_chin() -> None:
    first = film()
    shift = np.array([0.0, 30.0])
    points = tuple(replace(p, y=p.y + 30.0) if p.symbol in ("B", "Pog", "Me", "Gn", "Go") else p for p in first.points)
    outlines = {**first.outlines, "mandible": replace(first.outlines["mandible"], points=CHIN + shift)}
    second = TracedFilm(LandmarkSet(points), outlines, 0.2)
    mandible = {d.symbol: d for d in displacements(first, second, superimpose(first, second, MANDIBLE), 200)}
    assert mandible["Pog"].length == pytest.approx(0, abs=1e-9)
    assert mandible["S"].length == pytest.approx(6.0)
    # Far from the symphysis the turn of a short contour counts: uncertainty grows with the distance.
    assert mandible["S"].sd_forward is not None and mandible["Gn"].sd_forward is not None
    assert mandible["S"].sd_forward > 2 * mandible["Gn"].sd_forward
    spread = {d.symbol: d for d in displacements(first, second, superimpose(first, second, BEST_FIT), 200)}
    assert 0 < spread["Pog"].length < 6 and 0 < spread["S"].length < 6
    held = {d.symbol: d for d in displacements(first, second, superimpose(first, second, CRANIAL_BASE), 200)}
    assert held["S"].length == pytest.approx(0, abs=1e-9) and held["Pog"].length == pytest.approx(6.0)


def test_without_scales_only_shape_is_compared() -> None:
    first = film(scale=None)
    larger = TracedFilm(LandmarkSet(tuple(replace(p, x=2 * p.x, y=2 * p.y) for p in first.points)), {}, None)
    for method in (SELLA_NASION, BEST_FIT):
        laid = superimpose(first, larger, method)
        assert laid.fit.scale == pytest.approx(0.5) and laid.unit == "% of S-N" and "scale" in laid.note
        assert all(d.length < 1e-6 for d in displacements(first, larger, laid, 100))
    in_mm = superimpose(film(scale=0.2), replace(larger, mm_per_px=0.1), BEST_FIT)
    assert in_mm.fit.scale == 1 and in_mm.in_mm


def test_unknown_uncertainty_is_not_taken_for_none() -> None:
    first = film()
    blind = TracedFilm(LandmarkSet(tuple(replace(p, covariance=None) for p in first.points)), {}, 0.2)
    moves = displacements(first, blind, superimpose(first, blind), 100)
    assert all(d.significant is None and d.sd_up is None for d in moves)


def test_changes_of_measures() -> None:
    first, second = film(1.0), film(1.0)
    second = replace(second, points=second.points.with_points([LandmarkPoint("B", 630, 800, ((1, 0), (0, 1)))]))
    found = changed(first, second)
    assert found["SNA"].difference == 0 and found["SNA"].sd == 0 and found["SNA"].significant is False
    assert found["SNB"].difference > 2 and found["SNB"].significant is True
    assert found["ANB"].difference == pytest.approx(-found["SNB"].difference)
    assert found["SNA"].usual is not None and "\u00b1" in found["SNA"].usual_text
    # S-N grows by a little more than one percent between visits of those studies.
    usual = found["S-N"].usual_text.split(" ")[0]
    assert 0.005 * found["S-N"].first < float(usual) < 0.02 * found["S-N"].first
    text = changes_table(list(found.values())).csv()
    assert text.count("\n") == len(found) + 1 and text.startswith("name,label,unit,first")
    moves = displacements(first, second, superimpose(first, second), 100)
    assert displacements_table(moves).csv().count("\n") == len(FACE) + 1


def test_a_film_differs_from_itself_by_nothing() -> None:
    first = film(4.0)
    for change in changed(first, first).values():
        assert change.difference == 0 and change.sd == 0 and change.interval == (0, 0) and change.significant is False
    for method in METHODS:
        for move in displacements(first, first, superimpose(first, first, method), 100):
            assert move.length < 1e-9 and move.sd_forward == pytest.approx(0, abs=1e-9), (method, move)


def test_what_is_usual_for_both_films_leaves_the_change() -> None:
    """Errors of a point on two films go together as far as its convention goes, and no farther."""
    first, errors = film(4.0), point_errors()
    second = moved_film(first, 0.0, (5.0, 5.0))
    drawn = draw_two_films(first.points, second.points, 40_000, 0)
    at = 2 * errors.symbols.index("B")
    usual, new = (errors.convention.T @ errors.convention)[at, at], errors.scatter[at, at]
    s, n = (first.points[symbol].xy for symbol in "SN")
    along = (n - s) / np.linalg.norm(n - s)
    found = [(d.points["B"] - f.points["B"].xy) @ along for d, f in zip(drawn, (first, second), strict=True)]
    assert usual > 0.2 * new
    assert np.corrcoef(*found)[0, 1] == pytest.approx(usual / (usual + new), abs=0.02)


def test_what_is_missing_is_said() -> None:
    first = film()
    bare = replace(first, outlines={})
    with pytest.raises(BadInput, match="no superimposition by magic"):
        superimpose(first, first, "magic")
    with pytest.raises(BadInput, match="outline mandible"):
        superimpose(first, bare, MANDIBLE)
    with pytest.raises(BadInput, match="needs N"):
        superimpose(first, replace(first, points=first.points.without(["N"])))
    with pytest.raises(BadInput, match="four or more"):
        superimpose(first, replace(first, points=LandmarkSet(first.points.points[:3])), BEST_FIT)
    other = replace(first, outlines={"mandible": outline("mandible", CHIN[:-1], {"B": 7, "Me": 3})})
    with pytest.raises(BadInput, match="different models"):
        superimpose(first, other, MANDIBLE)


@settings(max_examples=40)
@given(
    st.floats(-180, 180, width=32, allow_subnormal=False),
    st.floats(0.5, 2, width=32, allow_subnormal=False),
    st.integers(0, 10_000),
)
def test_fit_recovers_any_similarity(degrees: float, scale: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.normal(0, 10, (6, 2))
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    there = scale * points @ np.array([[c, s], [-s, c]]) + np.array([3.0, -7.0])
    found = fit(points, there, scaling=True)
    assert found.scale == pytest.approx(scale, rel=1e-6)
    assert np.allclose(found.apply(points), there, atol=1e-8)
    assert math.cos(math.radians(found.degrees - degrees)) == pytest.approx(1)
    rigid = fit(points, there, scaling=False)
    assert rigid.scale == 1 and np.allclose(rigid.rotation, found.rotation)


def test_fit_refuses_what_has_no_answer() -> None:
    with pytest.raises(ValueError, match="two or more"):
        fit(np.zeros((1, 2)), np.zeros((1, 2)), False)
    with pytest.raises(ValueError, match="one spot"):
        fit(np.zeros((3, 2)), np.ones((3, 2)), False)


def test_left_out_points_expect_themselves_in_a_mean_face() -> None:
    mean = np.array(list(FACE.values()), float)
    places, misfits = left_out(2 * mean + 5, mean)
    assert np.allclose(places, 2 * mean + 5) and np.allclose(misfits, 0, atol=1e-8)
