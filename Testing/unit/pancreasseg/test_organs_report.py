"""The picture of outlines and the page of a result."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from PancreasSegLib.calibration import UNCALIBRATED, Calibration, Edge
from PancreasSegLib.findings import organ_findings
from PancreasSegLib.organs import BY_KEY, ORGANS
from PancreasSegLib.organs_picture import organs_picture, slice_overlay
from PancreasSegLib.organs_report import organs_report, slice_report
from PancreasSegLib.organs_result import OrgansResult, SliceResult
from Testing.unit.pancreasseg.test_cascade import trunk

ASKED = ("pancreas", "liver", "spleen", "stomach")


def test_the_picture_shows_the_organs_on_the_right_side() -> None:
    values, labels, grid = trunk()
    picture = organs_picture(values, labels, grid, width=480)
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    first = picture[:height, :width].astype(int)
    outline = {
        key: np.argwhere((first == BY_KEY[key].color).all(-1))[:, 1].mean() for key in ("liver", "spleen", "pancreas")
    }
    # i rises to the patient's right, which is shown at the left.
    assert outline["liver"] < outline["pancreas"] < outline["spleen"]


def test_the_page_names_volumes_states_and_limits() -> None:
    values, labels, grid = trunk()
    calibration = Calibration({"liver": Edge(0.5, 3, 3)})
    found = organ_findings(labels, grid, ASKED, calibration, values=values)
    result = OrgansResult("scan", grid.size_ijk, (3.0, 3.0, 4.0), found, engine_name="DeepMed cascade")
    report = organs_report(result, organs_picture(values, labels, grid, 400))
    rows = {row[0]: row for row in report.sections[0].rows}
    assert rows["Liver"][1] == result.finding("liver").volume_text()
    assert rows["Stomach"][1:3] == ("not found", "absent")
    assert report.subtitle == "3 of 4 organs found"
    assert any("scans that the network never saw" in note for note in report.notes)
    own = replace(result, organs=organ_findings(labels, grid, ASKED, UNCALIBRATED, values=values))
    notes = organs_report(own, organs_picture(values, labels, grid, 400)).notes
    assert not any("never saw" in note for note in notes)  # nobody measured a user's network


def test_the_page_of_a_slice() -> None:
    picture = np.full((80, 90), 120, np.uint8)
    labels = np.zeros((80, 90), np.uint8)
    labels[20:40, 20:40] = BY_KEY["liver"].label
    overlay = slice_overlay(picture, labels)
    assert tuple(overlay[20, 25]) == BY_KEY["liver"].color and tuple(overlay[60, 60]) == (120, 120, 120)
    result = SliceResult("slice.png", (90, 80), "upright", 0.99, {"liver": 400})
    report = slice_report(result, overlay)
    assert report.sections[0].rows == (("Liver", "400"),)
    assert any("pixel is not known" in text for text in report.warnings)


def test_ids_keys_and_codes_are_each_their_own() -> None:
    assert len({organ.label for organ in ORGANS}) == len({organ.key for organ in ORGANS}) == len(ORGANS)
    assert len({organ.codes for organ in ORGANS}) == len(ORGANS)
