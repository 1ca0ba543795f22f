"""Thresholds of what all modules share, on both of their sides."""

from __future__ import annotations

import math

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import weeks_and_days
from DeepMedLib.picture import scale
from DeepMedLib.remark import Gravity, Remark, gravest_first


def test_days_are_rounded_to_the_nearest() -> None:
    assert [weeks_and_days(24 + days / 7) for days in (6.49, 6.51)] == ["24w6d", "25w0d"]


def test_a_remark_said_twice_keeps_its_greater_gravity() -> None:
    for order in ((Gravity.NOTE, Gravity.GRAVE), (Gravity.GRAVE, Gravity.NOTE)):
        (kept,) = gravest_first(Remark("The scan is mirrored.", gravity) for gravity in order)
        assert kept.gravity is Gravity.GRAVE


def test_a_magnification_of_one_is_one() -> None:
    made = {"mm_per_px_x": 0.1, "mm_per_px_y": 0.1, "source": "test"}
    assert scale.Scale(**made, magnification=1.0).magnification == 1.0
    assert scale.Scale(**made, magnification=2.0).magnification == 2.0
    for impossible in (0.999, 2.001):
        with pytest.raises(BadInput):
            scale.Scale(**made, magnification=impossible)


def test_labels_up_to_the_largest_number_are_read() -> None:
    from DeepMedLib.ct.coverage import organ_coverage
    from DeepMedLib.geometry import Grid

    grid = Grid.from_parts([1, 1, 1], [0, 0, 0], np.eye(3), (3, 3, 3))
    labels = np.zeros((3, 3, 3), np.int64)
    labels[1, 1, 1] = 65535
    (verdict,) = organ_coverage(labels, grid, None, {65535: "the last"})
    assert verdict.volume_ml == pytest.approx(0.001)
    labels[1, 1, 1] = 65536
    with pytest.raises(BadInput, match="above 65535"):
        organ_coverage(labels, grid, None, {})


def test_two_clicks_are_twenty_pixels_apart() -> None:
    mm, relative = scale.mm_between_clicks((0.0, 0.0), (20.0, 0.0), 10.0)
    assert (mm, relative) == (pytest.approx(0.5), pytest.approx(math.sqrt(2) * scale.CLICK_SD_PX / 20))
    with pytest.raises(BadInput, match="too close"):
        scale.mm_between_clicks((0.0, 0.0), (19.99, 0.0), 10.0)
