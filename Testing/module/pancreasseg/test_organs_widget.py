"""Pancreas Seg's panel and scene: a run, its result found again, surfaces, and refusals that change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.jobs.task import run_here
from PancreasSegHeadless.gray_bundle import write_gray_bundle


@pytest.fixture
def module(slicerScene: Any) -> Any:
    from deepmed_headless import load_named

    return load_named("PancreasSeg")


@pytest.fixture
def widget(module: Any) -> Iterator[Any]:
    widget = module.PancreasSegWidget()
    widget.setup()
    widget.enter()
    yield widget
    widget.cleanup()


def test_the_panel_runs_a_network_of_the_user(widget: Any, tmp_path: Path) -> None:
    widget.onSample()
    widget._parameterNode.engine = str(write_gray_bundle(tmp_path / "gray"))
    widget._parameterNode.runs = 1
    widget._parameterNode.uncertainty = True
    widget._makeJob()
    widget._onComputed(run_here(widget._preparation.task, None))
    nodes = widget.resultPanel.nodes
    assert "pancreas" in widget.ui.headlineText.plainText
    segmentation = nodes.get("segmentation").GetSegmentation()
    assert segmentation.GetSegment("pancreas").GetName() == "Pancreas" and segmentation.GetNumberOfSegments() == 8
    widget.logic.showSurfaces(nodes)
    assert segmentation.ContainsRepresentation("Closed surface")
    again = widget.logic.readResult(nodes.get("segmentation"))
    assert again.result == nodes.result
    assert widget.logic.pictureOf(nodes, 400).shape[2] == 3


def test_without_a_shipped_model_the_sentence_says_what_to_do(module: Any, tmp_path: Path) -> None:
    import slicer

    logic = module.PancreasSegLogic()
    node = module.organPhantom.loadPhantom()
    count = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(BadInput, match="No validated model for urinary bladder is shipped"):
        logic.process(node, organs="bladder")
    logic.modelsFolder = lambda: tmp_path
    with pytest.raises(BadInput, match="Add a bundle"):
        logic.process(node)
    assert slicer.mrmlScene.GetNumberOfNodes() == count


def test_the_drawn_result_is_found_again(module: Any) -> None:
    test = module.PancreasSegTest()
    test.runTest()


def test_points_correct_an_organ_and_its_numbers_follow(widget: Any) -> None:
    import numpy as np
    import slicer

    from PancreasSegLib.organs import BY_KEY
    from PancreasSegMrml import organPhantom
    from PancreasSegMrml.organNodes import labelsOf

    logic = widget.logic
    node = organPhantom.loadPhantom()
    nodes = organPhantom.drawnResult(node, logic)
    label = BY_KEY["gallbladder"].label
    center = np.array(nodes.result.finding("gallbladder").center_ras)
    before = nodes.result.finding("gallbladder").volume_ml
    others = {organ.key: organ.volume_ml for organ in nodes.result.organs if organ.key != "gallbladder"}
    widget._parameterNode.inputVolume, widget._parameterNode.result = node, nodes.handle
    widget.resultPanel.show(nodes.handle)
    points = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "outside")
    points.AddControlPoint(*center)
    section = widget.correction
    section.organ.currentIndex = [organ.key for organ in BY_KEY.values()].index("gallbladder")
    section.outside.setCurrentNode(points)
    section.inside.setCurrentNode(points)
    section.onCorrect()  # told, and nothing done
    assert widget.resultPanel.nodes.result == nodes.result
    section.inside.setCurrentNode(None)
    section.onCorrect()
    shown = widget.resultPanel.nodes
    after = shown.result.finding("gallbladder")
    assert after.volume_ml < 0.8 * before and after.interval() is None
    assert after.volume_ml == pytest.approx(float((labelsOf(shown) == label).sum()) * 27 / 1000, abs=0.01)
    assert {organ.key: organ.volume_ml for organ in shown.result.organs if organ.key != "gallbladder"} == others
    assert any("corrected by points" in sentence for sentence in shown.result.warnings())
    with pytest.raises(BadInput, match="no point"):
        logic.correct(shown, "liver", [])


def test_an_edited_segment_is_told_while_the_panel_is_open(widget: Any) -> None:
    import numpy as np
    import slicer

    from PancreasSegMrml import organPhantom

    node = organPhantom.loadPhantom()
    nodes = organPhantom.drawnResult(node, widget.logic)
    widget._parameterNode.inputVolume, widget._parameterNode.result = node, nodes.handle
    assert "edited" not in widget.ui.remarksText.plainText
    mask = np.zeros(slicer.util.arrayFromVolume(node).shape, np.uint8)
    slicer.util.updateSegmentBinaryLabelmapFromArray(mask, nodes.get("segmentation"), "spleen", node)
    slicer.app.processEvents()
    assert "edited after they were measured (spleen)" in widget.ui.remarksText.plainText


def test_one_result_is_shown_at_a_time(widget: Any) -> None:
    """Outlines of an earlier run do not lie under those of the result that is shown."""
    from PancreasSegMrml import organPhantom

    node = organPhantom.loadPhantom()
    first, second = (organPhantom.drawnResult(node, widget.logic) for _ in range(2))
    widget._parameterNode.inputVolume = node
    drawn = [each.get("segmentation") for each in (first, second)]
    for shown, visible in ((first, [1, 0]), (second, [0, 1])):
        widget._parameterNode.result = shown.handle
        assert [segmentation.GetDisplayVisibility() for segmentation in drawn] == visible
    drawn[1].SetDisplayVisibility(False)
    widget.exit()
    widget.enter()
    assert [segmentation.GetDisplayVisibility() for segmentation in drawn] == [0, 0]


def test_a_new_list_of_points_waits_for_clicks(widget: Any) -> None:
    import slicer

    interaction = slicer.app.applicationLogic().GetInteractionNode()
    points = widget.correction.inside.addNode("vtkMRMLMarkupsFiducialNode")
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    assert slicer.app.applicationLogic().GetSelectionNode().GetActivePlaceNodeID() == points.GetID()
    interaction.SetCurrentInteractionMode(interaction.ViewTransform)


def test_segments_edited_by_hand_are_told(module: Any) -> None:
    import slicer

    logic = module.PancreasSegLogic()
    nodes = module.organPhantom.drawnResult(module.organPhantom.loadPhantom(), logic)
    assert nodes.change() == "" and logic.readResult(nodes.handle).change() == ""
    segmentation = nodes.get("segmentation")
    segmentation.GetSegmentation().RemoveSegment("spleen")
    assert "(spleen)" in logic.readResult(nodes.handle).change()
    slicer.mrmlScene.RemoveNode(segmentation)
    assert logic.readResult(nodes.handle).change() == ""
