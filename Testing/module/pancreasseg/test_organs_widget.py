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
    assert "pancreas" in widget.ui.headlineLabel.text
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
