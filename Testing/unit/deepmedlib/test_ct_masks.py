"""Body, lungs, airway and profiles on a drawn trunk whose truth is known."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.ct.airway import airway_tree
from DeepMedLib.ct.airway_growth import Growth
from DeepMedLib.ct.body import body_mask
from DeepMedLib.ct.ct_phantom import CtPhantom, trunk_phantom
from DeepMedLib.ct.lungs import lung_mask
from DeepMedLib.ct.profiles import slice_profiles
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid

_spec = importlib.util.spec_from_file_location("ct_orientations", Path(__file__).with_name("ct_orientations.py"))
assert _spec is not None and _spec.loader is not None
orientations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(orientations)

CHEST = (280.0, 640.0)


def dice(one: np.ndarray, two: np.ndarray) -> float:
    return 2 * float((one & two).sum()) / max(1.0, float(one.sum() + two.sum()))


@pytest.fixture(scope="module")
def chest() -> CtPhantom:
    return trunk_phantom((2.5, 2.5, 3.0), CHEST)


@pytest.mark.parametrize(
    "options",
    [
        {"spacing": (2.5, 2.5, 3.0)},
        {"spacing": (2.5, 2.5, 8.0)},
        {"spacing": (3.0, 3.0, 3.0), "lung_hu": -945.0},  # emphysema
        {"spacing": (3.0, 3.0, 3.0), "touching_lungs": True},
        {"spacing": (3.0, 3.0, 3.0), "table": False, "noise": 40.0},
        {"spacing": (3.0, 3.0, 3.0), "width_mm": 250.0, "depth_mm": 230.0},  # the field of view cuts both lungs
    ],
)
def test_lungs_are_found_parted_and_keep_their_nodules(options: dict) -> None:
    phantom = trunk_phantom(z_range=CHEST, **options)
    found = lung_mask(phantom.values, phantom.grid)
    right, left = phantom.labels == 7, phantom.labels == 8
    assert dice(found.labels == 1, right) > 0.96
    assert dice(found.labels == 2, left) > 0.96
    crossed = ((found.labels == 1) & left).sum() + ((found.labels == 2) & right).sum()
    assert crossed < 0.002 * (right | left).sum()
    nodules = phantom.nodules & (right | left)
    assert nodules.any()
    assert (found.labels[nodules] > 0).all()
    assert found.report.right_ml == pytest.approx((found.labels == 1).sum() * phantom.grid.voxel_volume / 1000)
    cut = {"left", "right"} if "width_mm" in options else set()
    assert set(found.report.cut) & {"left", "right"} == cut


def test_airway_follows_the_lumen_and_does_not_leak(chest: CtPhantom) -> None:
    tree = airway_tree(chest.values, chest.grid)
    truth = chest.labels == 9
    assert tree.found and tree.leak_checked
    assert (tree.mask & truth).sum() > 0.5 * truth.sum()
    assert (tree.mask & ~truth).sum() < 0.05 * tree.mask.sum()
    assert tree.generations >= 1
    assert tree.volume_ml == pytest.approx(tree.mask.sum() * chest.grid.voxel_volume / 1000)
    assert "generations" in tree.stopped_reason


def test_a_wave_into_the_lung_is_taken_back() -> None:
    """A tube that opens into a block of parenchyma: the tube stays, the block does not come in."""
    values = np.full((60, 41, 41), 40, np.int16)
    block = np.random.default_rng(5).normal(-900, 25, (25, 37, 37))
    values[30:55, 2:39, 2:39] = block
    rows, columns = np.ogrid[-20:21, -20:21]
    disk = rows**2 + columns**2 <= 16
    values[:32, disk] = -1000
    growth = Growth(values, 1.0, -900.0)
    seeds = np.argwhere(disk)
    growth.run(np.column_stack([np.zeros(len(seeds), int), seeds]))
    mask = growth.mask()
    assert mask[:28][:, disk].mean() > 0.95
    assert mask[34:].sum() < 60


@pytest.mark.slow
def test_all_48_orientations_give_the_same_masks() -> None:
    phantom = trunk_phantom((6.0, 6.0, 6.0), (300.0, 620.0))
    expected = lung_mask(phantom.values, phantom.grid).labels
    assert dice(expected == 1, phantom.labels == 7) > 0.9
    labels = orientations.all_turned(expected, phantom.grid)
    for (array, grid), (wanted, _) in zip(orientations.all_turned(phantom.values, phantom.grid), labels, strict=True):
        assert np.array_equal(lung_mask(array, grid).labels, wanted)


def test_wrong_directions_change_names_only(chest: CtPhantom) -> None:
    """Upside down and mirrored with directions that do not say so: the same lungs, on the sides the file names."""
    plain = lung_mask(chest.values, chest.grid)
    upside = lung_mask(np.ascontiguousarray(chest.values[::-1]), chest.grid)
    assert dice(upside.labels[::-1] == 1, plain.labels == 1) > 0.99
    assert upside.airway.found
    mirrored = lung_mask(np.ascontiguousarray(chest.values[:, :, ::-1]), chest.grid)
    assert dice(mirrored.labels[:, :, ::-1] == 2, plain.labels == 1) > 0.99


@pytest.mark.parametrize("heights", [(0.0, 270.0), (0.0, 100.0), (615.0, 640.0)])
def test_no_lung_is_said_and_gas_is_none(heights: tuple[float, float]) -> None:
    phantom = trunk_phantom((3.0, 3.0, 3.0), heights)
    found = lung_mask(phantom.values, phantom.grid)
    assert not found.labels.any()
    assert not found.report.found
    assert "No lung was found on this scan." in found.report.warnings
    assert not found.airway.found
    assert not found.airway.mask.any()


def test_lung_bases_of_an_abdominal_scan() -> None:
    phantom = trunk_phantom((3.0, 3.0, 3.0), (0.0, 400.0))
    found = lung_mask(phantom.values, phantom.grid)
    assert dice(found.labels > 0, (phantom.labels == 7) | (phantom.labels == 8)) > 0.9
    assert found.report.cut == ("superior",)
    assert not found.airway.found


def test_without_air_or_body_nothing_is_found() -> None:
    grid = Grid(np.diag([3.0, 3.0, 3.0, 1.0]), (20, 30, 30))
    for level in (-1000, 40):
        found = lung_mask(np.full(grid.shape_kji, level, np.int16), grid)
        assert not found.labels.any()
    with pytest.raises(BadInput):
        lung_mask(np.zeros((2, 3, 4)), grid)


def test_body_is_found_without_the_table(chest: CtPhantom) -> None:
    assert dice(body_mask(chest.values, chest.grid), chest.body) > 0.97


def test_profiles_follow_the_body() -> None:
    phantom = trunk_phantom((4.0, 4.0, 5.0))
    profiles = slice_profiles(phantom.values, phantom.grid)
    heights = profiles.superior_mm
    assert len(profiles.rows()) == len(phantom.values)
    assert np.all(np.diff(heights) > 0)
    chest, pelvis = (heights > 430) & (heights < 500), (heights > 60) & (heights < 120)
    assert profiles.lung_air[chest].min() > 0.25 > 0.05 > profiles.lung_air[pelvis].max()
    truth = phantom.body.sum(axis=(1, 2)) * 16 / 100
    assert np.abs(profiles.body_cm2[2:-2] / truth[2:-2] - 1).max() < 0.12
    turned = slice_profiles(phantom.values[::-1], Grid(np.diag([4.0, 4.0, -5.0, 1.0]), phantom.values.shape))
    np.testing.assert_allclose(turned.bone, profiles.bone)
    assert turned.source_slices[0].tolist() == [len(phantom.values) - 1] * 2
