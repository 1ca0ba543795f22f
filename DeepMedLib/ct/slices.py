"""Gaps, doubled slices and a tilted gantry, from where DICOM says that each slice lies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.errors import BadInput

_SAME_MM = 0.01
_TILT_DEGREES = 1.0
_UNEVEN = 0.1  # of the usual step


@dataclass(frozen=True)
class SliceReport:
    """The positions of a series.

    Attributes:
        step_mm: usual distance of slices, along their normal.
        gaps: after which slice (0-based, in order along the normal) how many are missing, as (index, count).
        duplicates: slices (in that order) that lie where the one before lies.
        uneven: whether distances vary by more than a tenth without being whole gaps.
        tilt_degrees: angle between the slices' normal and the line of their positions.
        order: indices that sort the given positions along the normal.
    """

    step_mm: float
    gaps: tuple[tuple[int, int], ...]
    duplicates: tuple[int, ...]
    uneven: bool
    tilt_degrees: float
    order: tuple[int, ...]

    def sentences(self) -> list[str]:
        """What is wrong, for the user; empty when nothing is."""
        found = []
        if self.gaps:
            missing = sum(count for _, count in self.gaps)
            places = "place" if len(self.gaps) == 1 else "places"
            found.append(
                f"{missing} slice{'s are' if missing > 1 else ' is'} missing at {len(self.gaps)} {places}: "
                "lengths and volumes there are wrong unless the gap was filled on loading."
            )
        if self.duplicates:
            count = len(self.duplicates)
            found.append(f"{count} slice{'s lie' if count > 1 else ' lies'} where another one lies already.")
        if self.uneven:
            found.append("The distances of the slices vary: volumes and lengths along the body are unreliable.")
        if self.tilt_degrees > _TILT_DEGREES:
            found.append(
                f"The gantry was tilted by {self.tilt_degrees:.1f} degrees: a reader that ignores it shears the volume."
            )
        return found


def check_slices(positions: np.ndarray, orientation: np.ndarray) -> SliceReport:
    """Looks at the slices of a series.

    Args:
        positions: (n, 3) Image Position (Patient) of each slice, LPS mm, in any order.
        orientation: (6,) Image Orientation (Patient): direction cosines of rows, then of columns, LPS.

    Raises:
        BadInput: fewer than two slices, values that are not finite, or directions that are not two axes.
    """
    points, cosines = np.asarray(positions, float), np.asarray(orientation, float).ravel()
    remedy = "Load the series again from its DICOM files."
    if points.ndim != 2 or points.shape[1] != 3 or len(points) < 2:
        raise BadInput("A series needs the positions of at least two slices.", remedy)
    if cosines.shape != (6,) or not np.isfinite(cosines).all() or not np.isfinite(points).all():
        raise BadInput("The positions or directions of the slices are not numbers.", remedy)
    normal = np.cross(cosines[:3], cosines[3:])
    length = float(np.linalg.norm(normal))
    if length < 0.5:
        raise BadInput("The directions of rows and columns are not two axes.", remedy)
    along = points @ (normal / length)
    order = np.argsort(along, kind="stable")
    steps = np.diff(along[order])
    real = steps[steps > _SAME_MM]
    duplicates = tuple(int(index) + 1 for index in np.flatnonzero(steps <= _SAME_MM))
    if not real.size:
        return SliceReport(0.0, (), duplicates, False, 0.0, tuple(order.tolist()))
    step = float(np.median(real))
    ratio = steps / step
    gaps = tuple(
        (int(index), round(float(ratio[index])) - 1)
        for index in np.flatnonzero(ratio > 1.5)
        if abs(ratio[index] - round(float(ratio[index]))) < 2 * _UNEVEN
    )
    known = {index for index, _ in gaps}
    others = [value for index, value in enumerate(ratio) if index not in known and steps[index] > _SAME_MM]
    uneven = bool(np.abs(np.array(others) - 1).max(initial=0.0) > _UNEVEN)
    span = points[order[-1]] - points[order[0]]
    cosine = abs(float(span @ normal)) / (length * float(np.linalg.norm(span)))
    tilt = float(np.degrees(np.arccos(min(1.0, cosine))))
    return SliceReport(step, gaps, duplicates, uneven, tilt, tuple(order.tolist()))
