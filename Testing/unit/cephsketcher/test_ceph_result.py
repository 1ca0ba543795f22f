"""A tracing as data: what a person moves, what follows from it, and that nothing is lost on the way to a file."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from CephSketcherLib.comparison.comparison import compare
from CephSketcherLib.film.lateral_film import typed_scale
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.outlines.curve_handles import choose_handles, misses_of, smooth_curve
from CephSketcherLib.outlines.outline_solver import Outline
from CephSketcherLib.report.overlay import ceph_overlay, comparison_overlay, ellipse_95
from CephSketcherLib.tracing.result import CephOptions, CephResult
from CephSketcherLib.tracing.solve import measure, norms_of, solve
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.scale import FILM, Scale

#: A face in pixels, looking right; made up, with round angles.
FACE = {
    "S": (420, 520), "N": (700, 500), "Or": (650, 640), "Po": (330, 600), "A": (680, 790), "B": (650, 960),
    "Pog": (640, 1030), "Me": (615, 1050), "Gn": (632, 1044), "Go": (370, 890), "LI": (682, 880), "UI": (692, 884),
    "UL": (765, 850), "LL": (740, 930), "Sn": (735, 790), "sPog": (690, 1040), "PNS": (475, 740), "ANS": (685, 760),
    "Ar": (340, 680),
}  # fmt: skip
SIZE = (968, 1200)


def landmarks() -> LandmarkSet:
    points = [
        LandmarkPoint(
            symbol, float(x), float(y), ((9.0, 0.0), (0.0, 4.0)), 0.5 if symbol == "Go" else 0.9, symbol == "Go"
        )
        for symbol, (x, y) in FACE.items()
    ]
    return LandmarkSet(tuple(points))


def result(facing: str = "right", **changes: object) -> CephResult:
    points = landmarks() if facing == "right" else landmarks().mirrored(SIZE[0])
    made = CephResult("film", *SIZE, facing, points, typed_scale(0.2), CephOptions(draws=200))
    return replace(made, **changes)  # type: ignore[arg-type]


def values(made: CephResult) -> dict[str, float]:
    return {m.name: m.value for m in made.measures}


def test_the_side_that_the_face_looks_to_does_not_matter() -> None:
    right, left = values(measure(result())), values(measure(result("left")))
    assert right.keys() == left.keys()
    for name, value in right.items():
        assert left[name] == pytest.approx(value, abs=1e-6), name


def test_pixels_that_are_not_square_do_not_bend_angles() -> None:
    squeezed = LandmarkSet(tuple(replace(p, y=(p.y + 0.5) / 1.25 - 0.5) for p in landmarks()))
    made = result(landmarks=squeezed, height=960, scale=Scale(0.2, 0.25, "typed"), aspect=1.25)
    plain, bent = values(measure(result())), values(measure(made))
    for name in ("SNA", "FMA", "Jarabak ratio", "S-N"):
        assert bent[name] == pytest.approx(plain[name], abs=1e-6), name


@pytest.mark.parametrize("scaled", [True, False])
def test_films_with_unlike_pixels_are_laid_on_each_other_in_true_shape(scaled: bool) -> None:
    """The same face on square and on flat pixels has not changed, with and without a scale."""
    squeezed = LandmarkSet(tuple(replace(p, y=(p.y + 0.5) / 1.25 - 0.5, covariance=None) for p in landmarks()))
    square, flat = (Scale(0.2, 0.2, "typed"), Scale(0.2, 0.25, "typed")) if scaled else (None, None)
    plain = measure(result(scale=square))
    bent = measure(result(landmarks=squeezed, height=960, scale=flat, aspect=1.25))
    for earlier, later in ((plain, bent), (bent, plain)):
        for method in ("sella-nasion", "best fit"):
            found = compare(earlier, later, method)
            assert max(move.length for move in found.displacements) < 1e-6
            assert max(abs(change.difference) for change in found.changes) < 1e-6
            np.testing.assert_allclose(found.points.array(), earlier.points.array(), atol=1e-6)


def test_a_point_on_the_film_is_in_mm_only_with_a_scale() -> None:
    made = result()
    assert made.sd_mm(made.landmarks["S"]) == pytest.approx(0.2 * np.sqrt(6.5))
    assert result(scale=None).sd_mm(made.landmarks["S"]) is None


def test_what_a_person_does_is_remembered() -> None:
    made = result()
    assert not made.edited and [p.symbol for p in made.check_first()] == ["Go"]
    moved = made.with_landmark("Go", np.array([372.0, 880.0]))
    assert moved.edited and moved.check_first() == [] and moved.landmarks["Go"].covariance is None
    confirmed = made.with_confirmed("Go")
    assert confirmed.check_first() == [] and not confirmed.edited and confirmed.landmarks["Go"].sd is not None
    with pytest.raises(KeyError):
        made.with_outline_point("mandible", 3, np.zeros(2))
    with pytest.raises(KeyError):
        made.with_landmark("XYZ", np.zeros(2))


def test_warnings_say_what_lengths_are() -> None:
    on_film = result(scale=Scale(0.2, 0.2, "DICOM ImagerPixelSpacing", plane=FILM, confirmed=False, note="Look."))
    text = " ".join(on_film.warnings())
    assert "magnification" in text and "not confirmed" in text and "Check first: Go." in text
    assert "no known scale" in result(scale=None).warnings()[0]


def test_norms_in_film_millimeters_follow_the_scale() -> None:
    boy = CephOptions(analyses=("Growth lengths",), norms="Riolo 1974", age=16.0, sex="male", draws=200)

    def front_base(scale: Scale) -> tuple[float | None, float | None, list[str]]:
        made = measure(result(options=boy, scale=scale))
        found = next(m for m in made.measures if m.name == "S-N")
        told = [sentence for sentence in made.warnings() if sentence.startswith("Norms of Riolo 1974")]
        assert bool(told) == bool(found.norm_hint) == (found.norm_hint in found.note and found.norm_mean is None)
        return found.norm_mean, found.norm_sd, told

    in_head = Scale(0.2, 0.2, "ruler")
    assert front_base(in_head) == (pytest.approx(83.3 / 1.129), pytest.approx(3.8 / 1.129), [])
    known = Scale(0.2, 0.2, "detector", plane=FILM, magnification=1.129)
    assert front_base(known) == (pytest.approx(83.3), pytest.approx(3.8), [])
    mean, sd, told = front_base(Scale(0.2, 0.2, "detector", plane=FILM))
    assert mean is None and sd is None
    assert len(told) == 1 and "magnification of this film is not known; enter it under Scale." in told[0]


def test_measures_saved_before_an_entry_existed_are_read() -> None:
    record = json.loads(json.dumps(measure(result()).to_json()))
    for item in record["measurements"]:
        del item["norm_hint"]
    assert all(m.norm_hint == "" for m in CephResult.from_json(record).measures)


def test_json_keeps_everything() -> None:
    made = measure(result("left", aspect=1.0, notes=("A note.",), provenance={"model": "m"}))
    made = made.with_landmark("B", np.array([300.0, 950.0]))
    made = replace(
        made,
        outlines={"mandible": line("mandible")},
        fixed={"mandible": {2: (1.5, 2.5)}},
        moved=LandmarkSet((LandmarkPoint("U1A", 5.0, 6.0, edited=True),)),
    )
    record = json.loads(json.dumps(made.to_json(), allow_nan=False))
    again = CephResult.from_json(record)
    assert again.to_json() == made.to_json()
    assert again.landmarks == made.landmarks and again.fixed == made.fixed and again.measures == made.measures
    assert again.readings == made.readings and again.outlines["mandible"].at == {"Go": 3}
    contract = {"name", "value", "unit", "sd", "code", "source"}
    assert contract <= set(record["measurements"][0]) and record["status"] == "done"


def test_an_abstained_result_has_no_numbers() -> None:
    made = result(landmarks=LandmarkSet(), abstained=True, reason="No head.")
    solved = solve(made, np.zeros((SIZE[1], SIZE[0]), np.uint8))
    assert solved.measures == () and dict(solved.outlines) == {} and "No head." in solved.warnings()[0]
    assert ceph_overlay(np.zeros((60, 40), np.uint8), solved).shape == (60, 40, 3)


def test_unknown_norms_are_said() -> None:
    with pytest.raises(BadInput):
        norms_of(CephOptions(norms="Nobody 1900"))


def test_comparison_needs_two_tracings() -> None:
    made = measure(result())
    with pytest.raises(BadInput, match="was not traced"):
        compare(made, result(landmarks=LandmarkSet(), abstained=True), "sella-nasion")
    turned = measure(result("left"))
    laid = compare(made, turned, "sella-nasion")
    assert max(move.length for move in laid.displacements) < 1e-6
    np.testing.assert_allclose(laid.points.array(), made.landmarks.array(), atol=1e-6)
    picture = comparison_overlay(np.zeros((SIZE[1], SIZE[0]), np.uint8), made, laid)
    assert picture.shape == (SIZE[1], SIZE[0], 3) and picture.any()


def test_the_overlay_marks_what_is_to_be_checked() -> None:
    made = measure(result())
    picture = ceph_overlay(np.zeros((SIZE[1], SIZE[0]), np.uint8), made).astype(int)

    def around(symbol: str) -> np.ndarray:
        x, y = (round(v) for v in FACE[symbol])
        return picture[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).mean(0)

    assert around("Go")[1] < 0.6 * around("Go")[0]  # orange
    assert around("S")[1] > 0.8 * around("S")[0]  # yellow
    edited = ceph_overlay(np.zeros((SIZE[1], SIZE[0]), np.uint8), made.with_landmark("S", made.landmarks["S"].xy))
    x, y = FACE["S"]
    assert edited[y, x].min() > 200  # white


def test_the_95_percent_region_holds_95_percent() -> None:
    covariance = np.array([[9.0, 3.0], [3.0, 4.0]])
    drawn = np.random.default_rng(0).multivariate_normal([0, 0], covariance, 20000)
    inside = np.einsum("ni,ij,nj->n", drawn, np.linalg.inv(covariance), drawn) <= 5.991
    border = ellipse_95(covariance)
    np.testing.assert_allclose(np.einsum("ni,ij,nj->n", border, np.linalg.inv(covariance), border), 5.991, rtol=1e-6)
    assert inside.mean() == pytest.approx(0.95, abs=0.005)


def line(name: str, closed: bool = False, count: int = 60) -> Outline:
    t = np.linspace(0, 1.5 * np.pi, count)
    points = np.column_stack([400 + 100 * np.cos(t), 700 + 150 * np.sin(t)])
    return Outline(name, name.title(), points.round(3), closed, np.full(count, 1.5), ("Go",), 0.8, {"Go": 3})


@pytest.mark.parametrize("closed", [False, True])
def test_few_handles_hold_the_whole_curve(closed: bool) -> None:
    outline = line("x", closed)
    chosen = choose_handles(outline)
    assert 3 in chosen and chosen == sorted(set(chosen)) and len(chosen) < 25
    if not closed:
        assert chosen[0] == 0 and chosen[-1] == len(outline.points) - 1
    assert misses_of(outline.points, chosen, closed).max() < 0.006 * 300 + 1e-6


def test_a_smooth_curve_passes_through_its_points() -> None:
    points = line("x").points
    smooth = smooth_curve(points, False, parts=4)
    np.testing.assert_allclose(smooth[::4], points, atol=1e-9)
    ring = smooth_curve(points, True)
    np.testing.assert_allclose(ring[0], ring[-1], atol=1e-9)
