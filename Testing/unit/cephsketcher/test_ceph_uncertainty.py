"""Uncertainty of measures, deviations from norms, and the self-check against 300 films read by a person."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from CephSketcherLib.analysis.analyses import analyse
from CephSketcherLib.analysis.monte_carlo import draw_points, reader_spread
from CephSketcherLib.analysis.norm_files import norm_set
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from DeepMedLib.errors import BadInput

FACE = {"S": (100, 100), "N": (440, 100), "A": (430, 400), "B": (400, 580), "Me": (350, 700), "Go": (120, 520)}


def face(sd: float | None = 2.0, **changed: LandmarkPoint) -> LandmarkSet:
    covariance = None if sd is None else ((sd**2, 0.0), (0.0, sd**2))
    points = {s: LandmarkPoint(s, x, y, covariance) for s, (x, y) in FACE.items()}
    return LandmarkSet(tuple({**points, **changed}.values()))


def test_a_lengths_uncertainty_is_that_of_its_two_ends() -> None:
    found = {m.name: m for m in analyse(face(), 0.1, draws=20_000)}
    sn = found["S-N"]
    assert sn.sd == pytest.approx(0.1 * 2 * math.sqrt(2), rel=0.03)
    assert sn.interval is not None
    assert sn.interval[1] - sn.interval[0] == pytest.approx(2 * 1.96 * 0.1 * 2 * math.sqrt(2), rel=0.04)
    # ANB to first order: only the components across N-A and N-B count.
    n, a, b = (np.array(FACE[s], float) for s in "NAB")
    ra, rb = np.linalg.norm(a - n), np.linalg.norm(b - n)
    ua, ub = (a - n) / ra, (b - n) / rb
    at_n = np.hypot(*(np.array([-ua[1], ua[0]]) / ra - np.array([-ub[1], ub[0]]) / rb))
    first_order = math.degrees(2 * math.sqrt(1 / ra**2 + 1 / rb**2 + at_n**2))
    assert found["ANB"].sd == pytest.approx(first_order, rel=0.04)


def test_covariance_has_a_direction() -> None:
    along_sn = LandmarkPoint("N", 440, 100, ((9.0, 0.0), (0.0, 1e-6)))
    across = LandmarkPoint("N", 440, 100, ((1e-6, 0.0), (0.0, 9.0)))
    sure = LandmarkPoint("S", 100, 100, ((1e-9, 0.0), (0.0, 1e-9)))
    long, short = (analyse(face(1e-3, N=n, S=sure), 1.0, draws=4000) for n in (along_sn, across))
    sds = [next(m.sd for m in found if m.name == "S-N") for found in (long, short)]
    assert sds[0] == pytest.approx(3.0, rel=0.05) and sds[1] is not None and sds[1] < 0.1


def test_draws_have_the_asked_covariance_and_do_not_depend_on_other_points() -> None:
    tilted = LandmarkPoint("A", 430, 400, ((4.0, 3.0), (3.0, 5.0)))
    drawn, unknown = draw_points(face(A=tilted), 40_000, seed=3)
    assert np.cov(drawn["A"].T) == pytest.approx(np.array([[4, 3], [3, 5]]), rel=0.05)
    assert not unknown
    fewer, _ = draw_points(LandmarkSet((tilted,)), 40_000, seed=3)
    assert np.array_equal(fewer["A"], drawn["A"])


def test_edited_points_count_with_a_readers_spread_and_unknown_ones_with_none() -> None:
    edited = face(1e-6).moved("A", (430, 400))
    found = {m.name: m for m in analyse(edited, None, draws=4000)}
    spread = reader_spread()["A"] * 340
    length = math.hypot(10, 300)
    assert found["SNA"].sd == pytest.approx(math.degrees(spread / length), rel=0.06)
    assert found["SNA"].edited and "placed by hand" in found["SNA"].measurement().source
    unknown = {m.name: m for m in analyse(face(None), None)}
    assert unknown["SNA"].sd is None and unknown["SNA"].interval is None and unknown["SNA"].value > 0


def test_reader_spread_is_plausible() -> None:
    # One reader's SD per axis of some 0.3 to 1.6 mm at a sella-nasion of 66 mm.
    assert all(0.3 < 66 * share < 1.7 for symbol, share in reader_spread().items() if symbol)
    assert reader_spread()["UI"] < reader_spread()["Go"]


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
    assert record["name"] == "SNA" and record["norm_mean"] == 82 and record["uses"] == ["S", "N", "A"]
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
