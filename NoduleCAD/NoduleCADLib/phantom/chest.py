"""A drawn chest in Hounsfield units with nodules of known size, kind and place. Not a patient.

The trunk is that of `DeepMedLib.ct.ct_phantom`; nodules are drawn with their partial volumes, so that their true size
is that of the sphere and not of its voxels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from DeepMedLib.ct.ct_phantom import NODULES, trunk_phantom
from DeepMedLib.ct.morphology import signed_distance
from DeepMedLib.geometry import Grid

CHEST_MM = (320.0, 600.0)
"""Heights of the trunk that the scan shows: the lungs and a margin."""

BLUR_MM = 0.5
"""Half width of the edge of a drawn nodule, as a scanner blurs it."""


@dataclass(frozen=True)
class DrawnNodule:
    """A sphere.

    Attributes:
        center: RAS mm.
        diameter_mm: of the sphere.
        kind: "solid", "part-solid", "ground glass".
        solid_mm: diameter of the solid part of a part-solid nodule; 0 for others.
        hu: of its outer part.
    """

    center: tuple[float, float, float]
    diameter_mm: float
    kind: str
    solid_mm: float = 0.0
    hu: float = 40.0


@dataclass(frozen=True, eq=False)
class ChestPhantom:
    """Values int16 (k, j, i) HU on their grid, and what was drawn, the trunk's own nodules first."""

    values: np.ndarray
    grid: Grid
    nodules: tuple[DrawnNodule, ...]


WANTED = (
    (6.5, "solid", 0.0, 40.0),
    (9.0, "solid", 0.0, 30.0),
    (14.0, "part-solid", 7.0, -600.0),
    (13.0, "ground glass", 0.0, -620.0),
    (7.0, "solid", 0.0, 700.0),
)
"""Diameter in mm, kind, diameter of the solid part, HU of the outer part; the last one is calcified."""


def chest_phantom(
    spacing: Sequence[float] = (0.9, 0.9, 1.25),
    seed: int = 3,
    wanted: Sequence[tuple[float, str, float, float]] = WANTED,
    noise: float = 12.0,
) -> ChestPhantom:
    """Draw a chest.

    Args:
        spacing: mm along i, j, k.
        seed: of noise, vessels, and of where the nodules lie.
        wanted: nodules beside those of the trunk, as `WANTED`.
        noise: HU.
    """
    trunk = trunk_phantom(spacing, CHEST_MM, seed=seed, noise=noise)
    random = np.random.default_rng(1000 + seed)
    values = trunk.values.astype(np.float32)
    drawn = [DrawnNodule(center, 2 * radius, "solid") for center, radius in NODULES]
    lungs = ((trunk.labels == 7) | (trunk.labels == 8)) & ~trunk.nodules & (trunk.values < -700)
    k, j, i = 3, 3, 3
    deep = signed_distance(_closed(lungs[::k, ::j, ::i]), tuple(3.0 * float(step) for step in spacing[::-1]))  # type: ignore[arg-type]
    places = np.argwhere(deep < -14.0) * (k, j, i)
    random.shuffle(places)
    for diameter, kind, solid_mm, hu in wanted:
        for place in places:
            center = trunk.grid.ijk_points_to_ras(place[::-1].astype(float))
            if all(np.linalg.norm(center - each.center) > 30.0 for each in drawn):
                break
        else:
            raise ValueError("there is no room for so many nodules")
        at = (float(center[0]), float(center[1]), float(center[2]))
        nodule = DrawnNodule(at, diameter, kind, solid_mm, hu)
        blend(values, trunk.grid, nodule, random, noise)
        drawn.append(nodule)
    return ChestPhantom(np.clip(np.rint(values), -1024, 3071).astype(np.int16), trunk.grid, tuple(drawn))


def blend(values: np.ndarray, grid: Grid, nodule: DrawnNodule, random: np.random.Generator, noise: float) -> None:
    """Draw a nodule into values (k, j, i) of a grid whose axes run to R, A, S."""
    middle = grid.ras_points_to_ijk(np.array(nodule.center))
    reach = np.ceil((nodule.diameter_mm / 2 + 3) / grid.spacing).astype(int)
    low = np.maximum(np.floor(middle).astype(int) - reach, 0)
    high = np.minimum(np.ceil(middle).astype(int) + reach + 1, grid.size_ijk)
    axes = [(np.arange(low[a], high[a]) - middle[a]) * grid.spacing[a] for a in range(3)]
    radius = np.sqrt(axes[2][:, None, None] ** 2 + axes[1][None, :, None] ** 2 + axes[0][None, None, :] ** 2)
    box = values[low[2] : high[2], low[1] : high[1], low[0] : high[0]]
    grain = random.normal(0, noise, box.shape)
    share = np.clip((nodule.diameter_mm / 2 - radius) / (2 * BLUR_MM) + 0.5, 0, 1)
    box[:] = box * (1 - share) + (nodule.hu + grain) * share
    if nodule.solid_mm:
        core = np.clip((nodule.solid_mm / 2 - radius) / (2 * BLUR_MM) + 0.5, 0, 1)
        box[:] = box * (1 - core) + (30.0 + grain) * core


def _closed(mask: np.ndarray) -> np.ndarray:
    """Lung with its thin vessels."""
    from scipy.ndimage import binary_closing

    return np.asarray(binary_closing(mask, iterations=1))
