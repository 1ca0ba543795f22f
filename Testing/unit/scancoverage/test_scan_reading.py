"""Positions, regions and turns from answers for slices, with answers made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.ct.regions.position import (
    BORDERS,
    POSITION_PER_MM,
    REGIONS,
    position_of_score,
    region_index,
    region_probabilities,
)
from DeepMedLib.ct.regions.scan_fit import IN_PLANE, MIRRORED, STATED, smooth_position, turn_of_scan
from DeepMedLib.ct.regions.verdicts import ABSENT, COMPLETE, CUT, UNSURE, OrganRange, end_sentences, region_verdicts


def states(first: float, last: float, sd: float = 0.5) -> dict[str, tuple[str, tuple[str, ...]]]:
    position = np.linspace(first, last, 40)
    verdicts = region_verdicts(position, np.full(40, sd), "test")
    assert [v.name for v in verdicts] == list(REGIONS)
    return {v.name: (v.state, v.sides) for v in verdicts}


def test_the_scale_runs_from_0_to_100_through_the_regions() -> None:
    assert position_of_score(-12.5) == 0 and position_of_score(12.5) == 100
    assert list(BORDERS) == sorted(BORDERS)
    between = np.concatenate([[0], BORDERS]) + 1
    assert region_index(between).tolist() == [0, 1, 2, 3, 4]


def test_region_probabilities_sum_to_one_and_split_at_a_border() -> None:
    probabilities = region_probabilities(np.array([BORDERS[1], 20.0]), np.array([2.0, 0.1]))
    np.testing.assert_allclose(probabilities.sum(1), 1)
    np.testing.assert_allclose(probabilities[0, 1:3], 0.5, atol=1e-6)
    assert probabilities[1, 1] > 0.999


def test_a_trunk_scan_has_a_whole_abdomen_and_a_cut_chest() -> None:
    found = states(25, 80)
    assert found["neck"] == (ABSENT, ())
    assert found["chest"] == (CUT, ("superior",))
    assert found["abdomen"] == (COMPLETE, ())
    assert found["pelvis"] == (CUT, ("inferior",))
    assert found["thigh"] == (ABSENT, ())


def test_a_slab_inside_one_region_is_cut_at_both_sides() -> None:
    assert states(45, 55)["abdomen"] == (CUT, ("superior", "inferior"))


def test_the_ends_of_the_scale_are_never_complete() -> None:
    found = states(0, 100)
    assert found["neck"] == (CUT, ("superior",)) and found["thigh"] == (CUT, ("inferior",))
    assert found["chest"][0] == found["abdomen"][0] == found["pelvis"][0] == COMPLETE


def test_a_scan_that_ends_at_a_border_is_not_judged() -> None:
    found = states(45, BORDERS[2], sd=3.0)
    assert found["abdomen"][0] in (UNSURE, CUT) and found["pelvis"][0] == UNSURE


def test_turned_upside_down_the_verdicts_are_the_same() -> None:
    assert states(25, 80) == states(80, 25)


def test_sentences_name_the_organs_that_the_ends_run_through() -> None:
    organs = [OrganRange("liver", 33, 2, 52, 2, 13), OrganRange("spleen", 36, 2, 47, 2, 13)]
    position, sd = np.linspace(20, 42, 30), np.full(30, 1.0)
    (sentence,) = end_sentences(position, sd, organs)
    assert sentence == ("The scan ends where liver and spleen usually lie: their volumes are probably lower bounds.")
    (sentence,) = end_sentences(position, sd, organs, frozenset({"spleen"}))
    assert sentence == "The scan ends where the liver usually lies: its volume is probably a lower bound."
    assert end_sentences(np.linspace(10, 60, 30), sd, organs) == []


def test_smoothing_forgets_slips_and_keeps_the_course() -> None:
    mm = np.arange(0, 400, 3.0)
    true = 20 + POSITION_PER_MM * mm
    rng = np.random.default_rng(3)
    found = true + rng.normal(0, 2, len(mm))
    found[40:44] = 90  # a slip
    position, sd = smooth_position(mm, found, np.full(len(mm), 2.0))
    assert np.abs(position - true).max() < 2.5
    assert (sd > 0).all() and sd.max() < 3


@pytest.mark.parametrize("count", [1, 2, 700])
def test_smoothing_takes_any_number_of_slices(count: int) -> None:
    mm = np.arange(count, dtype=float)
    found = 30 + POSITION_PER_MM * mm
    position, sd = smooth_position(mm, found, np.full(count, 1.0))
    np.testing.assert_allclose(position, found, atol=1e-3)
    assert len(sd) == count


def turns(index: int, n: int) -> np.ndarray:
    probabilities = np.full((n, 4), 0.1)
    probabilities[:, index] = 0.7
    return probabilities


def test_turns_are_added_up_over_the_scan() -> None:
    mm = np.arange(0, 300, 3.0)
    found, sd = 30 + POSITION_PER_MM * mm, np.full(len(mm), 2.0)
    right = turn_of_scan(mm, found, sd, turns(0, len(mm)))
    assert right.in_plane == STATED and right.upside_down is False and not right.wrong and right.sentence == ""
    mirrored = turn_of_scan(mm, found[::-1], sd, turns(1, len(mm)))
    assert mirrored.in_plane == MIRRORED and mirrored.upside_down and mirrored.wrong
    assert "head and feet exchanged and left and right exchanged" in mirrored.sentence


def test_one_slice_cannot_tell_up_from_down() -> None:
    turn = turn_of_scan(np.zeros(1), np.array([40.0]), np.ones(1), turns(0, 1))
    assert turn.upside_down is None and turn.in_plane == IN_PLANE[0]
