"""Measures of the jaws, the cranial base and the face's heights.

Angles between planes are positive when the planes open forwards (diverge towards the front) unless said otherwise.
Mandibular plane: gonion to menton (Go-Me), except where a name says GoGn. Frankfort horizontal (FH): porion to
orbitale. Palatal plane (PP): PNS to ANS.
"""

from __future__ import annotations

from CephSketcherLib.analysis.measure_definition import (
    FH,
    MP,
    PP,
    SN,
    MeasureDefinition,
    Term,
    along,
    angle,
    corner,
    degrees,
    distance,
    interior,
    line,
    millimeters,
    offset,
    opening,
    percent,
    share,
    turn,
)

_OPENS = "Positive when the two planes diverge towards the front."
_FACIAL = angle(-FH, line("N", "Pog"))
_A_B = turn(line("N", "Pog"), line("A", "B"))
_PP_FH = opening(FH, PP)
_SADDLE, _ARTICULAR, _GONIAL = interior("N", "S", "Ar"), interior("S", "Ar", "Go"), interior("Ar", "Go", "Me")


def _forward(name: str, symbol: str, what: str, title: str = "") -> MeasureDefinition:
    """An angle at nasion between sella and a point of the profile."""
    convention = f"Angle at N between S and {symbol}; larger when the {what} lies further forward."
    return degrees(name, title or name, angle(-SN, line("N", symbol)), convention)


def _plane(name: str, title: str, upper: Term, lower: Term) -> MeasureDefinition:
    return degrees(name, title, opening(upper, lower), _OPENS)


def _length(name: str, title: str) -> MeasureDefinition:
    """The length that the name says, "S-N" from S to N."""
    a, b = name.split("-")
    return millimeters(name, title, distance(a, b), f"Distance {a} to {b}.")


def _perpendicular(symbol: str) -> MeasureDefinition:
    """A point against the line through nasion at a right angle to the Frankfort horizontal."""
    convention = f"Distance of {symbol} from the perpendicular to FH through N; positive in front."
    return millimeters(f"{symbol}-N perp", f"{symbol} to N perpendicular", along(symbol, "N", FH), convention)


