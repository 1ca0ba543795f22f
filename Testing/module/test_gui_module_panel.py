"""What all panels share: parameters come and go with the scene, the module and the user."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def module(slicerScene: Any) -> Any:
    from deepmed_headless import load_named

    return load_named("ScanCoverage")


@pytest.fixture
def lone(module: Any) -> Iterator[Any]:
    """A panel without a module around it, as scripts and tests make one."""
    widget = module.ScanCoverageWidget()
    widget.setup()
    yield widget
    widget.cleanup()


def test_a_panel_without_a_module_has_parameters_after_a_scene_was_closed(
    lone: Any, slicerScene: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    slicerScene.Clear(0)
    assert slicerScene.IsNodePresent(lone._parameterNode.parameterNode)
    assert "isEntered" not in "".join(capfd.readouterr())


def test_a_module_that_is_not_shown_leaves_the_closed_scene_empty(module: Any, slicerScene: Any) -> None:
    import slicer

    panel = slicer.modules.scancoverage.createNewWidgetRepresentation()
    widget = panel.self()
    panel.enter()
    assert widget._parameterNode is not None
    panel.exit()
    assert widget._parameterNode is None
    slicerScene.Clear(0)
    assert widget._parameterNode is None
    panel.enter()
    slicerScene.Clear(0)
    assert widget._parameterNode is not None
    widget.cleanup()


def test_the_logic_knows_its_models_and_where_the_worker_looks(lone: Any) -> None:
    assert (lone.logic.modelsFolder() / "manifest.json").is_file()
    assert lone.logic.runInProcess is False
