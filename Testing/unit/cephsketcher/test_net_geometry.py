"""Every step between a film's pixels and a map's pixels is exact: dots are found where they were drawn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from CephSketcherLib.landmarks.calibration import Calibration, standard_deviation
from CephSketcherLib.landmarks.face_frame import Similarity
from CephSketcherLib.landmarks.inference import CoarseLook, coarse_looks, fine_looks, place_face
from CephSketcherLib.landmarks.network import (
    CANVAS,
    COARSE_OFFSET,
    FACE,
    MAP_STEP,
    channels,
    distributions,
    face_of_map,
    film_tensor,
    fine_input,
    letterbox,
    map_of_face,
    moments,
    shrink,
)
from CephSketcherLib.landmarks.shape_model import ShapeModel

rng = np.random.default_rng(0)
#: Dots far enough apart that each is the brightest near its place, on a face-sized frame.
PLACES = np.array([[60 + 56 * i, 60 + 66 * j] for j in range(4) for i in range(4)], float)[:, ::1]
MODEL = ShapeModel(PLACES, 4.0 * np.eye(2 * len(PLACES)))


def dotted(points: np.ndarray, size: tuple[int, int], sigma: float) -> np.ndarray:
    """A film with a bright dot at each point."""
    y, x = np.mgrid[: size[0], : size[1]]
    film = np.full(size, 20.0)
    for px, py in points:
        film += 200 * np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * sigma**2))
    return np.clip(film, 0, 255)


def map_peaked_at(points: torch.Tensor, size: tuple[int, int], height: float) -> torch.Tensor:
    """Logits (1, L, h, w): a narrow Gaussian about each point."""
    y, x = torch.arange(size[0])[:, None], torch.arange(size[1])[None, :]
    d2 = (x - points[:, 0, None, None]) ** 2 + (y - points[:, 1, None, None]) ** 2
    return (height - d2 / 2)[None].float()


class DotFinder(torch.nn.Module):
    """In place of the fine network: the centroid of the bright pixels near each place of the mean face."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        grey = F.pixel_shuffle(x, MAP_STEP)[0, 0].clamp_min(0)
        rows, columns = torch.arange(FACE[0])[:, None], torch.arange(FACE[1])[None, :]
        found = []
        for px, py in PLACES:
            near = ((columns - px).abs() < 24) & ((rows - py).abs() < 24)
            weight = grey * near
            found.append([(weight * columns).sum() / weight.sum(), (weight * rows).sum() / weight.sum()])
        points = map_of_face(torch.tensor(found))
        return map_peaked_at(points, (FACE[0] // MAP_STEP, FACE[1] // MAP_STEP), 0.0)


@pytest.mark.parametrize("scale", [0.6, 1.0, 2.3])
def test_dots_are_found_on_films_of_any_size_and_turn(scale: float) -> None:
    to_film = Similarity.make(scale, 8.0, (100, 100))
    to_film = Similarity(to_film.matrix + np.array([[0, 0, 60 * scale], [0, 0, 40 * scale]]))
    truth = to_film(PLACES)
    film = dotted(truth, (round(460 * scale), round(460 * scale)), 3.0 * scale)
    rough = Similarity.make(1.03, 2.0, (140, 160)).after(to_film.inverse())
    found = fine_looks(DotFinder(), film_tensor(film), rough, MODEL)
    assert np.linalg.norm(found.points - truth, axis=1).max() < 0.35 * scale
    assert found.spread.max() < 0.35 * scale and found.mass.min() > 0.9
    # The width of the map's Gaussian (1 map pixel) and the small spread, in film pixels.
    assert standard_deviation(found.covariances) == pytest.approx(MAP_STEP * scale, rel=0.15)


class CoarseOracle(torch.nn.Module):
    """In place of the coarse network: peaks at the same places when the picture's bright half is on the left."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        half = CANVAS[1] // 2
        maps = []
        for grey in x[:, 0]:
            sure = bool(grey[:, :half].mean() > grey[:, half:].mean())
            maps.append(map_peaked_at(torch.tensor([[40.25, 50.5], [100.0, 150.75]]), CANVAS, 9.0 if sure else 2.0))
        return torch.cat(maps)


def test_the_better_way_to_hold_the_film_comes_first_in_the_film_s_own_pixels() -> None:
    film = np.tile(np.linspace(0, 255, 500), (600, 1))  # brighter on the right: it must be mirrored
    looks = coarse_looks(CoarseOracle(), film_tensor(film), [(False, False), (True, False)])
    assert [look.mirrored for look in looks] == [True, False] and looks[0].score > 0.9 > 0.1 > looks[1].score
    expected = letterbox(600, 500).inverse()(np.array([[40.25, 50.5], [100.0, 150.75]]))
    np.testing.assert_allclose(looks[0].points, expected, atol=0.15)
    assert looks[0].peaks == pytest.approx(1 / (1 + np.exp(COARSE_OFFSET - 9)), abs=0.02)


def test_the_face_is_placed_although_points_are_missing_or_wrong() -> None:
    to_face = Similarity.make(0.8, -6.0, (10, 20))
    film_points = to_face.inverse()(PLACES)
    peaks = np.full(len(PLACES), 0.8)
    film_points[3], peaks[3] = (0, 0), 0.02
    film_points[7] += 300
    found, expected = place_face(CoarseLook(False, False, film_points, peaks), MODEL)
    true = to_face.inverse()(PLACES)
    assert np.linalg.norm(found(true) - PLACES, axis=1).max() < 2
    assert np.linalg.norm(expected[[3, 7]] - PLACES[[3, 7]], axis=1).max() < 4
    with pytest.raises(ValueError, match="Too few"):
        place_face(CoarseLook(False, False, film_points, np.full(len(PLACES), 0.05)), MODEL)


@pytest.mark.parametrize("factor", [0.37, 0.5, 0.81])
def test_a_shrunk_film_knows_where_its_pixels_were(factor: float) -> None:
    film = torch.from_numpy(dotted(np.array([[123.0, 87.0]]), (240, 301), 6.0)).float()[None, None]
    small, to_film = shrink(film - 20, factor)
    mean, _ = moments((small / small.sum()).double())
    np.testing.assert_allclose(to_film(mean[0].numpy()), [[123, 87]], atol=0.1)


def test_moments_of_a_known_gaussian_and_the_two_pixel_scales() -> None:
    y, x = torch.meshgrid(torch.arange(60.0), torch.arange(50.0), indexing="ij")
    logits = -0.5 * ((x - 20.3) ** 2 / 4 + (y - 31.8) ** 2 / 9)
    mean, covariance = moments(distributions(logits[None, None]))
    np.testing.assert_allclose(mean[0, 0], [20.3, 31.8], atol=1e-3)
    np.testing.assert_allclose(covariance[0, 0], [[4, 0], [0, 9]], atol=1e-2)
    assert map_of_face(face_of_map(torch.tensor(7.25))) == 7.25


def test_brightness_and_contrast_hardly_change_what_the_network_sees() -> None:
    film = torch.from_numpy(dotted(rng.uniform(30, 220, (40, 2)), FACE, 9.0)).float()[None, None] / 255
    a, b = channels(film), channels(0.4 * film + 0.3)
    assert a.shape == (1, 2, *FACE) and fine_input(film).shape == (1, 8, FACE[0] // 2, FACE[1] // 2)
    assert (a - b).abs().max() < 0.12


def test_film_tensor_takes_any_depth() -> None:
    film = dotted(PLACES, (400, 300), 5.0)
    a, b = film_tensor(film.astype(np.uint8)), film_tensor((film * 100 + 900).astype(np.uint16))
    assert a.dtype == torch.float32 and float(a.min()) == 0 and float(a.max()) == 1
    assert (a - b).abs().max() < 0.02


def test_calibration_scales_covariances_and_survives_json() -> None:
    count = len(PLACES)
    calibration = Calibration(
        "ISBI 19", MODEL, np.linspace(0.5, 2, count), 0.25, np.ones(count), 1.6, 5.0, 0.3, 0.2, 3.0, 4.0, 0.1, 1.0
    )
    raw = np.tile(np.diag([4.0, 1.0]), (count, 1, 1))
    found = calibration.covariance(raw, 2.0)
    np.testing.assert_allclose(found[0], 0.5 * np.diag([4.0625, 1.0625]))
    again = Calibration.from_dict(calibration.to_dict())
    np.testing.assert_allclose(again.covariance(raw, 2.0), found, rtol=1e-4)
