"""From where on slices are one place, distances uneven, a gap a gap, and slices aside: each threshold on both sides."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from DeepMedLib.remark import Gravity
from DeepMedLib.series.geometry import StackGeometry, judge_steps, stack_geometry
from DeepMedLib.series.phases import _places


def axial(aside: np.ndarray, along: np.ndarray) -> list[Any]:
    """Axial slices with pixels of 2 mm, their corners aside and along (mm) of the first one's."""
    same = {"orientation": np.array([1.0, 0, 0, 0, 1, 0]), "spacing": (2.0, 2.0), "rows": 100, "columns": 100}
    return [SimpleNamespace(position=np.array([a, 0.0, z]), **same) for a, z in zip(aside, along, strict=True)]


def geometry(aside: np.ndarray, along: np.ndarray) -> StackGeometry:
    return stack_geometry(axial(aside, along))


Z = np.arange(6) * 5.0


@pytest.mark.parametrize(("apart", "places"), [(0.04, [0, 1, 1, 2]), (0.06, [0, 1, 2, 3])])
def test_slices_nearer_than_a_twentieth_of_a_millimeter_are_one_place(apart: float, places: list[int]) -> None:
    assert _places(axial(np.zeros(4), np.array([0.0, 5.0, 5.0 + apart, 10.0]))) == places


@pytest.mark.parametrize(("step", "uneven"), [(5.49, False), (5.51, True), (4.51, False), (4.49, True)])
def test_distances_may_vary_by_a_tenth(step: float, uneven: bool) -> None:
    assert judge_steps(np.array([5.0] * 6 + [step])) == ({}, uneven)


@pytest.mark.parametrize(
    ("step", "gaps", "uneven"),
    [(10.0, {6: 1}, False), (9.05, {6: 1}, False), (8.95, {}, True), (10.95, {6: 1}, False), (11.05, {}, True),
     (15.0, {6: 2}, False), (5.4, {}, False)],
)  # fmt: skip
def test_a_gap_is_near_a_whole_number_of_distances(step: float, gaps: dict[int, int], uneven: bool) -> None:
    assert judge_steps(np.array([5.0] * 6 + [step])) == (gaps, uneven)


@pytest.mark.parametrize(("aside", "shifted"), [(0.99, False), (1.01, True)])
def test_half_a_pixel_aside_is_shifted(aside: float, shifted: bool) -> None:
    found = geometry(np.array([0.0, 0, 0, aside, aside, aside]), Z)
    assert (found.shifts is not None) is shifted and bool(found.remarks) is shifted


@pytest.mark.parametrize(("degrees", "tilted"), [(0.99, False), (1.01, True), (44.9, True), (45.1, False)])
def test_a_tilt_is_between_one_and_forty_five_degrees(degrees: float, tilted: bool) -> None:
    along = np.arange(20) * 5.0
    (remark,) = geometry(along * np.tan(np.radians(degrees)), along).remarks
    assert ("gantry was tilted" in remark.text) is tilted
    assert remark.gravity is (Gravity.WARNING if tilted else Gravity.GRAVE)


@pytest.mark.parametrize(("off", "tilted"), [(0.99, True), (1.01, False)])
def test_in_a_tilt_no_slice_lies_a_millimeter_off(off: float, tilted: bool) -> None:
    aside = Z * np.tan(np.radians(20))
    aside[5] += off
    assert ("gantry was tilted" in geometry(aside, Z).remarks[0].text) is tilted
