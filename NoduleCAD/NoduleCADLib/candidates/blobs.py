"""Round bright spots of a range of sizes: maxima of a scale-normalized Laplacian, ranked by how round they are.

The dot measure |l3|^2 / |l1| of the Hessian's eigenvalues (Li et al., Med Phys 30:2040, 2003) is computed at the maxima
alone; it is low on vessels (one eigenvalue near 0) and on plates such as fissures (two near 0).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .field import Field

_STEPS_PER_SIGMA = 2.0


@dataclass(frozen=True)
class Candidate:
    """Where a nodule may be.

    Attributes:
        xyz: scan voxel coordinates.
        diameter_mm: of the sphere whose filter answered most.
        strength: dot measure, in HU.
        detector: name of what found it.
    """

    xyz: tuple[float, float, float]
    diameter_mm: float
    strength: float
    detector: str


def blobs(
    field: Field,
    window: tuple[float, float],
    diameters_mm: Sequence[float],
    least: float,
    most: int,
    detector: str,
) -> list[Candidate]:
    """The strongest spots of a window.

    Args:
        window: HU below and above which values are cut off, so that the wall of the chest counts no more than a nodule.
        diameters_mm: of the spheres looked for.
        least: dot measure in HU.
        most: candidates that are kept.
        detector: name.
    """
    values = np.clip(field.hu, *window)
    found: list[Candidate] = []
    for diameter in diameters_mm:
        sigma = diameter / (2 * np.sqrt(3))  # at which a sphere's center answers most
        shrink = np.maximum(np.floor(sigma / _STEPS_PER_SIGMA / field.spacing), 1).astype(int)
        spacing = field.spacing * shrink
        picture = _shrunk(values, shrink)
        inside = field.inside[:: shrink[0], :: shrink[1], :: shrink[2]]
        inside = inside[tuple(slice(0, count) for count in picture.shape)]
        soft = ndimage.gaussian_filter(picture, sigma / spacing, mode="nearest", truncate=3.0)
        answer = -_laplacian(soft, spacing) * sigma**2
        top = answer == ndimage.maximum_filter(answer, size=3, mode="nearest")
        top &= inside[: top.shape[0], : top.shape[1], : top.shape[2]] & (answer > 3 * least)
        at = np.argwhere(top)
        at = at[((at > 0) & (at < np.array(top.shape) - 1)).all(1)]
        if not len(at):
            continue
        strength = _dot(soft, at, spacing) * sigma**2
        for place, value in zip(at, strength, strict=True):
            if value >= least:
                xyz = field.scan_xyz(place * shrink + (shrink - 1) / 2)
                found.append(Candidate((float(xyz[0]), float(xyz[1]), float(xyz[2])), diameter, float(value), detector))
    found.sort(key=lambda each: -each.strength)
    return found[: 4 * most]


def merged(found: Sequence[Candidate], spacing: np.ndarray, most: int) -> list[Candidate]:
    """The strongest candidates, none within half the diameter (3 mm at least) of a stronger one.

    Args:
        spacing: (3,) mm of the scan's voxels.
    """
    kept: list[Candidate] = []
    places = np.zeros((0, 3))
    for each in sorted(found, key=lambda each: -each.strength):
        place = np.array(each.xyz) * spacing
        near = max(3.0, each.diameter_mm / 2)
        if kept and (np.linalg.norm(places - place, axis=1) < near).any():
            continue
        kept.append(each)
        places = np.vstack([places, place])
        if len(kept) == most:
            break
    return kept


def _shrunk(values: np.ndarray, shrink: np.ndarray) -> np.ndarray:
    """Block means."""
    if (shrink == 1).all():
        return values
    shape = np.array(values.shape) // shrink
    shape = np.maximum(shape, 1)
    cut = values[: shape[0] * shrink[0], : shape[1] * shrink[1], : shape[2] * shrink[2]]
    blocks = cut.reshape(shape[0], shrink[0], shape[1], shrink[1], shape[2], shrink[2])
    return np.asarray(blocks.mean(axis=(1, 3, 5), dtype=np.float32))


def _laplacian(soft: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    out = np.zeros_like(soft)
    for axis in range(3):
        out += ndimage.correlate1d(soft, [1.0, -2.0, 1.0], axis, mode="nearest") / float(spacing[axis]) ** 2
    return out


def _dot(soft: np.ndarray, at: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """(n,) |l3|^2 / |l1| of the Hessian at inner places (n, 3), 0 where an eigenvalue is not negative."""

    def value(*step: int) -> np.ndarray:
        moved = at + np.array(step)
        return soft[moved[:, 0], moved[:, 1], moved[:, 2]].astype(float)

    unit = np.eye(3, dtype=int)
    hessian = np.zeros((len(at), 3, 3))
    for a in range(3):
        hessian[:, a, a] = (value(*unit[a]) + value(*-unit[a]) - 2 * value(0, 0, 0)) / spacing[a] ** 2
        for b in range(a):
            both, apart = unit[a] + unit[b], unit[a] - unit[b]
            mixed = value(*both) + value(*-both) - value(*apart) - value(*-apart)
            hessian[:, a, b] = hessian[:, b, a] = mixed / (4 * spacing[a] * spacing[b])
    eigen = np.linalg.eigvalsh(hessian)  # ascending: l1 the most negative
    round_ = eigen[:, 2] < 0
    return np.where(round_, eigen[:, 2] ** 2 / np.maximum(-eigen[:, 0], 1e-9), 0.0)
