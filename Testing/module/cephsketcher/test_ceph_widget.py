"""CephSketcher's panel, set up from its real .ui, driven as a user would; pictures of it go to Testing/artefacts."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from Testing.module.cephsketcher.ceph_helpers import FLAGGED, answer, drag, measured, sample, trace

ROOT = Path(__file__).resolve().parents[3]


def test_apply_needs_a_film(widget: Any) -> None:
    assert not widget.ui.applyButton.enabled and "film" in widget.ui.applyButton.toolTip
    widget.onSample()
    assert widget.ui.applyButton.enabled
    assert "generated phantom" in widget.ui.scaleLabel.text and "magnification" in widget.ui.scaleLabel.text


@pytest.mark.slow
def test_tracing_in_the_child_process(widget: Any) -> None:
    widget.onSample()
    widget.ui.applyButton.click()
    assert widget.ui.applyButton.text == "Cancel"
    wait(widget)
    assert widget.ui.applyButton.text == "Trace film", widget.ui.statusLabel.text
    nodes = widget.resultPanel.nodes
    assert nodes is not None, widget.ui.statusLabel.text
    assert nodes.result.landmarks.symbols == sample().landmarks.symbols
    assert nodes.result.facing == "right"
    picture(widget, "ceph_panel.png")


def test_cancel_ends_the_job(widget: Any) -> None:
    widget.onSample()
    widget.ui.applyButton.click()
    widget.ui.applyButton.click()
    wait(widget)
    assert "Cancelled" in widget.ui.statusLabel.text and widget.resultPanel.nodes is None


def test_scene_close_while_tracing(widget: Any) -> None:
    import slicer

    widget.onSample()
    widget.ui.applyButton.click()
    slicer.mrmlScene.Clear(0)
    assert widget.applyCancel.state.value in ("idle", "notReady")
    assert widget.resultPanel.nodes is None
    widget.enter()
    assert not widget.ui.applyButton.enabled


def test_the_panel_shows_what_was_found(module: Any, widget: Any) -> None:
    assert "No film is traced" in widget.ui.readingText.plainText and not widget.ui.reportButton.enabled
    trace(module, widget)
    ui = widget.ui
    assert (
        ui.checkComboBox.count == len(FLAGGED)
        and ui.checkComboBox.itemText(0).startswith(FLAGGED[0])
        and "mm" in ui.checkComboBox.itemText(0)
    )
    assert "Skeletal" in ui.readingText.plainText and "Check first: Po, Go." in ui.warningText.plainText
    assert ui.measuresTable.rowCount > 30
    ui.analysisComboBox.setCurrentText("Steiner")
    names = [ui.measuresTable.item(row, 0).text() for row in range(ui.measuresTable.rowCount)]
    assert names[:3] == ["SNA", "SNB", "ANB"] and len(names) < 20
    assert "±" in ui.measuresTable.item(0, 1).text() and "●" in ui.measuresTable.item(0, 2).text()
    assert ui.reportButton.enabled and ui.exportButton.enabled
    picture(widget, "ceph_panel_result.png")


def test_a_drag_is_followed_when_the_hand_rests(module: Any, widget: Any) -> None:
    import slicer

    trace(module, widget)
    before = measured(widget)
    drag(widget, "B", 3.0)
    assert measured(widget) == before  # not while it moves
    stop = time.monotonic() + 20
    while measured(widget) == before and time.monotonic() < stop:
        slicer.app.processEvents()
        time.sleep(0.02)
    after = measured(widget)
    assert after["SNB"] > before["SNB"] + 1 and after["SNA"] == before["SNA"]
    assert widget.resultPanel.nodes.result.landmarks["B"].edited


def test_letting_go_follows_at_once(module: Any, widget: Any) -> None:
    trace(module, widget)
    before = measured(widget)
    drag(widget, "A", -2.0)
    node = widget.resultPanel.nodes.handle
    node.InvokeEvent(node.PointEndInteractionEvent)
    assert measured(widget)["SNA"] < before["SNA"] - 0.5


def test_checked_points_leave_the_list(module: Any, widget: Any) -> None:
    nodes = trace(module, widget)
    widget.ui.goToButton.click()
    widget.ui.confirmButton.click()
    assert widget.ui.checkComboBox.count == 1
    assert widget.ui.checkComboBox.itemText(0).startswith(FLAGGED[1])
    widget.ui.confirmButton.click()
    assert not widget.ui.confirmButton.enabled and "nothing" in widget.ui.checkComboBox.itemText(0)
    assert "Check first" not in widget.ui.warningText.plainText
    assert nodes.handle.GetNthControlPointLabel(3) == "Po"


def test_a_refused_film_can_be_placed_by_hand(module: Any, widget: Any, tmp_path: Path) -> None:
    """The panel leads through the points; measures come with them; what is not placed is said."""
    from DeepMedLib.mrml.inputs.volumes import pixelToRas
    from Testing.module.cephsketcher.ceph_helpers import LandmarkSet

    assert not widget.ui.byHandButton.enabled and "film" in widget.ui.byHandButton.toolTip
    widget.onSample()
    film = widget._parameterNode.film
    widget._preparation = widget.logic.prepare(film)
    with pytest.raises(module.BadInput, match="place the points by hand"):
        widget._onComputed(module.TaskResult({}, answer(LandmarkSet())))
    widget.ui.byHandButton.click()
    ui, truth = widget.ui, sample().landmarks
    assert ui.checkComboBox.count == 19 and ui.checkComboBox.itemText(0) == "S (to be placed)"
    assert "Not placed yet" in ui.warningText.plainText and ui.measuresTable.rowCount == 0
    for number, symbol in enumerate(truth.symbols[:12], start=1):
        nodes = widget.resultPanel.nodes
        x, y, z = pixelToRas(film, truth[symbol].xy[None])[0]
        nodes.handle.SetNthControlPointPositionWorld(nodes.result.listed.symbols.index(symbol), x, y, z)
        nodes.handle.InvokeEvent(nodes.handle.PointEndInteractionEvent)
        assert ui.checkComboBox.count == 19 - number
    assert {"SNA", "ANB", "SN-GoGn"} <= set(measured(widget)) and ui.measuresTable.rowCount > 10
    assert widget.resultPanel.nodes.group("outlines")
    picture(widget, "ceph_panel_by_hand.png")
    files = widget.logic.exportReport(widget.resultPanel.nodes, tmp_path)
    page = next(f for f in files if f.suffix == ".html").read_text(encoding="utf-8")
    assert "Not placed yet" in page and "traced by hand" in page


def test_scale_by_ruler_moves_everything(module: Any, widget: Any) -> None:
    import slicer

    nodes = trace(module, widget)
    before, spacing = measured(widget), nodes.volume.GetSpacing()[0]
    line = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", "Ruler")
    line.AddControlPoint([-100 * spacing, -50 * spacing, 0])
    line.AddControlPoint([-100 * spacing, -450 * spacing, 0])
    widget.ui.knownLineSelector.setCurrentNode(line)
    widget.ui.knownLengthSpinBox.value = 40
    widget.scalePanel.onUseLine()
    assert nodes.volume.GetSpacing()[0] == pytest.approx(0.1)
    assert line.GetLineLengthWorld() == pytest.approx(40)
    after = measured(widget)
    assert after["S-N"] == pytest.approx(before["S-N"] * 0.1 / spacing)
    assert after["SNA"] == pytest.approx(before["SNA"])
    shown = widget.resultPanel.nodes
    ends = np.array([shown.handle.GetNthControlPointPositionWorld(i) for i in (0, 1)])
    assert np.linalg.norm(ends[1] - ends[0]) == pytest.approx(after["S-N"])
    assert not shown.result.edited  # the film grew, nobody moved a point


def test_typed_scale_and_magnification(module: Any, widget: Any) -> None:
    from DeepMedLib.mrml.inputs import pictureNodes
    from DeepMedLib.picture.scale import FILM, Scale

    widget.onSample()
    film, box = widget._parameterNode.film, widget.ui.magnificationSpinBox
    assert box.value == pytest.approx(sample().film.scale.magnification, abs=1e-3)  # known: never "not known"
    widget.ui.mmPerPixelSpinBox.value = 0.15
    widget.scalePanel.onSet()
    assert "0.1500 mm" in widget.ui.scaleLabel.text and not widget.ui.setMagnificationButton.enabled
    assert box.value == box.minimum and box.specialValueText == "not known"
    pictureNodes.setScale(film, Scale(0.22, 0.22, "DICOM ImagerPixelSpacing", plane=FILM))
    widget.scalePanel.refresh()
    assert "magnification included" in widget.ui.scaleLabel.text
    widget.ui.magnificationSpinBox.value = 1.1
    widget.ui.setMagnificationButton.click()
    assert film.GetSpacing()[0] == pytest.approx(0.2)
    assert "mid-sagittal" in widget.ui.scaleLabel.text


def test_norms_age_and_sex_change_the_deviations(module: Any, widget: Any, tmp_path: Path) -> None:
    from CephSketcherLib.analysis.norm_files import norm_set, write_norm_set

    trace(module, widget)
    widget.ui.normsComboBox.setCurrentText("Eastman")
    widget.ui.ageSpinBox.value = 12.0
    widget.ui.sexComboBox.currentText = "female"
    options = widget.resultPanel.nodes.result.options
    assert (options.norms, options.age, options.sex) == ("Eastman", 12.0, "female")
    own = write_norm_set(norm_set("Downs"), tmp_path / "mine.json")
    widget.normsPanel.add(own)
    shown = widget.resultPanel.nodes.result
    assert shown.options.own_norms is not None and "own" in widget.ui.normsComboBox.currentText
    assert {measure.norm_set for measure in shown.measures} <= {"", "Downs"}


def test_a_lateral_film_of_a_volume(widget: Any) -> None:
    import slicer

    from CephSketcherLib.phantom.skull_phantom import skull_phantom

    assert not widget.ui.projectButton.enabled and not widget.ui.sodSpinBox.enabled
    head = skull_phantom(3, spacing_mm=2.0, across_mm=4.0)
    node = slicer.util.addVolumeFromArray(head.volume, ijkToRAS=head.grid.ijk_to_ras, name="Head")
    widget._parameterNode.headVolume = node
    widget.ui.geometryComboBox.currentText = "divergent"
    assert widget.ui.sodSpinBox.enabled and widget.ui.projectButton.enabled
    widget.ui.pixelSpinBox.value = 0.5
    widget.ui.projectButton.click()
    film = widget._parameterNode.film
    assert film is not None and film.GetName() == "Head lateral film"
    assert film.GetSpacing()[0] == pytest.approx(0.5 / (1674 / 1524), rel=1e-6)
    assert "divergent" in film.GetAttribute("DeepMed.Projection") and "magnification" in widget.ui.scaleLabel.text


def test_superimposing_two_tracings(module: Any, widget: Any) -> None:
    import slicer

    earlier = trace(module, widget).handle
    assert not widget.ui.superimposeButton.enabled
    later = trace(module, widget).handle
    assert later is not earlier
    drag(widget, "Pog", 4.0)
    widget.resultPanel.follow()
    widget._parameterNode.earlier = earlier
    assert widget.ui.superimposeButton.enabled
    count = slicer.mrmlScene.GetNumberOfNodes()
    widget.ui.superimposeButton.click()
    nodes = widget.superimposePanel.nodes
    assert nodes is not None and "measures changed" in widget.ui.superimposeText.plainText
    widget.ui.superimposeCollapsibleButton.collapsed = False
    picture(widget, "ceph_superimposition.png")
    widget.ui.methodComboBox.currentText = "best fit"
    widget.ui.superimposeButton.click()  # replaces the first
    assert widget.superimposePanel.nodes.comparison.laid.method == "best fit"
    grown = slicer.mrmlScene.GetNumberOfNodes() - count
    assert grown <= 2 * (len(nodes.curves) + 1) + 3  # curves and table with display and storage, not twice
    widget._parameterNode.earlier = later
    assert not widget.ui.superimposeButton.enabled


def test_files_and_report_are_written(
    module: Any, widget: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import qt

    trace(module, widget)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", staticmethod(lambda *args: str(tmp_path)))
    widget.ui.reportButton.click()
    widget.ui.exportButton.click()
    assert {"report.html", "report.pdf", "landmarks.csv", "outlines.mrk.json"} <= {p.name for p in tmp_path.iterdir()}


def test_a_refused_film_says_why(module: Any, widget: Any) -> None:
    from CephSketcherLib.landmarks.landmark_set import LandmarkSet
    from DeepMedLib.errors import BadInput

    widget.onSample()
    widget._preparation = widget.logic.prepare(widget._parameterNode.film)
    with pytest.raises(BadInput, match="No lateral head film"):  # ApplyCancel shows what is raised here
        widget._onComputed(module.TaskResult({}, answer(LandmarkSet())))
    assert widget.resultPanel.nodes is None


def test_every_bound_widget_has_its_parameter(module: Any) -> None:
    ui = (ROOT / "CephSketcher" / "Resources" / "UI" / "CephSketcher.ui").read_text(encoding="utf-8")
    bound = set(re.findall(r'SlicerParameterName" stdset="0">\s*<string>(\w+)</string>', ui))
    assert bound == set(module.CephSketcherParameterNode.__annotations__)


def wait(widget: Any, seconds: float = 300) -> None:
    import slicer

    stop = time.monotonic() + seconds
    while widget.applyCancel.state.value in ("running", "cancelling"):
        assert time.monotonic() < stop, widget.ui.statusLabel.text
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
