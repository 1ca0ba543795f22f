"""The airway tree: lumen of trachea and bronchi, as deep as it can be followed without leaking into the lung.

Method: the trachea is found on the Working grid, the thorax is resampled to cubes (0.8 mm or the finest spacing), and
the tree grows from the trachea's far end branch by branch (`airway_growth`). Larynx and what lies beyond the found
end are left out. Depth depends on the slices: 1 mm slices reach segmental and subsegmental bronchi, 2.5 to 3 mm
lobar and some segmental ones, 5 mm and more the main and lobar bronchi.
Fails: no trachea on the scan (then the tree is empty and `stopped_reason` says so); mucus plugs end a branch;
a gas-filled oesophagus that touches the trachea without visible wall; bullae that open into a bronchus are cut there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from DeepMedLib.ct.airway_growth import Branch, Growth
from DeepMedLib.ct.airway_lines import centre_lines
from DeepMedLib.ct.body import Body, find_body
from DeepMedLib.ct.morphology import bounding_box
from DeepMedLib.ct.thorax import Thorax, find_thorax
from DeepMedLib.ct.trachea import Spot, find_trachea
from DeepMedLib.ct.working import Working, canonical_view, fine_shape, make_working
from DeepMedLib.geometry import Grid, to_sitk
from DeepMedLib.resampling import linear_on

FINEST_MM = 0.8
_CENTRAL_MM2 = 30.0
_JUMP_ML = 4.0  # a lung leak fills tens of millilitres; an end branch holds far less than one
_MOST_ML = 160.0
_BOTH_LUNGS_ML = 300.0
_SAFE_GENERATIONS = 1
_LONE_TUBE_MM = 40.0  # a shorter one without a fork is a bowel loop or the gullet


@dataclass(frozen=True, eq=False)
class AirwayTree:
    """An airway tree on the scan's grid.

    Attributes:
        mask: bool (k, j, i), the lumen.
        central: bool (k, j, i) of the coarse Working grid: lumen of trachea, main and wide lobar bronchi.
        branches: tubes in order of discovery; their ``voxels`` belong to an inner grid.
        generations: deepest generation reached (trachea = 0); 0 for an empty tree.
        length_mm: of all branches together.
        volume_ml: of the lumen.
        leak_checked: True: every wave was watched, and no branch that was kept holds a jump of volume.
        stopped_reason: one sentence: how far it was followed and why not farther.
        warning: a sentence where an airway should be there and is not; else "".
        lines: centre line of each branch, (n, 3) RAS mm, from its parent's end on; in the order of ``branches``.
    """

    mask: np.ndarray
    central: np.ndarray
    branches: tuple[Branch, ...]
    generations: int
    length_mm: float
    volume_ml: float
    leak_checked: bool
    stopped_reason: str
    warning: str = ""
    lines: tuple[np.ndarray, ...] = ()

    @property
    def found(self) -> bool:
        """Whether there is a tree at all."""
        return bool(self.branches)


def airway_tree(array: np.ndarray, grid: Grid) -> AirwayTree:
    """The airway tree of a CT.

    Args:
        array: (k, j, i) HU.
        grid: where it lies, in any orientation.

    Returns:
        An empty tree with a reason where no trachea is seen.

    Raises:
        BadInput: the array does not lie on the grid.
    """
    working = make_working(array, grid)
    body = find_body(working)
    return grow_airway(array, working, body, find_thorax(working, body))


def grow_airway(array: np.ndarray, working: Working, body: Body, thorax: Thorax) -> AirwayTree:
    """The same for callers that already have the coarse parts."""
    chain = find_trachea(working, body, thorax)
    if not chain:
        if body.clipped_at is not None:
            reason = f"Values below {body.clipped_at:.0f} HU were cut off, so airways cannot be told from lung."
        elif not thorax.lung.any():
            reason = "There is no lung on the scan, so no airway was looked for."
        else:
            reason = "No windpipe was found: the scan may begin below it."
        return _empty(array, working, reason)
    both = _lungs_below(working, thorax, chain)
    start, stop = _box(working, thorax, chain)
    cubes, cube_grid = _cubes(array, working, start, stop)
    seeds = _seeds(cubes, cube_grid, working, chain[0], body.air_hu)
    growth = Growth(cubes, float(cube_grid.spacing[0]), _lung_hu(working, thorax), _beyond(seeds, chain, cube_grid))
    branches = growth.run(seeds)
    growth_ml = sum(branch.voxels.size for branch in branches) * cube_grid.voxel_volume / 1000
    tube = len(branches) == 1 and branches[0].length_mm < _LONE_TUBE_MM
    if not branches or tube or growth_ml < 0.3:
        return _empty(array, working, "A windpipe was seen, but its lumen could not be followed.", both)
    deepest = max(branch.generation for branch in branches)
    if both and deepest == 0:
        return _empty(array, working, "The windpipe was followed, but its fork (carina) was not reached.", both)
    jumps = [branch for branch in branches if branch.generation > 2 and _millilitres(branch, cube_grid) > _JUMP_ML]
    leaked = bool(jumps) or growth_ml >= _MOST_ML or _swells(branches)
    lines = centre_lines(branches, cube_grid)
    if leaked:  # the deeper branches hold lung, and which of them cannot be told
        kept = [branch.generation <= _SAFE_GENERATIONS for branch in branches]
        lines = tuple(line for line, keep in zip(lines, kept, strict=True) if keep)
        branches = [branch for branch, keep in zip(branches, kept, strict=True) if keep]
        deepest = max(branch.generation for branch in branches)
        if sum(branch.voxels.size for branch in branches) * cube_grid.voxel_volume / 1000 >= _MOST_ML:
            return _empty(array, working, "The airways could not be told from the lung around them.", both)
    mask = np.zeros(array.shape, bool)
    view = canonical_view(mask, working.reorientation)
    box = tuple(slice(low, high) for low, high in zip(start, stop, strict=True))
    target = working.reorientation.target.cropped(start, stop)
    view[box] = _back(growth.mask(deepest), cube_grid, target)
    coarse = _back(growth.mask(deepest, _CENTRAL_MM2), cube_grid, working.grid, 0.25)
    ends = [branch.stopped for branch in branches if not branch.children]
    reason = (
        f"Followed over {deepest} generations: {ends.count('end')} branches until their lumen was too narrow to be "
        f"seen, {ends.count('leak')} until just before they would have leaked into the lung."
    )
    warning = ""
    if leaked:
        reason = warning = "The airways leaked into the lung beyond the main bronchi and were cut back to these."
    length = float(sum(branch.length_mm for branch in branches))
    volume = float(mask.sum()) * grid_volume(working) / 1000
    return AirwayTree(mask, coarse, tuple(branches), deepest, length, volume, True, reason, warning, lines)


def grid_volume(working: Working) -> float:
    """mm3 of a voxel of the scan itself."""
    return working.reorientation.source.voxel_volume


def _empty(array: np.ndarray, working: Working, reason: str, both_lungs: bool = False) -> AirwayTree:
    none = np.zeros(working.values.shape, bool)
    warning = f"{reason} Both lungs are on the scan, so airways are there, but they are not measured."
    return AirwayTree(np.zeros(array.shape, bool), none, (), 0, 0.0, 0.0, True, reason, warning if both_lungs else "")


def _swells(branches: list[Branch]) -> bool:
    """Whether a deep generation holds more than the lobar bronchi (generation 2), which none does that CT can see.

    Weibel's model (Morphometry of the Human Lung, 1963): generation 2 holds 4.0 ml, 4 to 7 hold 3.3 to 3.9 ml each.
    """
    held = np.bincount([branch.generation for branch in branches], [branch.voxels.size for branch in branches])
    return bool((held[4:] > held[2]).any()) if len(held) > 4 else False


def _lungs_below(working: Working, thorax: Thorax, chain: list[Spot]) -> bool:
    """Whether so much of both lungs lies beyond the windpipe's near end that its fork must be on the scan."""
    near = chain[-1].k
    upwards = len(chain) > 1 and chain[1].k > chain[0].k
    beyond = thorax.lung[near:] if upwards else thorax.lung[: near + 1]
    middle = round(thorax.middle)
    sides = beyond[..., :middle].sum(), beyond[..., middle:].sum()
    return bool(working.millilitres(min(sides)) > _BOTH_LUNGS_ML)


