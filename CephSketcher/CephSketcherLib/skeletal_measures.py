"""Measures of the jaws, the cranial base and the face's heights.

Angles between planes are positive when the planes open forwards (diverge towards the front) unless said otherwise.
Mandibular plane: gonion to menton (Go-Me), except where a name says GoGn. Frankfort horizontal (FH): porion to
orbitale. Palatal plane (PP): PNS to ANS.
"""

from __future__ import annotations

import numpy as np

from .measure_definition import DEGREE, MILLIMETER, PERCENT, MeasureDefinition, Points
from .plane_geometry import along, angle, distance, offset, sweep, turn

_OPENS = "Positive when the two planes diverge towards the front."


def _opening(upper: tuple[str, str], lower: tuple[str, str], p: Points) -> np.ndarray:
    return turn(p[lower[1]] - p[lower[0]], p[upper[1]] - p[upper[0]])


def a_b_plane(p: Points) -> np.ndarray:
    """A-B line against the facial plane N-Pog, degrees; negative when A lies ahead."""
    return turn(p["Pog"] - p["N"], p["B"] - p["A"])


def facial_angle(p: Points) -> np.ndarray:
    """Frankfort horizontal against N-Pog, lower back angle, degrees."""
    return angle(p["Po"] - p["Or"], p["Pog"] - p["N"])


def palatal_to_frankfort(p: Points) -> np.ndarray:
    """Degrees; positive when the palatal plane falls towards the front."""
    return _opening(("Po", "Or"), ("PNS", "ANS"), p)


def _plane(
    name: str, title: str, upper: tuple[str, str], lower: tuple[str, str], convention: str = _OPENS
) -> MeasureDefinition:
    uses = tuple(dict.fromkeys((*upper, *lower)))
    return MeasureDefinition(name, title, DEGREE, uses, lambda p: _opening(upper, lower, p), convention)


def _length(name: str, title: str, a: str, b: str) -> MeasureDefinition:
    return MeasureDefinition(name, title, MILLIMETER, (a, b), lambda p: distance(p[a], p[b]), f"Distance {a} to {b}.")


def _perpendicular(symbol: str, p: Points) -> np.ndarray:
    """Distance of a point from the line through nasion at a right angle to the Frankfort horizontal, + in front."""
    return along(p[symbol], p["N"], p["Or"] - p["Po"])


