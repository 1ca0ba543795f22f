"""Resampling: world positions hold, types hold, and the way back leads home."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid
from DeepMedLib.resampling import Passage, resample


def make_grid(spacing=(1.0, 1.0, 1.0), shape=(12, 14, 16), turn=(0.0, 0.0, 0.0), flip=(1, 1, 1)) -> Grid:
    directions = Rotation.from_euler("xyz", turn, degrees=True).as_matrix() * np.array(flip)
    half = (np.array(shape[::-1]) - 1) / 2 * np.array(spacing)
    return Grid.from_parts(np.array(spacing), -directions @ half + [5, -7, 11], directions, shape)


def ramp(grid: Grid) -> np.ndarray:
    """A picture that is linear in RAS: 2 R - 3 A + 5 S."""
    kji = np.stack(np.meshgrid(*[np.arange(count) for count in grid.shape_kji], indexing="ij"), axis=-1)
    return grid.ijk_points_to_ras(kji[..., ::-1]) @ np.array([2.0, -3.0, 5.0])


@settings(max_examples=40)
@given(
    st.tuples(*[st.floats(0.6, 3.0)] * 3),
    st.tuples(*[st.floats(-180, 180)] * 3),
    st.tuples(*[st.sampled_from([1, -1])] * 3),
)
def test_linear_interpolation_keeps_a_ramp_in_world_coordinates(spacing, turn, flip) -> None:
    source = make_grid((0.7, 0.9, 1.3), (30, 40, 50), turn, flip)
    target = make_grid(spacing, (4, 5, 3), turn=(20, -35, 50))
    out = resample(ramp(source), source, target, fill=np.nan)
    inside = np.isfinite(out)
    # Nothing is filled where the target lies well inside the source.
    kji = np.stack(np.meshgrid(*[np.arange(count) for count in target.shape_kji], indexing="ij"), axis=-1)
    indices = source.ras_points_to_ijk(target.ijk_points_to_ras(kji[..., ::-1]))
    covered = ((indices >= 0) & (indices <= np.array(source.size_ijk) - 1)).all(axis=-1)
    assert inside[covered].all() and covered.any()
    np.testing.assert_allclose(out[covered], ramp(target)[covered], atol=1e-6)


def test_a_direction_with_a_denormal_cosine_is_resampled() -> None:
    source = make_grid((0.7, 0.9, 1.3), (30, 40, 50), turn=(0.0, 6.0, 1.2e-303))
    target = make_grid((1.0, 1.0, 1.0), (4, 5, 3))
    np.testing.assert_allclose(resample(ramp(source), source, target, fill=np.nan), ramp(target), atol=1e-6)


@pytest.mark.parametrize("kind", [bool, np.uint8, np.int16, np.uint16, np.int32, np.float16, np.float32, np.float64])
def test_types_stay(kind: type) -> None:
    source, target = make_grid(), make_grid((0.8, 1.7, 1.1), (9, 6, 13), turn=(5, 10, 15))
    array = (np.random.default_rng(0).random(source.shape_kji) * 2).astype(kind)
    for interpolation in ("linear", "nearest"):
        out = resample(array, source, target, interpolation)
        assert out.dtype == array.dtype and out.shape == target.shape_kji
    assert np.isin(np.unique(resample(array, source, target, "nearest")), np.unique(array)).all()


def test_integers_are_rounded_not_cut_off() -> None:
    source = make_grid()
    array = np.rint(ramp(source)).astype(np.int16)
    target = make_grid((0.5, 0.5, 0.5), (8, 8, 8))
    exact = resample(array.astype(float), source, target)
    np.testing.assert_array_equal(resample(array, source, target), np.rint(exact))


def test_wide_integers_keep_all_digits() -> None:
    grid = make_grid()
    array = np.full(grid.shape_kji, 2**30 + 1, np.int32)
    np.testing.assert_array_equal(resample(array, grid, grid), array)


def test_fill_outside_and_clipping_to_the_type() -> None:
    source = make_grid()
    shifted = Grid.from_parts(
        source.spacing, source.origin + np.array([1000, 0, 0]), source.directions, source.shape_kji
    )
    assert (resample(np.zeros(source.shape_kji, np.int16), source, shifted, fill=-1000) == -1000).all()
    assert (resample(np.ones(source.shape_kji, np.uint8), source, shifted, fill=-1000) == 0).all()


@settings(max_examples=40)
@given(
    st.tuples(*[st.floats(0.5, 4.0)] * 3),
    st.tuples(*[st.floats(-180, 180)] * 3),
    st.tuples(*[st.sampled_from([1, -1])] * 3),
)
def test_labels_there_and_back(spacing, turn, flip) -> None:
    source = make_grid(spacing, (10, 11, 12), turn, flip)
    labels = np.zeros(source.shape_kji, np.uint8)
    labels[2:8, 3:8, 3:9] = 3
    passage = Passage.to_canonical(source, min(spacing) / 2)
    assert not passage.target.is_left_handed
    back = passage.back(passage.there(labels, "nearest"))
    np.testing.assert_array_equal(back, labels)


def test_one_slice_there_and_back() -> None:
    source = make_grid((0.3, 0.3, 1.0), (1, 20, 30))
    mask = np.zeros(source.shape_kji, bool)
    mask[:, 5:15, 8:20] = True
    passage = Passage(source, source.with_spacing((0.15, 0.15, 1.0)))
    there = passage.there(mask, "nearest")
    assert there.shape == (1, 40, 60) and there.sum() == 4 * mask.sum()
    np.testing.assert_array_equal(passage.back(there), mask)


def test_channels_are_resampled_alike() -> None:
    source, target = make_grid(), make_grid((1.5, 1.5, 1.5), (7, 7, 7))
    array = np.random.default_rng(3).random((*source.shape_kji, 3)).astype(np.float32)
    out = resample(array, source, target)
    assert out.shape == (7, 7, 7, 3)
    np.testing.assert_allclose(out[..., 1], resample(array[..., 1], source, target), atol=1e-6)


def test_the_same_grid_changes_nothing_and_shares_nothing() -> None:
    grid = make_grid(turn=(10, 20, 30))
    array = np.random.default_rng(4).random(grid.shape_kji)
    for interpolation in ("linear", "nearest"):
        out = resample(array, grid, grid, interpolation)
        np.testing.assert_allclose(out, array, atol=1e-9)
        assert not np.shares_memory(out, array)


def test_smoothing_removes_what_a_coarse_grid_cannot_hold() -> None:
    source = make_grid((0.5, 1.0, 1.0), (12, 12, 96))
    stripes = np.zeros(source.shape_kji, np.float32)
    stripes[:, :, ::2] = 100  # mean 50, alternating from voxel to voxel along i
    target = make_grid((2.5, 1.0, 1.0), (6, 6, 12))
    rough = resample(stripes, source, target)
    smooth = resample(stripes, source, target, smooth=True)
    np.testing.assert_allclose(smooth, 50, atol=1.0)
    assert np.abs(rough - 50).max() > 20
    np.testing.assert_allclose(resample(ramp(source), source, target, smooth=True), ramp(target), atol=0.2)


def test_a_finer_grid_is_not_smoothed() -> None:
    source, target = make_grid(), make_grid((0.5, 0.5, 0.5), (8, 8, 8))
    array = np.random.default_rng(5).random(source.shape_kji)
    np.testing.assert_array_equal(resample(array, source, target, smooth=True), resample(array, source, target))


def test_wrong_wishes_are_refused() -> None:
    grid = make_grid()
    array = np.zeros(grid.shape_kji)
    with pytest.raises(BadInput, match="no interpolation 'cubic'"):
        resample(array, grid, grid, "cubic")  # type: ignore[arg-type]
    with pytest.raises(BadInput, match="cannot be smoothed"):
        resample(array, grid, grid, "nearest", smooth=True)
    with pytest.raises(BadInput, match="does not fit"):
        resample(array[1:], grid, grid)


def test_a_tilted_gantry_keeps_world_coordinates() -> None:
    straight = make_grid((0.7, 0.9, 1.3), (20, 40, 50))
    matrix = straight.ijk_to_ras.copy()
    matrix[1, 2] += 0.4
    tilted = Grid(matrix, straight.shape_kji)
    target = make_grid((1.0, 1.0, 1.0), (4, 4, 4))
    out = resample(ramp(tilted), tilted, target, fill=np.nan)
    np.testing.assert_allclose(out, ramp(target), atol=1e-6)
