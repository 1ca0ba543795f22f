"""Fleischner 2017, Lung-RADS v2022 and Brock: every threshold on both sides, every figure worked apart."""

from __future__ import annotations

import pytest

from NoduleCADLib.rules.brock import brock_probability
from NoduleCADLib.rules.fleischner import fleischner, whole_mm
from NoduleCADLib.rules.lung_rads import highest, lung_rads


@pytest.mark.parametrize(("mm", "whole"), [(5.49, 5), (5.5, 6), (8.49, 8), (8.5, 9), (6.5, 7)])
def test_fleischner_rounds_halves_up(mm: float, whole: int) -> None:
    assert whole_mm(mm) == whole


@pytest.mark.parametrize(
    ("mm", "several", "high", "advice"),
    [
        (5.4, False, False, "no routine follow-up"),
        (5.5, False, False, "CT at 6 to 12 months, then consider CT at 18 to 24 months"),
        (8.4, False, False, "CT at 6 to 12 months, then consider CT at 18 to 24 months"),
        (8.5, False, False, "consider CT at 3 months, PET/CT or tissue sampling"),
        (5.4, False, True, "optional CT at 12 months"),
        (5.5, False, True, "CT at 6 to 12 months, then CT at 18 to 24 months"),
        (8.5, False, True, "consider CT at 3 months, PET/CT or tissue sampling"),
        (5.4, True, False, "no routine follow-up"),
        (5.5, True, False, "CT at 3 to 6 months, then consider CT at 18 to 24 months"),
        (12.0, True, False, "CT at 3 to 6 months, then consider CT at 18 to 24 months"),
        (5.4, True, True, "optional CT at 12 months"),
        (8.5, True, True, "CT at 3 to 6 months, then CT at 18 to 24 months"),
    ],
)
def test_fleischner_solid(mm: float, several: bool, high: bool, advice: str) -> None:
    assert fleischner(mm, "solid", several, high, 60).advice == advice


@pytest.mark.parametrize(
    ("mm", "kind", "several", "begins"),
    [
        (5.4, "ground glass", False, "no routine follow-up"),
        (5.5, "ground glass", False, "CT at 6 to 12 months, then every 2 years"),
        (5.4, "part-solid", False, "no routine follow-up"),
        (5.5, "part-solid", False, "CT at 3 to 6 months; if unchanged"),
        (5.4, "ground glass", True, "CT at 3 to 6 months; if stable"),
        (5.5, "part-solid", True, "CT at 3 to 6 months, then the most suspicious"),
    ],
)
def test_fleischner_subsolid_asks_no_risk(mm: float, kind: str, several: bool, begins: str) -> None:
    advice = fleischner(mm, kind, several, None, 60)
    assert advice.advice.startswith(begins)
    assert advice.missing == ()


def test_fleischner_says_what_is_missing_and_leaves_both_answers() -> None:
    advice = fleischner(7.0, "solid", False)
    assert advice.missing == ("risk", "age")
    assert "low risk: CT at 6 to 12 months" in advice.advice and "high risk:" in advice.advice
    # The same answer for both risks needs no risk.
    assert fleischner(9.0, "solid", False, None, 60).missing == ()
    unknown = fleischner(7.0, "", False, True, 60)
    assert unknown.missing == ("type",)
    assert all(kind in unknown.advice for kind in ("solid:", "part-solid:", "ground glass:"))


def test_fleischner_begins_at_35_years() -> None:
    assert fleischner(9.0, "solid", False, True, 34.9).advice == "the rules do not apply"
    assert fleischner(9.0, "solid", False, True, 35.0).rule == "solid, single, above 8 mm, high risk"


@pytest.mark.parametrize(
    ("mm", "prior", "name"),
    [
        (5.9, "baseline", "2"),
        (6.0, "baseline", "3"),
        (7.9, "baseline", "3"),
        (8.0, "baseline", "4A"),
        (14.9, "baseline", "4A"),
        (15.0, "baseline", "4B"),
        (14.94, "stable", "4A"),
        (14.96, "stable", "4B"),
        (3.9, "new", "2"),
        (4.0, "new", "3"),
        (5.9, "new", "3"),
        (6.0, "new", "4A"),
        (7.9, "new", "4A"),
        (8.0, "new", "4B"),
        (7.9, "growing", "4A"),
        (8.0, "growing", "4B"),
    ],
)
def test_lung_rads_solid(mm: float, prior: str, name: str) -> None:
    category = lung_rads(mm, "solid", prior)
    assert category.name == name
    assert category.missing == ()
    assert len(category.rules) == 1


