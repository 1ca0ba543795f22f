"""LAA, PD15, HAA against values worked out by hand, each threshold on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from LungTextureLib.densitometry import HIGHEST, LOWEST, below, density, percentile, value_step


def counts_of(**voxels: int) -> np.ndarray:
    """A histogram: ``minus950=3`` are three voxels of -950 HU, ``plus40=1`` one of 40."""
    counts = np.zeros(HIGHEST - LOWEST + 1, np.int64)
    for name, count in voxels.items():
        counts[(-int(name[5:]) if name.startswith("minus") else int(name[4:])) - LOWEST] += count
    return counts


@pytest.mark.parametrize(("hu", "inside"), [(951, True), (950, False)])
def test_laa_950_counts_what_is_below(hu: int, inside: bool) -> None:
    found = density(counts_of(**{f"minus{hu}": 1, "minus800": 3}), 0.001)
    assert found is not None
    assert found.laa950 == (25.0 if inside else 0.0)


@pytest.mark.parametrize(("hu", "inside"), [(911, True), (910, False)])
def test_laa_910_counts_what_is_below(hu: int, inside: bool) -> None:
    found = density(counts_of(**{f"minus{hu}": 1, "minus800": 4}), 0.001)
    assert found is not None
    assert found.laa910 == (20.0 if inside else 0.0)


@pytest.mark.parametrize(("hu", "inside"), [(601, False), (600, True), (250, True), (249, False)])
def test_haa_holds_both_ends(hu: int, inside: bool) -> None:
    found = density(counts_of(**{f"minus{hu}": 1, "minus800": 9}), 0.001)
    assert found is not None
    assert found.haa == pytest.approx(10.0 if inside else 0.0)


def test_volume_and_mean() -> None:
    found = density(counts_of(minus900=3, minus700=1), 0.5)
    assert found is not None
    assert (found.ml, found.mean_hu) == (2.0, -850.0)


def test_pd15_of_a_uniform_histogram_is_that_of_the_continuous_one() -> None:
    counts = np.zeros(HIGHEST - LOWEST + 1, np.int64)
    counts[-1000 - LOWEST : -800 - LOWEST] = 7  # -1000.5 to -800.5 HU evenly
    assert percentile(counts, 15) == pytest.approx(-1000.5 + 0.15 * 200)


def test_intervals_are_what_five_hu_make() -> None:
    # 10 voxels a HU from -1000 to -901: LAA-950 is 50 %, and 5 HU move it by 5 points either way.
    counts = np.zeros(HIGHEST - LOWEST + 1, np.int64)
    counts[-1000 - LOWEST : -900 - LOWEST] = 10
    found = density(counts, 0.001)
    assert found is not None
    assert (found.laa950, found.laa950_sd) == (pytest.approx(50.0), pytest.approx(5.0))


def test_no_voxels_have_no_density() -> None:
    assert density(np.zeros(HIGHEST - LOWEST + 1, np.int64), 0.001) is None


def test_a_threshold_below_all_values_counts_nothing() -> None:
    assert below(counts_of(minus1024=5), -1024) == 0.0


@pytest.mark.parametrize("step", [1, 4, 14])
def test_steps_of_values_are_found(step: int) -> None:
    counts = np.zeros(HIGHEST - LOWEST + 1, np.int64)
    counts[100:300:step] = 100
    assert value_step(counts) == step


def test_too_few_voxels_tell_no_step() -> None:
    assert value_step(counts_of(minus900=500, minus880=499)) == 0
    assert value_step(counts_of(minus900=500, minus880=500)) == 20
