"""Measures of the incisors and molars.

U1A and L1A are the root apices, U6 and L6 the first-molar mesial cusps: the 19 landmarks do not hold them, they come
from outlines. Occlusal plane (OP): midway between the molar cusps to midway between the incisor tips (Downs' bisecting
plane; not the functional plane through the premolars).
"""

from __future__ import annotations

import numpy as np

from .measure_definition import DEGREE, MILLIMETER, MeasureDefinition, Points
from .plane_geometry import along, angle, offset, sweep, turn

_MOLARS = ("U6", "L6", "UI", "LI")
_BISECTING = "Occlusal plane bisecting the molar cusps and incisor tips, not the functional plane."
_TIP = "The incisal tip stands for the most forward point of the crown."


def occlusal(p: Points) -> np.ndarray:
    """Direction of the occlusal plane, from the molars to the incisors."""
    return 0.5 * (p["UI"] + p["LI"]) - 0.5 * (p["U6"] + p["L6"])


def _u1(p: Points) -> np.ndarray:
    """Upper incisor's axis, apex to tip."""
    return p["UI"] - p["U1A"]


def _l1(p: Points) -> np.ndarray:
    """Lower incisor's axis, apex to tip."""
    return p["LI"] - p["L1A"]


def _down(plane: np.ndarray) -> np.ndarray:
    """A plane's direction turned by a right angle: downwards for a plane that runs forwards."""
    return np.stack([plane[..., 1], -plane[..., 0]], axis=-1)


