"""Every measure's definition against a value worked out without the module's code: complex numbers and school geometry.

Each definition below is written from its convention alone: lines by two points, angles from `cmath.phase`, distances of
points from lines by the triangle's area. Points have x forward and y up.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable

import numpy as np
import pytest

from CephSketcherLib.analysis.analyses import analyse
from CephSketcherLib.analysis.measures import MEASURES
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet

#: An ordinary face, S-N rising 6 degrees, no two lines parallel and no two numbers alike, in mm.
FACE: dict[str, complex] = {
    "S": 0 + 0j, "N": 66.6 + 7j, "Or": 57 - 21j, "Po": -21 - 17j, "A": 66 - 47.5j, "B": 57.5 - 84j,
    "Pog": 58 - 98j, "Me": 50 - 104.5j, "Gn": 55 - 103j, "Go": -5.5 - 66.5j, "LI": 68 - 69j, "UI": 71 - 71.5j,
    "UL": 85 - 64j, "LL": 82.5 - 76j, "Sn": 81 - 51j, "sPog": 72 - 97j, "PNS": 18.5 - 42.5j, "ANS": 71 - 42j,
    "Ar": -13.5 - 33j, "U1A": 60 - 49.5j, "L1A": 54 - 88j, "U6": 40.5 - 66j, "L6": 42 - 66.5j, "Prn": 98 - 42j,
    "Co": -9.5 - 24.5j, "Ba": -24.5 - 36j,
}  # fmt: skip


def between(a: str, apex: str, b: str) -> float:
    """Angle at the apex, 0 to 180 degrees, by the law of cosines."""
    p, q, r = (abs(FACE[u] - FACE[v]) for u, v in ((apex, a), (apex, b), (a, b)))
    return math.degrees(math.acos((p * p + q * q - r * r) / (2 * p * q)))


def slope(a: complex | str, b: complex | str) -> float:
    """Direction of a line, degrees above the horizontal."""
    start, end = (FACE[point] if isinstance(point, str) else point for point in (a, b))
    return math.degrees(cmath.phase(end - start))


def ahead(point: str, top: complex | str, bottom: complex | str) -> float:
    """Distance of a point in front of a line that runs down the face: twice the triangle's area over the base."""
    p, u, v = FACE[point], *(FACE[end] if isinstance(end, str) else end for end in (top, bottom))
    area = (v - u).real * (p - u).imag - (v - u).imag * (p - u).real
    return area / abs(v - u)


def along(point: str, origin: str, degrees: float) -> float:
    """How far a point lies ahead of another along a direction: turned so that the direction is level."""
    return ((FACE[point] - FACE[origin]) * cmath.exp(-1j * math.radians(degrees))).real


def length(a: str, b: str) -> float:
    return abs(FACE[b] - FACE[a])


SN, FH, PP, MP = slope("S", "N"), slope("Po", "Or"), slope("PNS", "ANS"), slope("Go", "Me")
OP = slope((FACE["U6"] + FACE["L6"]) / 2, (FACE["UI"] + FACE["LI"]) / 2)
UPPER, LOWER = slope("U1A", "UI"), slope("L1A", "LI")  # apex to tip: the upper points down, the lower up
_S_TOP = (FACE["Prn"] + FACE["Sn"]) / 2