SKELETAL: tuple[MeasureDefinition, ...] = (
    _forward("SNA", "A", "maxilla"),
    _forward("SNB", "B", "mandible"),
    degrees("ANB", "ANB", corner("A", "N", "B"), "SNA less SNB; positive when A lies in front of N-B."),
    _forward("SNPog", "Pog", "chin", "SN to N-Pog"),
    degrees(
        "Facial angle",
        "Facial angle (FH to N-Pog)",
        _FACIAL,
        "Lower back angle between Frankfort horizontal and N-Pog; below 90 when the chin lies behind the right angle.",
    ),
    degrees(
        "Maxillary depth",
        "Maxillary depth (FH to N-A)",
        angle(-FH, line("N", "A")),
        "Lower back angle between Frankfort horizontal and N-A; larger when the maxilla lies further forward.",
    ),
    degrees(
        "Convexity",
        "Angle of convexity (N-A-Pog)",
        turn(line("A", "Pog"), line("N", "A")),
        "Angle between N-A and A-Pog; positive when A lies in front of N-Pog (convex face).",
    ),
    millimeters(
        "Convexity mm",
        "Convexity of A (A to N-Pog)",
        offset("A", "N", "Pog"),
        "Distance of A from N-Pog; positive when A lies in front.",
    ),
    degrees(
        "A-B plane",
        "A-B plane to N-Pog",
        _A_B,
        "Angle between A-B and N-Pog; negative when A lies ahead of B (the usual case), positive in class III.",
    ),
    degrees(
        "Y axis",
        "Y axis (FH to S-Gn)",
        angle(FH, line("S", "Gn")),
        "Lower front angle between Frankfort horizontal and S-Gn; larger when the chin lies further down and back.",
    ),
    degrees(
        "Y axis SN",
        "Y axis to SN",
        angle(SN, line("S", "Gn")),
        "Angle at S between N and Gn; larger when the chin lies further down and back.",
    ),
    _plane("FMA", "FMA (FH to Go-Me)", FH, MP),
    _plane("SN-GoGn", "SN to Go-Gn", SN, line("Go", "Gn")),
    _plane("SN-MP", "SN to mandibular plane (Go-Me)", SN, MP),
    _plane("SN-PP", "SN to palatal plane", SN, PP),
    _plane("SN-FH", "SN to Frankfort horizontal", SN, FH),
    _plane("PP-MP", "Palatal to mandibular plane (MMPA)", PP, MP),
    degrees("PP-FH", "Palatal plane to FH", _PP_FH, "Positive when the palatal plane falls towards the front."),
    degrees("Saddle", "Saddle angle (N-S-Ar)", _SADDLE, "Angle at S on the lower front side."),
    degrees("Articular", "Articular angle (S-Ar-Go)", _ARTICULAR, "Angle at Ar on the front side."),
    degrees("Gonial", "Gonial angle (Ar-Go-Me)", _GONIAL, "Angle at Go on the upper front side."),
    degrees(
        "Upper gonial",
        "Upper gonial angle (Ar-Go-N)",
        corner("Ar", "Go", "N"),
        "Part of the gonial angle above Go-N.",
    ),
    degrees(
        "Lower gonial",
        "Lower gonial angle (N-Go-Me)",
        corner("N", "Go", "Me"),
        "Part of the gonial angle below Go-N.",
    ),
    degrees(
        "Bjork sum",
        "Bjork sum (saddle + articular + gonial)",
        _SADDLE + _ARTICULAR + _GONIAL,
        "Sum of the three angles, which is 360 plus SN to Go-Me; larger in backward (clockwise) growth.",
    ),
    percent(
        "Jarabak ratio",
        "Facial height ratio (S-Go / N-Me)",
        share(distance("S", "Go"), distance("N", "Me")),
        "Back over front face height; larger in forward (counterclockwise) growth.",
    ),
    percent(
        "LAFH %",
        "Lower face height (ANS-Me of N-Me)",
        share(distance("ANS", "Me"), distance("N", "Me")),
        "ANS-Me as a share of N-Me.",
    ),
    percent(
        "FHI",
        "Facial height index (Ar-Go / Me to PP)",
        share(distance("Ar", "Go"), abs(offset("Me", "PNS", "ANS"))),
        "Ramus height Ar-Go over the distance of Me from the palatal plane (Horn).",
    ),
    percent(
        "S-Ar / Ar-Go",
        "Back cranial base to ramus height",
        share(distance("S", "Ar"), distance("Ar", "Go")),
        "S-Ar over Ar-Go.",
    ),
    percent(
        "Go-Me / S-N",
        "Mandibular body to front cranial base",
        share(distance("Go", "Me"), distance("S", "N")),
        "Go-Me over S-N.",
    ),
    degrees(
        "ODI",
        "Overbite depth indicator (ODI)",
        angle(-line("A", "B"), -MP) + _PP_FH,
        "A-B to mandibular plane, plus palatal plane to FH (positive when it falls forwards); low in open bite.",
    ),
    degrees(
        "APDI",
        "Anteroposterior dysplasia indicator (APDI)",
        _FACIAL + _A_B + _PP_FH,
        "Facial angle + A-B plane + palatal plane to FH with their signs; low in class II, high in class III.",
    ),
    _perpendicular("A"),
    _perpendicular("Pog"),
    millimeters(
        "AF-BF",
        "A to B along FH (AF-BF)",
        along("A", "B", FH),
        "Distance of the feet of A and B on the Frankfort horizontal; positive when A lies ahead.",
    ),
    millimeters("Pog-NB mm", "Pog to N-B", offset("Pog", "N", "B"), "Distance of Pog from N-B; positive in front."),
    millimeters("S-L", "S-L (Pog on SN)", along("Pog", "S", SN), "Distance from S to the foot of Pog on SN."),
    _length("S-N", "Front cranial base (S-N)"),
    _length("S-Ar", "Back cranial base (S-Ar)"),
    _length("Ar-Go", "Ramus height (Ar-Go)"),
    _length("Go-Me", "Mandibular body (Go-Me)"),
    _length("Go-Pog", "Mandibular body (Go-Pog)"),
    _length("Ar-Pog", "Ar to Pog"),
    _length("S-Go", "Back face height (S-Go)"),
    _length("N-Me", "Front face height (N-Me)"),
    _length("N-ANS", "Upper face height (N-ANS)"),
    _length("ANS-Me", "Lower face height (ANS-Me)"),
    _length("PNS-ANS", "Palatal length (PNS-ANS)"),
    _length("Co-A", "Midface length (Co-A)"),
    _length("Co-Gn", "Mandibular length (Co-Gn)"),
    _length("Co-Pog", "Condylion to Pog"),
    _length("Co-Go", "Condylion to Go"),
    _length("S-Ba", "S to basion"),
    _length("Ba-N", "Basion to nasion"),
    millimeters(
        "Mx-Md difference",
        "Co-Gn less Co-A",
        distance("Co", "Gn") - distance("Co", "A"),
        "Mandibular less midface length.",
    ),
    degrees(
        "Cranial deflection",
        "Cranial deflection (Ba-N to FH)",
        turn(FH, line("Ba", "N")),
        "Angle between Ba-N and Frankfort horizontal; positive when N lies higher.",
    ),
)
