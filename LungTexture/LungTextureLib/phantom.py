"""A drawn chest whose shares of low attenuation are known: the trunk of all CT modules with holes in its lungs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.ct_phantom import trunk_phantom
from DeepMedLib.geometry import Grid
from LungTextureLib.densitometry import LAA_950
from LungTextureLib.zones import HEIGHTS

RIGHT, LEFT = 7, 8
"""Labels of the lungs in `DeepMedLib.ct.ct_phantom.ORGANS`."""
HOLES = {RIGHT: (0.40, 0.20, 0.0), LEFT: (0.10, 0.0, 0.0)}
"""Shares of holes drawn into the thirds of each lung's height, upper to lower, tissue left aside."""
HOLE_HU, LUNG_HU = -985.0, -860.0
SHOWN_MM = (395.0, 575.0)
_GRAIN_MM = 2.5


@dataclass(frozen=True, eq=False)
class LungPhantom:
    """A drawn chest.

    Attributes:
        values: (k, j, i) int16 HU, axes towards R, A, S.
        lungs: (k, j, i) uint8, 1 right, 2 left.
        grid: where they lie.
        laa950: percent of the voxels of right and left lung, and of each third, that lie below -950 HU, as drawn.
    """

    values: np.ndarray
    lungs: np.ndarray
    grid: Grid
    laa950: dict[str, float]


def lung_phantom(
    seed: int = 3, spacing: tuple[float, float, float] = (0.7, 0.7, 2.5), holes: Mapping[int, tuple[float, ...]] = HOLES
) -> LungPhantom:
    """Draws a chest with emphysema-like holes.

    Args:
        seed: of noise and holes.
        spacing: mm along i, j, k.
        holes: as `HOLES`.
    """
    made = trunk_phantom(spacing, SHOWN_MM, seed=seed, noise=12.0, lung_hu=LUNG_HU, width_mm=380.0, depth_mm=280.0)
    values, random = made.values.copy(), np.random.default_rng(seed + 100)
    lungs = np.zeros(values.shape, np.uint8)
    truth = {}
    for number, label in enumerate((RIGHT, LEFT), start=1):
        lung = made.labels == label
        lungs[lung] = number
        box = ndimage.find_objects(lung.astype(np.uint8))[0]
        inside, part = lung[box] & (values[box] < -700), values[box]
        grain = random.standard_normal(inside.shape).astype(np.float32)
        grain = ndimage.gaussian_filter(grain, [_GRAIN_MM / step for step in spacing[::-1]])
        edges = np.linspace(inside.shape[0], 0, len(HEIGHTS) + 1)
        for third, share in enumerate(holes[label]):
            rows = slice(int(np.ceil(edges[third + 1] - 0.5)), int(np.ceil(edges[third] - 0.5)))
            places = inside[rows]
            if share:
                hole = places & (grain[rows] > np.quantile(grain[rows][places], 1 - share))
                part[rows][hole] += np.int16(HOLE_HU - LUNG_HU)
        side = ("right", "left")[number - 1]
        truth[side] = 100 * float((values[lung] < LAA_950).mean())
    return LungPhantom(values, lungs, made.grid, truth)
