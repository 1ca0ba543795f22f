"""Zones and shares on blocks whose truth is plain."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.geometry import Grid
from LungTextureLib.densitometry import density, histograms
from LungTextureLib.shares import LEAST_PLACES, NOT_SURE, labels_of, zone_shares
from LungTextureLib.zones import CODES, PEEL_MM, ZONES, Zone, members, zone_map


def blocks() -> tuple[np.ndarray, Grid]:
    """Two lungs, 30 slices of 3 mm high and 60 mm wide, with air of other organs around them."""
    lungs = np.zeros((36, 30, 60), np.uint8)
    lungs[3:33, 5:25, 5:25] = 2
    lungs[3:33, 5:25, 35:55] = 1
    return lungs, Grid.from_parts(np.full(3, 3.0), np.zeros(3), np.eye(3), lungs.shape)


def test_every_smallest_part_is_in_one_zone_of_each_kind() -> None:
    for lung in ("both", "right", "left"):
        for parts in (("upper", "middle", "lower"), ("peel", "core")):
            found = np.concatenate([members(Zone(lung, part)) for part in parts])
            assert sorted(found) == sorted(members(Zone(lung, "whole")))
    assert len(members(Zone("both", "whole"))) == CODES


def test_thirds_are_of_the_lungs_own_height() -> None:
    zones = zone_map(*blocks())
    assert [int(zones.third[1][k]) for k in (3, 12, 13, 22, 23, 32)] == [2, 2, 1, 1, 0, 0]


def test_the_peel_is_ten_mm_thick() -> None:
    zones = zone_map(*blocks())
    assert PEEL_MM == 10.0
    row = zones.codes_of(18)[15, 35:55]
    depth = (row.astype(int) - 1) % 2
    # Edge voxels lie 3 mm (one step of the distance map) from the outside: 3, 6, 9 are peel, 12 is core.
    assert depth[:5].tolist() == [0, 0, 0, 1, 1]


def test_histograms_go_to_their_zones() -> None:
    lungs, grid = blocks()
    values = np.where(lungs == 1, -970, -850).astype(np.int16)
    counts = histograms(values, zone_map(lungs, grid))
    right, left = (density(counts[members(Zone(side, "whole"))].sum(0), 0.027) for side in ("right", "left"))
    assert right is not None and left is not None
    assert (right.laa950, left.laa950) == (100.0, 0.0)
    assert right.ml == pytest.approx(30 * 20 * 20 * 0.027)


def test_a_place_below_the_threshold_is_not_sure() -> None:
    probabilities = np.array([[0.4, 0.35, 0.25], [0.39, 0.36, 0.25]])
    assert labels_of(probabilities, 0.4).tolist() == [0, 3]


def test_shares_and_their_deviation() -> None:
    # 40 places of a zone in four slices, one class in 0, 5, 5 and 10 of 10.
    label = np.concatenate([np.repeat([0, 1], [count, 10 - count]) for count in (0, 5, 5, 10)])
    block, code = np.repeat(np.arange(4), 10), np.zeros(40, int)
    found = {(s.zone, s.key): s for s in zone_shares(label, code, block, ("A", "B"), (3.0, 4.0))}
    share = found[Zone("right", "upper"), "A"]
    assert (share.percent, share.places) == (50.0, 40)
    # Block residuals -5, 0, 0, 5: sqrt(4 / 3 * 50) / 40 = 20.41 points; with the model's 3: 20.63.
    assert share.sd == pytest.approx(np.hypot(3.0, 100 * np.sqrt(4 / 3 * 50) / 40))
    assert found[Zone("right", "upper"), NOT_SURE].percent == 0.0
    assert (Zone("left", "whole"), "A") not in found


@pytest.mark.parametrize(("count", "told"), [(LEAST_PLACES - 1, False), (LEAST_PLACES, True)])
def test_small_zones_have_no_shares(count: int, told: bool) -> None:
    zeros = np.zeros(count, int)
    assert bool(zone_shares(zeros, zeros, zeros, ("A",), (1.0,))) is told


def test_zones_have_names() -> None:
    assert [zone.name for zone in ZONES[:3]] == ["both lungs", "both lungs, upper third", "both lungs, middle third"]
