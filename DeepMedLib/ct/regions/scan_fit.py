"""From the answers for single slices to one reading of the scan: a smooth position, and which way it is turned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.ct.regions.position import POSITION_PER_MM

STATED = "as stated"
MIRRORED = "left and right exchanged"
REVERSED = "front and back exchanged"
TURNED = "turned by 180 degrees in the plane"
IN_PLANE = (STATED, MIRRORED, REVERSED, TURNED)
"""Meanings of the network's four classes of turn."""

_STIFFNESS_MM = 40.0  # details of the position along the scan below this length are noise
_LEAST_RISE = 4.0  # rise of the position over the scan, in multiples of its uncertainty, that tells up from down
_SURE = 0.95  # probability from which a wrong turn is said
_TRAINED_SHARES = (0.7, 0.1, 0.1, 0.1)  # of the four in-plane turns among the slices trained on
_REPEATED_MM = 25.0  # slices nearer than this say much the same
_MOST_BACK = 5.0  # way back along the body (of 100) that no scan of a body takes
_MOST_ASTRAY = 5.0  # usual distance of the answers from a steady course, the same
_PACES = np.linspace(0.07, 0.20, 27)  # positions a millimetre, from tall to small people


@dataclass(frozen=True)
class Turn:
    """How the scan lies against what its header states.

    Attributes:
        in_plane: one of `IN_PLANE`.
        in_plane_probability: of that answer.
        upside_down: True when the slices run the other way than stated; None when the scan is too short to tell.
    """

    in_plane: str
    in_plane_probability: float
    upside_down: bool | None

    @property
    def said(self) -> str:
        """The in-plane turn that is told to the user: a wrong one only when it is sure."""
        return self.in_plane if self.in_plane_probability >= _SURE else STATED

    @property
    def wrong(self) -> bool:
        """Whether the header must be doubted."""
        return bool(self.upside_down) or self.said != STATED

    @property
    def sentence(self) -> str:
        """In plain words; empty when nothing is wrong."""
        parts = ["head and feet exchanged"] if self.upside_down else []
        if self.said != STATED:
            parts.append(self.said)
        if not parts:
            return ""
        return f"The picture does not lie as its header states: {' and '.join(parts)}. Do not measure sides in it."


def smooth_position(mm: np.ndarray, found: np.ndarray, sd: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position along a scan without the single slices' slips.

    A smooth curve (penalised second differences) through the answers, each weighted by its uncertainty and, a few
    times, by how well it agrees with its neighbours (Cauchy weights).

    Args:
        mm: (n,) place along the scan, rising.
        found: (n,) answers, 0..100.
        sd: (n,) their standard uncertainties.

    Returns:
        (n,) positions and (n,) standard uncertainties.
    """
    n = len(mm)
    if n < 3:
        return found.astype(float), sd.astype(float)
    step = float(np.median(np.diff(mm))) or 1.0
    second = np.diff(np.eye(n), 2, axis=0) if n <= 400 else None
    weights = 1.0 / sd**2
    penalty = np.median(weights) * (_STIFFNESS_MM / step) ** 4
    if second is None:  # long scans: fit every third slice, and read the others off the curve
        some = np.arange(0, n, int(np.ceil(n / 300)))
        position, spread = smooth_position(mm[some], found[some], sd[some])
        return np.interp(mm, mm[some], position), np.interp(mm, mm[some], spread)
    factor = np.ones(n)
    position = found.astype(float)
    for _round in range(6):
        system = np.diag(weights * factor) + penalty * second.T @ second
        inverse = np.linalg.inv(system)
        position = inverse @ (weights * factor * found)
        scatter = 1.4826 * np.median(np.abs(found - position)) + 0.5
        factor = 1.0 / (1.0 + ((found - position) / (2.0 * scatter)) ** 2)
    # Neighbouring slices err alike, so the curve is not as sure as independent answers would make it.
    together = max(1.0, _REPEATED_MM / step)
    spread = np.sqrt(np.clip(np.diag(inverse) * together, 0, None))
    agreement = scatter / max(float(np.median(sd)), 1e-6)
    return position, np.maximum(spread * max(1.0, agreement), 0.6)


def follows_a_body(mm: np.ndarray, found: np.ndarray, sd: np.ndarray) -> bool:
    """Whether the answers run along a body: one way only, and at the pace of a body.

    Shuffled slices, and pictures that look like nothing the recogniser knows, do not. Up to two slices always do.

    Args:
        mm: (n,) place along the scan, rising.
        found, sd: (n,) answers for the slices and their standard uncertainties.
    """
    if len(mm) < 3:
        return True
    position, _ = smooth_position(mm, found, sd)
    back = min(float((np.maximum.accumulate(run) - run).max()) for run in (position, position[::-1]))
    astray = []
    for pace in (*_PACES, *-_PACES):
        rest = found - pace * mm
        astray.append(float(np.median(np.abs(rest - np.median(rest)))))
    return back <= _MOST_BACK and min(astray) <= _MOST_ASTRAY


def turn_of_scan(mm: np.ndarray, found: np.ndarray, sd: np.ndarray, turn_probabilities: np.ndarray) -> Turn:
    """Which way the scan lies.

    Args:
        mm: (n,) place towards the feet as stated.
        found, sd: (n,) answers for the slices.
        turn_probabilities: (n, 4) of the in-plane turns of `IN_PLANE`.
    """
    # In training most slices lay as they should. Half of that habit is taken away: a wrong turn may be said, and still
    # needs more evidence than a right one.
    logs = np.log(np.clip(turn_probabilities, 1e-3, 1)) - 0.5 * np.log(_TRAINED_SHARES)
    extent = float(mm.max() - mm.min()) if len(mm) > 1 else 0.0
    independent = max(1.0, min(len(mm), extent / _REPEATED_MM))
    total = logs.mean(0) * independent
    probabilities = np.exp(total - total.max())
    probabilities /= probabilities.sum()
    best = int(np.argmax(probabilities))
    upside_down = None
    if len(mm) >= 3:
        weights = 1.0 / sd**2
        centred = mm - np.average(mm, weights=weights)
        slope = float((weights * centred * found).sum() / (weights * centred**2).sum())
        error = float(np.sqrt(len(mm) / independent / (weights * centred**2).sum()))
        if abs(slope) > _LEAST_RISE * error and abs(slope) > 0.2 * POSITION_PER_MM:
            upside_down = slope < 0
    return Turn(IN_PLANE[best], float(probabilities[best]), upside_down)
