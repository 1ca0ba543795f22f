"""Measures of lips, nose and chin in the soft tissue."""

from __future__ import annotations

from CephSketcherLib.analysis.measure_definition import (
    FH,
    MeasureDefinition,
    Term,
    angle,
    corner,
    degrees,
    line,
    middle,
    millimeters,
    offset,
    smaller,
    turn,
)

_S_TOP = middle("Prn", "Sn")
_S_LINE = "The line's upper end is midway between nose tip and subnasale, for the middle of the nose's lower curve."
_E, _S = "line from nose tip to soft chin", "S line to the soft chin"
_B, _H = "line from subnasale to soft chin (Burstone)", "line from upper lip to soft chin (Holdaway)"


def _lip(name: str, title: str, lip: str, top: Term | str, words: str, approximation: str = "") -> MeasureDefinition:
    """A lip's distance from the line that runs from `top` to the soft chin."""
    convention = f"Distance of the lip from the {words}; positive in front of the line."
    return millimeters(name, title, offset(lip, top, "sPog"), convention, approximation)


SOFT: tuple[MeasureDefinition, ...] = (
    _lip("UL-E", "Upper lip to E line", "UL", "Prn", _E),
    _lip("LL-E", "Lower lip to E line", "LL", "Prn", _E),
    _lip("UL-S", "Upper lip to S line", "UL", _S_TOP, _S, _S_LINE),
    _lip("LL-S", "Lower lip to S line", "LL", _S_TOP, _S, _S_LINE),
    _lip("UL-B line", "Upper lip to Sn-sPog", "UL", "Sn", _B),
    _lip("LL-B line", "Lower lip to Sn-sPog", "LL", "Sn", _B),
    _lip("LL-H", "Lower lip to H line", "LL", "UL", _H),
    degrees(
        "H angle",
        "H line to N-B",
        turn(-line("UL", "sPog"), -line("N", "B")),
        "Angle between the H line (upper lip to soft chin) and N-B; positive when the lip lies ahead.",
    ),
    degrees(
        "Z angle",
        "Z angle (FH to lip-chin tangent)",
        smaller(angle(line("UL", "sPog"), -FH), angle(line("LL", "sPog"), -FH)),
        "Lower back angle between Frankfort horizontal and the line from the soft chin to the more protruding lip.",
    ),
    degrees(
        "Nasolabial",
        "Nasolabial angle (nose tip-Sn-UL)",
        corner("Prn", "Sn", "UL"),
        "Angle at subnasale between the upper lip and the nose tip.",
        "The nose tip stands for the columella's tangent, so that it reads larger than published norms.",
    ),
)
