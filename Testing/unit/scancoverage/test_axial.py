"""The same slices come out of a volume however its axes lie."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from DeepMedLib.ct.regions.axial import axial_stack
from DeepMedLib.ct.regions.slice_picture import SIDE, slice_picture, windowed
from DeepMedLib.geometry import Grid

SPACING = np.array([1.5, 2.0, 3.0])


def body() -> np.ndarray:
    """(k, j, i) HU on axes to R, A, S: an ellipse off the middle, a bone in front on the right side, wider below."""
    k, j, i = np.meshgrid(np.arange(12), np.arange(40), np.arange(60), indexing="ij")
    array = np.full(k.shape, -1000.0)
    array[((i - 30) / (26 - k)) ** 2 + ((j - 18) / 14) ** 2 < 1] = 40
    array[(np.abs(i - 42) < 4) & (np.abs(j - 26) < 3)] = 400
    return array


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("flips", list(itertools.product([False, True], repeat=3)))
def test_48_orientations_give_the_same_slices(axes: tuple[int, ...], flips: tuple[bool, ...]) -> None:
    grid = Grid.from_parts(SPACING, np.array([5.0, -7.0, 100.0]), np.eye(3), (12, 40, 60))
    expected = axial_stack(body(), grid)
    matrix = np.eye(4)
    shape_ijk = np.array(grid.size_ijk)
    step = np.zeros((4, 4))
    step[3, 3] = 1
    for new, (old, flip) in enumerate(zip(axes, flips, strict=True)):
        step[old, new] = -1 if flip else 1
        step[old, 3] = shape_ijk[old] - 1 if flip else 0
    matrix = grid.ijk_to_ras @ step
    order = [2 - old for old in axes]
    array = body().transpose(order[2], order[1], order[0])
    array = np.flip(array, [2 - new for new in range(3) if flips[new]])
    turned = Grid(matrix, array.shape)
    stack = axial_stack(array, turned)
    assert stack.aspect == pytest.approx(expected.aspect)
    np.testing.assert_allclose(stack.all_z_mm, expected.all_z_mm)
    np.testing.assert_allclose(stack.all_z_mm, np.sort(stack.all_z_mm)[::-1])
    for found, wanted, index in zip(stack.slices, expected.slices, stack.index, strict=True):
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_array_equal(
            np.sort(np.take(array, index, stack.axis).ravel()),
            np.sort(body()[expected.index[list(stack.index).index(index)]].ravel()),
        )


def test_the_front_is_at_the_top_and_the_right_side_at_the_left() -> None:
    grid = Grid.from_parts(SPACING, np.zeros(3), np.eye(3), (12, 40, 60))
    first = axial_stack(body(), grid).slices[0]
    rows, columns = np.nonzero(first == 255)
    assert rows.mean() < 20 and columns.mean() < 30


def test_thin_slices_are_skipped_and_the_last_is_kept() -> None:
    grid = Grid.from_parts(np.array([1.5, 2.0, 1.0]), np.zeros(3), np.eye(3), (12, 40, 60))
    stack = axial_stack(body(), grid)
    assert stack.mm.tolist() == [0, 3, 6, 9, 11]
    assert len(stack.all_mm) == 12


def test_the_body_fills_the_picture_whatever_the_field_of_view() -> None:
    small = np.full((60, 80), -1000.0)
    small[20:40, 10:50] = 40
    big = np.full((200, 300), -1000.0)
    big[100:120, 200:240] = 40
    a, b = slice_picture(windowed(small)), slice_picture(windowed(big))
    assert a is not None and b is not None and a.shape == (SIDE, SIDE)
    assert np.abs(a.astype(int) - b).max() <= 1


def test_a_table_is_no_body_and_air_has_no_picture() -> None:
    table = np.full((128, 128), -1000.0)
    table[100:102, 10:120] = 300
    assert slice_picture(windowed(table)) is None
    assert slice_picture(windowed(np.full((64, 64), -1000.0))) is None
    # Scans are often stored clipped at -125 HU.
    assert slice_picture(windowed(np.full((64, 64), -125.0))) is None
