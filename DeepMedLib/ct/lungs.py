"""The lung mask: right and left, with the nodules that lie on the pleura.

Method: on the Working grid the parts of the body's air that are lung are chosen (`thorax`), the central airway
(`airway`) with its wall is taken out, right and left are told apart (`sides`), and each lung is closed: first by a
small ball, for vessels at the hilum and pleural roughness, then by a large one, of whose gain only compact pieces stay
(nodules and masses at the pleura), not long ones (aorta, spine, heart); wider masses on the chest wall are found by the
lung's hull (`wall_masses`). At full resolution the edge is drawn anew within a band of one block: there a voxel belongs
to the lung when it is darker than -400 HU, or lies in the gain.
Fails: consolidation, atelectasis and effusion larger than the closing are left out, and so are masses wider than about
4 cm in the apex, above liver and spleen and at the mediastinum; a pneumothorax counts as lung; where values were cut
off above air (saved windows) bowel gas next to the lung may be taken for it, and a warning says so. Air-filled
neighbours of a lung base cut by the scan's end (stomach, colon) are told by their even darkness alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.airway import AirwayTree, grow_airway
from DeepMedLib.ct.body import Body, find_body
from DeepMedLib.ct.morphology import bounding_box, closed, components, dilated, filled, signed_distance
from DeepMedLib.ct.sides import LEFT, RIGHT, split_sides
from DeepMedLib.ct.thorax import LUNG_BELOW_HU, find_thorax
from DeepMedLib.ct.wall_masses import masses_at_wall
from DeepMedLib.ct.working import Working, canonical_view, fine_shape, make_working, nearest_index, to_fine
from DeepMedLib.geometry import Grid

_AIRWAY_WALL_MM = 3.0
_SMALL_BALL_MM = 5.0
_LARGE_BALL_MM = 15.0
_LONGEST_GAIN_MM = 45.0
_LARGEST_GAIN_ML = 40.0
_SLAB = 24


@dataclass(frozen=True)
class LungReport:
    """What the lung mask is worth.

    Attributes:
        right_ml, left_ml: volumes; lower bounds where the lung is cut.
        median_hu: of the lung found before closing; None without lung or where values were cut off.
        cut: sides of the scan that lung reaches: "superior", "inferior", "right", "left", "anterior", "posterior".
        warnings: sentences for the user.
    """

    right_ml: float
    left_ml: float
    median_hu: float | None
    cut: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def found(self) -> bool:
        """Whether there is any lung."""
        return self.right_ml + self.left_ml > 0


@dataclass(frozen=True, eq=False)
class LungMask:
    """Lungs on the scan's grid.

    Attributes:
        labels: uint8 (k, j, i): 1 right, 2 left, 0 elsewhere; without trachea and main bronchi.
        report: volumes, cut sides and warnings.
        airway: the tree that was grown on the way.
    """

    labels: np.ndarray
    report: LungReport
    airway: AirwayTree


def lung_mask(array: np.ndarray, grid: Grid) -> LungMask:
    """Right and left lung of a CT.

    Args:
        array: (k, j, i) HU.
        grid: where it lies, in any orientation; the sides are those that its directions name.

    Returns:
        An empty mask, and a sentence in the report, where there is no lung.

    Raises:
        BadInput: the array does not lie on the grid.
    """
    working = make_working(array, grid)
    body = find_body(working)
    thorax = find_thorax(working, body)
    tree = grow_airway(array, working, body, thorax)
    labels = np.zeros(array.shape, np.uint8)
    if not thorax.lung.any():
        report = LungReport(0.0, 0.0, None, (), ("No lung was found on this scan.",))
        return LungMask(labels, report, tree)
    warnings = [tree.warning] if tree.warning else []
    if body.clipped_at is not None:
        warnings.append(
            f"Values below {body.clipped_at:.0f} HU were cut off, so lung and gas cannot be told apart by their values."
        )
    lung = thorax.lung
    pipe = np.zeros_like(lung)
    if tree.found:
        pipe = dilated(tree.central, working.spacing, _AIRWAY_WALL_MM)
        lung = find_thorax(working, body, pipe).lung
        lung = lung if lung.any() else thorax.lung
    sides, warning = split_sides(lung, working.values, working.spacing, thorax.middle)
    warnings += [warning] if warning else []
    whole, gain = _closed_sides(sides, working, pipe, body, thorax.middle)
    _refine(array, labels, working, whole, gain, body)
    if tree.found:
        view, lumen = canonical_view(labels, working.reorientation), canonical_view(tree.mask, working.reorientation)
        _without_central(view, lumen, working, tree.central)
    median = None if body.clipped_at is not None else float(np.median(working.values[lung]))
    return LungMask(labels, _report(labels, grid, working, body, median, warnings), tree)


def _closed_sides(
    sides: np.ndarray, working: Working, pipe: np.ndarray, body: Body, middle: float
) -> tuple[np.ndarray, np.ndarray]:
    """Closed labels, and where they hold tissue (bool): the gain, whose edge the values do not draw."""
    spacing = working.spacing
    whole = np.zeros(sides.shape, np.uint8)
    for side in (RIGHT, LEFT):
        lung = sides == side
        if not lung.any():
            continue
        margin = [int(np.ceil(_LARGE_BALL_MM / step)) + 1 for step in spacing]
        box = bounding_box(lung, (0, margin[1], margin[2]))
        part = lung[box]
        small = filled(closed(part, spacing, _SMALL_BALL_MM))
        large = closed(small, spacing, _LARGE_BALL_MM) & ~small & body.inside[box]
        small |= _compact(large, working)
        small &= ~pipe[box] | part
        small = filled(small) & (whole[box] == 0) & (sides[box] != 3 - side)
        whole[box][small] = side
    for side in (RIGHT, LEFT):
        free = body.inside & (working.values >= LUNG_BELOW_HU) & ~pipe & (whole == 0) & (sides == 0)
        whole[masses_at_wall(whole == side, free, working, middle)] = side
    dark = working.values < LUNG_BELOW_HU
    return whole, (whole > 0) & ~dark & (sides == 0)


def _compact(gain: np.ndarray, working: Working) -> np.ndarray:
    """The pieces of a closing's gain that may be nodules: thick, and neither long nor huge."""
    spacing = working.spacing
    core = signed_distance(gain, spacing) < -1.0
    labels, counts = components(core)
    keep = np.zeros(len(counts), bool)
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        extent = max((side.stop - side.start) * step for side, step in zip(box, spacing, strict=True))
        keep[number] = extent <= _LONGEST_GAIN_MM and working.millilitres(counts[number]) <= _LARGEST_GAIN_ML
    if not keep.any():
        return np.zeros_like(gain)
    return dilated(keep[labels], spacing, 1.5 * max(spacing[1:])) & gain


