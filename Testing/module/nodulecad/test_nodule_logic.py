"""NoduleCAD's Logic on real MRML: marks as nodes, decisions, operating points, files; no network is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from DeepMedLib.errors import BadInput
from Testing.module.nodulecad.nodule_helpers import finished, result


@pytest.fixture
def logic(slicerScene: Any) -> Any:
    from deepmed_headless import load_named

    logic = load_named("NoduleCAD").NoduleCADLogic()
    logic.runInProcess = True
    return logic


def points(nodes: Any) -> list[str]:
    node = nodes.get("marks")
    return [node.GetNthControlPointLabel(n) for n in range(node.GetNumberOfControlPoints())]


def test_marks_become_nodes_and_are_read_back(logic: Any) -> None:
    nodes = finished(logic)
    assert points(nodes) == ["1 (0.90)"]
    assert nodes.get("outlines").GetSegmentation().GetSegment("nodule_1").GetName() == "Nodule 1"
    assert nodes.get("outlines").GetSegmentation().GetSegment("nodule_2") is None
    assert logic.readResult(nodes.get("marks")).result == nodes.result
    assert tuple(nodes.get("marks").GetNthControlPointPositionWorld(0)) == (-10.0, -5.0, 120.0)


def test_the_operating_point_shows_more_marks(logic: Any) -> None:
    nodes = finished(logic)
    logic.setOperatingPoint(nodes, 8.0)
    assert points(nodes) == ["1 (0.90)", "2 (0.40)"]
    assert nodes.handle.GetNumberOfRows() == 2
    logic.setOperatingPoint(nodes, 0.125)
    assert points(nodes) == []
    assert "no proof" in logic.readResult(nodes.handle).result.answer()


def test_a_rejected_mark_leaves_points_rules_and_report(logic: Any, tmp_path: Path) -> None:
    nodes = finished(logic)
    assert "category 4A to 4B" in nodes.result.answer()
    logic.decide(nodes, 1, "rejected")
    assert points(nodes) == []
    assert logic.readResult(nodes.handle).result.marks[0].decision == "rejected"
    assert "no mark" in nodes.result.answer()
    logic.decide(nodes, 1, "accepted")
    logic.setOperatingPoint(nodes, 0.125)
    assert points(nodes) == ["1 (0.90)"]  # what the user accepted stays


def test_unknown_marks_and_decisions_are_refused(logic: Any) -> None:
    nodes = finished(logic)
    with pytest.raises(BadInput, match="no mark 7"):
        logic.decide(nodes, 7, "accepted")
    with pytest.raises(BadInput, match="no decision"):
        logic.decide(nodes, 1, "perhaps")
    assert nodes.result == logic.readResult(nodes.handle).result


def test_files(logic: Any, tmp_path: Path) -> None:
    files = {path.name: path for path in logic.exportFiles(finished(logic), tmp_path)}
    assert {
        "nodules.csv",
        "marks.csv",
        "marks.mrk.json",
        "nodules.seg.nrrd",
        "report.html",
        "report.pdf",
    } <= files.keys()
    lines = files["marks.csv"].read_text(encoding="utf-8").split()
    assert lines[0] == "seriesuid,coordX,coordY,coordZ,probability"
    assert [float(cell) for cell in lines[1].split(",")[1:]] == [10.0, 5.0, 120.0, 0.9]  # LPS
    assert len(lines) == 3  # all marks, not only those shown
    page = files["report.html"].read_text(encoding="utf-8")
    assert "Fleischner 2017" in page and "Lung-RADS v2022" in page and "Brock" in page
    assert "no probability of cancer" in page


def test_no_scan_is_refused(logic: Any) -> None:
    with pytest.raises(BadInput, match="No scan is selected"):
        logic.process(None)


def test_json_keeps_everything() -> None:
    again = type(result()).from_json(result().to_json())
    assert again == result()
    assert again.threshold() == pytest.approx(0.8)
    assert again.at(4.5).threshold() == pytest.approx(0.55)
    assert result().to_json()["nodules"][0]["category"] == "4A to 4B"
