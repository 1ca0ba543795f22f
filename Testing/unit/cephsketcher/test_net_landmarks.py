"""Layout and landmark set: order, edits, mirroring, JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.landmarks.layout import ISBI19, Landmark, Layout


def points() -> LandmarkSet:
    covariance = ((4.0, 1.0), (1.0, 2.0))
    return LandmarkSet(
        (
            LandmarkPoint("S", 10.0, 20.0, covariance, 0.9, source="network"),
            LandmarkPoint("N", 90.5, 15.0, None, 0.4, flagged=True),
        )
    )


def test_the_19_landmarks_are_in_the_order_of_the_challenge() -> None:
    assert " ".join(ISBI19.symbols) == "S N Or Po A B Pog Me Gn Go LI UI UL LL Sn sPog PNS ANS Ar"
    assert len(ISBI19) == 19 and ISBI19.index("ANS") == 17 and "Co" not in ISBI19
    assert all(landmark.definition.endswith(".") and landmark.name for landmark in ISBI19.landmarks)
    assert {m.symbol for m in ISBI19.landmarks if m.bilateral} == {"Or", "Po", "Go", "Ar"}
    with pytest.raises(KeyError):
        ISBI19.index("Co")


def test_a_larger_layout_is_only_data() -> None:
    more = Layout("more", (*ISBI19.landmarks, Landmark("U1A", "Upper incisor apex", "Apex of the root.")))
    assert len(more) == 20 and more["U1A"].name == "Upper incisor apex" and more.index("U1A") == 19


def test_reading_by_symbol_and_as_array() -> None:
    found = points()
    assert found["N"].flagged and "S" in found and "A" not in found and len(found) == 2
    np.testing.assert_array_equal(found.array(("N", "S")), [[90.5, 15], [10, 20]])
    assert found["S"].sd == pytest.approx(np.sqrt(3)) and found["N"].sd is None
    with pytest.raises(KeyError):
        found.array(("A",))
    assert LandmarkSet().array().shape == (0, 2)


def test_a_moved_point_is_edited_and_its_uncertainty_unknown() -> None:
    moved = points().moved("S", (11, 22.5))
    assert moved["S"].edited and moved["S"].covariance is None and not moved["S"].flagged
    assert moved.symbols == ("S", "N") and moved["N"] == points()["N"]
    with pytest.raises(KeyError):
        points().moved("A", (0, 0))


def test_adding_replaces_in_place_and_appends() -> None:
    new = points().with_points([LandmarkPoint("Co", 1, 2), LandmarkPoint("S", 0, 0)])
    assert new.symbols == ("S", "N", "Co") and new["S"].x == 0
    assert new.without(("S", "unknown")).symbols == ("N", "Co")
    with pytest.raises(ValueError, match="twice"):
        LandmarkSet((LandmarkPoint("S", 0, 0), LandmarkPoint("S", 1, 1)))


def test_mirroring_twice_is_no_change_and_turns_the_covariance() -> None:
    found = points()
    there = found.mirrored(101)
    assert there["S"].x == 90 and there["S"].covariance == ((4.0, -1.0), (-1.0, 2.0)) and there["N"].covariance is None
    assert there.mirrored(101) == found


def test_json_keeps_everything() -> None:
    found = points().moved("N", (3, 4))
    assert LandmarkSet.from_dict(json.loads(json.dumps(found.to_dict()))) == found