def _refine(
    array: np.ndarray, labels: np.ndarray, working: Working, whole: np.ndarray, gain: np.ndarray, body: Body
) -> None:
    """Writes the fine labels, slab by slab."""
    view, values = canonical_view(labels, working.reorientation), canonical_view(array, working.reorientation)
    box = bounding_box(whole > 0, (2, 2, 2))
    distance = np.full(whole.shape, 50.0, np.float32)
    distance[box] = signed_distance(whole[box] > 0, working.spacing)
    # Labels a block beyond the mask, so that the band finds its side.
    spread = whole.copy()
    from DeepMedLib.ct.morphology import dilated_in_plane

    for side in (RIGHT, LEFT):
        spread[dilated_in_plane(whole == side, working.spacing, 2 * max(working.spacing[1:])) & (spread == 0)] = side
    near_gain = dilated(gain, working.spacing, 1.01 * max(working.spacing[1:])) if gain.any() else gain
    threshold = LUNG_BELOW_HU if body.clipped_at is None else body.clipped_at + 12
    band = max(working.spacing[1:]) * 0.9
    limits, factors = fine_shape(working), working.factors
    low = [side.start * factor for side, factor in zip(box, factors, strict=True)]
    high = [min(side.stop * factor, limit) for side, factor, limit in zip(box, factors, limits, strict=True)]
    for start in range(low[0], high[0], _SLAB):
        stop = min(start + _SLAB, high[0])
        field = to_fine(distance, working, (start, low[1], low[2]), (stop, high[1], high[2]))
        rows, columns = nearest_index(working, 1, low[1], high[1]), nearest_index(working, 2, low[2], high[2])
        for offset, block in enumerate(nearest_index(working, 0, start, stop)):
            plane = field[offset]
            air = values[start + offset, low[1] : high[1], low[2] : high[2]] < threshold
            tissue = near_gain[block][np.ix_(rows, columns)]
            inside = (plane < -band) | ((plane < band) & air) | ((plane < 0) & tissue)
            side = spread[block][np.ix_(rows, columns)]
            view[start + offset, low[1] : high[1], low[2] : high[2]] = np.where(inside, side, 0)


def _without_central(view: np.ndarray, lumen: np.ndarray, working: Working, central: np.ndarray) -> None:
    """Clears trachea and main bronchi from the fine labels."""
    box = bounding_box(central, (1, 1, 1))
    rows = np.arange(box[1].start * working.factors[1], min(box[1].stop * working.factors[1], view.shape[1]))
    columns = np.arange(box[2].start * working.factors[2], min(box[2].stop * working.factors[2], view.shape[2]))
    for k in range(box[0].start * working.factors[0], min(box[0].stop * working.factors[0], view.shape[0])):
        block = central[nearest_index(working, 0, k, k + 1)[0]]
        wide = block[np.ix_(rows // working.factors[1], columns // working.factors[2])]
        window = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        plane = view[(k, *window)]
        plane[wide & lumen[(k, *window)]] = 0


def _report(
    labels: np.ndarray, grid: Grid, working: Working, body: Body, median: float | None, warnings: list[str]
) -> LungReport:
    counts = np.zeros(3)
    for plane in labels:
        counts += np.bincount(plane.ravel(), minlength=3)[:3]
    right, left = (float(counts[side]) * grid.voxel_volume / 1000 for side in (RIGHT, LEFT))
    view = canonical_view(labels, working.reorientation)
    names = (("inferior", "superior"), ("posterior", "anterior"), ("left", "right"))
    cut = []
    for axis, pair in enumerate(names):
        for position, name in zip((0, -1), pair, strict=True):
            if (np.take(view, position, axis) > 0).any():
                cut.append(name)
    if not body.valid.all():
        cut += _cut_by_round_field(view, working, body, cut)
    if right + left == 0:
        warnings.append("No lung was found on this scan.")
    elif right and left and max(right, left) > 6 * min(right, left):
        small = "right" if right < left else "left"
        warnings.append(f"The {small} lung is very small here: cut, collapsed or not found.")
    return LungReport(right, left, median, tuple(cut), tuple(warnings))


def _cut_by_round_field(view: np.ndarray, working: Working, body: Body, cut: list[str]) -> list[str]:
    """Sides on which lung touches the edge of a round field of view."""
    invalid = ~body.valid[0]
    found = []
    coarse = (view[:: working.factors[0], :: working.factors[1], :: working.factors[2]] > 0).any(axis=0)
    for name, axis, step in (("posterior", 0, 1), ("anterior", 0, -1), ("left", 1, 1), ("right", 1, -1)):
        moved = np.roll(invalid, 2 * step, axis)
        if name not in cut and (coarse & moved).sum() > 3:
            found.append(name)
    return found
