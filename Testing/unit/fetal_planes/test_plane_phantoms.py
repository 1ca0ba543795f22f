"""Phantoms of abdomen, femur and thorax: repeatable, of the wanted size, their truth where the echoes are."""

import numpy as np
import pytest

from FetalBiometryLib.phantom.abdomen import abdomen_phantom
from FetalBiometryLib.phantom.femur import femur_phantom
from FetalBiometryLib.phantom.thorax import thorax_phantom
from FetalBiometryLib.planes.abdomen import length_of
from FetalBiometryLib.planes.evidence.skin import skin_fit
from FetalBiometryLib.planes.femur import contrast
from FetalBiometryLib.planes.findings import line_of
from FetalBiometryLib.planes.numbers import axis_angle

MAKERS = (abdomen_phantom, femur_phantom, thorax_phantom)


@pytest.mark.parametrize("make", MAKERS)
def test_repeatable_and_varied(make):
    assert np.array_equal(make(3).picture, make(3).picture)
    assert not np.array_equal(make(3).picture, make(4).picture)
    assert make(3).picture.dtype == np.uint8 and make(3).picture.shape == (540, 800)


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_wanted_sizes(seed):
    abdomen = abdomen_phantom(seed, ac_mm=250.0)
    assert abdomen.skin.perimeter * abdomen.spacing_mm == pytest.approx(250, rel=1e-9)
    assert femur_phantom(seed, fl_mm=43.0).length_mm == pytest.approx(43, rel=1e-9)
    thorax = thorax_phantom(seed, tc_mm=180.0)
    assert thorax.thorax.perimeter * thorax.spacing_mm == pytest.approx(180, rel=1e-9)


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_axes_of_the_abdomen(seed):
    phantom = abdomen_phantom(seed)
    assert sorted((length_of(phantom.apad), length_of(phantom.tad))) == pytest.approx(
        [2 * phantom.skin.b, 2 * phantom.skin.a]
    )
    along = np.subtract(phantom.apad[1], phantom.apad[0])
    across = np.subtract(phantom.tad[1], phantom.tad[0])
    assert along @ across == pytest.approx(0, abs=1e-6 * length_of(phantom.apad) ** 2)
    # The spine lies on APAD, near its first end.
    assert np.linalg.norm(np.subtract(phantom.spine, phantom.apad[0])) < 0.2 * length_of(phantom.apad)


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_echoes_lie_at_the_truth(seed):
    abdomen = abdomen_phantom(seed)
    assert skin_fit(abdomen.picture, abdomen.skin).along > 0.5
    femur = femur_phantom(seed)
    ends = np.array(femur.ends)
    assert contrast(femur.picture, ends) > 0.4
    assert contrast(femur.picture, ends + np.array([0, 150])) < 0.3
    thorax = thorax_phantom(seed)
    inside = thorax.heart.mask(*thorax.picture.shape) > 0
    assert (thorax.thorax.mask(*thorax.picture.shape) > 0)[inside].mean() > 0.99


@pytest.mark.parametrize("seed", range(1, 9))
def test_cardiac_axis_of_the_thorax(seed):
    phantom = thorax_phantom(seed)
    midline = line_of((phantom.spine, (phantom.thorax.cx, phantom.thorax.cy)))
    long, _ = phantom.heart.axis_ends()
    assert axis_angle(line_of(long), midline) == pytest.approx(phantom.axis_deg, abs=0.01)
