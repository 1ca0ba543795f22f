"""What is refused as no CT, and what is said about one."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.ct.checks import check_ct, orientation_letters
from DeepMedLib.ct.ct_phantom import trunk_phantom
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid


@pytest.fixture(scope="module")
def trunk() -> tuple[np.ndarray, Grid]:
    phantom = trunk_phantom((6.0, 6.0, 6.0))
    return phantom.values, phantom.grid


def refused(array: np.ndarray, grid: Grid) -> str:
    with pytest.raises(BadInput) as caught:
        check_ct(array, grid)
    assert caught.value.remedy
    assert caught.value.message.count(". ") == 0  # one sentence
    return caught.value.message


def test_a_ct_passes(trunk: tuple[np.ndarray, Grid]) -> None:
    report = check_ct(*trunk)
    assert report.good
    assert report.orientation == "RAS"
    assert report.clipped_at is None
    assert 0.2 < report.air < 0.8
    assert check_ct(trunk[0].astype(np.float32), trunk[1]).good


def test_other_kinds_are_refused(trunk: tuple[np.ndarray, Grid]) -> None:
    array, grid = trunk
    assert "3 channels" in refused(np.stack([array] * 3, axis=-1), grid)
    assert "one slice" in refused(array[:1], grid.cropped((0, 0, 0), (1, *array.shape[1:])))
    assert "one slice" in refused(array[:, :1], grid.cropped((0, 0, 0), (array.shape[0], 1, array.shape[2])))


def test_other_values_are_refused(trunk: tuple[np.ndarray, Grid]) -> None:
    array, grid = trunk
    broken = array.astype(np.float32)
    broken[3, 4, 5], broken[4, 4, 4] = np.nan, np.inf
    assert refused(broken, grid).startswith("2 voxels hold no number")
    low, high = float(array.min()), float(array.max())
    unit = (array - low) / (high - low)
    assert "rescaled" in refused(unit, grid)
    assert "rescaled" in refused(unit * 2 - 1, grid)
    assert "rescaled" in refused((array - array.mean()) / array.std(), grid)
    assert "8 bit" in refused((unit * 255).astype(np.uint8), grid)
    assert "Rescale Intercept" in refused((array.astype(int) + 1024).astype(np.uint16), grid)
    padded = array.astype(np.int32) + 1024
    padded[:, :6] = -2000
    assert "Rescale Intercept" in refused(padded, grid)
    assert "same value" in refused(np.zeros_like(array), grid)
    magnitude = np.random.default_rng(3).rayleigh(150, array.shape) * (array > -500)
    assert "MR" in refused(magnitude.astype(np.int16), grid)


def test_problems_and_warnings(trunk: tuple[np.ndarray, Grid]) -> None:
    array, grid = trunk
    window = check_ct(np.clip(array, -125, 275), grid)
    assert window.clipped_at == -125
    assert any("cut off (a saved window)" in line for line in window.problems)
    masked = check_ct(np.where(array > 100, array, 0) - 700 * (np.indices(array.shape).sum(axis=0) % 97 == 0), grid)
    assert any("exactly 0" in line for line in masked.problems)
    doubled = np.repeat(array, 2, axis=0)
    twice = check_ct(doubled, grid.cropped((0, 0, 0), doubled.shape))
    assert len(twice.duplicates) == len(array)
    assert not twice.good
    filled = array.copy()
    filled[-5:] = -1000
    report = check_ct(filled, grid)
    assert report.padding.by_side(grid) == {"superior": 5}
    assert any("5 at the superior end" in line for line in report.warnings)
    assert report.duplicates == ()


def test_orientation_letters() -> None:
    assert orientation_letters(Grid(np.diag([-1.0, -1.0, 1.0, 1.0]), (3, 3, 3))) == "LPS"
    matrix = np.array([[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0], [0, 0, 0, 1]], float)
    assert orientation_letters(Grid(matrix, (3, 3, 3))) == "PIR"
