"""Uncertainty of measures, deviations from norms, and the self-check against 300 films read by a person."""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from CephSketcherLib.analysis.analyses import CephMeasure, analyse
from CephSketcherLib.analysis.norm_files import norm_set
from CephSketcherLib.analysis.point_errors import draw_points, point_errors
from CephSketcherLib.analysis.widening import widening
from CephSketcherLib.landmarks.landmark_set import Covariance, LandmarkPoint, LandmarkSet
from DeepMedLib.errors import BadInput
from Training.ceph_measures.widen import factors, quantile_95, shares

FACTORS = Path(__file__).resolve().parents[3] / "CephSketcher/Resources/CephSketcherReaders/measure_factors.json"
FACE = {"S": (100, 100), "N": (440, 100), "A": (430, 400), "B": (400, 580), "Me": (350, 700), "Go": (120, 520)}


def face(sd: float | None = 2.0, **changed: LandmarkPoint) -> LandmarkSet:
    covariance = None if sd is None else ((sd**2, 0.0), (0.0, sd**2))
    points = {s: LandmarkPoint(s, x, y, covariance) for s, (x, y) in FACE.items()}
    return LandmarkSet(tuple({**points, **changed}.values()))


def square(sd: float) -> Covariance:
    return ((sd**2, 0.0), (0.0, sd**2))


def spread(symbol: str) -> np.ndarray:
    """(2, 2) px^2 of one reader's point on the face above, whose S-N is level and 340 px long; x right, y up."""
    return point_errors().covariance(symbol) * 340**2


def test_one_reader_errs_by_a_plausible_distance() -> None:
    """0.3 to 2.3 mm per axis at a sella-nasion of 66 mm but for the soft chin, which readers define differently."""
    errors = point_errors()
    sds = {s: 66 * math.sqrt(np.trace(errors.covariance(s)) / 2) for s in (*errors.symbols, "U1A")}
    assert all(0.3 < sd < 2.3 for symbol, sd in sds.items() if symbol not in ("sPog", "U1A")), sds
    assert sds["UI"] < sds["S"] < sds["Go"] and sds["U1A"] == pytest.approx(66 * errors.unread)
    scatter = np.sqrt(np.diag(errors.scatter).reshape(-1, 2).mean(1))
    assert errors.unread == pytest.approx(2 * scatter.max(), rel=1e-3)


def test_draws_are_spread_and_tied_as_the_readers_are() -> None:
    """A point as sure as usual is drawn with one reader's covariance, and goes along with its neighbors."""
    errors = point_errors()
    sds = {s: 340 * float(errors.typical[errors.symbols.index(s)]) for s in FACE}
    usual = LandmarkSet(
        tuple(LandmarkPoint(s, x, y, ((sds[s] ** 2, 0), (0, sds[s] ** 2))) for s, (x, y) in FACE.items())
    )
    drawn = draw_points(usual, 40_000, seed=3)
    assert not drawn.unknown
    for symbol in FACE:
        moved = (drawn.points[symbol] - usual[symbol].xy) * np.array([1, -1])
        assert np.cov(moved.T) == pytest.approx(spread(symbol), rel=0.06, abs=0.06 * np.trace(spread(symbol)))
    at = [2 * errors.symbols.index(s) for s in ("A", "B")]
    both = errors.scatter + errors.convention.T @ errors.convention
    wanted = both[at[0], at[1]] / math.sqrt(both[at[0], at[0]] * both[at[1], at[1]])
    found = np.corrcoef(drawn.points["A"][:, 0], drawn.points["B"][:, 0])[0, 1]
    assert abs(wanted) > 0.1 and found == pytest.approx(wanted, abs=0.03)


@pytest.mark.parametrize(("times", "factor"), [(0.2, 0.7), (0.71, 0.71), (1.0, 1.0), (2.9, 2.9), (9.0, 3.0)])
def test_a_film_on_which_the_network_is_less_sure_counts_for_more(times: float, factor: float) -> None:
    usual = 340 * float(point_errors().typical[point_errors().symbols.index("A")])
    point = LandmarkPoint("A", 430, 400, square(times * usual))
    drawn = draw_points(face(A=point), 20_000, seed=3).points["A"]
    assert np.trace(np.cov(drawn.T)) == pytest.approx(factor**2 * np.trace(spread("A")), rel=0.05)


