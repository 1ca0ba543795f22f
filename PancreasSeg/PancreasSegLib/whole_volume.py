"""The whole volume of an organ that the scan cuts at one end, from the shapes of complete ones.

The areas of its slices, from its complete end to the cut, are laid over those of complete organs, each stretched along
the body and scaled in area; what the well-fitting ones have beyond the cut is what is missing. How far that may be off
was measured on complete organs that were cut by us, each patient judged by the others: the logarithm of the whole over
its estimate, divided by the square root of the share that is missing, was at most `Shapes.error`. By conformal
prediction (Vovk et al. 2005) the largest of n patients covers a further one with probability n / (n + 1). Too little
of the organ, an interval too wide to be of use, or a shape like none of them, is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

POINTS = 24
"""Areas of a complete organ, at equal distances from its lower end to its upper."""
CUTS = (0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of an organ's length that are left, at which errors are measured."""
LEAST_SHARE = 0.5
"""Of the whole that is on the scan; with less the whole is not estimated."""
_STRETCHES = np.exp(np.linspace(-0.36, 0.36, 19))
_STRETCH_SD, _AREA_SD, _MISFIT_SD = 0.15, 0.35, 0.12  # logarithms; share of the areas
_WORST_MISFIT = 0.45
MOST_SPREAD = 0.5
"""Intervals wider than by this factor's exponential either way are of no use: such a whole is refused."""


@dataclass(frozen=True, eq=False)
class Shapes:
    """Complete organs of one kind.

    Attributes:
        areas_mm2: (n, POINTS) from the lower end to the upper.
        lengths_mm: (n,).
        patients: (n,) whose they are.
        error: largest logarithm of the whole over its estimate, by the square root of the missing share; 0 before it
            was measured.
    """

    areas_mm2: np.ndarray
    lengths_mm: np.ndarray
    patients: tuple[str, ...]
    error: float = 0.0

    @property
    def coverage(self) -> float:
        """Chance that a further organ lies within the interval."""
        seen = len(set(self.patients))
        return seen / (seen + 1)

    def to_json(self) -> dict[str, Any]:
        """Plain numbers; `from_json` reads them back. Patients become numbers."""
        numbers = {name: number for number, name in enumerate(sorted(set(self.patients)))}
        return {
            "areas_mm2": [[round(float(area)) for area in row] for row in self.areas_mm2],
            "lengths_mm": [round(float(length), 1) for length in self.lengths_mm],
            "patients": [numbers[name] for name in self.patients],
            "error": round(self.error, 3),
        }

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Shapes:
        """Read `to_json`."""
        areas, lengths = np.array(record["areas_mm2"], float), np.array(record["lengths_mm"], float)
        return cls(areas, lengths, tuple(str(number) for number in record["patients"]), float(record["error"]))


@dataclass(frozen=True)
class Whole:
    """An estimate.

    Attributes:
        seen_ml: on the scan.
        ml: the whole.
        error: as `Shapes.error`.
        coverage: chance that the whole lies in the interval, the part on the scan being right.
    """

    seen_ml: float
    ml: float
    error: float
    coverage: float

    @property
    def spread(self) -> float:
        """Half the interval's width, as a logarithm."""
        return self.error * float(np.sqrt(1 - self.seen_ml / self.ml))

    def interval(self) -> tuple[float, float]:
        """ml from, to; not less than is on the scan."""
        return max(self.seen_ml, self.ml * float(np.exp(-self.spread))), self.ml * float(np.exp(self.spread))


def profile(areas_mm2: Sequence[float] | np.ndarray, step_mm: float) -> tuple[np.ndarray, float]:
    """(POINTS,) areas over a complete organ and its length in mm, from the areas of its slices."""
    areas = np.asarray(areas_mm2, float)
    places = (np.arange(POINTS) + 0.5) / POINTS * len(areas) - 0.5
    return np.interp(places, np.arange(len(areas)), areas), len(areas) * step_mm


def whole_volume(areas_mm2: np.ndarray, step_mm: float, shapes: Shapes, left_out: str | None = None) -> Whole | None:
    """The whole volume; None where that cannot be told.

    Args:
        areas_mm2: (m,) of the slices, from the complete end to the cut.
        step_mm: between slices.
        shapes: of complete organs, from the complete end on (`reversed_shapes` where that is the upper one).
        left_out: patient who does not count.
    """
    seen_ml = float(areas_mm2.sum()) * step_mm / 1000
    z = (np.arange(len(areas_mm2)) + 0.5) * step_mm
    logs, weights = [], []
    for areas, length, patient in zip(shapes.areas_mm2, shapes.lengths_mm, shapes.patients, strict=True):
        if patient == left_out:
            continue
        for stretch in _STRETCHES:
            whole = float(length * stretch)
            if whole <= len(areas_mm2) * step_mm:
                continue
            here = np.interp(z / whole * POINTS - 0.5, np.arange(POINTS), areas)
            scale = float(here @ areas_mm2 / (here @ here))
            misfit = float(np.linalg.norm(areas_mm2 - scale * here) / np.linalg.norm(areas_mm2))
            total = scale * whole * float(areas.mean()) / 1000
            said = scale * float(here.sum()) * step_mm / 1000
            if scale <= 0 or misfit > _WORST_MISFIT or total <= said:
                continue
            surprise = (misfit / _MISFIT_SD) ** 2 + (np.log(stretch) / _STRETCH_SD) ** 2
            surprise += (np.log(scale) / _AREA_SD) ** 2
            logs.append(np.log(total - said))
            weights.append(np.exp(-0.5 * surprise))
    if not weights or sum(weights) < 1e-6:
        return None
    whole_ml = seen_ml + float(np.exp(np.average(logs, weights=weights)))
    told = Whole(seen_ml, whole_ml, shapes.error, shapes.coverage)
    return told if seen_ml >= LEAST_SHARE * whole_ml and told.spread <= MOST_SPREAD else None


def reversed_shapes(shapes: Shapes) -> Shapes:
    """From the upper end to the lower."""
    return Shapes(shapes.areas_mm2[:, ::-1], shapes.lengths_mm, shapes.patients, shapes.error)


def largest_error(organs: Sequence[tuple[str, np.ndarray, float]], shapes: Shapes) -> float:
    """For `Shapes.error`: complete organs are cut by us at either end, each patient judged by the others.

    An organ that is refused does not count.

    Args:
        organs: patient, areas of the slices from the lower end to the upper (mm2), step (mm).
        shapes: of the same.
    """
    worst = 0.0
    for patient, areas, step in organs:
        whole_ml = float(areas.sum()) * step / 1000
        for kept in CUTS:
            for turned in (False, True):
                seen = (areas[::-1] if turned else areas)[: round(kept * len(areas))]
                told = whole_volume(seen, step, reversed_shapes(shapes) if turned else shapes, patient)
                if told is not None:
                    missing = 1 - told.seen_ml / told.ml
                    worst = max(worst, abs(float(np.log(whole_ml / told.ml))) / float(np.sqrt(missing)))
    return worst
