"""Masses that sit on the chest wall and dent the lung, too wide for a closing by a ball; on the Working grid.

Between ribs and lung there is nothing: on the side of the ribs the lung reaches its hull in the axial, coronal and
sagittal planes. What lies inside the hull, is tissue, has lung above and below it and reaches the hull on the side of
the ribs is a mass. Liver, heart and effusion have no lung below them, the hilum does not reach the ribs.
Fails: masses in the apex and above liver and spleen, which have lung on one side only; masses at the breastbone and
the mediastinum; a chest wall that is dented itself (funnel chest, old fractures). A hull is a chord where the wall is
an arc, so that up to half a centimeter of a wide mass at the wall stays out. Consolidation at the ribs counts as mass.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull, QhullError

from DeepMedLib.ct.morphology import Spacing, bounding_box, components, dilated, signed_distance
from DeepMedLib.ct.working import Working

_LONGEST_MM = 130.0
_LARGEST_ML = 500.0
_SMALLEST_ML = 5.0
_CORE_MM = 4.0
_BESIDE_MM = 10.0
_SPINE_MM = 25.0
_AT_RIBS = 0.12
"""Share of a mass's outer voxels that lie on the hull, away from the body's middle."""


def masses_at_wall(lung: np.ndarray, free: np.ndarray, working: Working, middle: float) -> np.ndarray:
    """bool (k, j, i): masses that dent one lung from the chest wall.

    Args:
        lung: (k, j, i) bool, one lung, closed.
        free: tissue that may be mass: inside the body, no air, not the other lung, no airway.
        middle: column of the body's middle.
    """
    found = np.zeros_like(lung)
    box = bounding_box(lung, (0, 2, 2))
    part = lung[box]
    if not part.any():
        return found
    hull = np.zeros_like(part)
    for axis in range(3):
        turned, source = np.moveaxis(hull, axis, 0), np.moveaxis(part, axis, 0)
        for number, plane in enumerate(source):
            turned[number] |= _hull(plane)
    between = np.maximum.accumulate(part, axis=0) & np.maximum.accumulate(part[::-1], axis=0)[::-1]
    dent = hull & between & free[box] & ~part
    core = signed_distance(dent, working.spacing) < -_CORE_MM
    labels, counts = components(core)
    rim = hull & ~ndimage.binary_erosion(hull, _CROSS)
    at_ribs = rim & _away(part, box[2].start - middle, working.spacing)
    for number, region in enumerate(ndimage.find_objects(labels), start=1):
        extent = max((side.stop - side.start) * step for side, step in zip(region, working.spacing, strict=True))
        volume = working.millilitres(counts[number])
        if not _SMALLEST_ML < 2 * volume < 2 * _LARGEST_ML or extent > _LONGEST_MM:
            continue
        wide = tuple(
            slice(max(0, side.start - 4), min(side.stop + 4, length))
            for side, length in zip(region, part.shape, strict=True)
        )
        mass = dilated(labels[wide] == number, working.spacing, _CORE_MM + 2.0) & dent[wide]
        edge = mass & ~ndimage.binary_erosion(mass, _CROSS)
        if (edge & ndimage.binary_dilation(at_ribs[wide], _CROSS)).sum() > _AT_RIBS * edge.sum():
            found[box][wide] |= mass
    return found


_CROSS = ndimage.generate_binary_structure(3, 1)
_CROSS[[0, 2]] = False
"""Neighbors in the axial slice."""


def _away(lung: np.ndarray, first_column: float, spacing: Spacing) -> np.ndarray:
    """(1, j, i) bool: places beside the lung's middle or behind it, but for the spine; the ribs are there."""
    _, row, column = np.argwhere(lung).mean(axis=0)
    aside = np.abs(np.arange(lung.shape[2]) + first_column)
    lateral = aside > abs(column + first_column) - _BESIDE_MM / spacing[2]
    behind = (np.arange(lung.shape[1]) < row - _BESIDE_MM / spacing[1])[:, None] & (aside > _SPINE_MM / spacing[2])
    return (lateral[None] | behind)[None]


def _hull(plane: np.ndarray) -> np.ndarray:
    """The convex hull of a slice's voxels; nothing for fewer than three or for a line."""
    points = np.argwhere(plane & ~ndimage.binary_erosion(plane))
    if len(points) < 3:
        return np.zeros_like(plane)
    try:
        lines = ConvexHull(points).equations
    except QhullError:
        return plane
    rows, columns = np.indices(plane.shape)
    inside = np.ones_like(plane)
    for a, b, c in lines:
        inside &= a * rows + b * columns + c <= 1e-6
    return inside
