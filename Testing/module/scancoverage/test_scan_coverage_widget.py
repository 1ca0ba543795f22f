"""ScanCoverage's panel, set up from its real .ui, driven as a user would; pictures of it go to Testing/artefacts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from DeepMedLib.jobs.task import run_here
from Testing.module.scancoverage.coverage_helpers import AnsweringSlices, install_slices

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def module(slicerScene: Any) -> Any:
    from deepmed_headless import load_named

    return load_named("ScanCoverage")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> AnsweringSlices:
    answering = install_slices(monkeypatch)
    answering.pace /= 2  # slices of the sample lie 3 mm apart
    return answering


@pytest.fixture
def widget(module: Any) -> Iterator[Any]:
    widget = module.ScanCoverageWidget()
    widget.setup()
    widget.enter()
    yield widget
    widget.cleanup()


def read(widget: Any) -> Any:
    """What Apply does, in this process; returns the nodes."""
    if widget._parameterNode.inputVolume is None:
        widget.onSample()
    widget._parameterNode.lungs = False
    widget._makeJob()
    widget._onComputed(run_here(widget._preparation.task, None))
    return widget.resultPanel.nodes


def wait(widget: Any, seconds: float = 180) -> None:
    import slicer

    stop = time.monotonic() + seconds
    while widget.applyCancel.state.value in ("running", "cancelling") and time.monotonic() < stop:
        slicer.app.processEvents()
        time.sleep(0.02)


def picture(widget: Any, name: str) -> None:
    from deepmed_headless import grab_widget

    folder = ROOT / "Testing" / "artefacts"
    folder.mkdir(exist_ok=True)
    widget.parent.resize(560, 1500)
    widget.parent.show()
    grab_widget(widget.parent, folder / name)
    assert (folder / name).stat().st_size > 10_000


def test_apply_needs_a_scan(widget: Any) -> None:
    assert not widget.ui.applyButton.enabled and "CT" in widget.ui.applyButton.toolTip
    assert "No scan was read" in widget.ui.headlineText.plainText and not widget.ui.reportButton.enabled
    widget.onSample()
    assert widget.ui.applyButton.enabled and widget.ui.applyButton.text == "Read scan"
    assert widget._parameterNode.organs is not None


def test_the_panel_shows_the_reading(widget: Any, network: AnsweringSlices) -> None:
    read(widget)
    ui = widget.ui
    assert "chest (cut: superior), abdomen (cut: inferior)" in ui.headlineText.plainText
    assert "lower bounds" in ui.remarksText.plainText
    assert ui.reportButton.enabled and not ui.pictureLabel.pixmap.isNull()
    assert ui.resultTable.mrmlTableNode() is widget._parameterNode.result
    picture(widget, "coverage_panel.png")


def test_a_result_whose_scan_has_gone_says_so(widget: Any, network: AnsweringSlices) -> None:
    import slicer

    nodes = read(widget)
    widget._parameterNode.result = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    assert "No scan was read" in widget.ui.headlineText.plainText and not widget.ui.reportButton.enabled
    widget._parameterNode.result = nodes.handle
    assert "chest" in widget.ui.headlineText.plainText
    slicer.mrmlScene.RemoveNode(nodes.volume)
    assert "chest" in widget.ui.headlineText.plainText and "removed" in widget.ui.remarksText.plainText
    assert not widget.ui.reportButton.enabled and not widget.ui.applyButton.enabled


def test_the_report_is_written_where_the_user_says(
    widget: Any, network: AnsweringSlices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import qt

    widget._parameterNode.telling = True
    read(widget)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    widget.ui.reportButton.click()
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "report.pdf"}
    widget.ui.filesButton.click()
    more = {"overlay.png", "telling.png", "slices.csv"}
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "report.pdf"} | more


@pytest.mark.slow
def test_reading_in_the_child_process(widget: Any) -> None:
    widget.onSample()
    widget.ui.applyButton.click()
    assert widget.ui.applyButton.text == "Cancel"
    wait(widget)
    assert widget.ui.applyButton.text == "Read scan", widget.ui.statusLabel.text
    nodes = widget.resultPanel.nodes
    assert nodes is not None, widget.ui.statusLabel.text
    organs = {v.name: v.state for v in nodes.result.verdicts if v.kind == "organ"}
    assert organs["liver"] == "complete" and organs["bladder"] == "absent"


def test_cancel_ends_the_job(widget: Any) -> None:
    widget.onSample()
    widget.ui.applyButton.click()
    widget.ui.applyButton.click()
    wait(widget)
    assert "Cancelled" in widget.ui.statusLabel.text and widget.resultPanel.nodes is None


def test_scene_close_while_reading(widget: Any) -> None:
    import slicer

    widget.onSample()
    widget.ui.applyButton.click()
    slicer.mrmlScene.Clear(0)
    assert widget.applyCancel.state.value in ("idle", "notReady") and widget.resultPanel.nodes is None
    widget.enter()
    assert not widget.ui.applyButton.enabled
