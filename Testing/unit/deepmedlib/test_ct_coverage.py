"""Organ verdicts: every crop at known slices, all 48 orientations, padding; and what is said about them."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from DeepMedLib.ct.coverage import SIDES, OrganVerdict, organ_coverage
from DeepMedLib.ct.padding import Padding, find_padding, side_name
from DeepMedLib.ct.sentences import coverage_sentences
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid

_spec = importlib.util.spec_from_file_location("ct_orientations", Path(__file__).with_name("ct_orientations.py"))
assert _spec is not None and _spec.loader is not None
orientations = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(orientations)

NAMES = {1: "liver", 2: "spleen", 3: "bladder", 9: "gallbladder"}


def volume() -> tuple[np.ndarray, Grid]:
    """Three boxes, each away from every border; axes towards R, A, S, 1 x 2 x 3 mm."""
    labels = np.zeros((14, 12, 13), np.uint8)
    labels[8:11, 3:8, 6:11] = 1
    labels[7:12, 4:9, 2:4] = 2
    labels[2:5, 5:9, 4:9] = 3
    return labels, Grid.from_parts(np.array([1.0, 2.0, 3.0]), np.array([5.0, -7.0, 11.0]), np.eye(3), labels.shape)


def extent(labels: np.ndarray, number: int, axis: int) -> tuple[int, int]:
    hit = np.flatnonzero((labels == number).any(axis=tuple(other for other in range(3) if other != axis)))
    return int(hit[0]), int(hit[-1])


@pytest.mark.parametrize("axis, end", list(itertools.product(range(3), (0, 1))))
def test_each_crop_at_each_slice(axis: int, end: int) -> None:
    labels, grid = volume()
    side = (("inferior", "superior"), ("posterior", "anterior"), ("left", "right"))[axis][end]
    for at in range(labels.shape[axis]):
        start, stop = [0, 0, 0], list(labels.shape)
        if end:
            stop[axis] = at + 1
        else:
            start[axis] = at
        box = tuple(slice(low, high) for low, high in zip(start, stop, strict=True))
        found = {
            item.id: item for item in organ_coverage(labels[box], grid.cropped(tuple(start), tuple(stop)), names=NAMES)
        }
        for number in (1, 2, 3):
            low, high = extent(labels, number, axis)
            gone = at < low if end else at > high
            whole = at > high if end else at < low
            expected = "absent" if gone else "complete" if whole else "cut"
            assert found[number].state == expected, (number, at)
            assert found[number].sides == ((side,) if expected == "cut" else ())
        assert found[9].state == "absent"


def test_all_48_orientations_name_the_same_sides() -> None:
    labels, grid = volume()
    start, stop = (4, 0, 3), (14, 12, 13)
    cropped = labels[4:14, 0:12, 3:13]
    expected = organ_coverage(cropped, grid.cropped(start, stop), names=NAMES)
    assert {item.name: item.sides for item in expected} == {
        "liver": (),
        "spleen": ("left",),
        "bladder": ("inferior",),
        "gallbladder": (),
    }
    seen = 0
    for array, other in orientations.all_turned(cropped, grid.cropped(start, stop)):
        assert organ_coverage(array, other, names=NAMES) == expected
        seen += 1
    assert seen == 48


def test_padding_does_not_hide_a_cut_in_any_orientation() -> None:
    labels, grid = volume()
    image = np.random.default_rng(1).normal(0, 30, labels.shape).astype(np.float32)
    cut, picture = labels.copy(), image.copy()
    cut[:4], picture[:4] = 0, -1000  # the bladder's lower half is gone, and air is in its place
    picture[:, :, 12] = -1000
    plain = {item.id: item.state for item in organ_coverage(cut, grid)}
    assert plain[3] == "complete"  # what looking at the array's border alone would say
    for (array, other), (shown, _) in zip(
        orientations.all_turned(cut, grid), orientations.all_turned(picture, grid), strict=True
    ):
        padding = find_padding(shown)
        assert padding.by_side(other) == {"inferior": 4, "right": 1}
        found = {item.id: item for item in organ_coverage(array, other, padding)}
        assert (found[3].state, found[3].sides, found[3].padded) == ("cut", ("inferior",), ("inferior",))
        assert found[1].state == found[2].state == "complete"


def test_volumes_and_touching_voxels() -> None:
    labels, grid = volume()
    liver = organ_coverage(labels[9:], grid.cropped((9, 0, 0), labels.shape))[0]
    assert liver.touching == {"inferior": 25}
    assert liver.voxels == 50
    assert liver.volume_ml == pytest.approx(50 * 6 / 1000)
    assert liver.name == "label 1"


def test_labels_of_other_types() -> None:
    labels, grid = volume()
    expected = organ_coverage(labels, grid)
    assert organ_coverage(labels.astype(np.float32), grid) == expected
    assert organ_coverage(labels.astype(np.int64), grid) == expected
    assert [item.id for item in organ_coverage(labels > 0, grid)] == [1]


@pytest.mark.parametrize("wrong", [np.full((2, 2, 2), 0.5), np.full((2, 2, 2), -1), np.zeros((2, 2, 2, 3), np.uint8)])
def test_what_are_no_labels_is_refused(wrong: np.ndarray) -> None:
    grid = Grid(np.eye(4), (2, 2, 2))
    with pytest.raises(BadInput):
        organ_coverage(wrong, grid)


def test_side_names_follow_the_directions() -> None:
    grid = Grid(np.diag([-1.0, 1.0, -2.0, 1.0]), (4, 4, 4))
    assert [side_name(grid, axis, 0) for axis in range(3)] == ["superior", "posterior", "right"]


def test_a_constant_volume_is_not_all_padding() -> None:
    assert find_padding(np.zeros((4, 4, 4))) == Padding()


@settings(max_examples=25)
@given(st.tuples(*[st.integers(0, 3)] * 3), st.tuples(*[st.integers(0, 3)] * 3))
def test_padding_is_counted_exactly(low: tuple[int, ...], high: tuple[int, ...]) -> None:
    core = np.arange(5 * 6 * 7).reshape(5, 6, 7)
    padded = np.pad(core, list(zip(low, high, strict=True)), constant_values=-1024)
    assert find_padding(padded) == Padding(low, high)  # type: ignore[arg-type]
    assert np.array_equal(padded[find_padding(padded).content(padded.shape)], core)


def test_sentences() -> None:
    def verdict(number: int, name: str, *sides: str, padded: tuple[str, ...] = ()) -> OrganVerdict:
        state = "cut" if sides else "complete"
        return OrganVerdict(number, name, state, sides, dict.fromkeys(sides, 3), 9, 1.0, padded)

    said = coverage_sentences(
        [
            verdict(1, "liver", "superior"),
            verdict(2, "spleen", "superior", padded=("superior",)),
            verdict(3, "left femur", "inferior", "left"),
            verdict(4, "pancreas"),
            OrganVerdict(5, "gallbladder", "absent", (), {}, 0, 0.0),
        ]
    )
    assert said == [
        "The scan ends superiorly in the liver and the spleen: their volumes are lower bounds.",
        "The left femur is cut at the inferior and left sides of the scan: its volume is a lower bound.",
        "At the superior end the scan was filled up with constant slices; the cuts are before them.",
        "Not on the scan: gallbladder.",
        "Complete: pancreas.",
    ]
    assert coverage_sentences([verdict(1, "liver", "inferior")]) == [
        "The scan ends inferiorly in the liver: its volume is a lower bound."
    ]
    assert set(SIDES) == {"superior", "inferior", "left", "right", "anterior", "posterior"}
