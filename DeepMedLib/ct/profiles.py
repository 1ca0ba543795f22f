"""Per-slice profiles along the body, not learned: how much body, air, lung-like air and bone each axial slice shows.

They are curves to look at and a baseline to compare with, no diagnosis of the body part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.ct.body import Body, find_body
from DeepMedLib.ct.working import Working, make_working
from DeepMedLib.geometry import Grid

BONE_HU = 250
_GAS_HU = -400


@dataclass(frozen=True, eq=False)
class SliceProfiles:
    """One value per axial slice of the working grid, from inferior to superior; all float (n,).

    Attributes:
        superior_mm: position along the patient's axis, RAS mm of the slice's centre.
        body_cm2: area of the body with its cavities.
        air: share of the body darker than -400 HU (lung and gas).
        lung_air: share of the body between -950 and -550 HU, as lung is.
        gas: share of the body darker than -950 HU.
        bone: share of the body above 250 HU (contrast in vessels counts too).
        source_slices: (n, 2) first and last slice of the scan (0-based along its most axial axis) behind each value.
    """

    superior_mm: np.ndarray
    body_cm2: np.ndarray
    air: np.ndarray
    lung_air: np.ndarray
    gas: np.ndarray
    bone: np.ndarray
    source_slices: np.ndarray

    def rows(self) -> list[dict[str, float]]:
        """For tables: one dictionary per slice."""
        names = ("superior_mm", "body_cm2", "air", "lung_air", "gas", "bone")
        return [{name: float(getattr(self, name)[row]) for name in names} for row in range(len(self.superior_mm))]


def slice_profiles(array: np.ndarray, grid: Grid) -> SliceProfiles:
    """Profiles of a CT.

    Args:
        array: (k, j, i) HU.
        grid: where it lies, in any orientation.

    Raises:
        BadInput: the array does not lie on the grid.
    """
    working = make_working(array, grid)
    return profiles_of(working, find_body(working))


def profiles_of(working: Working, body: Body) -> SliceProfiles:
    """The same for callers that already have the coarse grid and the body."""
    values, inside = working.values, body.inside
    area = inside.sum(axis=(1, 2)).astype(float)
    safe = np.maximum(area, 1)

    def share(mask: np.ndarray) -> np.ndarray:
        return (mask & inside).sum(axis=(1, 2)) / safe

    _, dj, di = working.spacing
    count = len(values)
    points = np.column_stack([np.zeros(count), np.zeros(count), np.arange(count)])
    middle = [(working.grid.size_ijk[0] - 1) / 2, (working.grid.size_ijk[1] - 1) / 2, 0.0]
    ras = working.grid.ijk_points_to_ras(points + middle)
    factor = working.factors[0]
    depth = working.reorientation.target.shape_kji[0]
    first = np.arange(count) * factor
    last = np.minimum(first + factor, depth) - 1
    if working.reorientation.flipped[2]:
        first, last = depth - 1 - last, depth - 1 - first
    return SliceProfiles(
        superior_mm=ras[:, 2],
        body_cm2=area * dj * di / 100,
        air=share(values < _GAS_HU),
        lung_air=share((values > -950) & (values < -550)),
        gas=share(values <= -950),
        bone=share(values > BONE_HU),
        source_slices=np.column_stack([first, last]),
    )
