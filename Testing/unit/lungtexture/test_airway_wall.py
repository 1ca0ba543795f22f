"""Lumen and wall beside drawn tubes whose radii are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from DeepMedLib.geometry import Grid
from LungTextureLib.airway_wall import Wall, measure_wall

VOXEL = 0.6


def tube(
    radius: float, thick: float, tilt: float = 0.3, seed: int = 2, voxel: float = VOXEL
) -> tuple[np.ndarray, Grid, np.ndarray]:
    """A tilted tube in lung, four samples to a voxel and blurred as a scanner does; its centre line."""
    count, fine = round(30 / voxel), 4
    axis = (np.arange(count * fine) + 0.5) / fine * voxel - 15
    z, y, x = axis[:, None, None], axis[None, :, None], axis[None, None, :]
    apart = np.sqrt((x - tilt * z) ** 2 * (1 / (1 + tilt**2)) + y**2)
    drawn = np.where(apart < radius, -1000, np.where(apart < radius + thick, 40, -860)).astype(np.float32)
    drawn = drawn.reshape(count, fine, count, fine, count, fine).mean((1, 3, 5))
    drawn = ndimage.gaussian_filter(drawn, 0.4)
    drawn += np.random.default_rng(seed).normal(0, 20, drawn.shape).astype(np.float32)
    grid = Grid.from_parts(np.full(3, voxel), np.full(3, -15 + voxel / 2), np.eye(3), drawn.shape)
    heights = np.linspace(-13, 13, 14)
    return drawn.astype(np.int16), grid, np.column_stack([tilt * heights, 0 * heights, heights])


@pytest.mark.parametrize(("radius", "thick"), [(2.5, 1.5), (4.0, 2.0), (1.8, 1.2)])
@pytest.mark.parametrize("tilt", [0.0, 0.4])
def test_a_drawn_tube_is_measured_within_its_interval(radius: float, thick: float, tilt: float) -> None:
    values, grid, line = tube(radius, thick, tilt)
    wall = measure_wall(values, grid, [line], (tilt * 1.0 + 2.0, 0.5, 1.0))
    assert wall.reason == "" and wall.wall_mm is not None and wall.wall_sd is not None
    assert wall.lumen_mm == pytest.approx(2 * radius, abs=0.3)
    assert wall.wall_mm == pytest.approx(thick, abs=0.25)
    assert abs(wall.lumen_mm - 2 * radius) < 1.96 * wall.lumen_sd
    assert abs(wall.wall_mm - thick) < 1.96 * wall.wall_sd
    assert Wall.from_dict(wall.to_dict()) == wall


def test_a_line_beside_the_middle_finds_the_middle() -> None:
    values, grid, line = tube(3.0, 1.5, 0.0)
    wall = measure_wall(values, grid, [line + np.array([1.2, -0.8, 0.0])], (0.0, 0.0, 0.0))
    assert np.allclose(wall.middle[:2], 0.0, atol=0.2)
    assert wall.lumen_mm == pytest.approx(6.0, abs=0.3)


def test_a_wall_that_the_scan_does_not_resolve_is_withheld() -> None:
    values, grid, line = tube(3.0, 0.5, 0.0, voxel=1.0)
    wall = measure_wall(values, grid, [line], (0.0, 0.0, 0.0))
    assert wall.wall_mm is None and wall.lumen_mm > 4
    assert "too thin" in wall.reason


def test_a_wall_against_a_vessel_is_measured_on_its_free_side() -> None:
    values, grid, line = tube(2.5, 1.5, 0.0)
    points = grid.ijk_points_to_ras(np.stack(np.meshgrid(*(np.arange(n) for n in grid.size_ijk), indexing="ij"), -1))
    vessel = ((points[..., 0] - 6.5) ** 2 + points[..., 1] ** 2 < 9).transpose(2, 1, 0)
    values[vessel & (values < 0)] = 40
    wall = measure_wall(values, grid, [line], (0.0, 0.0, 0.0))
    assert wall.wall_mm == pytest.approx(1.5, abs=0.3)


def test_far_places_and_tissue_are_refused() -> None:
    values, grid, line = tube(2.5, 1.5, 0.0)
    assert "within 10 mm" in measure_wall(values, grid, [line], (14.0, 14.0, 0.0)).reason
    assert "within 10 mm" in measure_wall(values, grid, [], (0.0, 0.0, 0.0)).reason
    flat = np.full_like(values, -860)
    wall = measure_wall(flat, grid, [line], (0.0, 0.0, 0.0))
    assert "edge" in wall.reason and wall.lumen_mm == 0 and wall.wall_mm is None
