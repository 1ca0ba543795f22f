"""Where the slices of a stack lie: their order, gaps, and whether they form a box, lean or are shifted.

Slices become a volume whose axes are at right angles. Where a slice lies beside the one before (a tilted gantry, a
table or a field of view that moved), its pixels are to be shifted in its plane to where the header says that they lie.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import RAS_TO_LPS, Grid
from DeepMedLib.remark import Gravity, Remark
from DeepMedLib.series.headers import SliceHeader

SAME_MM = 0.05
"""Slices nearer than this lie at one place."""
UNEVEN = 0.1
"""Share of the usual distance by which distances may vary."""
_TILT_DEGREES = 1.0
_MOST_TILT_DEGREES = 45.0
_ASIDE_PIXELS = 0.5  # what slices may lie aside before they are shifted
_REMEDY = "Give the slices of one CT series, as the scanner made them."


@dataclass(frozen=True, eq=False)
class StackGeometry:
    """Where a stack lies.

    Attributes:
        grid: of the volume, large enough for shifted slices.
        shifts: (n, 2) columns and rows by which each slice's pixels move, at least 0; None where they need not.
        remarks: about gaps, uneven distances, tilt and shifts.
    """

    grid: Grid
    shifts: np.ndarray | None
    remarks: tuple[Remark, ...]


def axes_of(slices: Sequence[SliceHeader]) -> np.ndarray:
    """3x3, rows = unit vectors along a slice's rows (i), its columns (j) and their normal (k), LPS; a mean."""
    cosines = np.mean(np.array([header.orientation for header in slices], float), axis=0)
    row = cosines[:3] / np.linalg.norm(cosines[:3])
    column = cosines[3:] - row * float(cosines[3:] @ row)
    column /= np.linalg.norm(column)
    return np.array([row, column, np.cross(row, column)])


def positions_of(slices: Sequence[SliceHeader]) -> np.ndarray:
    """(n, 3) LPS mm."""
    return np.array([header.position for header in slices], float)


def distances(slices: Sequence[SliceHeader]) -> np.ndarray:
    """(n,) mm along the normal."""
    return np.asarray(positions_of(slices) @ axes_of(slices)[2])


def stack_geometry(slices: Sequence[SliceHeader]) -> StackGeometry:
    """The volume that slices form.

    Args:
        slices: of one size, orientation and pixel size, in order along their normal, no two at one place.

    Raises:
        BadInput: fewer than two, or they lie so far aside of one another that they are no stack.
    """
    if len(slices) < 2:
        raise BadInput("The series has one slice.", _REMEDY)
    axes, points, spacing = axes_of(slices), positions_of(slices), slices[0].spacing
    assert spacing is not None
    along = points @ axes[2]
    steps = np.diff(along)
    gaps, uneven = judge_steps(steps)
    whole = np.delete(steps, list(gaps))
    step = float(whole.mean() if len(whole) else np.median(steps))
    remarks = []
    if gaps:
        remarks.append(_gap_remark(points, gaps))
    if uneven:
        text = (
            f"The distances of the slices vary from {whole.min():.1f} to {whole.max():.1f} mm: volumes and lengths "
            "along the body are unreliable."
        )
        remarks.append(Remark(text, Gravity.WARNING))
    pixel = np.array([spacing[1], spacing[0]])
    aside = points @ axes[:2].T / pixel
    shifts = None
    if np.ptp(aside, axis=0).max() > _ASIDE_PIXELS:
        shifts = aside - aside.min(axis=0)
        remarks.append(_aside_remark(aside * pixel, along, axes))
        if remarks[-1].gravity == Gravity.GRAVE and (shifts.max(axis=0) > [slices[0].columns, slices[0].rows]).any():
            raise BadInput(
                f"The slices lie aside of one another by up to {shifts.max():.0f} pixels: they are no volume.", _REMEDY
            )
    size = np.array([slices[0].columns, slices[0].rows])
    if shifts is not None:
        size = size + np.ceil(shifts.max(axis=0) - 1e-3).astype(int)
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1], matrix[:3, 2] = axes[0] * pixel[0], axes[1] * pixel[1], axes[2] * step
    first = points[0] if shifts is None else points[0] - (shifts[0] * pixel) @ axes[:2]
    matrix[:3, 3] = first
    grid = Grid(RAS_TO_LPS @ matrix, (len(slices), int(size[1]), int(size[0])))
    return StackGeometry(grid, shifts, tuple(remarks))


def judge_steps(steps: np.ndarray) -> tuple[dict[int, int], bool]:
    """Gaps among distances of neighbors (mm), as place -> slices missing; whether the others vary.

    A gap is a distance near two, three ... usual ones.
    """
    usual = float(np.median(steps))
    ratios = steps / usual
    gaps = {
        int(place): round(float(ratios[place])) - 1
        for place in np.flatnonzero(ratios > 1.5)
        if abs(ratios[place] - round(float(ratios[place]))) < 2 * UNEVEN
    }
    others = np.delete(ratios, list(gaps))
    return gaps, bool(np.abs(others - 1).max(initial=0.0) > UNEVEN)


def _gap_remark(points: np.ndarray, gaps: dict[int, int]) -> Remark:
    missing = sum(gaps.values())
    axis = int(np.argmax(np.abs(points[-1] - points[0])))
    name = "xyz"[axis]
    sign = -1 if axis < 2 else 1  # places are said in RAS
    where = [
        f"{count} after slice {place + 1} ({name} {sign * points[place][axis]:.0f} to "
        f"{sign * points[place + 1][axis]:.0f} mm)"
        for place, count in gaps.items()
    ]
    listed = "; ".join(where[:4]) + (f"; and at {len(where) - 4} further places" if len(where) > 4 else "")
    places = "place" if len(gaps) == 1 else "places"
    text = (
        f"{missing} slice{'s are' if missing > 1 else ' is'} missing at {len(gaps)} {places}: {listed}. They were not "
        "filled in: the slices beside a gap are neighbors here, so lengths and volumes there are wrong."
    )
    return Remark(text, Gravity.GRAVE)


def _aside_remark(aside_mm: np.ndarray, along: np.ndarray, axes: np.ndarray) -> Remark:
    """Tilt moves every slice aside by the same share of its distance; anything else is a shift."""
    lean = np.median(np.diff(aside_mm, axis=0) / np.diff(along)[:, None], axis=0)
    rest = aside_mm - along[:, None] * lean
    rest = np.abs(rest - np.median(rest, axis=0)).max(axis=1)
    angle = float(np.degrees(np.arctan(np.linalg.norm(lean))))
    if _TILT_DEGREES < angle < _MOST_TILT_DEGREES and rest.max() < 1.0:
        what = "The gantry was tilted" if abs(axes[2, 2]) > 0.5 else "The slices lean against their stack"
        text = f"{what} by {angle:.1f} degrees: the slices were shifted back so that the axes are at right angles."
        return Remark(text, Gravity.WARNING)
    jumps = np.linalg.norm(np.diff(aside_mm - along[:, None] * lean, axis=0), axis=1)
    place = int(np.argmax(jumps))
    text = (
        f"The slices are shifted against one another in their plane, by {jumps[place]:.1f} mm after slice {place + 1} "
        "(the table or the field of view was moved): they were laid where their headers say, and may not fit together."
    )
    return Remark(text, Gravity.GRAVE)
