"""While the panel is open: drags, undo, deletions, and which of several tracings is seen."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.module.cephsketcher.ceph_helpers import curve_points, drag, measured, trace


def test_outlines_and_values_go_along_with_the_hand(module: Any, widget: Any) -> None:
    """Every step moves curves and table; the result itself waits until the hand rests."""
    nodes = trace(module, widget)
    curve = nodes.group("outlines")["mandible"]
    where, shown = curve_points(curve), [widget.ui.measuresTable.item(row, 1).text() for row in range(3)]
    drag(widget, "B", 3.0)
    widget.resultPanel.step()
    assert np.abs(curve_points(curve) - where).max() > 1
    after = [widget.ui.measuresTable.item(row, 1).text() for row in range(3)]
    assert after[0] == shown[0] and after[1:] != shown[1:]  # SNA stays, SNB and ANB go along
    assert not widget.resultPanel.nodes.result.edited and len(widget.resultPanel._history) == 0
    widget.resultPanel.follow()
    assert widget.resultPanel.nodes.result.edited


def test_one_undo_for_a_drag(module: Any, widget: Any) -> None:
    trace(module, widget)
    start = measured(widget)
    assert not widget.ui.undoButton.enabled
    node = widget.resultPanel.nodes.handle
    for _ in range(3):  # a drag with rests
        drag(widget, "B", 1.0)
        widget.resultPanel.follow()
    node.InvokeEvent(node.PointEndInteractionEvent)
    once = measured(widget)
    drag(widget, "B", 1.0)
    node.InvokeEvent(node.PointEndInteractionEvent)
    node.UnsetNthControlPointPosition(0)  # sella
    widget.resultPanel.follow()
    assert "SNA" not in measured(widget) and "S is deleted" in widget.ui.warningLabel.text
    widget.ui.undoButton.click()
    widget.ui.undoButton.click()
    assert measured(widget) == pytest.approx(once)
    widget.ui.undoButton.click()
    assert measured(widget) == pytest.approx(start) and not widget.ui.undoButton.enabled
    assert not widget.resultPanel.nodes.result.edited


def test_deleting_a_point_is_seen_while_the_panel_is_open(module: Any, widget: Any) -> None:
    import slicer

    nodes = trace(module, widget)
    nodes.handle.SetFixedNumberOfControlPoints(False)
    nodes.handle.RemoveNthControlPoint(nodes.result.landmarks.symbols.index("Or"))
    stop = time.monotonic() + 20
    while "Or is deleted" not in widget.ui.warningLabel.text and time.monotonic() < stop:
        slicer.app.processEvents()
        time.sleep(0.02)
    assert "Or is deleted" in widget.ui.warningLabel.text and "FMA" not in measured(widget)


def test_deleting_the_list_empties_the_panel(module: Any, widget: Any) -> None:
    import slicer

    nodes = trace(module, widget)
    slicer.mrmlScene.RemoveNode(nodes.handle)
    assert widget.resultPanel.nodes is None and "No film is traced" in widget.ui.readingLabel.text
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLMarkupsCurveNode") == 0


def test_a_film_that_goes_is_said(module: Any, widget: Any) -> None:
    import slicer

    nodes = trace(module, widget)
    slicer.mrmlScene.RemoveNode(nodes.volume)
    panel = widget.resultPanel
    assert panel.nodes is None or ("removed" in widget.ui.warningLabel.text and not widget.ui.reportButton.enabled)


def test_names_can_be_hidden(module: Any, widget: Any) -> None:
    nodes = trace(module, widget)
    displays = [nodes.get(role).GetDisplayNode() for role in ("landmarks", "derived")]
    assert all(display.GetPointLabelsVisibility() for display in displays)
    widget.ui.namesCheckBox.checked = False
    assert not any(display.GetPointLabelsVisibility() for display in displays)


def test_only_the_shown_tracing_is_seen(module: Any, widget: Any) -> None:
    earlier = trace(module, widget)
    later = trace(module, widget)
    assert later.handle is not earlier.handle
    assert not earlier.handle.GetDisplayNode().GetVisibility() and later.handle.GetDisplayNode().GetVisibility()
    widget._parameterNode.earlier = earlier.handle
    widget.ui.superimposeButton.click()
    assert earlier.handle.GetDisplayNode().GetVisibility() and not later.handle.GetDisplayNode().GetVisibility()
    assert "The views show" in widget.ui.superimposeLabel.text
    curves = widget.superimposePanel.nodes.curves
    assert all(curve.GetDisplayNode().GetVisibility() for curve in curves)
    widget.ui.showLaterButton.click()
    assert later.handle.GetDisplayNode().GetVisibility() and not curves[0].GetDisplayNode().GetVisibility()
    curves[0].SetDisplayVisibility(True)
    widget.superimposePanel.clear()  # a scene that is loaded brings outlines that the panel did not make
    widget._parameterNode.landmarks = earlier.handle
    assert not curves[0].GetDisplayNode().GetVisibility()


def test_the_panel_says_what_a_loaded_tracing_was_made_with(module: Any, widget: Any, tmp_path: Path) -> None:
    import slicer

    trace(module, widget)
    widget.ui.normsComboBox.setCurrentText("Eastman")
    widget.ui.ageSpinBox.value = 12.0
    slicer.util.saveScene(str(tmp_path / "film.mrb"))
    slicer.mrmlScene.Clear(0)
    widget.ui.normsComboBox.setCurrentText("Downs")
    slicer.util.loadScene(str(tmp_path / "film.mrb"))
    assert widget.resultPanel.nodes is not None
    options = widget.resultPanel.nodes.result.options
    assert (options.norms, options.age) == ("Eastman", 12.0) and widget.ui.normsComboBox.currentText == "Eastman"
