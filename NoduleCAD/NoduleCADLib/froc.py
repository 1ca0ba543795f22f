"""LUNA16's evaluation of marks: hits, FROC curve, CPM, and its interval by resampling scans (own implementation)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

READ_OFF = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False positives per scan at which sensitivities are read; CPM is their mean."""

MOST_MARKS = 100
UNKNOWN_DIAMETER_MM = 10.0


@dataclass(frozen=True)
class Finding:
    """A nodule or an excluded finding: center in mm and diameter; a negative diameter stands for 10 mm."""

    center: tuple[float, float, float]
    diameter_mm: float

    def holds(self, point: Sequence[float]) -> bool:
        """Whether a point lies strictly within half the diameter."""
        diameter = UNKNOWN_DIAMETER_MM if self.diameter_mm < 0 else self.diameter_mm
        return float(np.linalg.norm(np.subtract(point, self.center))) < diameter / 2


@dataclass(frozen=True)
class Mark:
    """A mark: position in mm, in the frame of the findings, and score."""

    position: tuple[float, float, float]
    score: float


@dataclass(frozen=True)
class Froc:
    """A curve.

    Attributes:
        false_positives, sensitivity: per scan, by falling score.
        nodules, scans: how many were judged.
    """

    false_positives: np.ndarray
    sensitivity: np.ndarray
    nodules: int
    scans: int

    def at(self, rate: float) -> float:
        """Sensitivity at so many false positives per scan; flat beyond the curve's end, linear from 0 before it."""
        # Of points at one rate the last, highest one holds at the rate itself, the first one for what lies before it.
        return float(np.interp(rate, np.r_[0.0, self.false_positives], np.r_[0.0, self.sensitivity]))

    @property
    def cpm(self) -> float:
        """Mean sensitivity at the seven rates."""
        return float(np.mean([self.at(rate) for rate in READ_OFF]))


def judged(
    marks: Sequence[Mark], nodules: Sequence[Finding], excluded: Sequence[Finding] = ()
) -> list[tuple[float, bool]]:
    """Score and truth of what counts on one scan; missed nodules come with a score of minus infinity.

    Of several marks in one nodule the best counts and the others are dropped; marks in excluded findings are dropped.
    """
    kept = sorted(marks, key=lambda mark: -mark.score)[:MOST_MARKS]
    found: set[int] = set()
    out: list[tuple[float, bool]] = []
    for mark in kept:
        hits = [n for n, nodule in enumerate(nodules) if nodule.holds(mark.position)]
        fresh = [n for n in hits if n not in found]
        if fresh:
            found.update(fresh)
            out += [(mark.score, True)] * len(fresh)
        elif not hits and not any(finding.holds(mark.position) for finding in excluded):
            out.append((mark.score, False))
    return out + [(-np.inf, True)] * (len(nodules) - len(found))


def froc(scans: Sequence[list[tuple[float, bool]]]) -> Froc:
    """The curve of the judged marks of all scans, those without marks as well.

    Raises:
        ValueError: no scan, or no nodule.
    """
    pooled = [each for scan in scans for each in scan]
    nodules = sum(hit for _score, hit in pooled)
    if not scans or not nodules:
        raise ValueError("a curve needs a scan and a nodule")
    seen = sorted((each for each in pooled if np.isfinite(each[0])), key=lambda each: -each[0])
    score = np.array([each[0] for each in seen])
    hit = np.array([each[1] for each in seen], bool)
    last = np.r_[score[1:] != score[:-1], True] if len(score) else np.zeros(0, bool)  # equal scores fall together
    return Froc(np.cumsum(~hit)[last] / len(scans), np.cumsum(hit)[last] / nodules, nodules, len(scans))


def cpm_interval(scans: Sequence[list[tuple[float, bool]]], draws: int = 1000, seed: int = 0) -> tuple[float, float]:
    """95 % interval of the CPM by drawing scans anew; draws without a nodule are drawn again.

    Raises:
        ValueError: as `froc`.
    """
    froc(scans)
    random = np.random.default_rng(seed)
    values: list[float] = []
    while len(values) < draws:
        drawn = [scans[index] for index in random.integers(0, len(scans), len(scans))]
        if any(hit for scan in drawn for _score, hit in scan):
            values.append(froc(drawn).cpm)
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def read_off(curve: Froc) -> Mapping[float, float]:
    """Sensitivity at each of `READ_OFF`."""
    return {rate: curve.at(rate) for rate in READ_OFF}
