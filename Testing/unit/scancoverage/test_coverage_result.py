"""A result as words and as JSON, and whether answers run along a body."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from DeepMedLib.ct.regions.position import POSITION_PER_MM
from DeepMedLib.ct.regions.scan_fit import MIRRORED, STATED, Turn, follows_a_body
from DeepMedLib.ct.regions.slice_picture import SIDE, body_box, slice_picture, windowed
from DeepMedLib.ct.regions.verdicts import OWN, SliceReading, Verdict
from DeepMedLib.remark import Gravity, Remark
from ScanCoverageLib.coverage_picture import REGION_COLORS, region_bar, runs
from ScanCoverageLib.coverage_report import coverage_report
from ScanCoverageLib.coverage_result import CoverageResult


def result() -> CoverageResult:
    slices = (
        SliceReading(2, 110.0, None, None, "", None),
        SliceReading(1, 100.0, 30.5, 1.0, "chest", 0.98),
        SliceReading(0, 90.0, 44.0, 1.5, "abdomen", 0.55),
    )
    verdicts = (
        Verdict("neck", "region", "absent", (), "slices 1"),
        Verdict("chest", "region", "cut", ("superior",), "slices 1"),
        Verdict("abdomen", "region", "not judged", (), "slices 1"),
        Verdict("pelvis", "region", "not judged", (), "slices 1"),
        Verdict("liver", "organ", "complete", (), "mine"),
        Verdict("right lung", OWN, "cut", ("superior",), "masks"),
        Verdict("left lung", OWN, "complete", (), "masks"),
        Verdict("airways", OWN, "absent", (), "masks"),
    )
    masks = {
        **{"lung_right_ml": 1371.0, "lung_right_sd_ml": 35.2, "lung_right_lower_bound": True},
        **{"lung_left_ml": 1800.0, "lung_left_sd_ml": 40.0, "lung_left_lower_bound": False},
        **{"airways_ml": 0.0, "airways_sd_ml": 0.0, "airways_lower_bound": False, "airways": "Followed."},
    }
    return CoverageResult(
        *("ct", (4, 5, 3), (1.0, 1.0, 10.0), slices, Turn(STATED, 0.9, False), verdicts),
        *((Remark("A remark."),), ("A sentence.",), masks, False, "", {"slices": 0.5}, {"model": "slices"}),
    )


def test_json_and_back() -> None:
    before = result()
    record = json.loads(json.dumps(before.to_json()))
    assert CoverageResult.from_json(record) == before
    assert record["status"] == "done" and record["verdicts"][1]["sides"] == ["superior"]
    silent = replace(before, turn=None, abstained=True, reason="No body is seen in any slice.")
    assert CoverageResult.from_json(json.loads(json.dumps(silent.to_json()))) == silent


def test_words() -> None:
    one = result()
    assert one.extent() == "chest (cut: superior), abdomen (extent not certain), perhaps pelvis"
    assert one.headline().endswith("organs: 1 complete, 0 cut, 0 absent")
    assert one.warnings() == ["A sentence.", "A remark."]
    mirrored = replace(one, turn=Turn(MIRRORED, 0.99, None))
    assert "left and right exchanged" in mirrored.warnings()[0]
    silent = replace(one, abstained=True, reason="No body is seen in any slice.", verdicts=())
    assert silent.headline() == "regions not judged: no body is seen in any slice"


def test_volumes_have_an_interval_and_say_where_they_are_lower_bounds() -> None:
    one = result()
    cells = [("1371 ml, lower bound", "1302 to 1440"), ("1800 ml", "1722 to 1878"), ("none found", "")]
    assert [one.volume_cells(name) for name in ("right lung", "left lung", "airways")] == cells
    rows = {row[0]: row for row in one.table("verdicts").rows}
    assert rows["right lung"][1:5] == ("cut", "superior", *cells[0])
    assert rows["liver"][3:5] == rows["chest"][3:5] == ("", "")
    (section,) = [s for s in coverage_report(one, np.zeros((40, 50, 3), np.uint8)).sections if "airways" in s.title]
    assert [row[1:3] for row in section.rows] == cells
    assert [item.sd for item in one.measurements()] == [35.2, 40.0, 0.0]


def test_a_grave_finding_leads_the_printed_line() -> None:
    grave = replace(result(), checks=(Remark("A remark."), Remark("4 slices are missing.", Gravity.GRAVE)))
    assert grave.headline().startswith("4 slices are missing. chest (cut: superior)")
    assert grave.warnings()[0] == "4 slices are missing."


def test_the_bar_is_darker_where_the_answer_is_unsure() -> None:
    readings = list(result().slices)
    bar = region_bar(readings, 30)
    assert (bar[5] == 70).all()
    np.testing.assert_array_equal(bar[15, 0], REGION_COLORS["chest"])
    unsure = bar[25, 0].astype(float)
    assert np.abs(unsure - REGION_COLORS["abdomen"]).max() > 60
    assert runs(readings) == [(0, 0), (1, 1), (2, 2)]


def test_a_report_with_few_organs_is_one_page_and_with_many_has_more() -> None:
    picture = np.zeros((40, 50, 3), np.uint8)
    assert len(coverage_report(result(), picture).pages) == 1
    organs = tuple(Verdict(f"organ {n}", "organ", "cut", ("left", "right"), "mine") for n in range(70))
    many = coverage_report(replace(result(), verdicts=organs), picture, picture)
    assert [page.title for page in many.more] == ["Organs of the segmentation"] * 3 + ["Telling patches"]
    assert sum(len(page.sections[0].rows) for page in many.more[:3]) == 70


def test_answers_along_a_body() -> None:
    mm = np.arange(0, 400, 3.0)
    rng = np.random.default_rng(5)
    found = 25 + POSITION_PER_MM * mm + rng.normal(0, 3, len(mm))
    sd = np.full(len(mm), 3.0)
    assert follows_a_body(mm, found, sd) and follows_a_body(mm, found[::-1], sd)
    assert not follows_a_body(mm, rng.permutation(found), sd)
    folded = np.where(mm < 200, 40 - POSITION_PER_MM * mm, 16 + POSITION_PER_MM * (mm - 200))
    assert not follows_a_body(mm, folded, sd)
    assert follows_a_body(mm[:2], found[:2], sd[:2])


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_a_slice_picture_keeps_the_body_round(aspect: float) -> None:
    rows, columns = np.mgrid[:200, :200]
    disc = (((rows - 90) * aspect) ** 2 + (columns - 100) ** 2) < 40**2
    picture = slice_picture(windowed(np.where(disc, 40.0, -1000.0)), aspect)
    assert picture is not None and picture.shape == (SIDE, SIDE)
    inside = picture > 60
    assert abs(int(inside.any(1).sum()) - int(inside.any(0).sum())) <= 2
    assert picture[0].max() == 0 and picture[:, 0].max() == 0  # a margin all around
    top, bottom, left, right = (
        np.nonzero(inside.any(1))[0][[0, -1]].tolist() + np.nonzero(inside.any(0))[0][[0, -1]].tolist()
    )
    assert abs((top + bottom) - (SIDE - 1)) <= 2 and abs((left + right) - (SIDE - 1)) <= 2


def test_the_body_box_counts_both_legs_but_no_tube() -> None:
    hu = np.full((256, 256), -1000.0)
    hu[100:160, 40:100] = hu[100:160, 150:210] = 40
    hu[20:23, 10:250] = 200
    assert body_box(windowed(hu)) == (100, 160, 40, 210)
