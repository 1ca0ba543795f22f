"""Crops of a body at known places, in all 48 orders and flips of the axes: right verdicts for regions and organs."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from DeepMedLib.ct.coverage import organ_coverage
from DeepMedLib.ct.regions.axial import axial_stack
from DeepMedLib.ct.regions.position import BORDERS
from DeepMedLib.ct.regions.verdicts import region_verdicts
from DeepMedLib.geometry import Grid

STEP_MM, COUNT = 20.0, 40
POSITIONS = 100.0 * (np.arange(COUNT) + 0.5) / COUNT  # of the whole body, from head to feet
ORGAN = (18, 24)  # slices from the head that hold the organ
ORIENTATIONS = list(itertools.product(itertools.permutations(range(3)), itertools.product([False, True], repeat=3)))


def body(first: int, last: int) -> tuple[np.ndarray, np.ndarray, Grid]:
    """Slices first..last from the head of a body whose width tells the slice; HU, labels, grid with axes to R, A, S."""
    array = np.full((COUNT, 24, 48), -1000.0)
    labels = np.zeros(array.shape, np.uint8)
    for number in range(COUNT):  # from the head
        k = COUNT - 1 - number
        array[k, 4:20, 2 : 6 + number] = 40
        if ORGAN[0] <= number <= ORGAN[1]:
            labels[k, 8:14, 4:10] = 1
    keep = slice(COUNT - 1 - last, COUNT - first)
    origin = np.array([0.0, 0.0, STEP_MM * keep.start])
    grid = Grid.from_parts(np.array([8.0, 8.0, STEP_MM]), origin, np.eye(3), array[keep].shape)
    return array[keep], labels[keep], grid


def turned(array: np.ndarray, grid: Grid, axes: tuple[int, ...], flips: tuple[bool, ...]) -> tuple[np.ndarray, Grid]:
    """The same body with its axes i, j, k in another order and direction."""
    step = np.zeros((4, 4))
    step[3, 3] = 1
    for new, (old, flip) in enumerate(zip(axes, flips, strict=True)):
        step[old, new] = -1 if flip else 1
        step[old, 3] = grid.size_ijk[old] - 1 if flip else 0
    moved = np.flip(array.transpose([2 - axes[2 - axis] for axis in range(3)]), [2 - n for n in range(3) if flips[n]])
    return moved, Grid(grid.ijk_to_ras @ step, moved.shape)


def read_widths(array: np.ndarray, grid: Grid) -> np.ndarray:
    """A perfect recogniser: the body's width in a slice tells where it lies."""
    stack = axial_stack(array, grid)
    widths = [int((picture > 34).any(axis=0).sum()) for picture in stack.slices]
    return POSITIONS[np.array(widths) - 4]


@pytest.mark.parametrize(("first", "last"), [(0, 39), (8, 30), (10, 20), (20, 33), (2, 21), (26, 39)])
@pytest.mark.parametrize(("axes", "flips"), ORIENTATIONS)
def test_crops_in_48_orientations(first: int, last: int, axes: tuple[int, ...], flips: tuple[bool, ...]) -> None:
    array, labels, grid = body(first, last)
    moved, moved_grid = turned(array, grid, axes, flips)
    moved_labels, _ = turned(labels, grid, axes, flips)
    position = read_widths(moved, moved_grid)
    np.testing.assert_allclose(position, POSITIONS[first : last + 1])
    top, bottom = POSITIONS[first], POSITIONS[last]
    edges = [-np.inf, *BORDERS, np.inf]
    for verdict, upper, lower in zip(
        region_verdicts(position, np.full(len(position), 0.1), "test"), edges[:-1], edges[1:], strict=True
    ):
        if bottom < upper or top > lower:
            assert (verdict.state, verdict.sides) == ("absent", ())
            continue
        sides = (("superior",) if top > upper else ()) + (("inferior",) if bottom < lower else ())
        assert verdict.sides == sides and verdict.state == ("cut" if sides else "complete")
    (organ,) = organ_coverage(moved_labels, moved_grid, names={1: "organ"})
    sides = (("superior",) if ORGAN[0] <= first <= ORGAN[1] else ()) + (
        ("inferior",) if ORGAN[0] <= last <= ORGAN[1] else ()
    )
    if first > ORGAN[1] or last < ORGAN[0]:
        assert organ.state == "absent"
    else:
        assert (organ.state, organ.sides) == ("cut" if sides else "complete", sides)
