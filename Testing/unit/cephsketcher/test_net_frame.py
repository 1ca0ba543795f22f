"""Similarities, the mean face, and the Gaussian of faces: against truth that is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from CephSketcherLib.landmarks.face_frame import Similarity, fit_similarity, mean_shape, robust_similarity
from CephSketcherLib.landmarks.shape_model import ShapeModel

FACE = np.array([[10, 0], [80, 5], [90, 60], [20, 70], [55, 90], [50, 30]], float)


def bounded(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, allow_subnormal=False)


@given(bounded(0.2, 5), bounded(-180, 180), bounded(-500, 500), bounded(-500, 500))
def test_a_known_similarity_is_found_again(scale: float, degrees: float, x: float, y: float) -> None:
    true = Similarity.make(scale, degrees)
    true = Similarity(true.matrix + np.array([[0, 0, x], [0, 0, y]]))
    for found in (fit_similarity(FACE, true(FACE)), robust_similarity(FACE, true(FACE))):
        np.testing.assert_allclose(found(FACE), true(FACE), atol=1e-6 * (1 + abs(x) + abs(y)))
        assert found.scale == pytest.approx(scale, rel=1e-6)


def test_inverse_and_chain_undo_each_other() -> None:
    a, b = Similarity.make(1.7, 25, (3, 4)), Similarity.make(0.4, -80, (10, -7))
    np.testing.assert_allclose(a.inverse()(a(FACE)), FACE, atol=1e-9)
    np.testing.assert_allclose(b.after(a)(FACE), b(a(FACE)), atol=1e-9)
    np.testing.assert_allclose(a([3, 4]), [3, 4])
    assert a.degrees == pytest.approx(25)


def test_one_wild_point_hardly_moves_the_robust_fit() -> None:
    true = Similarity.make(1.5, 10)
    target = true(FACE)
    target[2] += 200
    plain, robust = fit_similarity(FACE, target), robust_similarity(FACE, target)
    assert np.abs(robust(FACE) - true(FACE)).max() < 5 < np.abs(plain(FACE) - true(FACE)).max()


def test_too_few_or_equal_points_are_refused() -> None:
    with pytest.raises(ValueError, match="two points"):
        fit_similarity(FACE, FACE, np.array([1, 0, 0, 0, 0, 0]))
    with pytest.raises(ValueError, match="apart"):
        fit_similarity(np.ones((3, 2)), FACE[:3])


def test_the_mean_shape_of_turned_and_scaled_copies_is_the_shape() -> None:
    copies = np.stack([Similarity.make(s, a)(FACE) for s, a in ((1, 0), (1.2, 15), (0.8, -15), (1, 5), (1, -5))])
    mean = mean_shape(copies)
    np.testing.assert_allclose(mean.mean(0), 0, atol=1e-9)
    assert np.abs(fit_similarity(FACE, mean)(FACE) - mean).max() < 1e-6


@pytest.fixture(scope="module")
def model() -> ShapeModel:
    """Faces whose third and fourth points move together along x; the others stay."""
    rng = np.random.default_rng(0)
    move = rng.normal(0, 4, (400, 1, 1)) * np.array([[0, 0], [0, 0], [1, 0], [1, 0], [0, 0], [0, 0]])
    return ShapeModel.learn(FACE + move + rng.normal(0, 0.3, (400, 6, 2)), FACE)


def test_a_missing_point_is_placed_by_the_one_that_it_moves_with(model: ShapeModel) -> None:
    rng = np.random.default_rng(1)
    truth = FACE + 6 * np.array([[0, 0], [0, 0], [1, 0], [1, 0], [0, 0], [0, 0]]) + rng.normal(0, 0.2, (6, 2))
    seen = fit_similarity(truth, FACE)(truth)
    noise = np.full(6, 0.1)
    noise[3] = np.inf
    given_points = seen.copy()
    given_points[3] = np.nan_to_num(np.inf)
    expected, spread = model.posterior(given_points, noise)
    assert np.linalg.norm(expected[3] - seen[3]) < 1.5
    assert np.trace(spread[3]) > np.trace(spread[2])


def test_surprise_names_the_point_that_is_wrong(model: ShapeModel) -> None:
    wrong = FACE.copy()
    wrong[4] += (15, -10)
    surprise = model.surprise(wrong, np.full(6, 1.0))
    assert surprise.argmax() == 4 and surprise[4] > 5
    assert model.surprise(FACE, np.full(6, 1.0)).max() < 1


def test_distance_tells_faces_from_scattered_points(model: ShapeModel) -> None:
    rng = np.random.default_rng(2)
    assert model.distance(FACE, 1.0) < 0.1
    assert model.distance(rng.uniform(0, 100, (6, 2)), 1.0) > 5
    again = ShapeModel.from_dict(model.to_dict())
    assert again.distance(FACE + 1.0 * rng.normal(size=(6, 2)), 1.0) < 3
