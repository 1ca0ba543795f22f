"""The body without table, sheets and clothes, and what lies inside it.

Method (Working grid): tissue is what exceeds -300 HU. An opening in the slice removes what is thinner than 8 mm, the
largest part is the body, and parts of a tenth of it count too (legs). Inside are the voxels from which
tissue, or the field of view's border where no outer air is seen, lies to the right, the left, in front and behind.
Fails: a table thicker than a centimetre that touches the skin stays with the body; air between arms crossed on the
chest counts as inside (the lung mask sorts it out); a body cut on three sides by the field of view.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.ct.morphology import Spacing, components, dilated_in_plane, eroded_in_plane
from DeepMedLib.ct.working import Working, canonical_view, make_working, nearest_index
from DeepMedLib.geometry import Grid

TISSUE_HU = -300
_OPENING_MM = 4.0
_SMALL_PART = 0.1
_OUTER_AIR_MARGIN = 60  # HU above air: darker border voxels are the room, lighter ones cut lung
_CLIP_MARGIN = 12  # HU above the lower end of a clipped scale: air, lung and the darkest fat


@dataclass(frozen=True, eq=False)
class Body:
    """On the Working grid, all (k, j, i); bool but for the sides.

    Attributes:
        tissue: solid parts of the body.
        inside: the body with everything in it: lungs, gas.
        sides: uint8, on how many of four sides (right, left, front, back) of a voxel there is tissue.
        valid: where the scanner measured; False outside a round field of view.
        air_hu: what air measures in this scan, about -1000.
        clipped_at: lower end of the values where they were cut off above air (a saved window), otherwise None.
    """

    tissue: np.ndarray
    inside: np.ndarray
    sides: np.ndarray
    valid: np.ndarray
    air_hu: float
    clipped_at: float | None


def find_body(working: Working) -> Body:
    """The body on the coarse grid; empty masks where there is none."""
    values = working.values
    low = float(np.percentile(values[:: max(1, len(values) // 32)], 0.5))
    clipped_at = low if low > -700 and _at_floor(values, low) > 0.05 else None
    air = low if clipped_at is not None else _air_hu(values)
    valid = _measured(values) if clipped_at is None else np.ones(values.shape, bool)
    threshold = TISSUE_HU if clipped_at is None else clipped_at + _CLIP_MARGIN
    tissue = _main_parts(values > threshold, working.spacing)
    bounded, sides = _enclosed(tissue, values, valid, air, clipped_at is not None)
    cavities = bounded & valid & ~tissue
    # Single rays between the skin and a fold of the sheet are no cavities.
    cavities &= dilated_in_plane(eroded_in_plane(cavities | tissue, working.spacing, 2), working.spacing, 4)
    inside = _main_parts(tissue | cavities, working.spacing)
    # A ray that escapes through a gap of the chest wall must not split a lung.
    inside = eroded_in_plane(dilated_in_plane(inside, working.spacing, 4), working.spacing, 4)
    return Body(tissue & inside, inside, sides, valid, air, clipped_at)


def body_mask(array: np.ndarray, grid: Grid) -> np.ndarray:
    """The body without the table, with its cavities.

    Args:
        array: (k, j, i) HU.
        grid: where it lies, in any orientation.

    Returns:
        bool (k, j, i); its edge is exact to a block of the working grid (about 2 mm).

    Raises:
        BadInput: the array does not lie on the grid.
    """
    working = make_working(array, grid)
    coarse = find_body(working).inside
    result = np.zeros(array.shape, bool)
    view = canonical_view(result, working.reorientation)
    rows, columns = (nearest_index(working, axis, 0, view.shape[axis]) for axis in (1, 2))
    for fine, block in enumerate(nearest_index(working, 0, 0, view.shape[0])):
        view[fine] = coarse[block][np.ix_(rows, columns)]
    return result


def _at_floor(values: np.ndarray, low: float) -> float:
    return float((values <= low + 2).mean())


def _air_hu(values: np.ndarray) -> float:
    """Peak of the histogram between -1024 and -970; -1000 where there is too little air to tell."""
    counts = np.bincount((values[(values >= -1024) & (values < -970)].astype(int) + 1024) // 4, minlength=14)
    counts[0] = 0 if counts[1:].sum() > counts[0] else counts[0]  # padding
    return float(np.argmax(counts) * 4 - 1022) if counts.sum() > 500 else -1000.0


def _measured(values: np.ndarray) -> np.ndarray:
    """False in the parts that hang together with a corner and never change from slice to slice."""
    lowest, highest = values.min(axis=0), values.max(axis=0)
    constant = lowest == highest
    corners = np.zeros_like(constant)
    corners[[0, 0, -1, -1], [0, -1, 0, -1]] = True
    labels, _ = components(constant[None])
    kept = np.isin(labels[0], np.unique(labels[0][corners & constant])) & constant
    return np.broadcast_to(~kept, values.shape) if len(values) > 1 else np.ones(values.shape, bool)


def _main_parts(tissue: np.ndarray, spacing: Spacing) -> np.ndarray:
    opened = dilated_in_plane(eroded_in_plane(tissue, spacing, _OPENING_MM), spacing, _OPENING_MM)
    labels, counts = components(opened)
    if len(counts) < 2:
        return np.zeros_like(tissue)
    keep = counts >= _SMALL_PART * counts.max()
    # What the opening took from the skin and the chest wall comes back; the table two centimetres away does not.
    return tissue & dilated_in_plane(keep[labels], spacing, 1.5 * _OPENING_MM)


def _enclosed(
    tissue: np.ndarray, values: np.ndarray, valid: np.ndarray, air: float, clipped: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Tissue on at least two of four sides, and on the others tissue or a border where lung, not the room, ends."""
    ring = np.zeros(tissue.shape[1:], bool)
    inner = valid[0] if len(valid) else ring
    eroded = inner.copy()
    for _ in range(2):
        shifted = np.pad(eroded, 1)
        eroded = shifted[1:-1, 1:-1] & shifted[:-2, 1:-1] & shifted[2:, 1:-1] & shifted[1:-1, :-2] & shifted[1:-1, 2:]
    ring = inner & ~eroded
    wall = tissue if clipped else tissue | (ring[None] & (values > air + _OUTER_AIR_MARGIN))
    solid = np.zeros(tissue.shape, np.uint8)
    bounded = np.ones(tissue.shape, bool)
    for axis in (1, 2):
        for turn in (slice(None), slice(None, None, -1)):
            index = (slice(None), turn) if axis == 1 else (slice(None), slice(None), turn)
            solid += np.maximum.accumulate(tissue[index], axis=axis)[index]
            bounded &= np.maximum.accumulate(wall[index], axis=axis)[index]
    return bounded & (solid >= 2), solid