SKELETAL: tuple[MeasureDefinition, ...] = (
    MeasureDefinition(
        "SNA",
        "SNA",
        DEGREE,
        ("S", "N", "A"),
        lambda p: angle(p["S"] - p["N"], p["A"] - p["N"]),
        "Angle at N between S and A; larger when the maxilla lies further forward.",
    ),
    MeasureDefinition(
        "SNB",
        "SNB",
        DEGREE,
        ("S", "N", "B"),
        lambda p: angle(p["S"] - p["N"], p["B"] - p["N"]),
        "Angle at N between S and B; larger when the mandible lies further forward.",
    ),
    MeasureDefinition(
        "ANB",
        "ANB",
        DEGREE,
        ("A", "N", "B"),
        lambda p: turn(p["B"] - p["N"], p["A"] - p["N"]),
        "SNA less SNB; positive when A lies in front of N-B.",
    ),
    MeasureDefinition(
        "SNPog",
        "SN to N-Pog",
        DEGREE,
        ("S", "N", "Pog"),
        lambda p: angle(p["S"] - p["N"], p["Pog"] - p["N"]),
        "Angle at N between S and Pog; larger when the chin lies further forward.",
    ),
    MeasureDefinition(
        "Facial angle",
        "Facial angle (FH to N-Pog)",
        DEGREE,
        ("Po", "Or", "N", "Pog"),
        facial_angle,
        "Lower back angle between Frankfort horizontal and N-Pog; below 90 when the chin lies behind the right angle.",
    ),
    MeasureDefinition(
        "Maxillary depth",
        "Maxillary depth (FH to N-A)",
        DEGREE,
        ("Po", "Or", "N", "A"),
        lambda p: angle(p["Po"] - p["Or"], p["A"] - p["N"]),
        "Lower back angle between Frankfort horizontal and N-A; larger when the maxilla lies further forward.",
    ),
    MeasureDefinition(
        "Convexity",
        "Angle of convexity (N-A-Pog)",
        DEGREE,
        ("N", "A", "Pog"),
        lambda p: turn(p["Pog"] - p["A"], p["A"] - p["N"]),
        "Angle between N-A and A-Pog; positive when A lies in front of N-Pog (convex face).",
    ),
    MeasureDefinition(
        "Convexity mm",
        "Convexity of A (A to N-Pog)",
        MILLIMETER,
        ("N", "A", "Pog"),
        lambda p: offset(p["A"], p["N"], p["Pog"]),
        "Distance of A from N-Pog; positive when A lies in front.",
    ),
    MeasureDefinition(
        "A-B plane",
        "A-B plane to N-Pog",
        DEGREE,
        ("A", "B", "N", "Pog"),
        a_b_plane,
        "Angle between A-B and N-Pog; negative when A lies ahead of B (the usual case), positive in class III.",
    ),
    MeasureDefinition(
        "Y axis",
        "Y axis (FH to S-Gn)",
        DEGREE,
        ("Po", "Or", "S", "Gn"),
        lambda p: angle(p["Or"] - p["Po"], p["Gn"] - p["S"]),
        "Lower front angle between Frankfort horizontal and S-Gn; larger when the chin lies further down and back.",
    ),
    MeasureDefinition(
        "Y axis SN",
        "Y axis to SN",
        DEGREE,
        ("N", "S", "Gn"),
        lambda p: angle(p["N"] - p["S"], p["Gn"] - p["S"]),
        "Angle at S between N and Gn; larger when the chin lies further down and back.",
    ),
    _plane("FMA", "FMA (FH to Go-Me)", ("Po", "Or"), ("Go", "Me")),
    _plane("SN-GoGn", "SN to Go-Gn", ("S", "N"), ("Go", "Gn")),
    _plane("SN-MP", "SN to mandibular plane (Go-Me)", ("S", "N"), ("Go", "Me")),
    _plane("SN-PP", "SN to palatal plane", ("S", "N"), ("PNS", "ANS")),
    _plane("SN-FH", "SN to Frankfort horizontal", ("S", "N"), ("Po", "Or")),
    _plane("PP-MP", "Palatal to mandibular plane (MMPA)", ("PNS", "ANS"), ("Go", "Me")),
    MeasureDefinition(
        "PP-FH",
        "Palatal plane to FH",
        DEGREE,
        ("PNS", "ANS", "Po", "Or"),
        palatal_to_frankfort,
        "Positive when the palatal plane falls towards the front.",
    ),
    MeasureDefinition(
        "Saddle",
        "Saddle angle (N-S-Ar)",
        DEGREE,
        ("N", "S", "Ar"),
        lambda p: sweep(p["Ar"] - p["S"], p["N"] - p["S"]),
        "Angle at S on the lower front side.",
    ),
    MeasureDefinition(
        "Articular",
        "Articular angle (S-Ar-Go)",
        DEGREE,
        ("S", "Ar", "Go"),
        lambda p: sweep(p["Go"] - p["Ar"], p["S"] - p["Ar"]),
        "Angle at Ar on the front side.",
    ),
    MeasureDefinition(
        "Gonial",
        "Gonial angle (Ar-Go-Me)",
        DEGREE,
        ("Ar", "Go", "Me"),
        lambda p: sweep(p["Me"] - p["Go"], p["Ar"] - p["Go"]),
        "Angle at Go on the upper front side.",
    ),
    MeasureDefinition(
        "Upper gonial",
        "Upper gonial angle (Ar-Go-N)",
        DEGREE,
        ("Ar", "Go", "N"),
        lambda p: turn(p["N"] - p["Go"], p["Ar"] - p["Go"]),
        "Part of the gonial angle above Go-N.",
    ),
    MeasureDefinition(
        "Lower gonial",
        "Lower gonial angle (N-Go-Me)",
        DEGREE,
        ("N", "Go", "Me"),
        lambda p: turn(p["Me"] - p["Go"], p["N"] - p["Go"]),
        "Part of the gonial angle below Go-N.",
    ),
    MeasureDefinition(
        "Bjork sum",
        "Bjork sum (saddle + articular + gonial)",
        DEGREE,
        ("N", "S", "Ar", "Go", "Me"),
        lambda p: (
            sweep(p["Ar"] - p["S"], p["N"] - p["S"])
            + sweep(p["Go"] - p["Ar"], p["S"] - p["Ar"])
            + sweep(p["Me"] - p["Go"], p["Ar"] - p["Go"])
        ),
        "Sum of the three angles, which is 360 plus SN to Go-Me; larger in backward (clockwise) growth.",
    ),
    MeasureDefinition(
        "Jarabak ratio",
        "Facial height ratio (S-Go / N-Me)",
        PERCENT,
        ("S", "Go", "N", "Me"),
        lambda p: 100 * distance(p["S"], p["Go"]) / distance(p["N"], p["Me"]),
        "Back over front face height; larger in forward (counterclockwise) growth.",
    ),
    MeasureDefinition(
        "LAFH %",
        "Lower face height (ANS-Me of N-Me)",
        PERCENT,
        ("ANS", "Me", "N"),
        lambda p: 100 * distance(p["ANS"], p["Me"]) / distance(p["N"], p["Me"]),
        "ANS-Me as a share of N-Me.",
    ),
    MeasureDefinition(
        "FHI",
        "Facial height index (Ar-Go / Me to PP)",
        PERCENT,
        ("Ar", "Go", "Me", "PNS", "ANS"),
        lambda p: 100 * distance(p["Ar"], p["Go"]) / np.abs(offset(p["Me"], p["PNS"], p["ANS"])),
        "Ramus height Ar-Go over the distance of Me from the palatal plane (Horn).",
    ),
    MeasureDefinition(
        "S-Ar / Ar-Go",
        "Back cranial base to ramus height",
        PERCENT,
        ("S", "Ar", "Go"),
        lambda p: 100 * distance(p["S"], p["Ar"]) / distance(p["Ar"], p["Go"]),
        "S-Ar over Ar-Go.",
    ),
    MeasureDefinition(
        "Go-Me / S-N",
        "Mandibular body to front cranial base",
        PERCENT,
        ("Go", "Me", "S", "N"),
        lambda p: 100 * distance(p["Go"], p["Me"]) / distance(p["S"], p["N"]),
        "Go-Me over S-N.",
    ),
    MeasureDefinition(
        "ODI",
        "Overbite depth indicator (ODI)",
        DEGREE,
        ("A", "B", "Go", "Me", "PNS", "ANS", "Po", "Or"),
        lambda p: angle(p["A"] - p["B"], p["Go"] - p["Me"]) + palatal_to_frankfort(p),
        "A-B to mandibular plane, plus palatal plane to FH (positive when it falls forwards); low in open bite.",
    ),
    MeasureDefinition(
        "APDI",
        "Anteroposterior dysplasia indicator (APDI)",
        DEGREE,
        ("A", "B", "N", "Pog", "PNS", "ANS", "Po", "Or"),
        lambda p: facial_angle(p) + a_b_plane(p) + palatal_to_frankfort(p),
        "Facial angle + A-B plane + palatal plane to FH with their signs; low in class II, high in class III.",
    ),
    MeasureDefinition(
        "A-N perp",
        "A to N perpendicular",
        MILLIMETER,
        ("A", "N", "Po", "Or"),
        lambda p: _perpendicular("A", p),
        "Distance of A from the perpendicular to FH through N; positive in front.",
    ),
    MeasureDefinition(
        "Pog-N perp",
        "Pog to N perpendicular",
        MILLIMETER,
        ("Pog", "N", "Po", "Or"),
        lambda p: _perpendicular("Pog", p),
        "Distance of Pog from the perpendicular to FH through N; positive in front.",
    ),
    MeasureDefinition(
        "AF-BF",
        "A to B along FH (AF-BF)",
        MILLIMETER,
        ("A", "B", "Po", "Or"),
        lambda p: along(p["A"], p["B"], p["Or"] - p["Po"]),
        "Distance of the feet of A and B on the Frankfort horizontal; positive when A lies ahead.",
    ),
    MeasureDefinition(
        "Pog-NB mm",
        "Pog to N-B",
        MILLIMETER,
        ("Pog", "N", "B"),
        lambda p: offset(p["Pog"], p["N"], p["B"]),
        "Distance of Pog from N-B; positive in front.",
    ),
    MeasureDefinition(
        "S-L",
        "S-L (Pog on SN)",
        MILLIMETER,
        ("S", "N", "Pog"),
        lambda p: along(p["Pog"], p["S"], p["N"] - p["S"]),
        "Distance from S to the foot of Pog on SN.",
    ),
    _length("S-N", "Front cranial base (S-N)", "S", "N"),
    _length("S-Ar", "Back cranial base (S-Ar)", "S", "Ar"),
    _length("Ar-Go", "Ramus height (Ar-Go)", "Ar", "Go"),
    _length("Go-Me", "Mandibular body (Go-Me)", "Go", "Me"),
    _length("Go-Pog", "Mandibular body (Go-Pog)", "Go", "Pog"),
    _length("Ar-Pog", "Ar to Pog", "Ar", "Pog"),
    _length("S-Go", "Back face height (S-Go)", "S", "Go"),
    _length("N-Me", "Front face height (N-Me)", "N", "Me"),
    _length("N-ANS", "Upper face height (N-ANS)", "N", "ANS"),
    _length("ANS-Me", "Lower face height (ANS-Me)", "ANS", "Me"),
    _length("PNS-ANS", "Palatal length (PNS-ANS)", "PNS", "ANS"),
    _length("Co-A", "Midface length (Co-A)", "Co", "A"),
    _length("Co-Gn", "Mandibular length (Co-Gn)", "Co", "Gn"),
    _length("Co-Pog", "Condylion to Pog", "Co", "Pog"),
    _length("Co-Go", "Condylion to Go", "Co", "Go"),
    _length("S-Ba", "S to basion", "S", "Ba"),
    _length("Ba-N", "Basion to nasion", "Ba", "N"),
    MeasureDefinition(
        "Mx-Md difference",
        "Co-Gn less Co-A",
        MILLIMETER,
        ("Co", "Gn", "A"),
        lambda p: distance(p["Co"], p["Gn"]) - distance(p["Co"], p["A"]),
        "Mandibular less midface length.",
    ),
    MeasureDefinition(
        "Cranial deflection",
        "Cranial deflection (Ba-N to FH)",
        DEGREE,
        ("Ba", "N", "Po", "Or"),
        lambda p: turn(p["Or"] - p["Po"], p["N"] - p["Ba"]),
        "Angle between Ba-N and Frankfort horizontal; positive when N lies higher.",
    ),
)
