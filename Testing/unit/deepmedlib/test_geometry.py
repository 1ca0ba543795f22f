"""Grids: every orientation, oblique and anisotropic, mirrored or not; nothing moves in the patient."""

from __future__ import annotations

import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid, from_sitk, ras_to_lps, to_sitk

SHAPE = (3, 4, 5)
ALL_48 = [
    np.eye(3)[:, list(order)] * signs
    for order in itertools.permutations(range(3))
    for signs in itertools.product((1.0, -1.0), repeat=3)
]

directions_of_48 = st.sampled_from(ALL_48)
rotations = st.builds(
    lambda axis, angle: Rotation.from_rotvec(np.array(axis) * angle).as_matrix(),
    st.sampled_from([(1, 0, 0), (0, 1, 0), (0, 0, 1), (0.6, 0.8, 0), (0.48, 0.6, 0.64)]),
    st.floats(-3.2, 3.2),
)
grids = st.builds(
    lambda axes, rotation, spacing, origin, shape: Grid.from_parts(
        np.array(spacing), np.array(origin), rotation @ axes, shape
    ),
    directions_of_48,
    rotations,
    st.tuples(*[st.floats(0.1, 8.0)] * 3),
    st.tuples(*[st.floats(-500, 500)] * 3),
    st.tuples(*[st.integers(1, 6)] * 3),
)


def numbered(grid: Grid) -> np.ndarray:
    return np.arange(np.prod(grid.shape_kji), dtype=np.int32).reshape(grid.shape_kji)


def positions(grid: Grid) -> np.ndarray:
    """RAS of every voxel, (k, j, i, 3)."""
    kji = np.stack(np.meshgrid(*[np.arange(count) for count in grid.shape_kji], indexing="ij"), axis=-1)
    return grid.ijk_points_to_ras(kji[..., ::-1])


@given(grids)
def test_parts_and_points(grid: Grid) -> None:
    again = Grid.from_parts(grid.spacing, grid.origin, grid.directions, grid.shape_kji)
    np.testing.assert_allclose(again.ijk_to_ras, grid.ijk_to_ras, atol=1e-9)
    assert grid.is_orthogonal
    assert grid.voxel_volume == pytest.approx(np.prod(grid.spacing))
    points = np.random.default_rng(0).normal(size=(2, 7, 3)) * 50
    np.testing.assert_allclose(grid.ras_points_to_ijk(grid.ijk_points_to_ras(points)), points, atol=1e-6)
    np.testing.assert_array_equal(grid.ijk_points_to_ras([0, 0, 0]), grid.origin)


@given(grids)
def test_canonical_and_back_is_exact_and_nothing_moves(grid: Grid) -> None:
    array = numbered(grid)
    way = grid.canonical()
    turned = way.forward(array)
    assert turned.flags.c_contiguous
    np.testing.assert_array_equal(way.backward(turned), array)
    # Every voxel is still where it was: its number tells which one it is.
    before = positions(grid).reshape(-1, 3)
    np.testing.assert_allclose(positions(way.target), before[turned], atol=1e-6)


@given(grids)
def test_canonical_axes_point_to_ras(grid: Grid) -> None:
    target = grid.canonical().target
    assert (target.directions.diagonal() >= -1e-9).all()
    assert not target.is_left_handed
    order = np.abs(target.directions)
    best = max(sum(order[world, axis] for world, axis in enumerate(axes)) for axes in itertools.permutations(range(3)))
    assert order.trace() == pytest.approx(best)


@pytest.mark.parametrize("axes", ALL_48, ids=str)
def test_all_48_orientations_become_one(axes: np.ndarray) -> None:
    canonical = Grid.from_parts([0.7, 1.1, 2.5], [-10.0, 20, 30], np.eye(3), SHAPE)
    picture = numbered(canonical)
    # The same voxels stored in another order: axis n of the file runs along the axis of the patient that axes tells.
    sizes = np.abs(axes).T @ np.array(canonical.size_ijk)
    spacing = np.abs(axes).T @ canonical.spacing
    start = [0 if axes[world].sum() > 0 else canonical.size_ijk[world] - 1 for world in range(3)]
    columns, rows, depth = (int(size) for size in sizes)
    stored_grid = Grid.from_parts(spacing, canonical.ijk_points_to_ras(start), axes, (depth, rows, columns))
    indices = np.rint(canonical.ras_points_to_ijk(positions(stored_grid))).astype(int)
    stored = picture[indices[..., 2], indices[..., 1], indices[..., 0]]
    assert stored_grid.is_left_handed == (np.linalg.det(axes) < 0)
    way = stored_grid.canonical()
    assert way.target.same_as(canonical, 1e-9)
    np.testing.assert_array_equal(way.forward(stored), picture)
    np.testing.assert_array_equal(way.backward(picture), stored)


def test_channels_travel_last() -> None:
    grid = Grid.from_parts([1, 1, 1], [0, 0, 0], ALL_48[-1], SHAPE)
    colored = np.random.default_rng(1).integers(0, 255, (*SHAPE, 3), dtype=np.uint8)
    way = grid.canonical()
    for channel in range(3):
        np.testing.assert_array_equal(way.forward(colored)[..., channel], way.forward(colored[..., channel]))
    np.testing.assert_array_equal(way.backward(way.forward(colored)), colored)


