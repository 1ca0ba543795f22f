"""Volumes with intervals, cut organs, parts and doubts of a label volume."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid
from PancreasSegLib.calibration import UNCALIBRATED, Calibration, Edge
from PancreasSegLib.cleanup import cleaned, kept_parts
from PancreasSegLib.findings import OrganFinding, organ_findings
from PancreasSegLib.organs import BY_KEY, CHANNELS, check_shipped, chosen_organs
from PancreasSegLib.organs_result import OrgansResult, SliceResult
from PancreasSegLib.validated import shown_organs

SHAPE = (40, 60, 60)
GRID = Grid.from_parts((2.0, 2.0, 3.0), (-60, -60, 0), np.eye(3), SHAPE)
CALIBRATION = Calibration(
    {"liver": Edge(0.5, 3, 3), "kidneys": Edge(0.5, 6, 3), "stomach": Edge(1.5, 3, 3), "spleen": Edge(0.5, 3, 3)}
)


def labeled(**boxes: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]) -> np.ndarray:
    labels = np.zeros(SHAPE, np.uint8)
    for key, box in boxes.items():
        labels[tuple(slice(*side) for side in box)] = BY_KEY[key].label
    return labels


def test_volume_and_interval_follow_from_voxels_and_surface() -> None:
    labels = labeled(liver=((5, 25), (10, 30), (30, 50)))
    (liver,) = organ_findings(labels, GRID, ["liver"], CALIBRATION)
    assert liver.volume_ml == pytest.approx(20 * 20 * 20 * 12 / 1000)
    # Six faces: 2 x (40 x 40) + 4 x (40 x 60) mm2, two thirds of it as the surface of a smooth body; 0.5 mm edge.
    assert liver.half_ml == pytest.approx((2 * 1600 + 4 * 2400) * 2 / 3 * 0.5 / 1000, rel=1e-3)
    assert liver.coverage == pytest.approx(3 / 4)
    # 75 % of a normal distribution lie within 1.1503 standard deviations.
    assert liver.measurement().sd == pytest.approx((liver.half_ml or 0) / 1.1503, rel=1e-3)
    low, high = liver.interval() or (0, 0)
    assert low < 96 < high
    assert liver.state == "complete"


def test_each_organ_has_the_edge_of_its_kind() -> None:
    box = ((5, 25), (10, 30), (30, 50))
    (liver,) = organ_findings(labeled(liver=box), GRID, ["liver"], CALIBRATION)
    (stomach,) = organ_findings(labeled(stomach=box), GRID, ["stomach"], CALIBRATION)
    (kidney,) = organ_findings(labeled(left_kidney=box), GRID, ["left_kidney"], CALIBRATION)
    assert stomach.half_ml == pytest.approx(3 * (liver.half_ml or 0), rel=1e-3)
    assert kidney.coverage == pytest.approx(6 / 7, abs=1e-4)


def test_a_cut_organ_has_a_lower_bound_only() -> None:
    (spleen,) = organ_findings(labeled(spleen=((30, 40), (10, 30), (10, 30))), GRID, ["spleen"], CALIBRATION)
    assert (spleen.state, spleen.sides, spleen.lower_bound) == ("cut", ("superior",), True)
    assert spleen.volume_text().startswith("at least ")
    assert "of the part on the scan" in spleen.volume_text()
    assert not [text for text in spleen.doubts if "outside of" in text]  # a part may be small


def test_an_uncalibrated_network_gets_no_interval() -> None:
    (liver,) = organ_findings(labeled(liver=((5, 25), (10, 30), (30, 50))), GRID, ["liver"], UNCALIBRATED)
    assert liver.interval() is None
    assert "interval not known" in liver.volume_text()
    assert liver.measurement().sd is None


@pytest.mark.parametrize(("columns", "doubted"), [(4, True), (5, False), (25, False), (26, True)])
def test_a_volume_beyond_the_usual_is_doubted(columns: int, doubted: bool) -> None:
    # Of 25 slices of 20 rows, in voxels of 12 mm3, each column holds 6 ml; 30 to 150 ml are usual.
    labels = labeled(pancreas=((2, 27), (10, 30), (10, 10 + columns)))
    (pancreas,) = organ_findings(labels, GRID, ["pancreas"], CALIBRATION)
    assert any("outside of 30 to 150 ml" in text for text in pancreas.doubts) is doubted


def test_parts_and_exchanged_sides_are_doubted() -> None:
    labels = labeled(left_kidney=((5, 25), (10, 20), (40, 50)), right_kidney=((5, 25), (10, 20), (10, 20)))
    left, right = organ_findings(labels, GRID, ["left_kidney", "right_kidney"], CALIBRATION)
    # i rises to the patient's right here, so the left kidney was put on the right side.
    assert any("sides may be exchanged" in text for text in left.doubts)
    assert not [text for text in right.doubts if "sides" in text]
    labels[30:36, 10:20, 40:50] = BY_KEY["left_kidney"].label
    left, _ = organ_findings(labels, GRID, ["left_kidney", "right_kidney"], CALIBRATION)
    assert left.parts == 2
    assert any("in 2 parts" in text for text in left.doubts)


@pytest.mark.parametrize(("dice", "doubted"), [(0.84, True), (0.85, False)])
def test_an_organ_that_is_outlined_poorly_says_so(dice: float, doubted: bool) -> None:
    calibration = Calibration({"liver": Edge(0.5, 3, 3)}, dice={"liver": dice})
    (liver,) = organ_findings(labeled(liver=((5, 35), (5, 55), (5, 55))), GRID, ["liver"], calibration)
    assert any("Dice 0.84 only" in text for text in liver.doubts) is doubted


def test_density_comes_from_the_values() -> None:
    labels = labeled(liver=((5, 25), (10, 30), (30, 50)))
    values = np.where(labels > 0, 60, -100).astype(np.int16)
    (liver,) = organ_findings(labels, GRID, ["liver"], CALIBRATION, values=values)
    assert (liver.mean_hu, liver.sd_hu) == (60.0, 0.0)


def test_parts_near_the_main_one_stay_and_specks_go() -> None:
    spacing = (3.0, 2.0, 2.0)
    mask = np.zeros((20, 40, 80), bool)
    mask[5:12, 10:20, 5:30] = True  # body
    mask[5:12, 10:20, 36:46] = True  # tail, 14 mm beside it
    mask[15:18, 30:36, 70:76] = True  # a piece of bowel, far away
    mask[5, 12, 33] = True  # a speck
    kept = kept_parts(mask, spacing, 20.0)
    assert kept[8, 15, 40] and kept[8, 15, 10]
    assert not kept[16, 32, 72]
    assert not kept[5, 12, 33]
    # Parts hang together through one another.
    assert not kept_parts(mask, spacing, 5.0)[8, 15, 40]


def test_cleaning_keeps_other_organs_apart() -> None:
    labels = labeled(liver=((5, 25), (10, 30), (30, 50)), pancreas=((5, 10), (32, 40), (10, 20)))
    labels[38, 2, 2] = BY_KEY["liver"].label
    out = cleaned(labels, (3.0, 2.0, 2.0))
    assert out[38, 2, 2] == 0
    assert (out > 0).sum() == (labels > 0).sum() - 1


@pytest.mark.parametrize(("half", "known"), [(95.9, True), (96.0, False)])
def test_a_volume_with_an_interval_as_wide_as_itself_is_not_given(half: float, known: bool) -> None:
    (liver,) = organ_findings(labeled(liver=((5, 25), (10, 30), (30, 50))), GRID, ["liver"], CALIBRATION)
    liver = replace(liver, half_ml=half)
    result = OrgansResult("scan", GRID.size_ijk, (2.0, 2.0, 3.0), (liver,))
    assert liver.volume_known == known
    assert ("not given, for it is known to +- 96 ml only" in result.answer()) != known
    assert result.measurements()[0].value == (96.0 if known else None)
    assert result.to_json()["volumes_ml"] == {"liver": 96.0 if known else None}
    assert result.tables()[0].rows[0][3] == (96.0 if known else None)
    assert OrgansResult.from_json(result.to_json()) == result


def test_words_for_organs() -> None:
    assert chosen_organs("pancreas, Kidneys") == ("pancreas", "left_kidney", "right_kidney")
    assert set(chosen_organs("all")) == set(CHANNELS)
    with pytest.raises(BadInput, match="no organ called 'heart'"):
        chosen_organs("heart")
    with pytest.raises(BadInput, match="No organ was chosen"):
        chosen_organs(" , ")
    check_shipped(["pancreas"])
    with pytest.raises(BadInput, match="No validated model for urinary bladder is shipped"):
        check_shipped(["bladder"])


def test_results_are_read_back_as_they_were() -> None:
    labels = labeled(liver=((5, 25), (10, 30), (30, 50)))
    found = organ_findings(labels, GRID, ["liver", "spleen"], CALIBRATION)
    result = OrgansResult("scan", GRID.size_ijk, (2.0, 2.0, 3.0), found, sentences=("Complete: liver.",))
    assert OrgansResult.from_json(result.to_json()) == result
    assert OrganFinding.from_dict(found[0].to_dict()) == found[0]
    assert result.to_json()["volumes_ml"] == {"liver": found[0].volume_ml, "spleen": 0.0}
    assert "spleen" not in result.answer()
    picture = SliceResult("slice", (512, 512), "upright", 0.99, {"liver": 12, "pancreas": 0})
    assert SliceResult.from_json(picture.to_json()) == picture
    assert picture.answer() == "liver 12 pixels"


@pytest.mark.parametrize(("dice", "shown"), [(0.67, False), (0.68, True), (0.70, True)])
def test_an_organ_below_its_bar_is_withheld(dice: float, shown: bool) -> None:
    calibration = Calibration(dice={"pancreas": dice, "liver": 0.94})
    organs, told = shown_organs("all", calibration, unvalidated=False)
    assert ("pancreas" in organs) is shown and "liver" in organs
    assert [remark.text for remark in told if f"pancreas Dice {dice:.2f} of 0.70" in remark.text] == (
        [] if shown else [remark.text for remark in told]
    )
    if not shown:
        with pytest.raises(
            BadInput, match=r"No validated model for pancreas is shipped \(pancreas Dice 0.67 of 0.70\)"
        ):
            shown_organs("pancreas, liver", calibration, unvalidated=False)
    assert shown_organs("pancreas", calibration, unvalidated=True) == (("pancreas",), ())


def test_an_organ_below_its_bar_says_so_on_every_line() -> None:
    calibration = Calibration({"liver": Edge(0.5, 3, 3)}, dice={"liver": 0.5})
    found = organ_findings(labeled(liver=((5, 25), (10, 30), (30, 50))), GRID, ["liver"], calibration)
    result = OrgansResult("scan", GRID.size_ijk, (2.0, 2.0, 3.0), found)
    assert result.answer().startswith("liver (not validated) 96.0 ml")
    assert result.tables()[0].rows[0][0] == "Liver (not validated)"
    assert result.measurements()[0].label == "Liver (not validated) volume"
    picture = SliceResult("slice", (512, 512), "upright", 0.99, {"liver": 12}, unvalidated=("liver",))
    assert picture.answer() == "liver (not validated) 12 pixels"
    assert SliceResult.from_json(picture.to_json()) == picture


def test_kidneys_are_judged_together_and_unmeasured_organs_are_not_judged() -> None:
    calibration = Calibration(dice={"left_kidney": 0.92, "right_kidney": 0.80, "gallbladder": 0.1})
    assert calibration.validated("right_kidney") and calibration.validated("gallbladder")  # no bar is set for this one
    assert not Calibration(dice={"left_kidney": 0.90, "right_kidney": 0.79}).validated("left_kidney")
    assert UNCALIBRATED.validated("pancreas")


def test_colors_can_be_told_apart() -> None:
    colors = np.array([organ.color for organ in BY_KEY.values()], float)
    apart = np.linalg.norm(colors[:, None] - colors[None], axis=-1) + 1e9 * np.eye(len(colors))
    assert apart.min() >= 70
