"""Body, lungs, airway and profiles on a drawn trunk whose truth is known."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage

from DeepMedLib.ct.airway import airway_tree
from DeepMedLib.ct.airway_growth import Growth
from DeepMedLib.ct.body import body_mask
from DeepMedLib.ct.ct_phantom import CtPhantom, trunk_phantom
from DeepMedLib.ct.lungs import lung_mask
from DeepMedLib.ct.profiles import slice_profiles
from DeepMedLib.ct.trachea import Spot, below_larynx
from DeepMedLib.ct.volumes import LUNG_EDGE_MM, surfaces_mm2, volume_sd_ml
from DeepMedLib.ct.wall_masses import masses_at_wall
from DeepMedLib.ct.working import make_working
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


def with_neck(phantom: CtPhantom, glottis_mm2: float, pharynx_mm2: float) -> tuple[np.ndarray, Grid]:
    """The chest with 60 mm of windpipe above it, a glottis and 60 mm of pharynx, narrowing and widening gradually."""
    spacing = phantom.grid.spacing
    top, air = phantom.values[-1].astype(float), phantom.labels[-1] == 9
    middle = np.argwhere(air).mean(axis=0)
    top[np.isin(phantom.labels[-1], (7, 8, 9))] = 40
    rows, columns = np.indices(top.shape)
    apart = ((rows - middle[0]) * spacing[1]) ** 2 + ((columns - middle[1]) * spacing[0]) ** 2
    trachea, count = air.sum() * spacing[0] * spacing[1], round(60 / spacing[2])
    areas = [trachea] * count + list(np.geomspace(trachea, glottis_mm2, 5))
    areas += [*np.geomspace(glottis_mm2, pharynx_mm2, 6), *[pharynx_mm2] * count]
    random = np.random.default_rng(4)
    planes = [np.where(apart <= area / np.pi, -990, top) + random.normal(0, 12, top.shape) for area in areas]
    values = np.concatenate([phantom.values, np.clip(np.rint(planes), -1024, 3071).astype(np.int16)])
    return values, Grid(phantom.grid.ijk_to_ras, values.shape)


@pytest.mark.parametrize(("glottis_mm2", "pharynx_mm2"), [(30.0, 500.0), (60.0, 300.0), (120.0, 500.0)])
def test_a_tree_on_a_scan_of_the_neck_begins_below_the_larynx(
    chest: CtPhantom, glottis_mm2: float, pharynx_mm2: float
) -> None:
    values, grid = with_neck(chest, glottis_mm2, pharynx_mm2)
    tree = airway_tree(values, grid)
    assert tree.found and tree.generations >= 1 and tree.warning == ""
    reached = np.flatnonzero(tree.mask.any(axis=(1, 2)))[[0, -1]] * 3.0
    assert reached[0] < 200 and 380 < reached[1] < 440  # mm; the glottis lies at 432
    assert 45 < tree.volume_ml < 75


def spots(areas: list[float]) -> list[Spot]:
    return [Spot(100 - k, (0, 5), (0, 5), (2.0, 2.0), area) for k, area in enumerate(areas)]


@pytest.mark.parametrize(
    ("areas", "kept"),
    [
        ([200] * 30, 30),
        ([500] * 10 + [60] + [200] * 15, 15),  # pharynx, glottis, windpipe
        ([110] * 3 + [200] * 15, 18),  # 0.55 of the windpipe's width: its end below the glottis
        ([90] * 3 + [200] * 15, 15),  # 0.45: a glottis
        ([350] * 3 + [200] * 15, 18),  # 1.75
        ([370] * 3 + [200] * 15, 15),  # 1.85: a pharynx
        ([370] + [200] * 15, 15),
        ([200] * 5 + [370] + [200] * 15, 21),  # one slice only
        ([200] * 15 + [80] * 8, 23),  # a main bronchus at the near end, 24 mm
    ],
)
def test_the_windpipe_is_followed_from_the_lungs_on(areas: list[float], kept: int) -> None:
    assert len(below_larynx(spots(areas), 3.0)) == kept


def test_a_windpipe_without_its_fork_is_a_warning(chest: CtPhantom) -> None:
    """A plug of tissue above the fork: both lungs are there, the airways are not measured, and that is said."""
    values = chest.values.copy()
    lumen = chest.labels == 9
    forks = [k for k in range(len(values)) if ndimage.label(lumen[k])[1] > 1]
    plug = slice(max(forks) + 5, max(forks) + 9)
    values[plug][lumen[plug]] = 40
    found = lung_mask(values, chest.grid)
    assert not found.airway.found and not (found.labels == 3).any()
    assert any("carina" in line or "could not be followed" in line for line in found.report.warnings)
    assert "Both lungs are on the scan" in " ".join(found.report.warnings)


@pytest.mark.parametrize("noise", [25.0, 40.0])
def test_a_tree_that_leaks_is_cut_back_and_that_is_said(noise: float) -> None:
    phantom = trunk_phantom((3.0, 3.0, 3.0), CHEST, noise=noise)
    found = lung_mask(phantom.values, phantom.grid)
    assert found.airway.generations == 1 and found.airway.leak_checked
    assert (found.airway.mask & (phantom.labels != 9)).sum() < 0.05 * found.airway.mask.sum()
    assert "leaked into the lung beyond the main bronchi" in " ".join(found.report.warnings)


def test_surfaces_and_volumes() -> None:
    """A ball of 30 mm radius: 113.1 ml and 113.1 cm2 of surface; an edge 0.37 mm off is 4.2 ml."""
    k, j, i = np.ogrid[-32:33, -32:33, -32:33]
    ball = ((k**2 + j**2 + i**2) <= 30**2).astype(np.uint8)
    surface = surfaces_mm2(ball, Grid(np.eye(4), ball.shape), 3)
    assert surface[1] == pytest.approx(4 * np.pi * 30**2, rel=0.03) and surface[2] == surface[3] == 0
    assert volume_sd_ml(surface[1], LUNG_EDGE_MM) == pytest.approx(4.2, rel=0.03)
    stretched = Grid.from_parts([1.0, 1.0, 2.0], np.zeros(3), np.eye(3), ball[::2].shape)
    assert surfaces_mm2(ball[::2], stretched, 1)[1] == pytest.approx(4 * np.pi * 30**2, rel=0.05)
    half = surfaces_mm2(ball[32:], Grid(np.eye(4), ball[32:].shape), 1)  # the cut face is no edge
    assert half[1] == pytest.approx(2 * np.pi * 30**2, rel=0.05)


@pytest.mark.parametrize("radius", [25.0, 32.0, 40.0])
def test_a_mass_on_the_chest_wall_belongs_to_the_lung(chest: CtPhantom, radius: float) -> None:
    """A ball of tissue about the lung's outermost voxel: too wide for the closing by a ball of 15 mm."""
    right = chest.labels == 7
    k = int(np.median(np.argwhere(right)[:, 0]))
    edge = max(np.argwhere(right[k]), key=lambda place: place[1])
    center = np.array([k, *edge])
    apart = np.indices(right.shape) - center[:, None, None, None]
    spacing = chest.grid.spacing[::-1]
    ball = np.sqrt(((apart * spacing[:, None, None, None]) ** 2).sum(axis=0)) < radius
    mass = ball & right
    values = chest.values.copy()
    values[mass] = np.random.default_rng(9).normal(40, 12, int(mass.sum())).astype(np.int16)
    found = lung_mask(values, chest.grid).labels == 1
    whole = lung_mask(chest.values, chest.grid).labels == 1
    assert dice(found, whole) > 0.985
    assert (found & mass).sum() > 0.65 * mass.sum()
    assert (found & ~whole & ~mass).sum() < 0.003 * whole.sum()


def test_a_healthy_lung_has_no_mass(chest: CtPhantom) -> None:
    for label in (7, 8):
        lung = chest.labels == label
        working = make_working(chest.values, chest.grid)
        coarse = make_working(np.where(lung, 1000, 0).astype(np.int16), chest.grid).values > 500
        free = (working.values > -400) & ~coarse
        middle = (coarse.shape[2] - 1) / 2
        assert not masses_at_wall(coarse, free, working, middle).any()
    assert not masses_at_wall(np.zeros_like(coarse), free, working, middle).any()
