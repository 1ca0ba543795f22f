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
    assert "SNA" not in measured(widget) and "S is deleted" in widget.ui.warningText.plainText
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
    while "Or is deleted" not in widget.ui.warningText.plainText and time.monotonic() < stop:
        slicer.app.processEvents()
        time.sleep(0.02)
    assert "Or is deleted" in widget.ui.warningText.plainText and "FMA" not in measured(widget)


def test_deleting_the_list_empties_the_panel(module: Any, widget: Any) -> None:
    import slicer

    nodes = trace(module, widget)
    slicer.mrmlScene.RemoveNode(nodes.handle)
    assert widget.resultPanel.nodes is None and "No film is traced" in widget.ui.readingText.plainText
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLMarkupsCurveNode") == 0


def test_a_film_that_goes_is_said(module: Any, widget: Any) -> None:
    import slicer

    nodes = trace(module, widget)
    slicer.mrmlScene.RemoveNode(nodes.volume)
    panel = widget.resultPanel
    assert panel.nodes is None or ("removed" in widget.ui.warningText.plainText and not widget.ui.reportButton.enabled)


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
    assert "The views show" in widget.ui.superimposeText.plainText
    curves = widget.superimposePanel.nodes.curves
    assert all(curve.GetDisplayNode().GetVisibility() for curve in curves)
    widget.ui.showLaterButton.click()
    assert later.handle.GetDisplayNode().GetVisibility() and not curves[0].GetDisplayNode().GetVisibility()
    curves[0].SetDisplayVisibility(True)
    widget.superimposePanel.clear()  # a scene that is loaded brings outlines that the panel did not make
    widget._parameterNode.landmarks = earlier.handle
    assert not curves[0].GetDisplayNode().GetVisibility()


def superimposed(module: Any, widget: Any) -> tuple[Any, Any, list[Any]]:
    """Handles of an earlier and a later tracing, and the nodes of their comparison, which the panel shows."""
    earlier, later = trace(module, widget).handle, trace(module, widget).handle
    widget._parameterNode.earlier = earlier
    widget.ui.superimposeButton.click()
    return earlier, later, widget.superimposePanel.nodes.all()


def test_a_superimposition_can_be_taken_away(module: Any, widget: Any, tmp_path: Path) -> None:
    """By its button, also after the scene was saved and loaded; the later film is shown with its own tracing."""
    import slicer

    from CephSketcherMrml.superimposeNodes import inScene

    assert not widget.ui.removeOverlayButton.enabled
    _, later, nodes = superimposed(module, widget)
    slicer.util.saveScene(str(tmp_path / "two.mrb"))
    widget.ui.removeOverlayButton.click()
    assert [node.GetScene() for node in nodes] == [None] * len(nodes) and inScene() == []
    assert later.GetDisplayNode().GetVisibility() and widget.ui.superimposeText.plainText == ""
    assert not widget.ui.removeOverlayButton.enabled and not widget.ui.showLaterButton.enabled
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "two.mrb"))
    assert len(inScene()) == len(nodes) and widget.ui.removeOverlayButton.enabled
    widget.ui.removeOverlayButton.click()
    assert inScene() == [] and widget.resultPanel.nodes is not None


@pytest.mark.parametrize("which", [0, 1])
def test_a_comparison_goes_with_either_tracing(module: Any, widget: Any, which: int) -> None:
    import slicer

    *handles, nodes = superimposed(module, widget)
    slicer.mrmlScene.RemoveNode(handles[which])
    assert [node.GetScene() for node in nodes] == [None] * len(nodes)
    assert handles[1 - which].GetScene() is slicer.mrmlScene
    assert widget.superimposePanel.nodes is None and not widget.ui.differencesTable.visible


def test_a_comparison_says_when_a_tracing_was_changed_since(module: Any, widget: Any) -> None:
    superimposed(module, widget)
    assert "changed since" not in widget.ui.superimposeText.plainText
    drag(widget, "B", 3.0)
    widget.resultPanel.follow()
    assert widget.ui.superimposeText.plainText.startswith("A tracing was changed since: superimpose again.")
    widget.ui.superimposeButton.click()
    assert "changed since" not in widget.ui.superimposeText.plainText
    widget.ui.normsComboBox.setCurrentText("Eastman")  # nothing that a comparison rests on
    assert "changed since" not in widget.ui.superimposeText.plainText
    widget.ui.mmPerPixelSpinBox.value = 0.15
    widget.scalePanel.onSet()
    assert "changed since" in widget.ui.superimposeText.plainText
    widget.ui.removeOverlayButton.click()
    drag(widget, "B", 1.0)
    widget.resultPanel.follow()
    assert widget.ui.superimposeText.plainText == ""


def test_an_edited_film_is_told_and_a_scale_is_no_edit(module: Any, widget: Any, tmp_path: Path) -> None:
    """The tracing follows its film's size and place; what it cannot follow, other gray values, it says."""
    import slicer

    nodes = trace(module, widget)
    widget.ui.mmPerPixelSpinBox.value = 0.15
    widget.scalePanel.onSet()
    drag(widget, "B", 1.0)
    widget.resultPanel.follow()
    shown = widget.resultPanel.nodes
    assert shown.change() == "" and "computed" not in widget.ui.warningText.plainText
    page = next(path for path in widget.logic.exportReport(shown, tmp_path) if path.suffix == ".html")
    assert "compute it again" not in page.read_text(encoding="utf-8")
    pixels = slicer.util.arrayFromVolume(nodes.volume)
    pixels[:] = 255 - pixels
    slicer.util.arrayFromVolumeModified(nodes.volume)
    widget.resultPanel.follow()
    assert widget.ui.warningText.plainText.startswith("The values of the input were changed after this was computed")


def test_words_stand_where_the_numbers_leave_room(module: Any, widget: Any) -> None:
    """Number columns are as wide as their numbers; only the names share what is left, so that nothing is cut."""
    import qt

    superimposed(module, widget)
    for table, columns, mode in (
        (widget.ui.differencesTable, 6, qt.QHeaderView.ResizeToContents),
        (widget.ui.measuresTable, 4, qt.QHeaderView.Interactive),
    ):
        header = table.horizontalHeader()
        assert header.sectionResizeMode(0) == qt.QHeaderView.Stretch
        assert table is widget.ui.differencesTable or 0 < table.columnWidth(3) <= 96
        assert {header.sectionResizeMode(column) for column in range(1, columns)} == {mode}


def test_texts_are_as_high_as_their_lines(module: Any, widget: Any) -> None:
    """Texts that grow are no labels, whose last lines a section cuts; an empty one takes no room."""
    trace(module, widget)
    texts = [widget.ui.warningText, widget.ui.readingText, widget.ui.superimposeText]
    assert [text.className() for text in texts] == ["ctkFittedTextBrowser"] * 3
    assert texts[1].plainText.count("\n") > 5 and texts[1].isVisibleTo(widget.ui.resultsCollapsibleButton)
    assert not texts[2].isVisibleTo(widget.ui.superimposeCollapsibleButton)


def test_the_phantom_is_drawn_beside_the_window(module: Any, widget: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    drawn: list[bool] = []
    monkeypatch.setattr(
        module, "sample_film", lambda seed: drawn.append(threading.current_thread() is threading.main_thread())
    )
    widget.onSample()
    assert drawn == [False] and widget._parameterNode.film is not None


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
