"""Lesions of the liver, each by itself: volume and longest diameter in an axial slice; and their share of the liver.

For labels of a user's network: none is shipped that finds lesions. What it marks away from the liver is no lesion of
the liver and is taken out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist

from DeepMedLib.ct.working import canonical_view
from DeepMedLib.geometry import Grid
from PancreasSegLib.organs import BY_KEY

INSIDE = 0.5
"""Share of what surrounds a lesion that has to be liver."""
_LIVER, _LESION = BY_KEY["liver"].label, BY_KEY["liver_lesion"].label


@dataclass(frozen=True)
class Lesion:
    """One lesion.

    Attributes:
        number: from 1, the largest first.
        volume_ml: of its voxels.
        diameter_mm: the longest between two voxel centers of one axial slice, and a voxel's mean width more.
        center_ras: mm.
    """

    number: int
    volume_ml: float
    diameter_mm: float
    center_ras: tuple[float, float, float]

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Lesion:
        """Read `to_dict`."""
        x, y, z = record["center_ras"]
        return cls(int(record["number"]), float(record["volume_ml"]), float(record["diameter_mm"]), (x, y, z))


def inside_liver(labels: np.ndarray) -> np.ndarray:
    """Labels (k, j, i) with the ids of `ORGANS` without lesions that do not lie in the liver.

    A lesion lies in it where at least half of the labeled and unlabeled voxels that touch it are liver.
    """
    parts, count = ndimage.label(labels == _LESION, np.ones((3, 3, 3)))
    out = labels.copy()
    for number, box in enumerate(ndimage.find_objects(parts, count), 1):
        wide = tuple(
            slice(max(0, side.start - 1), min(size, side.stop + 1))
            for side, size in zip(box, labels.shape, strict=True)
        )
        mine = parts[wide] == number
        shell = ndimage.binary_dilation(mine) & ~mine
        if not shell.any() or float((labels[wide][shell] == _LIVER).mean()) < INSIDE:
            out[wide][mine] = 0
    return out


def liver_lesions(labels: np.ndarray, grid: Grid) -> tuple[Lesion, ...]:
    """The lesions, the largest first.

    Args:
        labels: (k, j, i) with the ids of `ORGANS`.
        grid: where they lie.
    """
    parts, count = ndimage.label(labels == _LESION, np.ones((3, 3, 3)))
    sizes = np.bincount(parts.ravel(), minlength=count + 1)
    found = []
    for rank, part in enumerate(sorted(range(1, count + 1), key=lambda part: -sizes[part]), 1):
        mask = parts == part
        middle = grid.ijk_points_to_ras(np.array(ndimage.center_of_mass(mask))[::-1])
        x, y, z = (round(float(value), 2) for value in middle)
        volume = round(float(sizes[part]) * grid.voxel_volume / 1000, 3)
        found.append(Lesion(rank, volume, round(_diameter(mask, grid), 1), (x, y, z)))
    return tuple(found)


def burden(labels: np.ndarray) -> float | None:
    """Volume of the lesions over that of the liver with them, 0..1; None without a liver."""
    lesion, liver = int((labels == _LESION).sum()), int((labels == _LIVER).sum())
    return lesion / (lesion + liver) if liver else None


def _diameter(mask: np.ndarray, grid: Grid) -> float:
    change = grid.canonical()
    dx, dy, _ = (float(step) for step in change.target.spacing)
    longest = 0.0
    for plane in canonical_view(mask, change):
        points = np.argwhere(plane) * (dy, dx)
        if len(points) > 1:
            longest = max(longest, float(pdist(_outermost(points)).max()))
    return longest + (dx + dy) / 2


def _outermost(points: np.ndarray) -> np.ndarray:
    """Corners of the hull; all points where they lie on a line."""
    try:
        return np.asarray(points[ConvexHull(points).vertices]) if len(points) > 2 else points
    except QhullError:
        return points
