"""LUNA16's evaluation: the sanity cases of its rules."""

from __future__ import annotations

import numpy as np
import pytest

from NoduleCADLib.froc import READ_OFF, Finding, Mark, cpm_interval, froc, judged

HERE, FAR = (0.0, 0.0, 0.0), (100.0, 0.0, 0.0)


def test_perfect_marks() -> None:
    scans = [judged([Mark(HERE, 0.9)], [Finding(HERE, 10.0)]) for _scan in range(3)]
    assert froc(scans).cpm == 1.0
    assert cpm_interval(scans, draws=50) == (1.0, 1.0)


def test_half_of_the_nodules_and_two_false_marks_a_scan() -> None:
    hit = [Mark(HERE, 0.9), Mark(FAR, 0.2), Mark((200.0, 0.0, 0.0), 0.1)]
    miss = hit[1:]
    scans = [judged(hit, [Finding(HERE, 10.0)]), judged(miss, [Finding(HERE, 10.0)])]
    curve = froc(scans)
    assert curve.at(1.0) == curve.at(8.0) == 0.5  # flat beyond the last mark
    assert curve.nodules == 2 and curve.scans == 2


def test_a_hit_lies_strictly_within_the_radius() -> None:
    nodule = Finding(HERE, 10.0)
    assert judged([Mark((5.0, 0.0, 0.0), 0.9)], [nodule]) == [(0.9, False), (-np.inf, True)]
    assert judged([Mark((4.999, 0.0, 0.0), 0.9)], [nodule]) == [(0.9, True)]


def test_a_negative_diameter_stands_for_10_mm() -> None:
    assert Finding(HERE, -1.0).holds((4.9, 0.0, 0.0))
    assert not Finding(HERE, -1.0).holds((5.0, 0.0, 0.0))


def test_marks_in_excluded_findings_do_not_count() -> None:
    assert judged([Mark(FAR, 0.9)], [], [Finding(FAR, 8.0)]) == []


def test_two_marks_in_a_nodule_are_one_hit() -> None:
    assert judged([Mark(HERE, 0.4), Mark((1.0, 0.0, 0.0), 0.9)], [Finding(HERE, 10.0)]) == [(0.9, True)]


def test_only_the_best_hundred_marks_count() -> None:
    marks = [Mark(FAR, 0.5)] * 100 + [Mark(HERE, 0.1)]
    found = judged(marks, [Finding(HERE, 10.0)])
    assert len(found) == 101 and found[-1] == (-np.inf, True)


def test_scans_without_marks_count() -> None:
    scans = [judged([Mark(HERE, 0.3), Mark(FAR, 0.9)], [Finding(HERE, 10.0)]), []]
    curve = froc(scans)
    assert curve.false_positives[-1] == 0.5
    # Linear from (0, 0) to the first point that has a hit: nothing is found before half a false mark.
    assert curve.at(0.25) == 0.0 and curve.at(0.5) == 1.0
    assert curve.cpm == pytest.approx(np.mean([0.0, 0.0, 1, 1, 1, 1, 1]))
    assert len(READ_OFF) == 7


def test_nothing_to_judge_is_refused() -> None:
    with pytest.raises(ValueError, match="a scan and a nodule"):
        froc([[]])
