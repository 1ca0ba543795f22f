"""Lateral films from volumes: where points come to lie is known exactly."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from CephSketcherLib.film.projection import Geometry, LateralFilm, attenuation_of, film_gray, project_lateral
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid

TARGET = np.array([9.0, 21.0, -14.0])  # RAS mm, away from the mid-sagittal plane


def _orientations() -> list[np.ndarray]:
    return [
        np.eye(3)[:, list(order)] * np.array(signs)
        for order in itertools.permutations(range(3))
        for signs in itertools.product((1.0, -1.0), repeat=3)
    ]


def _grid_through_target(directions: np.ndarray, spacing: np.ndarray, size: np.ndarray) -> tuple[Grid, np.ndarray]:
    """A grid with a voxel center at the target, and that voxel's indices (i, j, k)."""
    wanted = np.array([size[axis] // 2 for axis in range(3)]) + np.array([2, -3, 1])
    origin = TARGET - directions @ (wanted * spacing)
    return Grid.from_parts(spacing, origin, directions, (int(size[2]), int(size[1]), int(size[0]))), wanted


def _point_volume(grid: Grid, ijk: np.ndarray) -> np.ndarray:
    volume = np.full(grid.shape_kji, -1000, np.int16)
    volume[tuple(ijk[::-1])] = 2000
    return volume


def _centroid(film: LateralFilm) -> np.ndarray:
    y, x = np.mgrid[: film.attenuation.shape[0], : film.attenuation.shape[1]]
    weight = film.attenuation / film.attenuation.sum()
    return np.array([(weight * x).sum(), (weight * y).sum()])


@pytest.mark.parametrize("index", range(48))
@pytest.mark.parametrize("source", [None, 400.0])
def test_point_target_in_all_orientations(index: int, source: float | None) -> None:
    grid, ijk = _grid_through_target(_orientations()[index], np.array([1.0, 1.5, 2.0]), np.array([30, 34, 38]))
    geometry = Geometry(source_mm=source, film_mm=120.0, pixel_mm=0.5)
    film = project_lateral(_point_volume(grid, ijk), grid, geometry, center_ras=np.array([1.0, 2.0, 3.0]))
    expected = film.to_film(TARGET)
    assert np.abs(_centroid(film) - expected).max() < 0.1
    # The formula written out: 8 mm nearer to a source on the right.
    enlarged = 1.0 if source is None else (400 + 120) / (400 - 8)
    by_hand = film.center_px + np.array([19.0, 17.0]) * enlarged / 0.5
    np.testing.assert_allclose(expected, by_hand, atol=1e-9)


@pytest.mark.parametrize("angle", [4.0, 17.0, 38.0])
def test_point_target_in_oblique_anisotropic_grid(angle: float) -> None:
    a, b = np.deg2rad([angle, angle / 2])
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    grid, ijk = _grid_through_target(turn @ tilt, np.array([0.8, 1.1, 2.0]), np.array([40, 40, 30]))
    volume = np.full(grid.shape_kji, -1000, np.int16)
    k, j, i = np.indices(grid.shape_kji)
    blob = np.stack([i, j, k], axis=-1) - ijk
    volume[np.linalg.norm(blob * grid.spacing, axis=-1) < 4.1] = 1500
    film = project_lateral(volume, grid, Geometry(source_mm=500.0, film_mm=100.0, pixel_mm=0.4))
    assert np.abs(_centroid(film) - film.to_film(TARGET)).max() < 0.5


def test_sheared_grid_of_a_tilted_gantry() -> None:
    matrix = np.array([[-0.9, 0, 0, 0], [0, -0.9, 0.5, 0], [0, 0, 1.4, 0], [0, 0, 0, 1.0]])
    grid = Grid(matrix, (30, 40, 40))
    volume = np.full(grid.shape_kji, -1000, np.float32)
    volume[14:17, 19:22, 19:22] = 1500
    film = project_lateral(volume, grid, Geometry(source_mm=None, pixel_mm=0.5))
    assert np.abs(_centroid(film) - film.to_film(grid.ijk_points_to_ras(np.array([20.0, 20, 15])))).max() < 0.3


def test_scale_is_that_of_the_mid_sagittal_plane() -> None:
    grid = Grid.from_parts(np.ones(3), np.array([-20.0, -20, -20]), np.eye(3), (41, 41, 41))
    geometry = Geometry(source_mm=1524.0, film_mm=115.0, pixel_mm=0.25)
    film = project_lateral(np.zeros(grid.shape_kji), grid, geometry, center_ras=np.zeros(3))
    apart = film.to_film(np.array([0.0, 10, 0])) - film.to_film(np.array([0.0, -10, 0]))
    assert apart[0] * film.mm_per_px == pytest.approx(20.0, abs=1e-9)
    assert film.mm_per_px == pytest.approx(0.25 * 1524 / 1639)
    # The right side is nearer to the source and larger; the other way round for a source on the left.
    assert geometry.magnification_at(30.0) > geometry.magnification > geometry.magnification_at(-30.0)
    left = Geometry(source_mm=1524.0, film_mm=115.0, source_on_right=False)
    assert left.magnification_at(-30.0) > left.magnification > left.magnification_at(30.0)


def test_film_pixels_back_to_the_patient() -> None:
    grid = Grid.from_parts(np.ones(3), np.zeros(3), np.eye(3), (20, 20, 20))
    film = project_lateral(np.zeros(grid.shape_kji), grid, Geometry(source_mm=900.0))
    points = np.array([[12.0, 3.0, 4.0], [12.0, -7.0, 9.5]])
    right = points[0, 0] - film.center_ras[0]
    np.testing.assert_allclose(film.from_film(film.to_film(points), right), points, atol=1e-9)


@pytest.mark.parametrize("source", [None, 1524.0])
def test_slab_of_water_attenuates_by_its_thickness(source: float | None) -> None:
    grid = Grid.from_parts(np.array([2.0, 1, 1]), np.array([-39.0, -30, -30]), np.eye(3), (61, 61, 40))
    water = np.zeros(grid.shape_kji, np.int16)
    geometry = Geometry(source_mm=source, film_mm=100.0, pixel_mm=0.5)
    whole = project_lateral(water, grid, geometry, center_ras=np.zeros(3))
    x, y = whole.center_px.astype(int)
    expected = 80.0 * float(attenuation_of(np.zeros(1))[0])
    assert whole.attenuation[y, x] == pytest.approx(expected, rel=1e-3)
    thin = Geometry(source_mm=source, film_mm=100.0, pixel_mm=0.5, slab_mm=7.0)
    slab = project_lateral(water, grid, thin, center_ras=np.zeros(3), frame_px=((x, y), whole.film.shape))
    assert slab.attenuation[y, x] == pytest.approx(expected * 7 / 80, rel=1e-3)


def test_attenuation_is_that_of_published_tables() -> None:
    """Water at 60 keV: 0.206 cm^2/g (NIST XCOM), so 0.0206 a mm; air none; more than in proportion above 150 HU."""
    assert attenuation_of(np.array([-1000.0, -500.0, 0.0, 150.0])) == pytest.approx([0, 0.0103, 0.0206, 0.02369])
    assert float(attenuation_of(np.array([1150.0]))[0]) == pytest.approx(0.0206 * (2.15 + 0.35))
    assert float(attenuation_of(np.array([9000.0]))[0]) == float(attenuation_of(np.array([5000.0]))[0])


def test_face_looks_right_and_up_is_up() -> None:
    grid = Grid.from_parts(np.ones(3), np.array([-10.0, -30, -30]), np.eye(3), (61, 61, 21))
    volume = np.full(grid.shape_kji, -1000, np.int16)
    volume[45:, 45:, :] = 500  # top and front
    film = project_lateral(volume, grid, Geometry(source_mm=None, pixel_mm=1.0))
    height, width = film.film.shape
    assert film.attenuation[2 : height // 5, 4 * width // 5 : -2].min() > 0.4
    assert film.film[height // 3 :].max() == 0 and film.film[:, : 2 * width // 3].max() == 0


def test_film_gray_rises_with_attenuation() -> None:
    gray = film_gray(np.linspace(0, 8, 200, dtype=np.float32)[None])[0].astype(int)
    assert gray[0] == 0 and gray[-1] > 200 and (np.diff(gray) >= 0).all()
    assert film_gray(np.zeros((4, 4), np.float32)).max() == 0


def test_large_volume_is_fast_enough() -> None:
    grid = Grid.from_parts(np.full(3, 0.8), np.full(3, -102.0), np.eye(3), (256, 256, 256))
    volume = np.zeros(grid.shape_kji, np.int16)
    volume[60:200, 60:200, 60:200] = 700
    start = time.process_time()
    film = project_lateral(volume, grid, Geometry(pixel_mm=0.25))
    assert time.process_time() - start < 20.0
    assert film.attenuation.max() > 1.0


def test_bad_input() -> None:
    grid = Grid.from_parts(np.ones(3), np.zeros(3), np.eye(3), (10, 10, 10))
    volume = np.zeros(grid.shape_kji)
    with pytest.raises(BadInput, match="source"):
        project_lateral(volume, grid, Geometry(source_mm=3.0))
    with pytest.raises(BadInput, match="slab"):
        project_lateral(volume, grid, Geometry(slab_mm=2.0), center_ras=np.array([90.0, 0, 0]))
    with pytest.raises(BadInput, match="does not fit"):
        project_lateral(volume[1:], grid)
    with pytest.raises(BadInput, match="one value"):
        project_lateral(np.zeros((10, 10, 10, 3)), grid)
    for wrong in ({"source_mm": 0.0}, {"pixel_mm": -1.0}, {"slab_mm": 0.0}, {"film_mm": float("nan")}):
        with pytest.raises(BadInput):
            Geometry(**wrong)
