"""What all panels share: parameters, input and result come and go with the scene, the module and the user."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity, Remark

SPACING = 6.0


@pytest.fixture(autouse=True)
def _cleanConsole(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """What an observer raises, VTK only prints: no test of a panel may leave it there."""
    yield
    assert "Traceback" not in capfd.readouterr().err


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


@pytest.fixture
def panel(module: Any) -> Iterator[Any]:
    """A panel in its module, not entered yet."""
    import slicer

    panel = slicer.modules.scancoverage.createNewWidgetRepresentation()
    yield panel
    panel.self().cleanup()


def scan(name: str) -> Any:
    """A small volume; nothing is computed from it here."""
    from DeepMedLib.geometry import Grid
    from DeepMedLib.mrml.inputs.volumes import volumeFromArray

    values = np.full((6, 20, 20), 40, np.int16)
    return volumeFromArray(values, Grid(np.diag([SPACING, SPACING, SPACING, 1.0]), values.shape), name)


def reading(widget: Any, volume: Any, remarks: tuple[Remark, ...] = ()) -> Any:
    """A result in the scene, as a computation would have left it."""
    from DeepMedLib.ct.regions.verdicts import SliceReading
    from DeepMedLib.jobs.task import Task, TaskResult
    from DeepMedLib.mrml.logic.moduleLogic import Preparation
    from ScanCoverageLib.coverage_result import CoverageResult

    provenance = dict.fromkeys(("model", "version", "sha256", "device", "engine"), "")
    result = CoverageResult(
        volume.GetName(),
        (20, 20, 6),
        (SPACING,) * 3,
        tuple(SliceReading(index, SPACING * index, None, None, "", None) for index in range(6)),
        None,
        (),
        checks=remarks,
        abstained=True,
        reason=f"{volume.GetName()} is plain.",
    )
    computed = TaskResult({}, {"result": result.to_json(), **provenance})
    return widget.logic.finish(Preparation(volume, Task("a:b")), computed)


def turn_events() -> None:
    import slicer

    slicer.app.processEvents()


def test_a_panel_without_a_module_has_parameters_after_a_scene_was_closed(
    lone: Any, slicerScene: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    slicerScene.Clear(0)
    assert slicerScene.IsNodePresent(lone._parameterNode.parameterNode)
    assert "isEntered" not in "".join(capfd.readouterr())


def test_a_module_that_is_not_shown_leaves_the_closed_scene_empty(panel: Any, slicerScene: Any) -> None:
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


def test_the_logic_knows_its_models_and_where_the_worker_looks(lone: Any) -> None:
    assert (lone.logic.modelsFolder() / "manifest.json").is_file()
    assert lone.logic.runInProcess is False


def test_options_are_rows_of_the_form_and_fields_of_the_parameters(lone: Any) -> None:
    from DeepMedLib.mrml.logic.optionParameters import optionValues

    assert optionValues(lone.logic.options, lone._parameterNode) == {"lungs": True, "telling": False, "device": "auto"}
    lone.ui.telling.checked = True
    lone.ui.device.currentText = "cpu"
    assert (lone._parameterNode.telling, lone._parameterNode.device) == (True, "cpu")
    assert "patches" in lone.ui.telling.toolTip
    with pytest.raises(ValueError, match="one of"):
        lone._parameterNode.device = "tpu"


def test_a_volume_is_offered_once_it_is_filled(lone: Any) -> None:
    import slicer

    assert lone._parameterNode.inputVolume is None and not lone.ui.applyButton.enabled
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "empty")
    slicer.mrmlScene.AddNewNodeByClass("vtkMRMLVectorVolumeNode", "color")
    turn_events()
    assert lone._parameterNode.inputVolume is None
    volume = scan("ct")
    turn_events()
    assert lone._parameterNode.inputVolume is volume and lone.ui.applyButton.enabled
    scan("later")
    turn_events()
    assert lone._parameterNode.inputVolume is volume  # what was chosen stays


def test_input_and_result_are_shown_together(lone: Any) -> None:
    one, two, bare = scan("one"), scan("two"), scan("bare")
    first, second = reading(lone, one), reading(lone, two)
    parameters = lone._parameterNode
    parameters.result = first.handle
    assert parameters.inputVolume is one and "one is plain" in lone.ui.headlineText.plainText
    assert lone.ui.resultSelector.currentNode() is first.handle
    parameters.inputVolume = two
    assert parameters.result is second.handle and "two is plain" in lone.ui.headlineText.plainText
    parameters.inputVolume = bare
    assert parameters.result is None and "No scan was read" in lone.ui.headlineText.plainText
    parameters.result = first.handle
    parameters.result = None
    assert parameters.inputVolume is one and "No scan was read" in lone.ui.headlineText.plainText


def test_an_opened_scene_is_shown_at_once(panel: Any, slicerScene: Any, tmp_path: Path) -> None:
    import slicer

    widget = panel.self()
    panel.enter()
    widget._parameterNode.inputVolume = scan("saved")
    widget._parameterNode.result = reading(widget, widget._parameterNode.inputVolume).handle
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicerScene.Clear(0)
    assert "No scan was read" in widget.ui.headlineText.plainText and not widget.ui.applyButton.enabled
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    assert widget._parameterNode.inputVolume.GetName() == "saved" and widget.ui.applyButton.enabled
    assert "saved is plain" in widget.ui.headlineText.plainText


def test_a_merged_scene_keeps_both_results(panel: Any, slicerScene: Any, tmp_path: Path) -> None:
    import zipfile

    import slicer

    widget = panel.self()
    panel.enter()
    reading(widget, scan("merged"))
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicerScene.Clear(0)
    present = reading(widget, scan("present"))
    widget._parameterNode.result = present.handle
    with zipfile.ZipFile(tmp_path / "scene.mrb") as bundle:
        bundle.extractall(tmp_path)
    slicer.util.loadScene(str(next(tmp_path.rglob("*.mrml"))))
    found = {nodes.volume.GetName(): nodes for nodes in widget.logic.results.inScene()}
    assert set(found) == {"merged", "present"}
    widget._parameterNode.inputVolume = found["merged"].volume
    assert "merged is plain" in widget.ui.headlineText.plainText


def test_what_was_said_of_a_computation_ends_with_its_scan(lone: Any, slicerScene: Any) -> None:
    one, two = scan("one"), scan("two")
    lone._parameterNode.inputVolume = one
    lone.ui.statusLabel.text = "Done in 15 s"
    lone._parameterNode.telling = True
    assert lone.ui.statusLabel.text == "Done in 15 s"
    lone._parameterNode.inputVolume = two
    assert lone.ui.statusLabel.text == ""
    lone.ui.statusLabel.text = "Done in 15 s"
    slicerScene.Clear(0)
    assert lone.ui.statusLabel.text == ""


def moved(volume: Any) -> None:
    volume.SetSpacing(SPACING, SPACING, SPACING / 2)


def transformed(volume: Any) -> None:
    import slicer

    matrix = np.eye(4)
    matrix[0, 3] = 5
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    slicer.util.updateTransformMatrixFromArray(node, matrix)
    volume.SetAndObserveTransformNodeID(node.GetID())


def hardened(volume: Any) -> None:
    transformed(volume)
    volume.HardenTransform()


def bent(volume: Any) -> None:
    import slicer

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLBSplineTransformNode")
    volume.SetAndObserveTransformNodeID(node.GetID())


def painted(volume: Any) -> None:
    import slicer

    slicer.util.arrayFromVolume(volume)[2:4] = 900
    slicer.util.arrayFromVolumeModified(volume)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (moved, "moved, turned or scaled"),
        (transformed, "moved, turned or scaled"),
        (hardened, "moved, turned or scaled"),
        (bent, "bends space"),
        (painted, "values of the input were changed"),
    ],
)
def test_an_edited_input_is_told(lone: Any, tmp_path: Path, edit: Callable[[Any], None], words: str) -> None:
    volume = scan("one")
    lone._parameterNode.result = reading(lone, volume).handle
    assert words not in lone.ui.remarksText.plainText
    volume.SetName("renamed")
    volume.Modified()
    turn_events()
    assert "after this" not in lone.ui.remarksText.plainText
    edit(volume)
    turn_events()
    assert words in lone.ui.remarksText.plainText
    assert "one is plain" in lone.ui.headlineText.plainText
    nodes = lone.resultPanel.nodes
    if edit is bent:
        with pytest.raises(BadInput, match="bends space"):
            lone.logic.exportReport(nodes, tmp_path)
    else:
        html, _pdf = lone.logic.exportReport(nodes, tmp_path)
        assert words in html.read_text(encoding="utf-8")


def test_a_saved_scene_is_no_edit(lone: Any, slicerScene: Any, tmp_path: Path) -> None:
    import slicer

    transformed(scan("one"))
    volume = slicer.util.getNode("one")
    reading(lone, volume)
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicerScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    (nodes,) = lone.logic.results.inScene()
    assert nodes.change() == ""


def test_a_deleted_result_is_shown_no_longer(lone: Any, slicerScene: Any) -> None:
    volume = scan("one")
    nodes = reading(lone, volume)
    lone._parameterNode.result = nodes.handle
    slicerScene.RemoveNode(nodes.get("slices"))
    assert "one is plain" in lone.ui.headlineText.plainText
    slicerScene.RemoveNode(nodes.handle)
    assert "No scan was read" in lone.ui.headlineText.plainText and lone._parameterNode.inputVolume is volume


def test_grave_remarks_stand_out(lone: Any) -> None:
    remarks = (Remark("Slices < 3 mm.", Gravity.NOTE), Remark("Two slices are missing.", Gravity.GRAVE))
    lone._parameterNode.result = reading(lone, scan("one"), remarks).handle
    assert lone.ui.headlineText.plainText.startswith("Two slices are missing. regions not judged")
    assert lone.ui.remarksText.plainText == "Two slices are missing.\nSlices < 3 mm."
    assert "600" in lone.ui.remarksText.html or "700" in lone.ui.remarksText.html


def test_tables_have_names_as_headings_and_room(lone: Any) -> None:
    lone._parameterNode.result = reading(lone, scan("one")).handle
    header = lone.ui.resultTable.tableModel().horizontalHeaderItem(0)
    assert header.text() == "Region or organ" and lone.ui.resultTable.minimumHeight > 0


def test_texts_of_a_result_are_no_labels(lone: Any) -> None:
    """A section gives a label the height of another width, and cuts its last lines."""
    texts = (lone.ui.headlineText, lone.ui.remarksText)
    assert [text.className() for text in texts] == ["ctkFittedTextBrowser"] * 2
    lone._parameterNode.result = reading(lone, scan("one")).handle
    assert not lone.ui.remarksText.isVisibleTo(lone.ui.resultsCollapsibleButton)
    line, *more = (texts[0].heightForWidth(width) for width in (5000, 200, 100))
    assert line < more[0] < more[1]


def test_flat_pictures_have_one_view_while_the_module_is_open(panel: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import slicer

    manager, node = slicer.app.layoutManager(), slicer.vtkMRMLLayoutNode
    manager.setLayout(node.SlicerLayoutFourUpView)
    panel.enter()
    assert manager.layout == node.SlicerLayoutFourUpView  # a scan keeps the layout
    panel.exit()
    monkeypatch.setattr(type(panel.self()), "flat", True)
    panel.enter()
    assert manager.layout == node.SlicerLayoutOneUpRedSliceView
    panel.exit()
    assert manager.layout == node.SlicerLayoutFourUpView
    panel.enter()
    manager.setLayout(node.SlicerLayoutConventionalView)
    panel.exit()
    assert manager.layout == node.SlicerLayoutConventionalView  # the user's own choice
    manager.setLayout(node.SlicerLayoutFourUpView)


def test_views_are_fitted_when_a_flat_picture_gets_its_scale(lone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import slicer

    fitted: list[bool] = []
    monkeypatch.setattr(slicer.util, "resetSliceViews", lambda: fitted.append(True))
    volume = scan("one")
    lone._parameterNode.inputVolume = volume
    for flat, expected in ((False, 0), (True, 1)):
        monkeypatch.setattr(type(lone), "flat", flat)
        volume.SetSpacing(*(value / 2 for value in volume.GetSpacing()))
        turn_events()
        assert len(fitted) == expected
    volume.Modified()
    turn_events()
    assert len(fitted) == 1


@pytest.mark.parametrize(
    ("raised", "sentence", "level"),
    [
        (lambda: __import__("DeepMedLib.errors").errors.BadInput("It is no CT.", "Choose a CT."), "It is no CT.", 10),
        (lambda: KeyError("x"), "unexpected error", 40),
    ],
)
def test_a_user_reads_one_sentence_and_the_log_has_the_traceback(
    slicerScene: Any, caplog: pytest.LogCaptureFixture, raised: Callable[[], Exception], sentence: str, level: int
) -> None:
    from DeepMedLib.gui.errors import errorsShown

    shown: list[str] = []
    with caplog.at_level(logging.DEBUG), errorsShown("Nothing was loaded.", waitCursor=True, show=shown.append):
        raise raised()
    assert len(shown) == 1 and shown[0].startswith("Nothing was loaded. ") and sentence in shown[0]
    assert "Traceback" not in shown[0] and "\n" not in shown[0]
    (record,) = [record for record in caplog.records if "Traceback" in record.getMessage()]
    assert record.levelno == level


def test_a_failed_load_leaves_the_panel(lone: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import qt

    bad = tmp_path / "bad.nrrd"
    bad.write_text("no volume")
    monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", lambda *_: str(bad))
    lone.ui.loadButton.click()
    assert lone._parameterNode.inputVolume is None and not lone.ui.applyButton.enabled
