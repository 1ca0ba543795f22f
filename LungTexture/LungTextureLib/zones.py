"""Where in the lungs a voxel lies: which lung, which third of its height, near its surface or deep in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.sides import LEFT, RIGHT
from DeepMedLib.geometry import Grid

LUNGS = {RIGHT: "right", LEFT: "left"}
HEIGHTS = ("upper", "middle", "lower")
DEPTHS = ("peel", "core")
PEEL_MM = 10.0
"""The peel is what lies nearer than this to the lung's surface, the mediastinal one included."""
_COARSE_MM = 3.0


@dataclass(frozen=True)
class Zone:
    """A part of the lungs.

    Attributes:
        lung: "right", "left" or "both".
        part: "whole", or one of `HEIGHTS` or `DEPTHS`.
    """

    lung: str
    part: str

    @property
    def name(self) -> str:
        """For people, e.g. "right lung, upper third"."""
        lung = "both lungs" if self.lung == "both" else f"{self.lung} lung"
        if self.part == "whole":
            return lung
        return f"{lung}, {self.part}{' third' if self.part in HEIGHTS else ''}"


ZONES = tuple(Zone(lung, part) for lung in ("both", "right", "left") for part in ("whole", *HEIGHTS, *DEPTHS))


@dataclass(frozen=True, eq=False)
class ZoneMap:
    """Zones of a pair of lungs on a canonical grid (k, j, i towards S, A, R).

    Attributes:
        lungs: (k, j, i) uint8, 1 right, 2 left.
        third: by label, (k,) index into `HEIGHTS`; thirds of that lung's own height on the scan.
        deep: coarse (k, j, i) bool, whether a place belongs to the core.
        factors: voxels along k, j, i for each coarse one.
    """

    lungs: np.ndarray
    third: dict[int, np.ndarray]
    deep: np.ndarray
    factors: tuple[int, int, int]

    def depth_of(self, k: int) -> np.ndarray:
        """(j, i) index into `DEPTHS` for a slice."""
        fk, fj, fi = self.factors
        plane = self.deep[min(k // fk, len(self.deep) - 1)]
        rows = np.minimum(np.arange(self.lungs.shape[1]) // fj, plane.shape[0] - 1)
        columns = np.minimum(np.arange(self.lungs.shape[2]) // fi, plane.shape[1] - 1)
        return plane[np.ix_(rows, columns)].astype(np.uint8)

    def codes_of(self, k: int) -> np.ndarray:
        """(j, i) uint8: 0 outside, else 1 + depth + 2 * third + 6 * (lung - 1), as `members` reads it."""
        lungs, depth = self.lungs[k], self.depth_of(k)
        codes = np.zeros(lungs.shape, np.uint8)
        for label in LUNGS:
            inside = lungs == label
            codes[inside] = 1 + depth[inside] + 2 * int(self.third[label][k]) + 6 * (label - 1)
        return codes


CODES = 12
"""Smallest parts that `ZoneMap.codes_of` tells apart."""


def members(zone: Zone) -> np.ndarray:
    """Codes, less 1, of the smallest parts that make up a zone."""
    found = []
    for code in range(CODES):
        lung, third, depth = LUNGS[code // 6 + 1], HEIGHTS[code % 6 // 2], DEPTHS[code % 2]
        if zone.lung in ("both", lung) and zone.part in ("whole", third, depth):
            found.append(code)
    return np.array(found)


def zone_map(lungs: np.ndarray, grid: Grid) -> ZoneMap:
    """Zones of both lungs.

    Args:
        lungs: (k, j, i) 1 right, 2 left, axes towards S, A, R.
        grid: where they lie.
    """
    third = {}
    for label in LUNGS:
        rows = np.flatnonzero((lungs == label).any(axis=(1, 2)))
        height = np.zeros(len(lungs), np.uint8)
        if len(rows):
            middle = np.arange(len(lungs)) + 0.5 - rows[0]
            share = middle / (rows[-1] + 1 - rows[0])  # 0 at the base, 1 at the apex
            height = np.clip(np.floor(3 * (1 - share)), 0, 2).astype(np.uint8)
        third[label] = height
    spacing = tuple(float(step) for step in grid.spacing[::-1])
    factors = tuple(max(1, int(_COARSE_MM // step)) for step in spacing)
    coarse = lungs[:: factors[0], :: factors[1], :: factors[2]]
    sampling = [step * factor for step, factor in zip(spacing, factors, strict=True)]
    deep = np.zeros(coarse.shape, bool)
    for label in LUNGS:
        # Lung that the scan's end cuts has no surface there: its edge voxels are repeated.
        padded = np.pad(coarse == label, 1, mode="edge")
        if padded.any():
            deep |= ndimage.distance_transform_edt(padded, sampling=sampling)[1:-1, 1:-1, 1:-1] > PEEL_MM
    return ZoneMap(lungs, third, deep, (factors[0], factors[1], factors[2]))
