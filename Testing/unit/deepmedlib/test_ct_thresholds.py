"""Thresholds of what is read from CT, each on both of its sides."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.ct import sides
from DeepMedLib.ct.checks import check_ct
from DeepMedLib.ct.regions.scan_fit import MIRRORED, STATED, Turn, follows_a_body, smooth_position, turn_of_scan
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid

MM = np.arange(0.0, 300.0, 3.0)
EVEN = np.full((len(MM), 4), 0.25)


def turned(degrees: float, shape: tuple[int, int, int] = (8, 32, 32)) -> Grid:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    return Grid.from_parts([2, 2, 2], [5, 5, 5], turn, shape)


def halves(low: float, high: float, shape: tuple[int, int, int] = (8, 32, 32)) -> np.ndarray:
    return np.where(np.indices(shape).sum(0) % 2, low, high).astype(np.int16)


@pytest.mark.parametrize(("degrees", "said"), [(9.9, False), (10.1, True)])
def test_more_than_ten_degrees_are_oblique(degrees: float, said: bool) -> None:
    report = check_ct(halves(-1000, 400), turned(degrees))
    assert any("turned by 10 degrees" in line for line in report.warnings) is said


def test_values_that_span_sixty_may_be_hu() -> None:
    check_ct(halves(-1000, -940), turned(0))
    with pytest.raises(BadInput, match="rescaled"):
        check_ct(halves(-1000, -941), turned(0))


def test_three_slices_are_a_volume() -> None:
    check_ct(halves(-1000, 400, (3, 32, 32)), turned(0, (3, 32, 32)))
    with pytest.raises(BadInput, match="only 2 slices"):
        check_ct(halves(-1000, 400, (2, 32, 32)), turned(0, (2, 32, 32)))


@pytest.mark.parametrize(("probability", "said"), [(0.949, STATED), (0.95, MIRRORED)])
def test_a_wrong_turn_is_said_from_95_percent_on(probability: float, said: str) -> None:
    assert Turn(MIRRORED, probability, None).said == said


@pytest.mark.parametrize(("multiple", "told"), [(3.9, None), (4.1, False)])
def test_up_is_told_from_down_by_four_uncertainties(multiple: float, told: bool | None) -> None:
    slope = 0.1
    centered = MM - MM.mean()
    independent = (MM.max() - MM.min()) / 25.0
    sd = slope / multiple / np.sqrt(len(MM) / independent / (centered**2).sum())
    assert turn_of_scan(MM, slope * MM, np.full(len(MM), sd), EVEN).upside_down is told


@pytest.mark.parametrize(("slope", "told"), [(0.0243, None), (0.0245, False), (-0.0245, True)])
def test_up_is_told_from_down_by_a_fifth_of_a_bodys_pace(slope: float, told: bool | None) -> None:
    assert turn_of_scan(MM, 40 + slope * MM, np.full(len(MM), 0.01), EVEN).upside_down is told


@pytest.mark.parametrize(("count", "told"), [(2, None), (3, False)])
def test_up_is_told_from_down_by_three_slices(count: int, told: bool | None) -> None:
    mm = np.linspace(0.0, 300.0, count)
    assert turn_of_scan(mm, 20 + 0.122 * mm, np.full(count, 0.1), EVEN[:count]).upside_down is told


def test_a_body_never_goes_back_by_more_than_five() -> None:
    mm, sd = np.arange(0.0, 600.0, 6.0), np.ones(100)
    answers = {}
    for way in np.linspace(4.5, 14.0, 191):
        found = np.where(mm < 360, 0.12 * mm, 0.12 * 360 - way * (mm - 360) / 240)
        position, _ = smooth_position(mm, found, sd)
        answers[float(position.max() - position[-1])] = follows_a_body(mm, found, sd)
    nearest = [min(answers, key=lambda back: abs(back - wanted)) for wanted in (4.9, 5.1)]
    assert 4.8 < nearest[0] < 5.0 < nearest[1] < 5.2
    assert [answers[back] for back in nearest] == [True, False]


@pytest.mark.parametrize(("astray", "follows"), [(4.9, True), (5.1, False)])
def test_answers_usually_lie_within_five_of_a_steady_course(astray: float, follows: bool) -> None:
    found = 20 + 0.12 * MM + astray * np.where(np.arange(len(MM)) % 2, 1, -1)
    assert follows_a_body(MM, found, np.full(len(MM), 5.0)) is follows


def block(*columns: tuple[int, int], width: int = 210) -> np.ndarray:
    """Lung of 10 x 10 voxels across, in these columns."""
    lung = np.zeros((14, 14, width), bool)
    for start, stop in columns:
        lung[2:12, 2:12, start:stop] = True
    return lung


def parted(lung: np.ndarray, middle: float) -> tuple[np.ndarray, str]:
    return sides.split_sides(lung, np.where(lung, -850, 40).astype(np.int16), (1.0, 1.0, 1.0), middle)


def test_a_tenth_beyond_the_middle_is_another_lung() -> None:
    labels, words = parted(block((100, 200)), 109.5)
    assert "parted in the middle" in words
    assert (labels[5, 5, 100:110] == sides.LEFT).all() and (labels[5, 5, 110:200] == sides.RIGHT).all()
    for middle, side in ((108.5, sides.RIGHT), (190.5, sides.LEFT)):
        labels, words = parted(block((100, 200)), middle)
        assert words == f"Only the {'right' if side == sides.RIGHT else 'left'} lung was found."
        assert set(np.unique(labels)) == {0, side}


@pytest.mark.parametrize(("columns", "apart"), [(11, False), (12, True)])
def test_a_core_of_twelve_percent_is_a_lung(columns: int, apart: bool) -> None:
    lung = block((5, 105 - columns), (190, 190 + columns))
    labels, words = parted(lung, 150.0)
    assert (words == "") is apart
    assert labels[5, 5, 20] == sides.LEFT and labels[5, 5, 195] == sides.RIGHT


@pytest.mark.parametrize(("distance", "apart"), [(39, False), (40, True)])
def test_middles_of_lungs_are_forty_millimeters_apart(distance: int, apart: bool) -> None:
    _labels, words = parted(block((50, 60), (50 + distance, 60 + distance)), 55 + distance / 2)
    assert (words == "") is apart


@pytest.mark.parametrize(("overlap", "apart"), [(34, True), (35, False)])
def test_lobes_lie_over_one_another_lungs_do_not(overlap: int, apart: bool) -> None:
    labels = np.zeros((2, 1, 200), int)
    labels[0, 0, :100], labels[1, 0, 100 - overlap : 200 - overlap] = 1, 2
    assert sides._apart(labels, 1, 2) is apart
