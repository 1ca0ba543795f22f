"""Measures of lips, nose and chin in the soft tissue."""

from __future__ import annotations

import numpy as np

from .measure_definition import DEGREE, MILLIMETER, MeasureDefinition, Points
from .plane_geometry import angle, offset, turn

_IN_FRONT = "positive in front of the line."
_S_LINE = "The line's upper end is midway between nose tip and subnasale, for the middle of the nose's lower curve."


def _z_angle(p: Points) -> np.ndarray:
    """Tangent from the soft chin to whichever lip protrudes more, against Frankfort horizontal."""
    back = p["Po"] - p["Or"]
    return np.minimum(*(angle(p["sPog"] - p[lip], back) for lip in ("UL", "LL")))


def _to_line(
    name: str, title: str, lip: str, ends: tuple[str, str], line: str, approximation: str = ""
) -> MeasureDefinition:
    top, bottom = ends
    if top == "S line":
        uses: tuple[str, ...] = (lip, "Prn", "Sn", bottom)
        return MeasureDefinition(
            name,
            title,
            MILLIMETER,
            uses,
            lambda p: offset(p[lip], 0.5 * (p["Prn"] + p["Sn"]), p[bottom]),
            f"Distance of the lip from the {line}; {_IN_FRONT}",
            approximation,
        )
    return MeasureDefinition(
        name,
        title,
        MILLIMETER,
        (lip, top, bottom),
        lambda p: offset(p[lip], p[top], p[bottom]),
        f"Distance of the lip from the {line}; {_IN_FRONT}",
        approximation,
    )


SOFT: tuple[MeasureDefinition, ...] = (
    _to_line("UL-E", "Upper lip to E line", "UL", ("Prn", "sPog"), "line from nose tip to soft chin"),
    _to_line("LL-E", "Lower lip to E line", "LL", ("Prn", "sPog"), "line from nose tip to soft chin"),
    _to_line("UL-S", "Upper lip to S line", "UL", ("S line", "sPog"), "S line to the soft chin", _S_LINE),
    _to_line("LL-S", "Lower lip to S line", "LL", ("S line", "sPog"), "S line to the soft chin", _S_LINE),
    _to_line("UL-B line", "Upper lip to Sn-sPog", "UL", ("Sn", "sPog"), "line from subnasale to soft chin (Burstone)"),
    _to_line("LL-B line", "Lower lip to Sn-sPog", "LL", ("Sn", "sPog"), "line from subnasale to soft chin (Burstone)"),
    _to_line("LL-H", "Lower lip to H line", "LL", ("UL", "sPog"), "line from upper lip to soft chin (Holdaway)"),
    MeasureDefinition(
        "H angle",
        "H line to N-B",
        DEGREE,
        ("UL", "sPog", "N", "B"),
        lambda p: turn(p["UL"] - p["sPog"], p["N"] - p["B"]),
        "Angle between the H line (upper lip to soft chin) and N-B; positive when the lip lies ahead.",
    ),
    MeasureDefinition(
        "Z angle",
        "Z angle (FH to lip-chin tangent)",
        DEGREE,
        ("UL", "LL", "sPog", "Po", "Or"),
        _z_angle,
        "Lower back angle between Frankfort horizontal and the line from the soft chin to the more protruding lip.",
    ),
    MeasureDefinition(
        "Nasolabial",
        "Nasolabial angle (nose tip-Sn-UL)",
        DEGREE,
        ("Prn", "Sn", "UL"),
        lambda p: turn(p["UL"] - p["Sn"], p["Prn"] - p["Sn"]),
        "Angle at subnasale between the upper lip and the nose tip.",
        "The nose tip stands for the columella's tangent, so that it reads larger than published norms.",
    ),
)
