"""The two conventions of the biparietal diameter: outer to outer border of the skull, or outer to inner."""

from __future__ import annotations

OUTER_OUTER = "outer-outer"
OUTER_INNER = "outer-inner"
CONVENTIONS = (OUTER_OUTER, OUTER_INNER)

#: Outer-outer BPD = 0.555934 + 1.027318 outer-inner BPD, mm (543 paired measures, PMC8409806).
_OFFSET, SLOPE = 0.555934, 1.027318


def inner_bpd_mm(outer_mm: float) -> float:
    """Outer-inner BPD from outer-outer BPD, mm (published regression, see `SLOPE`)."""
    return (outer_mm - _OFFSET) / SLOPE


def outer_bpd_mm(inner_mm: float) -> float:
    """Outer-outer BPD from outer-inner BPD, mm (the same regression)."""
    return _OFFSET + SLOPE * inner_mm