WORKED: dict[str, Callable[[], float]] = {
    "SNA": lambda: between("S", "N", "A"),
    "SNB": lambda: between("S", "N", "B"),
    "ANB": lambda: between("S", "N", "A") - between("S", "N", "B"),
    "SNPog": lambda: between("S", "N", "Pog"),
    "Facial angle": lambda: slope("N", "Pog") - (FH - 180),
    "Maxillary depth": lambda: slope("N", "A") - (FH - 180),
    "Convexity": lambda: 180 - between("N", "A", "Pog"),
    "Convexity mm": lambda: ahead("A", "N", "Pog"),
    "A-B plane": lambda: slope("A", "B") - slope("N", "Pog"),
    "Y axis": lambda: FH - slope("S", "Gn"),
    "Y axis SN": lambda: between("N", "S", "Gn"),
    "FMA": lambda: FH - MP,
    "SN-GoGn": lambda: SN - slope("Go", "Gn"),
    "SN-MP": lambda: SN - MP,
    "SN-PP": lambda: SN - PP,
    "SN-FH": lambda: SN - FH,
    "PP-MP": lambda: PP - MP,
    "PP-FH": lambda: FH - PP,
    "Saddle": lambda: between("N", "S", "Ar"),
    "Articular": lambda: between("S", "Ar", "Go"),
    "Gonial": lambda: between("Ar", "Go", "Me"),
    "Upper gonial": lambda: between("Ar", "Go", "N"),
    "Lower gonial": lambda: between("N", "Go", "Me"),
    "Bjork sum": lambda: between("N", "S", "Ar") + between("S", "Ar", "Go") + between("Ar", "Go", "Me"),
    "Jarabak ratio": lambda: 100 * length("S", "Go") / length("N", "Me"),
    "LAFH %": lambda: 100 * length("ANS", "Me") / length("N", "Me"),
    "FHI": lambda: 100 * length("Ar", "Go") / abs(ahead("Me", "PNS", "ANS")),
    "S-Ar / Ar-Go": lambda: 100 * length("S", "Ar") / length("Ar", "Go"),
    "Go-Me / S-N": lambda: 100 * length("Go", "Me") / length("S", "N"),
    "ODI": lambda: slope("Me", "Go") - slope("B", "A") + (FH - PP),
    "APDI": lambda: (slope("N", "Pog") - FH + 180) + (slope("A", "B") - slope("N", "Pog")) + (FH - PP),
    "A-N perp": lambda: along("A", "N", FH),
    "Pog-N perp": lambda: along("Pog", "N", FH),
    "AF-BF": lambda: along("A", "B", FH),
    "Pog-NB mm": lambda: ahead("Pog", "N", "B"),
    "S-L": lambda: along("Pog", "S", SN),
    "Mx-Md difference": lambda: length("Co", "Gn") - length("Co", "A"),
    "Cranial deflection": lambda: slope("Ba", "N") - FH,
    "U1-SN": lambda: UPPER - (SN - 180),
    "U1-FH": lambda: UPPER - (FH - 180),
    "U1-PP": lambda: UPPER - (PP - 180),
    "U1-NA": lambda: UPPER - slope("N", "A"),
    "U1-NA mm": lambda: ahead("UI", "N", "A"),
    "L1-NB": lambda: slope("B", "N") - LOWER,
    "L1-NB mm": lambda: ahead("LI", "N", "B"),
    "Holdaway ratio": lambda: ahead("LI", "N", "B") - ahead("Pog", "N", "B"),
    "IMPA": lambda: (MP + 180) - LOWER,
    "L1-MP": lambda: (MP + 180) - LOWER - 90,
    "FMIA": lambda: LOWER - FH,
    "Interincisal": lambda: LOWER - UPPER,
    "L1-APog": lambda: slope("Pog", "A") - LOWER,
    "L1-APog mm": lambda: ahead("LI", "A", "Pog"),
    "U1-APog": lambda: UPPER - slope("A", "Pog"),
    "U1-APog mm": lambda: ahead("UI", "A", "Pog"),
    "U1-A vertical": lambda: along("UI", "A", FH),
    "Overjet": lambda: along("UI", "LI", FH),
    "Overbite": lambda: along("UI", "LI", FH - 90),
    "Overjet OP": lambda: along("UI", "LI", OP),
    "Overbite OP": lambda: along("UI", "LI", OP - 90),
    "Wits": lambda: along("A", "B", OP),
    "Molar relation": lambda: along("U6", "L6", OP),
    "FH-OP": lambda: FH - OP,
    "SN-OP": lambda: SN - OP,
    "L1-OP": lambda: (OP + 180) - LOWER - 90,
    "UL-E": lambda: ahead("UL", "Prn", "sPog"),
    "LL-E": lambda: ahead("LL", "Prn", "sPog"),
    "UL-S": lambda: ahead("UL", _S_TOP, "sPog"),
    "LL-S": lambda: ahead("LL", _S_TOP, "sPog"),
    "UL-B line": lambda: ahead("UL", "Sn", "sPog"),
    "LL-B line": lambda: ahead("LL", "Sn", "sPog"),
    "LL-H": lambda: ahead("LL", "UL", "sPog"),
    "H angle": lambda: slope("B", "N") - slope("sPog", "UL"),
    "Z angle": lambda: min(slope(lip, "sPog") - (FH - 180) for lip in ("UL", "LL")),
    "Nasolabial": lambda: between("Prn", "Sn", "UL"),
}
#: Lengths that their name says.
LENGTHS = (
    *("S-N", "S-Ar", "Ar-Go", "Go-Me", "Go-Pog", "Ar-Pog", "S-Go", "N-Me", "N-ANS", "ANS-Me", "PNS-ANS", "Co-A"),
    *("Co-Gn", "Co-Pog", "Co-Go", "S-Ba", "Ba-N"),
)


def worked(name: str) -> float:
    return length(*name.split("-")) if name in LENGTHS else WORKED[name]()


@pytest.fixture(scope="module")
def measured() -> dict[str, float]:
    points = LandmarkSet(tuple(LandmarkPoint(s, 5 * z.real, -5 * z.imag) for s, z in FACE.items()))
    return {m.name: m.value for m in analyse(points, 0.2, draws=100)}


def test_every_measure_has_a_worked_value() -> None:
    assert {*WORKED, *LENGTHS} == set(MEASURES)


@pytest.mark.parametrize("name", list(MEASURES))
def test_a_definition(name: str, measured: dict[str, float]) -> None:
    assert measured[name] == pytest.approx(worked(name), abs=1e-9)


def test_the_worked_values_hang_together() -> None:
    """Known identities of cephalometry hold between the values worked out here."""
    v = {name: worked(name) for name in MEASURES}
    assert v["FMA"] + v["FMIA"] + v["IMPA"] == pytest.approx(180)
    assert v["ANB"] + v["U1-NA"] + v["L1-NB"] + v["Interincisal"] == pytest.approx(180)
    assert v["Bjork sum"] - 360 == pytest.approx(v["SN-MP"])
    assert v["Upper gonial"] + v["Lower gonial"] == pytest.approx(v["Gonial"])
    assert all(np.isfinite(value) for value in v.values())
    assert 75 < v["SNA"] < 90 and 0 < v["ANB"] < 8 and 15 < v["FMA"] < 40 and 1 < v["Overjet"] < 6
