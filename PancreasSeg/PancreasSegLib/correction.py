"""Correcting an organ by clicks: points inside it and points outside of it, and only the region about them is redone.

From each click a front runs through the scan, fast where the values are those at the click and slowly across edges
(fast marching; Sethian, PNAS 1996). Voxels that a front of an inside click reaches first, and soon, become the organ;
those that one of an outside click reaches first are taken from it. Nothing farther from the clicks than the radius
changes, whatever network drew the outline.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid, to_sitk

RADIUS_MM = 30.0
"""About each click."""
_REACH_MM = 12.0  # as far as a front may run in tissue like that at its click
_SD_HU = 25.0  # values that differ by so much slow a front to e^-1/2


def corrected(
    values: np.ndarray,
    labels: np.ndarray,
    grid: Grid,
    label: int,
    inside_ras: Sequence[Sequence[float]],
    outside_ras: Sequence[Sequence[float]],
) -> np.ndarray:
    """The labels with one organ corrected.

    Args:
        values: (k, j, i) HU.
        labels: (k, j, i) whole numbers.
        grid: where both lie.
        label: of the organ.
        inside_ras, outside_ras: clicks, RAS mm; one at least.

    Returns:
        (k, j, i) of the type of ``labels``.

    Raises:
        BadInput: no click, or one lies outside of the scan.
    """
    if not len(inside_ras) and not len(outside_ras):
        raise BadInput("There is no point to correct by.", "Place a point inside the organ, or outside of it.")
    clicks = np.array([*inside_ras, *outside_ras], float)
    seeds = np.rint(grid.ras_points_to_ijk(clicks)).astype(int)[:, ::-1]
    if (seeds < 0).any() or (seeds >= labels.shape).any():
        raise BadInput("A point lies outside of the scan.", "Move it onto the scan, or delete it.")
    reach = np.ceil(RADIUS_MM / grid.spacing[::-1]).astype(int)
    start = np.maximum(seeds.min(0) - reach, 0)
    stop = np.minimum(seeds.max(0) + reach + 1, labels.shape)
    box = tuple(slice(int(low), int(high)) for low, high in zip(start, stop, strict=True))
    part = grid.cropped((int(start[0]), int(start[1]), int(start[2])), (int(stop[0]), int(stop[1]), int(stop[2])))
    hu = values[box].astype(np.float32)
    count = len(inside_ras)
    inward = _front(hu, part, seeds[:count] - start)
    outward = _front(hu, part, seeds[count:] - start)
    near = _near(part, clicks)
    out = labels.copy()
    region = out[box]
    was = region == label
    gained = near & ~was & (inward < outward) & (inward <= _REACH_MM)
    lost = near & was & (outward < inward) & (outward <= _REACH_MM)
    region[gained] = label
    region[lost] = 0
    return out


def _front(hu: np.ndarray, grid: Grid, seeds: np.ndarray) -> np.ndarray:
    """(k, j, i) mm: how long the front of the nearest seed takes; infinite without one."""
    import SimpleITK as sitk

    first = np.full(hu.shape, np.inf, np.float32)
    for seed in seeds:
        k, j, i = (int(value) for value in seed)
        around = hu[max(0, k - 1) : k + 2, max(0, j - 1) : j + 2, max(0, i - 1) : i + 2]
        speed = np.exp(-0.5 * ((hu - float(np.median(around))) / _SD_HU) ** 2) + 1e-3
        marching = sitk.FastMarchingImageFilter()
        marching.SetTrialPoints([(i, j, k)])
        marching.SetStoppingValue(2 * _REACH_MM)
        arrived = sitk.GetArrayFromImage(marching.Execute(to_sitk(speed.astype(np.float32), grid)))
        first = np.minimum(first, np.where(arrived > 2 * _REACH_MM, np.inf, arrived))
    return first


def _near(grid: Grid, clicks: np.ndarray) -> np.ndarray:
    """(k, j, i) bool: voxels within the radius of a click."""
    depth, rows, columns = grid.shape_kji
    near = np.zeros(grid.shape_kji, bool)
    matrix = grid.ijk_to_ras
    i, j, k = np.arange(columns), np.arange(rows), np.arange(depth)
    for click in clicks:
        away = np.zeros(grid.shape_kji)
        for axis in range(3):
            line = (
                matrix[axis, 0] * i[None, None, :]
                + matrix[axis, 1] * j[None, :, None]
                + matrix[axis, 2] * k[:, None, None]
                + matrix[axis, 3]
            )
            away += (line - click[axis]) ** 2
        near |= away <= RADIUS_MM**2
    return near