@pytest.mark.parametrize(
    ("mm", "solid", "prior", "name"),
    [
        (5.9, 3.0, "baseline", "2"),
        (6.0, 5.9, "baseline", "3"),
        (9.0, 6.0, "baseline", "4A"),
        (9.0, 7.9, "baseline", "4A"),
        (9.0, 8.0, "baseline", "4B"),
        (5.9, 3.9, "new", "3"),
        (6.0, 3.9, "new", "4A"),
        (6.0, 4.0, "new", "4B"),
        (9.0, 3.9, "growing", "4A"),
        (9.0, 4.0, "growing", "4B"),
    ],
)
def test_lung_rads_part_solid(mm: float, solid: float, prior: str, name: str) -> None:
    assert lung_rads(mm, "part-solid", prior, solid).name == name


@pytest.mark.parametrize(
    ("mm", "prior", "name"),
    [(29.9, "baseline", "2"), (30.0, "baseline", "3"), (30.0, "stable", "2"), (30.0, "new", "3"), (29.9, "new", "2")],
)
def test_lung_rads_ground_glass(mm: float, prior: str, name: str) -> None:
    assert lung_rads(mm, "ground glass", prior).name == name


def test_lung_rads_gives_a_range_where_inputs_are_missing() -> None:
    category = lung_rads(9.0)
    assert category.name == "2 to 4B"  # ground glass would be 2, a new solid one 4B
    assert category.missing == ("type", "earlier scan", "solid part")
    assert lung_rads(9.0, "solid").name == "4A to 4B"
    assert lung_rads(20.0, "solid").name == "4B"
    assert lung_rads(20.0, "solid").missing == ()


def test_lung_rads_juxtapleural_and_calcified() -> None:
    assert lung_rads(9.9, "solid", "baseline", juxtapleural=True).name == "2"
    assert lung_rads(10.0, "solid", "baseline", juxtapleural=True).name == "4A"
    assert lung_rads(20.0, "solid", "baseline", benign_calcification=True).name == "1"


def test_a_scan_has_the_category_of_its_worst_nodule() -> None:
    found = highest([lung_rads(5.0, "solid", "baseline"), lung_rads(9.0, "solid", "baseline")])
    assert found is not None and found.name == "4A"
    assert highest([]) is None


@pytest.mark.parametrize(("mm", "kind"), [(0.0, "solid"), (-1.0, "solid"), (5.0, "cystic")])
def test_rules_refuse_what_cannot_be(mm: float, kind: str) -> None:
    with pytest.raises(ValueError, match=r"diameter|kind"):
        fleischner(mm, kind, False)
    with pytest.raises(ValueError, match=r"diameter|kind"):
        lung_rads(mm, kind)


def test_brock_worked_by_hand() -> None:
    # At 4 mm (10/4)^0.5 = 1.58113883: the size term vanishes; 62 years, man, solid, 4 nodules: the constant alone.
    common = {"family_history": False, "emphysema": False, "upper_lobe": False, "spiculation": False}
    assert brock_probability(62, False, 4.0, "solid", 4, **common) == pytest.approx(0.0011248, rel=1e-3)
    # 70 years, woman, 20 mm, part-solid, one nodule, everything else present, summed on paper:
    # -6.7892 + 0.2296 + 0.6011 + 0.2961 + 0.2953 + 4.70704 + 0.3770 + 0.6581 + 0.2472 + 0.7729 = 1.39514
    all_present = {"family_history": True, "emphysema": True, "upper_lobe": True, "spiculation": True}
    assert brock_probability(70, True, 20.0, "part-solid", 1, **all_present) == pytest.approx(0.80141, abs=2e-4)
    assert brock_probability(62, False, 4.0, "ground glass", 4, **common) < brock_probability(
        62, False, 4.0, "solid", 4, **common
    )
    with pytest.raises(ValueError, match="age"):
        brock_probability(5, False, 4.0, "solid", 4, **common)