DENTAL: tuple[MeasureDefinition, ...] = (
    MeasureDefinition(
        "U1-SN",
        "Upper incisor to SN",
        DEGREE,
        ("U1A", "UI", "S", "N"),
        lambda p: angle(_u1(p), p["S"] - p["N"]),
        "Lower back angle between the axis and SN; larger when proclined.",
    ),
    MeasureDefinition(
        "U1-FH",
        "Upper incisor to FH",
        DEGREE,
        ("U1A", "UI", "Po", "Or"),
        lambda p: angle(_u1(p), p["Po"] - p["Or"]),
        "Lower back angle between the axis and Frankfort horizontal; larger when proclined.",
    ),
    MeasureDefinition(
        "U1-PP",
        "Upper incisor to palatal plane",
        DEGREE,
        ("U1A", "UI", "PNS", "ANS"),
        lambda p: angle(_u1(p), p["PNS"] - p["ANS"]),
        "Lower back angle between the axis and the palatal plane; larger when proclined.",
    ),
    MeasureDefinition(
        "U1-NA",
        "Upper incisor to N-A, angle",
        DEGREE,
        ("U1A", "UI", "N", "A"),
        lambda p: turn(p["A"] - p["N"], _u1(p)),
        "Angle between the axis and N-A; positive when proclined.",
    ),
    MeasureDefinition(
        "U1-NA mm",
        "Upper incisor to N-A, distance",
        MILLIMETER,
        ("UI", "N", "A"),
        lambda p: offset(p["UI"], p["N"], p["A"]),
        "Distance of the tip from N-A; positive in front.",
        _TIP,
    ),
    MeasureDefinition(
        "L1-NB",
        "Lower incisor to N-B, angle",
        DEGREE,
        ("L1A", "LI", "N", "B"),
        lambda p: turn(_l1(p), p["N"] - p["B"]),
        "Angle between the axis and N-B; positive when proclined.",
    ),
    MeasureDefinition(
        "L1-NB mm",
        "Lower incisor to N-B, distance",
        MILLIMETER,
        ("LI", "N", "B"),
        lambda p: offset(p["LI"], p["N"], p["B"]),
        "Distance of the tip from N-B; positive in front.",
        _TIP,
    ),
    MeasureDefinition(
        "Holdaway ratio",
        "L1-NB less Pog-NB",
        MILLIMETER,
        ("LI", "Pog", "N", "B"),
        lambda p: offset(p["LI"], p["N"], p["B"]) - offset(p["Pog"], p["N"], p["B"]),
        "Distance of the lower incisor's tip from N-B less that of Pog; positive when the tip lies further forward.",
        _TIP,
    ),
    MeasureDefinition(
        "IMPA",
        "IMPA (lower incisor to Go-Me)",
        DEGREE,
        ("L1A", "LI", "Go", "Me"),
        lambda p: angle(_l1(p), p["Go"] - p["Me"]),
        "Upper back angle between the axis and the mandibular plane; larger when proclined.",
    ),
    MeasureDefinition(
        "L1-MP",
        "Lower incisor to mandibular plane, Downs",
        DEGREE,
        ("L1A", "LI", "Go", "Me"),
        lambda p: angle(_l1(p), p["Go"] - p["Me"]) - 90,
        "IMPA less 90; positive when proclined.",
    ),
    MeasureDefinition(
        "FMIA",
        "FMIA (lower incisor to FH)",
        DEGREE,
        ("L1A", "LI", "Po", "Or"),
        lambda p: angle(_l1(p), p["Or"] - p["Po"]),
        "Angle between the axis and Frankfort horizontal, 180 less FMA less IMPA; smaller when proclined.",
    ),
    MeasureDefinition(
        "Interincisal",
        "Interincisal angle",
        DEGREE,
        ("U1A", "UI", "L1A", "LI"),
        lambda p: sweep(p["U1A"] - p["UI"], p["L1A"] - p["LI"]),
        "Back angle between the two axes; smaller when the incisors are proclined.",
    ),
    MeasureDefinition(
        "L1-APog",
        "Lower incisor to A-Pog, angle",
        DEGREE,
        ("L1A", "LI", "A", "Pog"),
        lambda p: turn(_l1(p), p["A"] - p["Pog"]),
        "Angle between the axis and A-Pog; positive when proclined.",
    ),
    MeasureDefinition(
        "L1-APog mm",
        "Lower incisor to A-Pog, distance",
        MILLIMETER,
        ("LI", "A", "Pog"),
        lambda p: offset(p["LI"], p["A"], p["Pog"]),
        "Distance of the tip from A-Pog; positive in front.",
    ),
    MeasureDefinition(
        "U1-APog",
        "Upper incisor to A-Pog, angle",
        DEGREE,
        ("U1A", "UI", "A", "Pog"),
        lambda p: turn(p["Pog"] - p["A"], _u1(p)),
        "Angle between the axis and A-Pog; positive when proclined.",
    ),
    MeasureDefinition(
        "U1-APog mm",
        "Upper incisor to A-Pog, distance",
        MILLIMETER,
        ("UI", "A", "Pog"),
        lambda p: offset(p["UI"], p["A"], p["Pog"]),
        "Distance of the tip from A-Pog; positive in front.",
    ),
    MeasureDefinition(
        "U1-A vertical",
        "Upper incisor to A, along FH",
        MILLIMETER,
        ("UI", "A", "Po", "Or"),
        lambda p: along(p["UI"], p["A"], p["Or"] - p["Po"]),
        "Distance of the tip from the perpendicular to FH through A; positive in front.",
        _TIP,
    ),
    MeasureDefinition(
        "Overjet",
        "Overjet (along FH)",
        MILLIMETER,
        ("UI", "LI", "Po", "Or"),
        lambda p: along(p["UI"], p["LI"], p["Or"] - p["Po"]),
        "Upper ahead of lower incisor tip along Frankfort horizontal; negative in reverse bite.",
        "Along the Frankfort horizontal instead of the occlusal plane.",
    ),
    MeasureDefinition(
        "Overbite",
        "Overbite (across FH)",
        MILLIMETER,
        ("UI", "LI", "Po", "Or"),
        lambda p: along(p["UI"], p["LI"], _down(p["Or"] - p["Po"])),
        "Upper below lower incisor tip at a right angle to Frankfort horizontal; negative in open bite.",
        "Across the Frankfort horizontal instead of the occlusal plane.",
    ),
    MeasureDefinition(
        "Overjet OP",
        "Overjet (along occlusal plane)",
        MILLIMETER,
        _MOLARS,
        lambda p: along(p["UI"], p["LI"], occlusal(p)),
        "Upper ahead of lower incisor tip along the occlusal plane; negative in reverse bite.",
        _BISECTING,
    ),
    MeasureDefinition(
        "Overbite OP",
        "Overbite (across occlusal plane)",
        MILLIMETER,
        _MOLARS,
        lambda p: along(p["UI"], p["LI"], _down(occlusal(p))),
        "Upper below lower incisor tip at a right angle to the occlusal plane; negative in open bite.",
        _BISECTING,
    ),
    MeasureDefinition(
        "Wits",
        "Wits appraisal (AO-BO)",
        MILLIMETER,
        ("A", "B", *_MOLARS),
        lambda p: along(p["A"], p["B"], occlusal(p)),
        "Distance of the feet of A and B on the occlusal plane; positive when A lies ahead (class II).",
        _BISECTING,
    ),
    MeasureDefinition(
        "Molar relation",
        "Upper to lower molar cusp along OP",
        MILLIMETER,
        _MOLARS,
        lambda p: along(p["U6"], p["L6"], occlusal(p)),
        "Mesial cusp of the upper ahead of that of the lower first molar along the occlusal plane.",
        "Cusps instead of the distal surfaces that Ricketts used; " + _BISECTING[0].lower() + _BISECTING[1:],
    ),
    MeasureDefinition(
        "FH-OP",
        "Occlusal plane to FH",
        DEGREE,
        ("Po", "Or", *_MOLARS),
        lambda p: turn(occlusal(p), p["Or"] - p["Po"]),
        "Positive when the occlusal plane falls towards the front.",
        _BISECTING,
    ),
    MeasureDefinition(
        "SN-OP",
        "Occlusal plane to SN",
        DEGREE,
        ("S", "N", *_MOLARS),
        lambda p: turn(occlusal(p), p["N"] - p["S"]),
        "Positive when the occlusal plane falls towards the front.",
        _BISECTING,
    ),
    MeasureDefinition(
        "L1-OP",
        "Lower incisor to occlusal plane, Downs",
        DEGREE,
        ("L1A", *_MOLARS),
        lambda p: angle(_l1(p), -occlusal(p)) - 90,
        "Upper back angle between axis and occlusal plane less 90; positive when proclined.",
        _BISECTING,
    ),
)
