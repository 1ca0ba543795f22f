"""The parts that outlines are made of, each against what is known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from CephSketcherLib.outlines.evidence import HALF, chain, fit_patches, log_ratio, raw_profiles, windows
from CephSketcherLib.outlines.frame import CROP, Similarity, align, face_picture, look
from CephSketcherLib.outlines.shape import Observations, update, wiggle
from CephSketcherLib.outlines.template import nearest_on_curve, normals, spacing

TURN = Similarity(1.4 * np.exp(0.3j), complex(40, -25))


def test_similarity_is_found_from_its_own_points() -> None:
    points = np.array([[0.0, 0], [100, 10], [30, 80], [60, 60]])
    found = align(points, TURN.apply(points))
    assert found.turn == pytest.approx(TURN.turn) and found.shift == pytest.approx(TURN.shift)
    np.testing.assert_allclose(found.inverse().apply(found.apply(points)), points, atol=1e-9)


def test_weights_of_an_alignment_rule() -> None:
    points = np.array([[0.0, 0], [100, 10], [30, 80], [60, 60]])
    moved = TURN.apply(points)
    moved[3] += 50
    found = align(points, moved, np.array([1.0, 1, 1, 1e-12]))
    np.testing.assert_allclose(found.apply(points)[:3], moved[:3], atol=1e-6)


def test_covariance_turns_and_grows_with_the_points() -> None:
    rng = np.random.default_rng(0)
    cloud = rng.normal(size=(40000, 2)) * [3.0, 1.0]
    np.testing.assert_allclose(TURN.covariance(np.diag([9.0, 1.0])), np.cov(TURN.apply(cloud).T), rtol=0.05, atol=0.2)


def test_face_picture_shows_the_film_at_its_place() -> None:
    left, top, width, height = CROP
    film = np.zeros((1200, 968), np.uint8)
    film[500:, :] = 200
    picture, inside = face_picture(film, Similarity(1 + 0j, 0j))
    assert picture.shape == inside.shape == (height, width) and inside.all()
    assert look(picture, np.array([[500.0, 480.0]]))[0] == pytest.approx(0.0, abs=1e-6)
    assert look(picture, np.array([[500.0, 520.0]]))[0] == pytest.approx(1.0, abs=1e-3)
    beyond, on_film = face_picture(film, Similarity(1 + 0j, complex(5000, 0)))
    assert not on_film.any() and not beyond.any()
    assert left < 500 < left + width and top < 500 < top + height


@pytest.mark.parametrize(
    ("to_film", "whole"),
    [
        (Similarity(1 + 0j, 0j), True),
        (Similarity(complex(np.exp(0.3j)), complex(300, -50)), False),
        (Similarity(1 + 0j, complex(-CROP[0] - 0.5, 0)), False),
        (Similarity(1 + 0j, complex(-CROP[0], 0)), True),
    ],
)
def test_the_mask_is_what_lies_on_the_film(to_film: Similarity, whole: bool) -> None:
    left, top, width, height = CROP
    film = np.random.default_rng(0).integers(0, 255, (1200, 968)).astype(np.uint8)
    _, inside = face_picture(film, to_film)
    y, x = np.mgrid[top : top + height, left : left + width]
    at = to_film.apply(np.stack([x, y], -1).astype(float))
    on_film = ((at >= 0) & (at <= np.array([967, 1199]))).all(-1)
    assert np.array_equal(inside, on_film) and inside.all() == whole


def test_contrast_of_the_film_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    film = np.cumsum(np.cumsum(rng.normal(size=(1200, 968)), 0), 1)
    film = 200 * (film - film.min()) / np.ptp(film)
    first, _ = face_picture(film, Similarity(1 + 0j, 0j))
    second, _ = face_picture(37 + 11.5 * film, Similarity(1 + 0j, 0j))
    np.testing.assert_allclose(first, second, atol=1e-4)


def test_batch_update_is_bayes_rule() -> None:
    mean, covariance = np.array([1.0, 2.0]), np.array([[4.0, 1.0], [1.0, 2.0]])
    seen = Observations(2)
    seen.add(slice(0, 1), np.array([1.0]), 3.0, 0.5)
    new_mean, new_covariance = update(mean, covariance, seen)
    gain = covariance[:, 0] / 4.5
    np.testing.assert_allclose(new_mean, mean + gain * 2.0)
    np.testing.assert_allclose(new_covariance, covariance - np.outer(gain, covariance[0]))
    exact = Observations(2)
    exact.add_point(slice(0, 2), np.array([7.0, -5.0]), 1e-6 * np.eye(2))
    np.testing.assert_allclose(update(mean, covariance, exact)[0], [7.0, -5.0], atol=1e-4)
    assert update(mean, covariance, Observations(2))[0] is mean


def test_bends_are_smooth_and_a_covariance() -> None:
    line = np.stack([np.arange(0.0, 200, 10), np.zeros(20)], axis=1)
    matrix = wiggle(line, False, ((3.0, 40.0), (1.0, 12.0)))
    assert np.linalg.eigvalsh(matrix).min() > -1e-9
    assert matrix[0, 0] == pytest.approx(10.0) and matrix[0, 2] > matrix[0, 20] > 0
    ring = 50 * np.stack([np.cos(np.arange(0, 6.28, 0.1)), np.sin(np.arange(0, 6.28, 0.1))], axis=1)
    closed = wiggle(ring, True, ((3.0, 20.0),))
    assert closed[0, -2] > 0.8 * closed[0, 0]  # the last point is the first one's neighbor


@pytest.mark.parametrize("closed", [False, True])
def test_chain_finds_a_smooth_offset_and_ignores_one_liar(closed: bool) -> None:
    reach, truth = 15, np.round(6 * np.sin(np.linspace(0, 2 * np.pi, 40, endpoint=False))).astype(int)
    evidence = np.zeros((40, 2 * reach + 1))
    evidence[np.arange(40), truth + reach] = 8.0
    evidence[20] = 0.0
    evidence[20, -1] = 6.0
    found, variance = chain(evidence, np.zeros(40), np.full(40, 30.0), 2.0, closed)
    sure = np.delete(np.arange(40), 20)
    assert np.abs(found - truth)[sure].max() < 1.0
    assert (variance[sure] < 3.0).all()
    assert abs(found[20]) < 8


def test_chain_without_evidence_says_nothing() -> None:
    _, variance = chain(np.zeros((12, 21)), np.linspace(-4, 4, 12), np.full(12, 3.0), 2.0, False)
    assert np.isinf(variance).all()


def test_patches_know_their_edge() -> None:
    rng = np.random.default_rng(2)
    left, top, width, height = CROP
    pictures = [
        (np.arange(width)[None] > 300 + int(rng.integers(-3, 4))) * 0.8 + rng.normal(0, 0.03, (height, width))
        for _ in range(25)
    ]
    line = np.stack([np.full(20, left + 300.5), top + np.arange(100.0, 300, 10)], axis=1)
    profiles = [windows(raw_profiles(p.astype(np.float32), line, False, 15), 15) for p in pictures]
    on = np.array([profile[:, 15] for profile in profiles])
    off = np.concatenate([profile[:, [0, 1, 29, 30]].reshape(-1, 2 * HALF + 1) for profile in profiles])
    model = fit_patches(on, off)
    new = (np.arange(width)[None] > 307) * 0.5 + rng.normal(0, 0.03, (height, width))
    ratio = log_ratio(windows(raw_profiles(new.astype(np.float32), line, False, 15), 15), model)
    # Normals of a line that runs down point to the left: the edge is 7 units to the right.
    assert np.abs(np.median(ratio.argmax(axis=1)) - 15 + 7) <= 3


def test_nearest_point_normals_and_spacing() -> None:
    square = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10]])
    assert nearest_on_curve(square, True, np.array([-3.0, 5.0])) == (3, 0.5, 3.0)
    assert nearest_on_curve(square, False, np.array([-3.0, 5.0]))[2] == pytest.approx(np.hypot(3, 5))
    np.testing.assert_allclose(normals(np.array([[0.0, 0], [5, 0], [10, 0]]), False), [[0, 1]] * 3)
    assert spacing(square, True) == 10.0
