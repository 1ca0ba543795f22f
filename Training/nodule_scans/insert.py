"""Real nodules blended into healthy lung of other scans, and healthy lung blended in the same way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from NoduleCADLib.axial_scan import AxialScan
from Training.nodule_measures.data import Box

_REACH_MM = 3.0  # beyond the nodule, over which it passes into its host


@dataclass(frozen=True)
class Planted:
    """What was blended in: RAS mm, diameter in mm, and whether it is a nodule or healthy lung."""

    center: tuple[float, float, float]
    diameter_mm: float
    nodule: bool


def whole(box: Box) -> bool:
    """Whether a nodule was marked by three readers or more and ends within its box."""
    ends = box.mask[:, :, 0].any() or box.mask[:, :, -1].any()
    return float(box.row["n_ratings"]) >= 3 and not ends


def plant(hu: np.ndarray, scan: AxialScan, at: np.ndarray, box: Box, random: np.random.Generator) -> None:
    """Blend a box's nodule into an array (x, y, z) of the scan's order, mirrored and turned by chance.

    Thick host slices get the mean over their thickness.
    """
    center, spacing = box.center, scan.spacing
    turn = random.integers(0, 4)
    mirror = random.choice([-1.0, 1.0], 3)
    reach = np.array(box.mask.shape) * box.spacing / 2
    extent = np.ceil(min(reach.max(), 24.0) / spacing).astype(int)
    low, high = np.maximum(np.rint(at).astype(int) - extent, 0), np.rint(at).astype(int) + extent + 1
    high = np.minimum(high, hu.shape)
    axes = [(np.arange(low[a], high[a]) - at[a]) * spacing[a] for a in range(3)]
    x, y, z = np.meshgrid(*axes, indexing="ij")
    if turn % 2:
        x, y = y, -x
    inner = max(1, round(float(spacing[2] / box.spacing[2])))
    nodule = np.zeros(x.shape, np.float32)
    share = np.zeros(x.shape, np.float32)
    soft = _softened(box)
    for part in range(inner):
        shift = ((part + 0.5) / inner - 0.5) * spacing[2]
        places = [
            center[0] + mirror[0] * x / box.spacing[0],
            center[1] + mirror[1] * y / box.spacing[1],
            center[2] + mirror[2] * (z + shift) / box.spacing[2],
        ]
        nodule += ndimage.map_coordinates(box.hu.astype(np.float32), places, order=1, mode="nearest") / inner
        share += ndimage.map_coordinates(soft, places, order=1, mode="constant") / inner
    target = hu[low[0] : high[0], low[1] : high[1], low[2] : high[2]]
    target[:] = target * (1 - share) + nodule * share


def swap(hu: np.ndarray, scan: AxialScan, at: np.ndarray, source: np.ndarray, box: Box) -> None:
    """Blend healthy lung from another place of the same scan in, with the seam that the box's nodule would have."""
    spacing = scan.spacing
    half = np.ceil(np.array(box.mask.shape) * box.spacing / 2 / spacing).astype(int)
    a, b = np.rint(at).astype(int), np.rint(source).astype(int)
    half = np.minimum.reduce([half, a, b, np.array(hu.shape) - 1 - a, np.array(hu.shape) - 1 - b])
    steps = [np.arange(-h, h + 1) for h in half]
    grid = np.meshgrid(*[s * d for s, d in zip(steps, spacing, strict=True)], indexing="ij")
    places = [box.center[n] + grid[n] / box.spacing[n] for n in range(3)]
    share = ndimage.map_coordinates(_softened(box), places, order=1, mode="constant")
    index_a, index_b = (np.ix_(*[s + c for s, c in zip(steps, place, strict=True)]) for place in (a, b))
    hu[index_a] = hu[index_a] * (1 - share) + hu[index_b].copy() * share


def _softened(box: Box) -> np.ndarray:
    """Share of the nodule in the blend: 1 inside of it, falling to 0 over some millimeters."""
    outside = ndimage.distance_transform_edt(~box.mask, box.spacing)
    return np.clip(1 - np.asarray(outside, np.float32) / _REACH_MM, 0, 1)
