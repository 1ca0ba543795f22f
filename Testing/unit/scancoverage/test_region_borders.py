"""Verdicts on both sides of the borders: 1.64 standard uncertainties beyond one are past it, less is not judged."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.ct.regions.position import BORDERS, section_centres
from DeepMedLib.ct.regions.scan_fit import follows_a_body
from DeepMedLib.ct.regions.verdicts import ABSENT, COMPLETE, CUT, UNSURE, region_verdicts

APICES, DOMES, CRESTS, ISCHIA = 8.6, 38.6, 64.0, 92.4


def chest(top: float, bottom: float) -> tuple[str, tuple[str, ...]]:
    """The verdict on the chest of a scan from one position to another, each with a standard uncertainty of 1."""
    found = region_verdicts(np.array([top, bottom]), np.ones(2), "test")
    return next((verdict.state, verdict.sides) for verdict in found if verdict.name == "chest")


def test_the_borders_are_those_of_the_published_scores() -> None:
    assert pytest.approx((APICES, DOMES, CRESTS, ISCHIA)) == BORDERS


@pytest.mark.parametrize(
    ("top", "bottom", "state", "sides"),
    [
        (APICES - 1.65, DOMES + 1.65, COMPLETE, ()),
        (APICES - 1.63, DOMES + 1.65, UNSURE, ()),
        (APICES - 1.65, DOMES + 1.63, UNSURE, ()),
        (APICES + 1.65, DOMES + 1.65, CUT, ("superior",)),
        (APICES + 1.63, DOMES + 1.65, UNSURE, ()),
        (APICES - 1.65, DOMES - 1.65, CUT, ("inferior",)),
        (APICES - 1.65, DOMES - 1.63, UNSURE, ()),
        (APICES, DOMES - 5, CUT, ("inferior",)),
        (APICES + 5, DOMES, CUT, ("superior",)),
        (DOMES + 1.65, CRESTS, ABSENT, ()),
        (DOMES + 1.63, CRESTS, UNSURE, ()),
        (0.0, APICES - 1.65, ABSENT, ()),
        (0.0, APICES - 1.63, UNSURE, ()),
    ],
)
def test_the_chest_between_apices_and_domes(top: float, bottom: float, state: str, sides: tuple[str, ...]) -> None:
    assert chest(top, bottom) == (state, sides)


def test_sections_are_named_by_their_middles() -> None:
    assert section_centres(4).tolist() == [12.5, 37.5, 62.5, 87.5]


def test_a_way_back_of_more_than_five_is_no_body() -> None:
    mm = np.arange(0.0, 300.0, 6.0)
    steady = 20 + 0.122 * mm
    back = np.where(mm < 150, steady, steady - 2 * (mm - 150) * 0.122)
    assert follows_a_body(mm, steady, np.ones(len(mm)))
    assert not follows_a_body(mm, back, np.ones(len(mm)))
