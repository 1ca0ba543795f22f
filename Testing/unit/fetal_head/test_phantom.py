"""The phantom: the same seed gives the same picture, and its truth is where it says."""

import numpy as np
import pytest

from FetalBiometryLib.phantom.head import head_phantom
from FetalBiometryLib.planes.evidence.echo import insonated, skull_echo
from FetalBiometryLib.planes.head import picture_cues, sentences


def test_repeatable_and_varied():
    assert np.array_equal(head_phantom(3).picture, head_phantom(3).picture)
    assert not np.array_equal(head_phantom(3).picture, head_phantom(4).picture)


@pytest.mark.parametrize("hc", [90.0, 174.0, 310.0])
def test_the_wanted_circumference(hc):
    phantom = head_phantom(5, hc_mm=hc)
    assert phantom.skull.perimeter * phantom.spacing_mm == pytest.approx(hc, rel=1e-9)
    assert phantom.picture.shape == (540, 800)
    assert phantom.picture.dtype == np.uint8


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_bone_lies_just_inside_the_true_outline(seed):
    phantom = head_phantom(seed)
    assert skull_echo(phantom.picture, phantom.skull).mean() > 0.6
    shrunk = phantom.skull.scaled(1.0)
    shrunk = type(shrunk).make(shrunk.cx, shrunk.cy, 0.6 * shrunk.a, 0.6 * shrunk.b, shrunk.angle)
    assert skull_echo(phantom.picture, shrunk).mean() < 0.5


def test_quality_words():
    phantom = head_phantom(7)
    csp = (phantom.structures == 2).astype(np.float32)
    cues = picture_cues(phantom.picture, {"csp": csp, "ventricle": 0 * csp}, phantom.skull)
    assert cues["csp"] == 1 and cues["ventricle"] == 0
    assert cues["inside"] > 0.9
    words = " ".join(sentences(cues | {"residual": 0.004}))
    assert "Cavum septi pellucidi seen" in words
    assert "Lateral ventricle not seen" in words
    assert "closely" in words


def test_insonated_part_of_a_black_picture_is_empty():
    assert not insonated(np.zeros((100, 100), np.uint8)).any()
