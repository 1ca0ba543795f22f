"""Electrodes by label, and the agreement of two lists of events."""

from __future__ import annotations

import math

import numpy as np
import pytest

from EEGWaveformsLib.electrodes.positions import HEAD_RADIUS_MM, TEN_TWENTY, match, plain_label, standard_positions
from EEGWaveformsLib.events.agreement import f1


def test_ten_twenty_lies_on_the_head_with_left_and_front_where_they_belong() -> None:
    for place in TEN_TWENTY.values():
        assert np.linalg.norm(place) == pytest.approx(HEAD_RADIUS_MM)
    assert TEN_TWENTY["Cz"] == pytest.approx((0, 0, HEAD_RADIUS_MM))
    for left, right in (("F3", "F4"), ("C3", "C4"), ("P7", "P8"), ("O1", "O2"), ("Fp1", "Fp2")):
        assert TEN_TWENTY[left][0] < 0 < TEN_TWENTY[right][0]
        assert TEN_TWENTY[left][1:] == pytest.approx(TEN_TWENTY[right][1:])
    assert TEN_TWENTY["Fz"][1] > 0 > TEN_TWENTY["Pz"][1]
    assert TEN_TWENTY["F3"][1] > TEN_TWENTY["C3"][1] > TEN_TWENTY["P3"][1]


@pytest.mark.parametrize("label", ["EEG C3-REF", "c3", "C3.", " C 3 ", "eeg_C3", "C3-A2", "C3-LE"])
def test_one_place_has_many_spellings(label: str) -> None:
    assert plain_label(label) == "C3"


def test_former_names_are_the_same_places() -> None:
    assert standard_positions(["T3", "EEG T6-Ref", "EKG"]) == {"T3": TEN_TWENTY["T7"], "EEG T6-Ref": TEN_TWENTY["P8"]}


def test_those_without_a_partner_are_named_both_ways() -> None:
    found = match(["EEG C3-REF", "ECG", "C3"], ["C3", "C4", "Q1"])
    assert found.pairs == {"EEG C3-REF": "C3"}
    assert (found.channels_left, found.electrodes_left) == (("ECG", "C3"), ("C4", "Q1"))
    assert found.sentence() == "Channels without an electrode: ECG, C3. Electrodes without a channel: C4, Q1."
    assert match(["C3"], ["c3"]).sentence() == ""


def test_agreement_is_one_to_one_by_overlap_over_union() -> None:
    marked = np.array([[0.0, 1.0], [5.0, 6.0]])
    assert f1(np.array([[0.0, 1.0], [5.0, 6.0]]), marked) == 1.0
    # 0.2 of the union is enough, less is not: overlap x of 1 s each gives x / (2 - x).
    just, below = 1 / 3, 1 / 3 - 0.01
    assert f1(np.array([[1 - just - 1e-9, 2 - just]]), marked[:1]) == 1.0
    assert f1(np.array([[1 - below, 2 - below]]), marked[:1]) == 0.0
    assert f1(np.array([[0.0, 0.5], [0.5, 1.0]]), marked) == pytest.approx(2 / 4)
    assert f1(np.zeros((0, 2)), marked) == 0.0
    assert math.isnan(f1(np.zeros((0, 2)), np.zeros((0, 2))))
