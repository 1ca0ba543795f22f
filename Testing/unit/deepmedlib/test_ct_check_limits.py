"""From how many slices and from how wide a range of values on a volume may be a CT."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.ct.checks import check_ct
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid


def grid(slices: int) -> Grid:
    return Grid.from_parts(np.ones(3), np.zeros(3), np.eye(3), (slices, 32, 32))


def test_two_slices_are_no_scan() -> None:
    volume = np.random.default_rng(0).integers(-1000, 400, (2, 32, 32)).astype(np.int16)
    with pytest.raises(BadInput, match="only 2 slices"):
        check_ct(volume, grid(2))


def test_values_that_span_less_than_sixty_were_rescaled() -> None:
    volume = np.random.default_rng(0).uniform(-25, 25, (8, 32, 32)).astype(np.float32)
    with pytest.raises(BadInput, match="rescaled"):
        check_ct(volume, grid(8))
