"""The map: a slice gives what its patches give, walls are filled, pixels are resampled."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from LungTextureLib.classes import KEYS, SIDE
from LungTextureLib.lung_map import STEP, Places, filled, judged_slices, look_at_lungs, painted
from LungTextureLib.patches import calibrated, calibration_error, fitted_temperature, patch_logs
from LungTextureLib.texture_network import STRIDE, TextureNetwork


class Brightness(torch.nn.Module):
    """Tells by the mean value of each window alone: class 0 above -900 HU, class 1 below."""

    def forward(self, hu: torch.Tensor, step: int = 1) -> torch.Tensor:
        mean = torch.nn.functional.avg_pool2d(hu, SIDE, step * STRIDE)
        return torch.log_softmax(torch.cat([mean + 900, -900 - mean], 1), 1)


@pytest.fixture(scope="module")
def network() -> TextureNetwork:
    torch.manual_seed(1)
    return TextureNetwork(len(KEYS), 2, 4).eval()


def test_a_slice_answers_as_the_patches_cut_out_of_it(network: TextureNetwork) -> None:
    hu = torch.from_numpy(np.random.default_rng(2).normal(-850, 80, (1, 1, 71, 63)).astype(np.float32))
    with torch.inference_mode():
        whole = network(hu, STEP)[0]
        for a in range(whole.shape[1]):
            for b in range(whole.shape[2]):
                y, x = a * STEP * STRIDE, b * STEP * STRIDE
                patch = network(hu[:, :, y : y + SIDE, x : x + SIDE])[0, :, 0, 0]
                torch.testing.assert_close(whole[:, a, b], patch, atol=1e-4, rtol=1e-4)


def test_places_lie_where_they_say(network: TextureNetwork) -> None:
    values = np.full((3, 120, 140), 40, np.int16)
    lungs = np.zeros(values.shape, np.uint8)
    lungs[:, 20:100, 10:70], lungs[:, 20:100, 74:134] = 1, 2
    values[lungs == 1], values[lungs == 2] = -850, -970
    places = look_at_lungs(Brightness(), values, lungs, (5.0, 0.65, 0.65), 1.0)
    side = lungs[places.k, places.row, places.column]
    assert set(places.k) == {0, 1, 2} and (side > 0).all()
    assert (places.probabilities.argmax(1) == side - 1).all()
    assert len(places.k) > 3 * 2 * 50


def test_the_wall_is_filled_with_the_lung_beside_it() -> None:
    plane, lung = np.full((40, 40), 50.0), np.zeros((40, 40), bool)
    lung[:, :20] = True
    plane[lung] = -930
    found = filled(plane, lung)
    assert found[:, :36] == pytest.approx(-930, abs=1) and (found[lung] == -930).all()


def test_coarser_pixels_are_resampled() -> None:
    values, lungs = np.full((1, 60, 60), -850, np.int16), np.ones((1, 60, 60), np.uint8)
    native = look_at_lungs(Brightness(), values, lungs, (5.0, 0.65, 0.65), 1.0)
    coarse = look_at_lungs(Brightness(), values, lungs, (5.0, 0.975, 0.975), 1.0)
    assert len(coarse.k) == pytest.approx(2.25 * len(native.k), rel=0.25)
    assert coarse.row.max() <= 59 and coarse.row.min() >= 0


@pytest.mark.parametrize(("slice_mm", "found"), [(1.0, [2, 7]), (5.0, list(range(10))), (3.0, [1, 3, 5, 7, 9])])
def test_slices_lie_five_mm_apart(slice_mm: float, found: list[int]) -> None:
    assert judged_slices(10, slice_mm).tolist() == found


def test_painting_fills_the_lungs_from_the_nearest_place() -> None:
    lungs = np.ones((4, 8, 20), np.uint8)
    lungs[:, 0] = 0
    at = np.array([1, 1])
    places = Places(at, np.array([4, 4]), np.array([4, 15]), np.zeros((2, 2)))
    out = painted(places, np.array([1, 2], np.uint8), lungs, (2.0, 1.0, 1.0))
    assert (out[:, 0] == 0).all() and (out[0, 1:, :9] == 1).all() and (out[3, 1:, 11:] == 2).all()


def test_temperature_makes_confidence_right() -> None:
    random = np.random.default_rng(4)
    logs = np.log(calibrated(random.normal(0, 2, (4000, 3)), 1.0))
    true = np.array([random.choice(3, p=calibrated(log[None], 2.0)[0]) for log in logs])
    temperature = fitted_temperature(true, logs)
    assert temperature == pytest.approx(2.0, abs=0.15)
    assert (
        calibration_error(true, calibrated(logs, temperature)) < 0.03 < calibration_error(true, calibrated(logs, 1.0))
    )


def test_calibration_error_by_hand() -> None:
    # Two patches at 0.95, one right: |0.5 - 0.95| on half; two at 0.55, both right: |1 - 0.55| on the other half.
    probabilities = np.array([[0.95, 0.05], [0.95, 0.05], [0.55, 0.45], [0.55, 0.45]])
    assert calibration_error(np.array([0, 1, 0, 0]), probabilities) == pytest.approx(0.45)


def test_patches_are_seen_in_eight_ways(network: TextureNetwork) -> None:
    hu = np.random.default_rng(3).normal(-850, 80, (2, SIDE, SIDE))
    turned = patch_logs(network, np.rot90(hu, 1, (1, 2)).copy())
    np.testing.assert_allclose(patch_logs(network, hu), turned, atol=1e-4)
