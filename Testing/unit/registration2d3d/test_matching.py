"""From a start that is off to the pose, what is said of it, and what is refused."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.matching.collimator import seen_part
from Registration2D3DLib.matching.registering import Registered, register
from Registration2D3DLib.matching.verdict import AMBIGUOUS, FAILED_BELOW, TRUSTED_FROM, TRUSTED_MM, judge
from Registration2D3DLib.phantom.cases import PhantomCase, phantom_case
from Registration2D3DLib.phantom.truth import errors_mm
from Registration2D3DLib.registration_result import RegistrationResult, ViewFit
from Registration2D3DLib.rendering.units import attenuation
from Registration2D3DLib.rendering.volume import Volume


@lru_cache(maxsize=1)
def case() -> PhantomCase:
    return phantom_case(4)


@lru_cache(maxsize=1)
def volume() -> Volume:
    return Volume.from_attenuation(attenuation(case().hounsfield), case().grid)


def found_with(pictures: list[np.ndarray], start: np.ndarray | None = None, **reach: float) -> Registered:
    views = list(case().views[: len(pictures)])
    return register(volume(), pictures, views, case().start if start is None else start, **reach)


def test_one_view_is_found_across_the_beam() -> None:
    one = found_with([case().pictures[0]])
    assert not one.dark and not one.verdict.failed and errors_mm(case(), one.pose)[0] < 1.0


def test_a_dark_picture_is_turned_over() -> None:
    found = found_with([255.0 - case().pictures[0]])
    assert found.dark and errors_mm(case(), found.pose)[0] < 1.0


def test_noise_is_no_picture_of_the_object() -> None:
    found = found_with([np.random.default_rng(1).normal(size=case().pictures[0].shape)])
    assert found.verdict.failed and not found.verdict.trusted


def test_without_a_reach_a_near_start_is_refined() -> None:
    near = motion(np.array([0.01, 0.01, 0]), np.array([1.0, 0, 1]), np.zeros(3)) @ case().true
    assert errors_mm(case(), found_with([case().pictures[0]], near, reach_deg=0.0, reach_mm=0.0).pose)[0] < 1.0


@pytest.mark.parametrize(("words", "factor"), [("inside", 1.0), ("beside", 0.0)])
def test_an_object_at_a_wrong_place_is_refused(words: str, factor: float) -> None:
    source = case().views[0].source
    move = factor * source if factor else np.cross(source / np.linalg.norm(source), [0, 0, 1.0]) * 900
    with pytest.raises(BadInput, match=words):
        found_with([case().pictures[0]], motion(np.zeros(3), move, np.zeros(3)) @ case().true)


def test_a_picture_of_another_size_or_of_one_gray_is_refused() -> None:
    with pytest.raises(BadInput, match="geometry"):
        found_with([case().pictures[0][:100]])
    with pytest.raises(BadInput, match="single gray"):
        found_with([np.zeros((256, 256))])


def test_what_a_collimator_hides_is_left_out_and_air_is_not() -> None:
    picture = np.random.default_rng(3).normal(100, 10, (120, 120))
    picture[:, :30] = 0
    everywhere, left_air = np.ones((120, 120), bool), np.ones((120, 120), bool)
    left_air[:, :30] = False
    hidden = ~seen_part(picture, everywhere)
    assert hidden[:, :28].all() and not hidden[:, 45:].any()
    assert seen_part(picture, left_air).all()


@pytest.mark.parametrize(
    ("similarity", "rival", "expected", "trusted", "failed"),
    [
        (TRUSTED_FROM, None, TRUSTED_MM, True, False),
        (TRUSTED_FROM - 0.01, None, 0.1, False, False),
        (FAILED_BELOW, None, 0.1, False, False),
        (FAILED_BELOW - 0.01, None, 0.1, False, True),
        (0.9, 0.9 - AMBIGUOUS - 1e-6, 0.1, True, False),
        (0.9, 0.9 - AMBIGUOUS + 1e-3, 0.1, False, False),
        (0.9, None, TRUSTED_MM + 0.01, False, False),
    ],
)
def test_the_verdict_on_both_sides_of_each_limit(
    similarity: float, rival: float | None, expected: float, trusted: bool, failed: bool
) -> None:
    verdict = judge(similarity, rival, 1.0, expected, 1.0)
    assert (verdict.trusted, verdict.failed) == (trusted, failed) and bool(verdict.reason) != trusted


def test_a_result_comes_back_from_json_and_a_failed_one_shows_no_pose() -> None:
    good, bad = judge(0.9, None, 1.0, 0.2, 2.0), judge(0.1, None, 1.0, 0.2, 2.0)
    for verdict in (good, bad):
        found = Registered(case().true, 0.9, 0.2, verdict, False, False)
        views = (ViewFit("a", (0.0, 1.0, 2.0)),)
        size = np.array([10.0, 20, 30])
        result = RegistrationResult.of(found, "ct", views, case().start, np.zeros(3), size, 1.0, [])
        assert RegistrationResult.from_json(result.to_json()) == result
        assert (result.to_json()["matrix_ras"] is None) == verdict.failed
        assert result.status() == ("abstained" if verdict.failed else "done")