@given(grids)
def test_simpleitk_and_back(grid: Grid) -> None:
    array = numbered(grid)
    image = to_sitk(array, grid)
    last = [count - 1 for count in grid.size_ijk]
    lps = image.TransformIndexToPhysicalPoint(last)
    np.testing.assert_allclose(ras_to_lps(np.array(lps)), grid.ijk_points_to_ras(last), atol=1e-6)
    back, again = from_sitk(image)
    np.testing.assert_array_equal(back, array)
    assert back.dtype == array.dtype
    assert again.same_as(grid, 1e-6)


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int16, np.float16, np.float32, np.float64])
def test_types_that_simpleitk_gets(kind: type) -> None:
    grid = Grid(np.eye(4), SHAPE)
    back, _ = from_sitk(to_sitk((numbered(grid) % 2).astype(kind), grid))
    np.testing.assert_array_equal(back, numbered(grid) % 2)


def test_a_picture_becomes_one_slice_and_colors_stay() -> None:
    import SimpleITK as sitk

    picture = sitk.GetImageFromArray(np.random.default_rng(2).integers(0, 9, (4, 6, 3), dtype=np.uint8), isVector=True)
    picture.SetSpacing((0.2, 0.3))
    array, grid = from_sitk(picture)
    assert array.shape == (1, 4, 6, 3) and grid.shape_kji == (1, 4, 6)
    np.testing.assert_allclose(grid.spacing, [0.2, 0.3, 1.0])
    np.testing.assert_array_equal(array[0], sitk.GetArrayFromImage(picture))
    with pytest.raises(BadInput, match="4 dimensions"):
        from_sitk(sitk.Image([2, 2, 2, 2], sitk.sitkUInt8))


def test_ras_and_lps() -> None:
    np.testing.assert_array_equal(ras_to_lps([[1, 2, 3]]), [[-1, -2, 3]])
    grid = Grid.from_parts([1, 2, 3], [4, 5, 6], np.eye(3), SHAPE)
    np.testing.assert_array_equal(grid.ijk_to_lps[:3, 3], [-4, -5, 6])
    assert not grid.is_left_handed
    assert Grid.from_parts([1, 2, 3], [4, 5, 6], np.diag([1, -1, 1]), SHAPE).is_left_handed


@given(grids, st.tuples(*[st.floats(0.2, 9.0)] * 3))
def test_another_spacing_covers_the_same_extent(grid: Grid, spacing: tuple) -> None:
    other = grid.with_spacing(np.array(spacing))
    np.testing.assert_allclose(other.spacing, spacing, rtol=1e-9)
    np.testing.assert_allclose(other.directions, grid.directions, atol=1e-9)
    middle = (np.array(grid.size_ijk) - 1) / 2, (np.array(other.size_ijk) - 1) / 2
    np.testing.assert_allclose(other.ijk_points_to_ras(middle[1]), grid.ijk_points_to_ras(middle[0]), atol=1e-6)
    extents = np.array(grid.size_ijk) * grid.spacing, np.array(other.size_ijk) * other.spacing
    assert (extents[1] >= extents[0] - 1e-5 * other.spacing).all()
    assert (extents[1] < extents[0] + other.spacing * 1.001).all()


@given(grids)
def test_json_is_exact(grid: Grid) -> None:
    again = Grid.from_dict(json.loads(json.dumps(grid.to_dict())))
    np.testing.assert_array_equal(again.ijk_to_ras, grid.ijk_to_ras)
    assert again.shape_kji == grid.shape_kji


@given(grids)
def test_a_crop_stays_in_place(grid: Grid) -> None:
    stop = grid.shape_kji
    start = tuple(count // 2 for count in stop)
    part = grid.cropped(start, stop)
    np.testing.assert_allclose(
        positions(part), positions(grid)[start[0] :, start[1] :, start[2] :], atol=1e-6, rtol=1e-9
    )


def test_same_as_sees_a_shift_a_turn_and_a_thin_axis() -> None:
    grid = Grid.from_parts([1, 1, 1], [0, 0, 0], np.eye(3), (1, 10, 10))
    assert grid.same_as(Grid(grid.ijk_to_ras, grid.shape_kji))
    assert not grid.same_as(Grid.from_parts([1, 1, 1], [0, 0.01, 0], np.eye(3), (1, 10, 10)))
    assert not grid.same_as(Grid.from_parts([1, 1, 3], [0, 0, 0], np.eye(3), (1, 10, 10)))
    assert not grid.same_as(Grid.from_parts([1, 1, 1], [0, 0, 0], np.eye(3), (2, 10, 10)))


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(3),
        np.zeros((4, 4)),
        np.diag([1, 0, 1, 1.0]),
        np.diag([1, np.nan, 1, 1.0]),
        np.diag([1, 1, 1, 2.0]),
        np.array([[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]]),
    ],
)
def test_an_impossible_geometry_is_refused(matrix: np.ndarray) -> None:
    with pytest.raises(BadInput) as caught:
        Grid(matrix, SHAPE)
    assert caught.value.remedy


def test_wrong_shapes_and_spacings_are_refused() -> None:
    with pytest.raises(BadInput):
        Grid(np.eye(4), (0, 1, 1))
    grid = Grid(np.eye(4), SHAPE)
    for array in (np.zeros((3, 4)), np.zeros((5, 4, 3)), np.zeros((*SHAPE, 2, 2))):
        with pytest.raises(BadInput, match="does not fit"):
            grid.canonical().forward(array)
    with pytest.raises(BadInput, match="not possible"):
        grid.with_spacing(0.0)


def test_a_grid_cannot_be_changed_behind_ones_back() -> None:
    matrix = np.eye(4)
    grid = Grid(matrix, SHAPE)
    matrix[0, 3] = 100
    assert grid.origin[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        grid.ijk_to_ras[0, 3] = 5


def test_sheared_axes_are_known_as_such() -> None:
    matrix = np.eye(4)
    matrix[0, 2] = 0.3  # a tilted gantry
    assert not Grid(matrix, SHAPE).is_orthogonal