def _lung_hu(working: Working, thorax: Thorax) -> float:
    return float(np.median(working.values[thorax.lung]))


def _millilitres(branch: Branch, grid: Grid) -> float:
    return branch.voxels.size * grid.voxel_volume / 1000


def _box(working: Working, thorax: Thorax, chain: list[Spot]) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Fine voxels around lungs and trachea."""
    region = thorax.lung.copy()
    for spot in chain:
        region[spot.k, slice(*spot.rows), slice(*spot.columns)] = True
    box = bounding_box(region, (1, 2, 2))
    limits = fine_shape(working)
    factors = working.factors
    start = (box[0].start * factors[0], box[1].start * factors[1], box[2].start * factors[2])
    stop = tuple(min(side.stop * factor, limit) for side, factor, limit in zip(box, factors, limits, strict=True))
    return start, (stop[0], stop[1], stop[2])


def _cubes(
    array: np.ndarray, working: Working, start: tuple[int, int, int], stop: tuple[int, int, int]
) -> tuple[np.ndarray, Grid]:
    """The box resampled to cubes, int16; axis-parallel to the canonical grid."""
    import SimpleITK as sitk

    view = canonical_view(array, working.reorientation)
    cut = view[start[0] : stop[0], start[1] : stop[1], start[2] : stop[2]]
    cut = np.ascontiguousarray(np.clip(cut, -1024, 2000).astype(np.int16, copy=False))
    grid = working.reorientation.target.cropped(start, stop)
    target = grid.with_spacing(max(FINEST_MM, float(grid.spacing.min())))
    return linear_on(to_sitk(cut, grid), target, sitk.sitkInt16), target


def _points(working: Working, ijk: np.ndarray, cube_grid: Grid) -> np.ndarray:
    """Coarse (n, 3) ijk as fractional kji of the cubes."""
    return cube_grid.ras_points_to_ijk(working.grid.ijk_points_to_ras(ijk))[..., ::-1]


def _seeds(cubes: np.ndarray, cube_grid: Grid, working: Working, spot: Spot, air: float) -> np.ndarray:
    """Lumen voxels (n, 3) kji of the chain's first slice."""
    low, high = _points(
        working,
        np.array(
            [[spot.columns[0] - 0.5, spot.rows[0] - 0.5, spot.k], [spot.columns[1] - 0.5, spot.rows[1] - 0.5, spot.k]],
            float,
        ),
        cube_grid,
    )
    k = int(np.clip(round(low[0]), 0, cubes.shape[0] - 1))
    rows = slice(max(0, int(low[1])), min(cubes.shape[1], int(high[1]) + 2))
    columns = slice(max(0, int(low[2])), min(cubes.shape[2], int(high[2]) + 2))
    lumen = cubes[k, rows, columns] < air + 150
    if not lumen.any():
        return np.zeros((0, 3), int)
    from scipy import ndimage

    labels, count = ndimage.label(lumen)
    largest = 1 + int(np.argmax(np.bincount(labels.ravel(), minlength=count + 1)[1:]))
    found = np.argwhere(labels == largest) + np.array([rows.start, columns.start])
    return np.column_stack([np.full(len(found), k), found])


def _beyond(seeds: np.ndarray, chain: list[Spot], cube_grid: Grid) -> np.ndarray:
    """Slices beyond the trachea's far end (larynx, pharynx), which the tree must not enter."""
    upwards = len(chain) > 1 and chain[1].k > chain[0].k
    slices = np.arange(cube_grid.shape_kji[0])
    outside = np.zeros(len(slices), bool)
    if len(seeds):
        outside = slices < seeds[0, 0] if upwards else slices > seeds[0, 0]
    return np.broadcast_to(outside[:, None, None], cube_grid.shape_kji)


def _back(mask: np.ndarray, grid: Grid, target: Grid, level: float = 0.5) -> np.ndarray:
    import SimpleITK as sitk

    image = to_sitk(mask.astype(np.uint8) * np.uint8(200), grid)
    return linear_on(image, target, sitk.sitkUInt8) >= level * 200
