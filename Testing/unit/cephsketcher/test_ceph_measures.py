"""Every measure against exact constructions: a face of which each angle and length is known by design."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from CephSketcherLib.analysis.analyses import ANALYSES, analyse, unavailable
from CephSketcherLib.analysis.measures import MEASURES
from CephSketcherLib.analysis.plane_geometry import looks_right, to_face_frame
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet


def up(*pairs: tuple[str, float, float]) -> dict[str, np.ndarray]:
    """Points given with y up, as film pixels (y down)."""
    return {symbol: np.array([x, -y], float) for symbol, x, y in pairs}


def polar(origin: np.ndarray, degrees: float, length: float) -> tuple[float, float]:
    """A point (y up) from an origin (y up) in a direction."""
    return (
        float(origin[0] + length * math.cos(math.radians(degrees))),
        float(origin[1] + length * math.sin(math.radians(degrees))),
    )


def face() -> dict[str, np.ndarray]:
    """SN level, S at the origin, N at (70, 0). SNA 82, SNB 80, FH falls 7, mandibular plane 32 against SN."""
    n = np.array([70.0, 0.0])
    a, b = polar(n, 180 + 82, 60), polar(n, 180 + 80, 100)
    pog = polar(n, 180 + 81, 115)
    go = np.array([0.0, -75.0])
    me = polar(go, -32, 70)
    po = np.array([-20.0, -20.0])
    orb = polar(po, -7, 75)
    pns = np.array([20.0, -48.0])
    ans = polar(pns, -8, 48)
    ui, li = np.array([70.0, -82.0]), np.array([67.0, -80.0])
    u1a, l1a = polar(ui, 103, 24), polar(li, 270 - 12, 22)
    return up(
        ("S", 0, 0), ("N", *n), ("A", *a), ("B", *b), ("Pog", *pog), ("Go", *go), ("Me", *me), ("Po", *po),
        ("Or", *orb),
        ("PNS", *pns), ("ANS", *ans), ("UI", *ui), ("LI", *li), ("U1A", *u1a), ("L1A", *l1a), ("U6", 38, -75),
        ("L6", 39, -74), ("Gn", *(0.5 * (np.array(me) + np.array(pog)))), ("Ar", -14, -36), ("Co", -12, -22),
        ("Ba", -22, -42), ("Prn", 100, -55), ("Sn", 84, -62), ("UL", 88, -76), ("LL", 84, -92), ("sPog", 76, -115),
    )  # fmt: skip


def landmarks(points: dict[str, np.ndarray], **about: object) -> LandmarkSet:
    return LandmarkSet(tuple(LandmarkPoint(s, float(x), float(y), **about) for s, (x, y) in points.items()))  # type: ignore[arg-type]


def values(points: dict[str, np.ndarray], scale: float | tuple[float, float] | None = 1.0) -> dict[str, float]:
    return {m.name: m.value for m in analyse(landmarks(points), scale, draws=100)}


def test_angles_of_a_face_made_to_measure() -> None:
    v = values(face())
    expected = {
        "SNA": 82, "SNB": 80, "ANB": 2, "SNPog": 81, "SN-MP": 32, "FMA": 25, "SN-FH": 7, "SN-PP": 8, "PP-MP": 24,
        "PP-FH": 1, "U1-SN": 103, "U1-FH": 110, "U1-PP": 111, "Bjork sum": 392, "Facial angle": 88, "S-N": 70,
        "Maxillary depth": 89,
    }  # fmt: skip
    for name, value in expected.items():
        assert v[name] == pytest.approx(value, abs=1e-9), name
    # The lower incisor's axis stands at 78 degrees to SN: 32 more at the mandibular plane, 85 to Frankfort.
    assert v["IMPA"] == pytest.approx(180 - 32 - 78)
    assert v["FMIA"] == pytest.approx(78 + 7)
    assert v["Interincisal"] == pytest.approx((270 - 12) - 103)


def test_identities_between_measures() -> None:
    v = values(face())
    assert v["ANB"] == pytest.approx(v["SNA"] - v["SNB"])
    assert v["FMA"] + v["FMIA"] + v["IMPA"] == pytest.approx(180)
    assert v["Bjork sum"] == pytest.approx(v["Saddle"] + v["Articular"] + v["Gonial"])
    assert v["Bjork sum"] - 360 == pytest.approx(v["SN-MP"])
    assert v["Upper gonial"] + v["Lower gonial"] == pytest.approx(v["Gonial"])
    assert v["PP-MP"] == pytest.approx(v["FMA"] - v["PP-FH"])
    assert v["L1-MP"] == pytest.approx(v["IMPA"] - 90)
    assert v["Holdaway ratio"] == pytest.approx(v["L1-NB mm"] - v["Pog-NB mm"])
    assert v["Mx-Md difference"] == pytest.approx(v["Co-Gn"] - v["Co-A"])
    # Steiner's quadrilateral: the four angles about N, the incisors and A, B close.
    assert v["ANB"] + v["U1-NA"] + v["L1-NB"] + v["Interincisal"] == pytest.approx(180)
    # APDI is the angle between the palatal plane and A-B.
    p = {s: to_face_frame(xy, True) for s, xy in face().items()}
    ab, pp = p["B"] - p["A"], p["PNS"] - p["ANS"]
    assert v["APDI"] == pytest.approx(math.degrees(math.acos(ab @ pp / np.linalg.norm(ab) / np.linalg.norm(pp))))


def moved(symbol: str, forward: float = 0.0, upward: float = 0.0) -> dict[str, np.ndarray]:
    points = face()
    points[symbol] = points[symbol] + np.array([forward, -upward])
    return points


@pytest.mark.parametrize(
    ("name", "symbol", "step", "sign"),
    [
        ("SNA", "A", (1, 0), 1),
        ("SNB", "B", (1, 0), 1),
        ("ANB", "A", (1, 0), 1),
        ("ANB", "B", (1, 0), -1),
        ("Convexity", "A", (1, 0), 1),
        ("Convexity mm", "A", (1, 0), 1),
        ("A-B plane", "A", (1, 0), -1),
        ("A-B plane", "B", (1, 0), 1),
        ("Facial angle", "Pog", (1, 0), 1),
        ("Y axis", "Gn", (0, -1), 1),
        ("FMA", "Me", (0, -1), 1),
        ("PP-FH", "ANS", (0, -1), 1),
        ("SN-FH", "Or", (0, -1), 1),
        ("Jarabak ratio", "Go", (0, -1), 1),
        ("LAFH %", "Me", (0, -1), 1),
        ("U1-SN", "UI", (1, 0), 1),
        ("U1-NA", "UI", (1, 0), 1),
        ("U1-NA mm", "UI", (1, 0), 1),
        ("L1-NB", "LI", (1, 0), 1),
        ("L1-NB mm", "LI", (1, 0), 1),
        ("IMPA", "LI", (1, 0), 1),
        ("FMIA", "LI", (1, 0), -1),
        ("Interincisal", "UI", (1, 0), -1),
        ("L1-APog", "LI", (1, 0), 1),
        ("U1-APog", "UI", (1, 0), 1),
        ("Overjet", "UI", (1, 0), 1),
        ("Overbite", "UI", (0, -1), 1),
        ("Overjet OP", "UI", (1, 0), 1),
        ("Overbite OP", "UI", (0, -1), 1),
        ("Wits", "A", (1, 0), 1),
        ("Wits", "B", (1, 0), -1),
        ("A-N perp", "A", (1, 0), 1),
        ("Pog-N perp", "Pog", (1, 0), 1),
        ("AF-BF", "A", (1, 0), 1),
        ("UL-E", "UL", (1, 0), 1),
        ("LL-S", "LL", (1, 0), 1),
        ("LL-B line", "LL", (1, 0), 1),
        ("LL-H", "LL", (1, 0), 1),
        ("H angle", "UL", (1, 0), 1),
        ("Z angle", "LL", (1, 0), -1),
        ("Nasolabial", "Prn", (0, 1), 1),
        ("ODI", "ANS", (0, -1), 1),
        ("APDI", "B", (1, 0), 1),
        ("L1-OP", "LI", (1, 0), 1),
        ("FH-OP", "UI", (0, -1), 1),
    ],
)
def test_signs(name: str, symbol: str, step: tuple[float, float], sign: int) -> None:
    assert np.sign(values(moved(symbol, *step))[name] - values(face())[name]) == sign


def test_lengths_and_lines_by_hand() -> None:
    points = up(("S", 0, 0), ("N", 70, 0), ("A", 70, -60), ("B", 66, -100), ("Me", 60, -120), ("Go", 0, -80),
                ("Pog", 70, -110), ("UI", 74, -82), ("LI", 71, -80), ("Po", -10, -20), ("Or", 60, -20),
                ("U6", 40, -81), ("L6", 41, -81))  # fmt: skip
    v = values(points, 0.5)
    assert v["U1-NA mm"] == pytest.approx(2.0)
    assert v["Overjet"] == pytest.approx(1.5)
    assert v["Overbite"] == pytest.approx(1.0)
    assert v["Wits"] == pytest.approx(2.0)  # the occlusal plane is level: midpoints (40.5, -81) and (72.5, -81)
    assert v["AF-BF"] == pytest.approx(2.0)
    assert v["Convexity"] == pytest.approx(0.0)
    assert v["A-N perp"] == pytest.approx(0.0)
    assert v["S-Go"] == pytest.approx(40.0)
    assert v["Jarabak ratio"] == pytest.approx(100 * 80 / math.hypot(10, 120))


def test_pixels_of_unequal_sides_give_true_angles() -> None:
    squeezed = {s: xy * np.array([2.0, 1.0]) for s, xy in face().items()}
    plain = values(face())
    for name, value in values(squeezed, (0.5, 1.0)).items():
        assert value == pytest.approx(plain[name], abs=1e-6), name


@settings(max_examples=25)
@given(
    st.floats(-60, 60, width=32, allow_subnormal=False),
    st.floats(0.25, 4, width=32, allow_subnormal=False),
    st.floats(-500, 500, width=32, allow_subnormal=False),
    st.booleans(),
)
def test_turned_scaled_shifted_and_mirrored_films_measure_the_same(
    degrees: float, zoom: float, shift: float, mirror: bool
) -> None:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = zoom * np.array([[c, -s], [s, c]])
    points = {k: turn @ xy + np.array([shift, -shift]) for k, xy in face().items()}
    if mirror:
        points = {k: xy * np.array([-1.0, 1.0]) for k, xy in points.items()}
    plain = values(face())
    again = values(points, 1 / zoom)
    assert again.keys() == plain.keys()
    for name, value in plain.items():
        assert again[name] == pytest.approx(value, abs=1e-6), name


def test_every_measure_is_computed_for_a_complete_face_and_shown_by_an_analysis() -> None:
    assert set(values(face())) == set(MEASURES)
    assert {name for names in ANALYSES.values() for name in names} == set(MEASURES)
    assert all(m.convention.endswith(".") for m in MEASURES.values())


def test_facing_is_read_off_the_landmarks() -> None:
    points = face()
    assert looks_right(points) is True
    assert looks_right({s: xy * np.array([-1, 1]) for s, xy in points.items()}) is False
    assert looks_right({s: points[s] for s in ("Go", "Me", "S")}) is True
    assert looks_right({s: points[s] for s in ("UI", "LI")}) is None


def test_what_is_missing_is_named_not_guessed() -> None:
    points = {s: xy for s, xy in face().items() if s not in ("U1A", "L1A", "U6", "L6", "Prn", "Co", "Ba")}
    found = values(points, None)
    assert "U1-SN" not in found and "IMPA" not in found and "Wits" not in found and "S-N" not in found
    reasons = dict(unavailable(landmarks(points)))
    assert reasons["Upper incisor to SN"] == "U1A is not marked on this film"
    assert reasons["Front cranial base (S-N)"] == "millimeters need a scale"
    assert "Xi" in reasons["Lower face height angle (ANS-Xi-Pm)"]
    titles = {MEASURES[name].title for name in found}
    assert titles.isdisjoint(title for title, _ in unavailable(landmarks(points)))