def test_draws_do_not_depend_on_the_other_points() -> None:
    all_drawn = draw_points(face(), 100, seed=3).points
    fewer = draw_points(face().without(["A", "B"]), 100, seed=3).points
    assert np.array_equal(all_drawn["Go"], fewer["Go"])
    assert not np.array_equal(draw_points(face(), 100, seed=4).points["Go"], all_drawn["Go"])


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("degrees", [0, 25])
def test_errors_turn_with_the_face(degrees: float, mirror: bool) -> None:
    """The same measures have the same uncertainty however the film lies."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[c, -s], [s, c]]) @ np.diag([-1 if mirror else 1, 1])
    turned = LandmarkSet(tuple(replace(p, x=float(xy[0]), y=float(xy[1])) for p in face() for xy in [turn @ p.xy]))
    plain, again = ({m.name: m.sd for m in analyse(points, 0.1)} for points in (face(), turned))
    for name, sd in plain.items():
        assert again[name] == pytest.approx(sd, rel=1e-6), name


def test_a_measures_uncertainty_is_that_of_its_points() -> None:
    """SNA to first order, by hand: only what N and A do across N-A, and N across S-N, counts."""
    errors = point_errors()
    edited = face(1e-6).moved("A", (430, 400))
    found = {m.name: m for m in analyse(edited, None, draws=20_000)}
    n, a = np.array(FACE["N"], float), np.array(FACE["A"], float)
    length = float(np.linalg.norm(a - n))
    u = (a - n) / length
    across = np.array([-u[1], u[0]]) * np.array([1, -1])  # y up
    least = 0.7**2 * errors.covariance("N") * 340**2  # the network is as sure of N as may be
    at_n = across / length - np.array([0, 1]) / 340
    first_order = math.sqrt(across @ spread("A") @ across / length**2 + at_n @ least @ at_n)
    at_s = 0.7**2 * spread("S")[1, 1] / 340**2
    tied = 0.7**2 * 340**2 * (errors.scatter + errors.convention.T @ errors.convention)
    s_n = tied[0:2, 2:4]  # S before N in the layout
    first_order = math.sqrt(first_order**2 + at_s + 2 * np.array([0, 1 / 340]) @ s_n @ at_n)
    assert found["SNA"].sd == pytest.approx(math.degrees(first_order) * widening("SNA"), rel=0.03)
    assert found["SNA"].edited and "placed by hand" in found["SNA"].measurement().source


def test_a_factor_widens_the_interval_of_its_measure_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("CephSketcherLib.analysis.widening._factors", dict)
    plain = {m.name: m.sd for m in analyse(face(), 0.1)}
    monkeypatch.setattr("CephSketcherLib.analysis.widening._factors", lambda: {"S-N": 1.5})
    wide = {m.name: m.sd for m in analyse(face(), 0.1)}
    assert wide.pop("S-N") == pytest.approx(1.5 * (plain.pop("S-N") or 0)) and wide == plain


def test_factors_are_the_readers_own() -> None:
    """Each shipped factor is above 1: an interval is never made narrower than the points' errors make it."""
    shipped = json.loads(FACTORS.read_text(encoding="utf-8"))
    assert shipped["films"] == 212 and 1 < min(shipped["factors"].values()) and max(shipped["factors"].values()) < 1.5
    assert widening("S-N") == shipped["factors"]["S-N"] and widening("no such measure") == 1.0


@pytest.mark.parametrize(("count", "rank"), [(18, None), (19, 19), (38, 38), (39, 38), (212, 203)])
def test_the_quantile_of_a_finite_sample(count: int, rank: int | None) -> None:
    """The ceil(0.95 (n + 1))-th smallest of n (split conformal prediction); with fewer than 19 nothing can be said."""
    values = list(np.random.default_rng(1).permutation(np.arange(1, count + 1)))
    assert quantile_95(values) == (0.0 if rank is None else rank)


def test_factors_come_from_distances_between_readers() -> None:
    """19 films whose readers differ by 3.92 drawn SDs at most give 2; those within the interval give none."""
    rows = [{"SNA": 0.1 * k, "ANB": 0.01 * k} for k in range(1, 19)] + [{"SNA": 2 * 1.96, "ANB": 1.96}]
    assert factors(rows) == {"SNA": 2.0}


def test_the_share_of_two_readers_is_that_of_one_drawn_sd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("CephSketcherLib.analysis.widening._factors", lambda: {"Gonial": 2.0})
    known = {m.name: m for m in analyse(face(Ar=LandmarkPoint("Ar", 80, 300, square(2.0))), 0.1)}
    one = replace(known["Gonial"], value=359.0, sd=4.0)
    found = shares([one, replace(known["SNA"], sd=None)], [replace(one, value=2.0), known["SNA"]])
    assert found == {"Gonial": pytest.approx(3 / math.sqrt(2) / 2)}


def test_unknown_stays_unknown() -> None:
    unknown = {m.name: m for m in analyse(face(None), None)}
    assert unknown["SNA"].sd is None and unknown["SNA"].interval is None and unknown["SNA"].value > 0
    assert draw_points(face(None), 100, 0).unknown == set(FACE)


def test_points_off_outlines_and_faces_without_sella_keep_their_own_covariance() -> None:
    apex = LandmarkPoint("U1A", 400, 380, ((4.0, 3.0), (3.0, 5.0)), source="outline")
    drawn = draw_points(face(U1A=apex), 40_000, seed=3).points["U1A"]
    assert np.cov(drawn.T) == pytest.approx(np.array([[4, 3], [3, 5]]), rel=0.05)
    bare = draw_points(face(2.0).without(["S"]), 40_000, seed=3).points["A"]
    assert np.cov(bare.T) == pytest.approx(np.diag([4.0, 4.0]), abs=0.15)
    by_hand = draw_points(face(U1A=replace(apex, covariance=None, edited=True)), 40_000, seed=3).points["U1A"]
    assert np.cov(by_hand.T) == pytest.approx(np.eye(2) * (340 * point_errors().unread) ** 2, rel=0.05, abs=20)


