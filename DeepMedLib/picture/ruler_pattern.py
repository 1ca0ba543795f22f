"""What a mark of a depth ruler is worth: read from the pattern of longer marks and from the depth that would follow."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

_TYPICAL_DEPTH_MM = 130.0  # height of the picture on the body; fetal scans: about 30 to 300 mm
_DEPTH_SPREAD = 0.55  # of its natural logarithm
_WORTHS = (1.0, 2.0, 5.0, 10.0, 20.0)
# How often a pattern of longer marks goes with a worth (in mm), from the rulers of common scanners. The key holds the
# distances, in marks, at which longer marks repeat. Rulers carry longer marks at 1 cm or 5 cm.
_PATTERNS: dict[tuple[int, ...], dict[float, float]] = {
    (10, 2): {5.0: 0.85, 1.0: 0.10, 10.0: 0.05},
    (10, 5): {1.0: 0.90, 10.0: 0.08, 5.0: 0.02},
    (10,): {1.0: 0.50, 5.0: 0.30, 10.0: 0.20},
    (5,): {10.0: 0.60, 2.0: 0.15, 1.0: 0.20, 20.0: 0.05},
    (2,): {5.0: 0.85, 10.0: 0.10, 1.0: 0.05},
    (): {10.0: 0.75, 5.0: 0.20, 1.0: 0.03, 20.0: 0.02},
}
_UNCLEAR = {10.0: 0.40, 5.0: 0.50, 1.0: 0.07, 2.0: 0.03}


@dataclass(frozen=True)
class RulerReading:
    """The proposed worth of a mark.

    Attributes:
        proposed_mm: mm from mark to mark.
        candidates: every possible worth with its share of belief, most likely first; they sum to 1.
        confidence: belief in ``proposed_mm``.
        reason: why, in a sentence.
    """

    proposed_mm: float
    candidates: tuple[tuple[float, float], ...]
    confidence: float
    reason: str

    def chosen(self, mm: float) -> RulerReading:
        """The user's own choice."""
        return replace(self, proposed_mm=float(mm), confidence=1.0, reason=f"{mm:g} mm a mark was set by the user.")


def longer_marks(index: np.ndarray, sizes: np.ndarray) -> tuple[int, ...]:
    """Distances, in marks, at which longer marks repeat: (10, 2), (10, 5), (10,), (5,), (2,) or ().

    Args:
        index: (n,) places of the marks in the progression.
        sizes: (n,) size of each mark.
    """
    first = _repeat(index, sizes, (10, 5, 2))
    if first is None:
        return ()
    period, phase = first
    if period != 10:
        on = (index - phase) % period == 0
        return (period,) if _repeat(index[on], sizes[on], (10,)) is None else (10, period)
    rest = (index - phase) % 10 != 0
    second = _repeat(index[rest], sizes[rest], (5, 2), phase)
    return (10,) if second is None else (10, second[0])


def _repeat(
    index: np.ndarray, sizes: np.ndarray, periods: tuple[int, ...], phase: int | None = None
) -> tuple[int, int] | None:
    """The period and phase whose marks are best told from all others by their size; None when none are.

    Told apart by the share of (longer, other) pairs that are in order, so that a mark or two that ran into bright
    tissue do no harm. Of equally good periods the longest wins.
    """
    best: tuple[float, int, int] | None = None
    for period in periods:
        for shift in range(period) if phase is None else (phase % period,):
            on = (index - shift) % period == 0
            longer, others = sizes[on], sizes[~on]
            if len(longer) < 1 or len(others) < 3:
                continue
            ordered = float((longer[:, None] > 1.05 * others[None, :]).mean())
            contrast = float(np.median(longer) / max(float(np.median(others)), 1e-6))
            if len(longer) > 1:
                clear = ordered >= 0.9 and contrast > 1.15
            else:  # a single long mark counts when the others agree among themselves
                steady = float(np.quantile(others, 0.8)) < 2.6 * float(np.quantile(others, 0.2))
                clear = ordered == 1 and contrast > 1.6 and steady
            many = ordered >= 0.8 and contrast > 1.5 and min(len(longer), len(others)) >= 4
            if clear or many:
                if best is None or ordered > best[0] + 1e-9:
                    best = (ordered, period, shift)
    return None if best is None else (best[1], best[2])


def read_pattern(
    index: np.ndarray, sizes: np.ndarray, pitch_px: float, height_px: int, limits_mm: tuple[float, float]
) -> RulerReading | None:
    """Weigh the possible worths of a mark.

    Args:
        index: (n,) places of the marks in the progression.
        sizes: (n,) size of each mark, any unit.
        pitch_px: pixels from mark to mark.
        height_px: rows of the picture, for the depth that would follow.
        limits_mm: smallest and largest possible pixel size.

    Returns:
        None when every worth gives an impossible pixel size or depth.
    """
    pattern = longer_marks(index, sizes)
    # Alike marks have one size; sizes that differ without a pattern ran into tissue and say nothing.
    unclear = not pattern and float(np.quantile(sizes, 0.8)) > 1.8 * float(np.quantile(sizes, 0.2))
    belief = {}
    for mm, prior in (_UNCLEAR if unclear else _PATTERNS[pattern]).items():
        size = mm / pitch_px
        depth = size * height_px
        if not limits_mm[0] <= size <= limits_mm[1] or not 15 <= depth <= 500:
            continue
        belief[mm] = prior * math.exp(-0.5 * (math.log(depth / _TYPICAL_DEPTH_MM) / _DEPTH_SPREAD) ** 2)
    total = sum(belief.values())
    if total <= 0:
        return None
    ranked = sorted(((mm, b / total) for mm, b in belief.items()), key=lambda pair: -pair[1])
    mm, share = ranked[0]
    marks = {
        (): "The lengths of the marks cannot be read" if unclear else "All marks are alike",
        (10, 2): "Every second mark is longer and every tenth the longest",
        (10, 5): "Every fifth mark is longer and every tenth the longest",
    }.get(pattern, f"Every {'second' if pattern == (2,) else 'fifth' if pattern == (5,) else 'tenth'} mark is longer")
    reason = f"{marks}; with {mm:g} mm a mark the picture is {mm / pitch_px * height_px:.0f} mm deep."
    return RulerReading(mm, tuple(ranked), share, reason)
