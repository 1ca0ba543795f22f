"""Slices of a scan at the network's scale, and which of them are looked at."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.geometry import Grid
from PancreasSegLib.cascade import slices_with
from PancreasSegLib.framing import PIXEL_MM, tissue_box, windowed
from PancreasSegLib.network_pass import _margins, neighbors
from PancreasSegLib.upright import straight_grid, upright


def turned(degrees: float) -> Grid:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return Grid.from_parts((2.0, 2.0, 3.0), (0, 0, 0), turn, (10, 40, 50))


@pytest.mark.parametrize(("degrees", "straightened"), [(3.9, False), (4.1, True)])
def test_oblique_scans_are_straightened(degrees: float, straightened: bool) -> None:
    grid = turned(degrees)
    straight = straight_grid(grid)
    assert (straight is not grid) is straightened
    # Every voxel of the scan lies in the straight grid.
    corners = np.array([[0, 0, 0], [49, 0, 9], [0, 39, 9], [49, 39, 0]], float)
    inside = straight.ras_points_to_ijk(grid.ijk_points_to_ras(corners))
    assert (inside > -0.5).all() and (inside < np.array(straight.size_ijk) - 0.5).all()


@pytest.mark.parametrize(("spacing", "together"), [(0.5, 6), (1.0, 3), (1.8, 2), (1.9, 1), (2.75, 1), (5.0, 1)])
def test_thin_slices_are_averaged(spacing: float, together: int) -> None:
    values = np.full((24, 60, 60), 40, np.int16)
    values[:, :5] = -1000
    scan = upright(values, Grid.from_parts((2.5, 2.5, spacing), (0, 0, 0), np.eye(3), values.shape))
    counts = np.diff(scan.groups, axis=1)[:, 0]
    assert set(counts[:-1].tolist()) <= {together}
    assert counts.sum() == 24
    assert scan.z_mm[0] == pytest.approx((together - 1) / 2 * spacing)
    assert np.allclose(scan.spacing_mm[1:], PIXEL_MM, rtol=0.05)


def test_front_at_the_top_and_right_at_the_left() -> None:
    values = np.full((8, 60, 80), -1000, np.int16)
    values[:, 10:50, 10:70] = 20  # j rises to the front, i to the patient's right
    values[:, 40:48, 55:68] = 200
    scan = upright(values, Grid.from_parts((2.5, 2.5, 3.0), (0, 0, 0), np.eye(3), values.shape))
    rows, columns = np.nonzero(scan.pictures[4] > 180)
    height, width = scan.pictures.shape[1:]
    assert rows.mean() < height / 2 and columns.mean() < width / 2


def test_window_of_the_network() -> None:
    values = np.array([-1000, -125, 75, 275, 3000])
    assert windowed(values).tolist() == [0, 0, 128, 255, 255]


def test_neighbors_are_the_nearest_slices() -> None:
    pictures = np.arange(7, dtype=np.uint8)[:, None, None]
    assert neighbors(pictures, 3.0 * np.arange(7), 3)[:, 0, 0].tolist() == [0, 2, 3, 4, 6]
    assert neighbors(pictures, 5.0 * np.arange(7), 0)[:, 0, 0].tolist() == [0, 0, 0, 1, 2]


def test_the_frame_leaves_the_body_free() -> None:
    for side in (40, 104, 105, 160):
        before, after = _margins(side, 32)
        assert (side + before + after) % 32 == 0
        assert 12 <= before <= after <= 12 + 17


@pytest.mark.parametrize(("pixels", "found"), [(17, False), (18, True)])
def test_less_than_a_milliliter_is_nothing(pixels: int, found: bool) -> None:
    values = np.full((31, 60, 60), 20, np.int16)
    scan = upright(values, Grid.from_parts((2.5, 2.5, 3.0), (0, 0, 0), np.eye(3), values.shape))
    first = np.arange(0, 31, 3)  # 9 mm apart: a pixel of 6.25 mm2 stands for 0.05625 ml, 17.8 of them for a milliliter
    few = np.zeros((len(first), 9, *scan.pictures.shape[1:]), np.float16)
    few[:, 0] = 0.6
    few[4].reshape(9, -1)[1, :pixels] = 0.9
    wanted = slices_with(few, scan, first, [1])
    assert (len(wanted) > 0) is found
    if found:
        assert wanted.tolist() == list(range(7, 18))  # 15 mm about the slice at 36 mm
        assert len(slices_with(few, scan, first, [2])) == 0


def test_the_table_does_not_count_as_body() -> None:
    picture = np.zeros((512, 512), np.uint8)
    picture[100:400, 80:430] = 120
    picture[450:455, 20:490] = 200
    top, bottom, left, right = tissue_box(picture)
    assert abs(top - 100) <= 8 and abs(bottom - 400) <= 8 and abs(left - 80) <= 8 and abs(right - 430) <= 8