def test_one_interval_for_one_number_everywhere() -> None:
    found = {m.name: m for m in analyse(face(), 0.1, ["Steiner"], norm_set("Steiner"))}
    sna = found["SNA"]
    assert sna.sd is not None and sna.interval == pytest.approx((sna.value - 1.96 * sna.sd, sna.value + 1.96 * sna.sd))
    assert sna.interval == sna.measurement().interval() and sna.to_dict()["interval"] == list(sna.interval)
    low, high = sna.deviation_interval or (0, 0)
    assert (low, high) == pytest.approx(((sna.interval[0] - 82) / 2, (sna.interval[1] - 82) / 2))
    assert CephMeasure.from_dict(json.loads(json.dumps(sna.to_dict()))) == sna


def test_the_scales_uncertainty_widens_lengths_only() -> None:
    plain = {m.name: m for m in analyse(face(0.1), 0.1, draws=4000)}
    wide = {m.name: m for m in analyse(face(0.1), 0.1, draws=4000, scale_sd=0.05)}
    assert wide["S-N"].sd == pytest.approx(0.05 * 34.0, rel=0.06)
    assert wide["SNA"].sd == plain["SNA"].sd


def test_the_same_seed_gives_the_same_numbers() -> None:
    assert analyse(face(), 0.1, seed=5) == analyse(face(), 0.1, seed=5)
    assert analyse(face(), 0.1, seed=5) != analyse(face(), 0.1, seed=6)


def test_deviation_is_counted_in_sd_of_the_norm() -> None:
    found = {m.name: m for m in analyse(face(), None, ["Steiner"], norm_set("Steiner"))}
    sna = found["SNA"]
    assert sna.deviation_sd == pytest.approx((sna.value - 82) / 2)
    assert sna.norm_source.startswith("Steiner CC") and sna.norm_text == "82.0 \u00b1 2.0"
    record = sna.to_dict()
    assert record["name"] == "SNA" and record["norm_mean"] == 82 and record["uses"] == ("S", "N", "A")
    assert found["SNPog"].deviation_sd is None if "SNPog" in found else True


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"analyses": ["Nobody"]}, "no analysis Nobody"),
        ({"mm_per_px": 0.0}, "scale"),
        ({"mm_per_px": float("nan")}, "scale"),
        ({"mm_per_px": (0.1, -0.1)}, "scale"),
        ({"age": -3.0}, "age"),
        ({"sex": "x"}, "Sex"),
        ({"draws": 3}, "draws"),
    ],
)
def test_bad_options(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        analyse(face(), **{"mm_per_px": 0.1, **arguments})  # type: ignore[arg-type]


def test_landmarks_that_do_not_tell_the_side_are_refused() -> None:
    with pytest.raises(BadInput, match="which way the face looks"):
        analyse(LandmarkSet((LandmarkPoint("UI", 3, 4), LandmarkPoint("LI", 5, 6))), None)


def test_points_on_one_spot_give_no_measure() -> None:
    spot = LandmarkPoint("A", 440, 100, ((1.0, 0.0), (0.0, 1.0)))
    found = {m.name: m.value for m in analyse(face(A=spot), None)}
    assert all(math.isfinite(value) for value in found.values())


@pytest.mark.data
def test_the_senior_readers_angles_come_out(sharedData: Path) -> None:
    """Mean and SD over 300 films as computed for the project's notes, independently of this code."""
    expected = {
        "SNA": (83.5, 4.8), "SNB": (81.5, 5.6), "ANB": (2.0, 4.3), "FMA": (28.7, 6.4), "SN-GoGn": (32.9, 6.5),
        "Y axis": (61.7, 4.9), "Gonial": (127.8, 7.3), "PP-MP": (27.1, 5.9), "Facial angle": (88.0, 5.5),
        "Jarabak ratio": (64.9, 5.2),
    }  # fmt: skip
    rows = []
    with (sharedData / "ceph" / "isbi2015" / "landmarks_senior_px.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            symbols = [key[:-2] for key in row if key.endswith("_x")]
            points = LandmarkSet(tuple(LandmarkPoint(s, float(row[f"{s}_x"]), float(row[f"{s}_y"])) for s in symbols))
            rows.append({m.name: m.value for m in analyse(points, 0.1, draws=100)})
    assert len(rows) == 300
    for name, (mean, sd) in expected.items():
        values = [row[name] for row in rows]
        # The notes' figures are rounded to one digit.
        assert np.mean(values) == pytest.approx(mean, abs=0.06), name
        assert np.std(values) == pytest.approx(sd, abs=0.06), name
