"""Measures of the incisors and molars.

U1A and L1A are the root apices, U6 and L6 the first-molar mesial cusps: the 19 landmarks do not hold them, they come
from outlines. Occlusal plane (OP): midway between the molar cusps to midway between the incisor tips (Downs' bisecting
plane; not the functional plane through the premolars).
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
    degrees,
    down,
    line,
    middle,
    millimeters,
    offset,
    opening,
    sweep,
    turn,
)

#: The incisors' axes, apex to tip, and the occlusal plane, molars to incisors.
U1, L1 = line("U1A", "UI"), line("L1A", "LI")
OP = line(middle("U6", "L6"), middle("UI", "LI"))
_BISECTING = "Occlusal plane bisecting the molar cusps and incisor tips, not the functional plane."
_TIP = "The incisal tip stands for the most forward point of the crown."
_FALLS = "Positive when the occlusal plane falls towards the front."


def _upper(name: str, plane: Term, title: str, words: str) -> MeasureDefinition:
    """The upper incisor's axis against a plane of the skull."""
    convention = f"Lower back angle between the axis and {words}; larger when proclined."
    return degrees(name, f"Upper incisor to {title}", angle(U1, -plane), convention)


def _inclined(name: str, title: str, term: Term, words: str) -> MeasureDefinition:
    """An incisor's axis against a line down the face."""
    return degrees(name, f"{title}, angle", term, f"Angle between the axis and {words}; positive when proclined.")


def _tip(name: str, title: str, tip: str, a: str, b: str, approximation: str = _TIP) -> MeasureDefinition:
    """The distance of an incisor's tip from a line down the face."""
    convention = f"Distance of the tip from {a}-{b}; positive in front."
    return millimeters(name, f"{title}, distance", offset(tip, a, b), convention, approximation)


DENTAL: tuple[MeasureDefinition, ...] = (
    _upper("U1-SN", SN, "SN", "SN"),
    _upper("U1-FH", FH, "FH", "Frankfort horizontal"),
    _upper("U1-PP", PP, "palatal plane", "the palatal plane"),
    _inclined("U1-NA", "Upper incisor to N-A", turn(line("N", "A"), U1), "N-A"),
    _tip("U1-NA mm", "Upper incisor to N-A", "UI", "N", "A"),
    _inclined("L1-NB", "Lower incisor to N-B", turn(L1, -line("N", "B")), "N-B"),
    _tip("L1-NB mm", "Lower incisor to N-B", "LI", "N", "B"),
    millimeters(
        "Holdaway ratio",
        "L1-NB less Pog-NB",
        offset("LI", "N", "B") - offset("Pog", "N", "B"),
        "Distance of the lower incisor's tip from N-B less that of Pog; positive when the tip lies further forward.",
        _TIP,
    ),
    degrees(
        "IMPA",
        "IMPA (lower incisor to Go-Me)",
        angle(L1, -MP),
        "Upper back angle between the axis and the mandibular plane; larger when proclined.",
    ),
    degrees(
        "L1-MP",
        "Lower incisor to mandibular plane, Downs",
        angle(L1, -MP) - 90,
        "IMPA less 90; positive when proclined.",
    ),
    degrees(
        "FMIA",
        "FMIA (lower incisor to FH)",
        angle(L1, FH),
        "Angle between the axis and Frankfort horizontal, 180 less FMA less IMPA; smaller when proclined.",
    ),
    degrees(
        "Interincisal",
        "Interincisal angle",
        sweep(-U1, -L1),
        "Back angle between the two axes; smaller when the incisors are proclined.",
    ),
    _inclined("L1-APog", "Lower incisor to A-Pog", turn(L1, -line("A", "Pog")), "A-Pog"),
    _tip("L1-APog mm", "Lower incisor to A-Pog", "LI", "A", "Pog", ""),
    _inclined("U1-APog", "Upper incisor to A-Pog", turn(line("A", "Pog"), U1), "A-Pog"),
    _tip("U1-APog mm", "Upper incisor to A-Pog", "UI", "A", "Pog", ""),
    millimeters(
        "U1-A vertical",
        "Upper incisor to A, along FH",
        along("UI", "A", FH),
        "Distance of the tip from the perpendicular to FH through A; positive in front.",
        _TIP,
    ),
    millimeters(
        "Overjet",
        "Overjet (along FH)",
        along("UI", "LI", FH),
        "Upper ahead of lower incisor tip along Frankfort horizontal; negative in reverse bite.",
        "Along the Frankfort horizontal instead of the occlusal plane.",
    ),
    millimeters(
        "Overbite",
        "Overbite (across FH)",
        along("UI", "LI", down(FH)),
        "Upper below lower incisor tip at a right angle to Frankfort horizontal; negative in open bite.",
        "Across the Frankfort horizontal instead of the occlusal plane.",
    ),
    millimeters(
        "Overjet OP",
        "Overjet (along occlusal plane)",
        along("UI", "LI", OP),
        "Upper ahead of lower incisor tip along the occlusal plane; negative in reverse bite.",
        _BISECTING,
    ),
    millimeters(
        "Overbite OP",
        "Overbite (across occlusal plane)",
        along("UI", "LI", down(OP)),
        "Upper below lower incisor tip at a right angle to the occlusal plane; negative in open bite.",
        _BISECTING,
    ),
    millimeters(
        "Wits",
        "Wits appraisal (AO-BO)",
        along("A", "B", OP),
        "Distance of the feet of A and B on the occlusal plane; positive when A lies ahead (class II).",
        _BISECTING,
    ),
    millimeters(
        "Molar relation",
        "Upper to lower molar cusp along OP",
        along("U6", "L6", OP),
        "Mesial cusp of the upper ahead of that of the lower first molar along the occlusal plane.",
        "Cusps instead of the distal surfaces that Ricketts used; " + _BISECTING[0].lower() + _BISECTING[1:],
    ),
    degrees("FH-OP", "Occlusal plane to FH", opening(FH, OP), _FALLS, _BISECTING),
    degrees("SN-OP", "Occlusal plane to SN", opening(SN, OP), _FALLS, _BISECTING),
    degrees(
        "L1-OP",
        "Lower incisor to occlusal plane, Downs",
        angle(L1, -OP) - 90,
        "Upper back angle between axis and occlusal plane less 90; positive when proclined.",
        _BISECTING,
    ),
)
