"""An abdomen in Hounsfield units with every organ of the module, drawn, its truth known. Not a patient.

The trunk of `DeepMedLib.ct.ct_phantom` with a pancreas, stomach, gallbladder and aorta; organs take up contrast
unevenly, so that each has a gray value of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from DeepMedLib.ct.ct_phantom import ORGANS as TRUNK_ORGANS
from DeepMedLib.ct.ct_phantom import trunk_phantom
from DeepMedLib.geometry import Grid
from PancreasSegLib.organs import BY_KEY

SHOWN_MM = (205.0, 420.0)
"""From the iliac crests to above the domes of the diaphragm."""
HU = {
    "stomach": -8,
    "gallbladder": 12,
    "pancreas": 85,
    "liver": 115,
    "spleen": 140,
    "left_kidney": 165,
    "right_kidney": 190,
    "aorta": 215,
}
"""Of each organ, before noise."""
_TAKEN = {"liver": "liver", "spleen": "spleen", "right kidney": "right_kidney", "left kidney": "left_kidney"}
#: Centers (RAS mm) and radii (mm) along the pancreas from head to tail, within the trunk's coordinates.
_PANCREAS = (
    ((28.0, 22.0, 292.0), 14.0),
    ((18.0, 32.0, 300.0), 11.0),
    ((0.0, 38.0, 306.0), 9.0),
    ((-20.0, 32.0, 312.0), 9.0),
    ((-40.0, 18.0, 320.0), 10.0),
    ((-58.0, 2.0, 326.0), 9.0),
)
_AORTA = (-12.0, -38.0, 9.0)  # x, y and radius of a tube along z


def abdomen_phantom(
    spacing: Sequence[float] = (3.0, 3.0, 3.0),
    shown_mm: tuple[float, float] = SHOWN_MM,
    seed: int = 3,
    noise: float = 2.0,
) -> tuple[np.ndarray, np.ndarray, Grid]:
    """Draw an abdomen.

    Args:
        spacing: mm along i, j, k.
        shown_mm: lowest and highest slice of the trunk.
        seed: of the noise. Seeds below 1000 are never trained on.
        noise: HU, standard deviation.

    Returns:
        (k, j, i) int16 HU, (k, j, i) uint8 with the ids of `ORGANS`, and their grid (axes R, A, S).
    """
    trunk = trunk_phantom(spacing, shown_mm, seed=seed, noise=0.0)
    values, grid = trunk.values.astype(np.float32), trunk.grid
    labels = np.zeros(values.shape, np.uint8)
    names = {name: label for label, name in TRUNK_ORGANS.items()}
    for theirs, key in _TAKEN.items():
        labels[trunk.labels == names[theirs]] = BY_KEY[key].label
    x, y, z = _coordinates(grid)
    soft = trunk.body & (labels == 0) & (values > -200) & (values < 200)
    draw = {
        "stomach": _ellipsoid(x, y, z, (-62.0, 42.0, 345.0), (34.0, 30.0, 30.0)),
        "gallbladder": _ellipsoid(x, y, z, (62.0, 52.0, 300.0), (14.0, 18.0, 20.0)),
        "aorta": np.broadcast_to((x - _AORTA[0]) ** 2 + (y - _AORTA[1]) ** 2 <= _AORTA[2] ** 2, values.shape),
        "pancreas": _chain(x, y, z, _PANCREAS),
    }
    for key, mask in draw.items():
        # The liver gives way to what lies in it; everything else keeps its place.
        inside = mask & (soft | (labels == BY_KEY["liver"].label)) if key != "aorta" else mask & soft
        labels[inside & ((labels == 0) | (labels == BY_KEY["liver"].label))] = BY_KEY[key].label
    for key, value in HU.items():
        values[labels == BY_KEY[key].label] = value
    values += np.random.default_rng(seed).normal(0, noise, values.shape)
    return np.clip(np.rint(values), -1024, 3071).astype(np.int16), labels, grid


def _coordinates(grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    (dx, dy, dz), (ox, oy, oz) = grid.spacing, grid.origin
    columns, rows, depth = grid.size_ijk
    x = (ox + dx * np.arange(columns))[None, None, :]
    y = (oy + dy * np.arange(rows))[None, :, None]
    return x, y, (oz + dz * np.arange(depth))[:, None, None]


def _ellipsoid(
    x: np.ndarray, y: np.ndarray, z: np.ndarray, center: Sequence[float], radii: Sequence[float]
) -> np.ndarray:
    parts = [((axis - middle) / radius) ** 2 for axis, middle, radius in zip((x, y, z), center, radii, strict=True)]
    return np.asarray(parts[0] + parts[1] + parts[2] <= 1)


def _chain(x: np.ndarray, y: np.ndarray, z: np.ndarray, beads: Sequence[tuple[Sequence[float], float]]) -> np.ndarray:
    """A tube through beads: balls set closely between them."""
    mask = np.zeros((z.size, y.size, x.size), bool)
    for (start, first), (end, last) in itertools.pairwise(beads):
        for share in np.linspace(0, 1, 8):
            center = np.array(start) * (1 - share) + np.array(end) * share
            radius = first * (1 - share) + last * share
            mask |= _ellipsoid(x, y, z, center, (radius,) * 3)
    return mask
