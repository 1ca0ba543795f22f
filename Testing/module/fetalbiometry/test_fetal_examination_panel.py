"""The panel for every plane and for examinations, driven as a user would; pictures of it go to Testing/artefacts."""

import sys
import time
import types
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from DeepMedLib.jobs.job import JobStatus
from DeepMedLib.jobs.task import run_here
from FetalBiometryLib.phantom.examination import examination_phantom
from Testing.module.fetalbiometry.plane_helpers import PHANTOMS, AnsweringPlanes

ARTEFACTS = Path(__file__).resolve().parents[2] / "artefacts"


class JobHere:
    """A job that computes at once in this process."""

    def __init__(self, task):
        self.task = task

    def start(self):
        self.computed = run_here(self.task)

    def poll(self):
        return JobStatus("done", 1.0, "", 0.1, "")

    def cancel(self):
        return self.poll()

    def result(self):
        return self.computed

    def cleanup(self):
        pass


@pytest.fixture
def module(slicerScene):
    from deepmed_headless import load_named

    return load_named("FetalBiometry")


@pytest.fixture
def planes(monkeypatch):
    answering = AnsweringPlanes()
    stub = types.ModuleType("FetalBiometryLib.inference.task")
    stub.run, stub.run_many = answering.run, answering.run_many
    monkeypatch.setitem(sys.modules, "FetalBiometryLib.inference.task", stub)
    for picture in examination_phantom():
        answering.known[picture.picture.tobytes()] = (picture.plane, picture.phantom)
    return answering


@pytest.fixture
def widget(module, planes, monkeypatch):
    widget = module.FetalBiometryWidget()
    widget.setup()
    widget.enter()
    monkeypatch.setattr(widget.logic, "makeJob", lambda preparation: JobHere(preparation.task))
    yield widget
    widget.cleanup()


def wait(applyCancel, seconds=60):
    import slicer

    stop = time.monotonic() + seconds
    while applyCancel.state.value in ("running", "cancelling"):
        assert time.monotonic() < stop
        slicer.app.processEvents()
        time.sleep(0.02)


def show(module, widget, planes, plane):
    phantom = planes.add(plane, PHANTOMS[plane](21))
    from DeepMedLib.mrml.inputs.volumes import volumeFromPicture

    node = volumeFromPicture(phantom.picture, (phantom.spacing_mm,) * 2, plane)
    from FetalBiometryLib.picture.ultrasound import typed_scale

    module.pictureNodes.setScale(node, typed_scale(phantom.spacing_mm))
    widget.picturePanel.choose(node)
    return node


def measure(widget):
    widget.ui.applyButton.click()
    wait(widget.applyCancel)


def measure_examination(widget):
    widget.examinationPanel.onSample()
    widget.ui.examinationButton.click()
    wait(widget.examinationPanel.applyCancel)
    assert widget.examinationPanel.nodes is not None, widget.ui.examinationStatusLabel.text
    return widget.examinationPanel.nodes


def picture(widget, name, height=1500):
    from deepmed_headless import grab_widget

    ARTEFACTS.mkdir(exist_ok=True)
    widget.parent.resize(470, height)
    widget.parent.show()
    grab_widget(widget.parent, ARTEFACTS / name)
    assert (ARTEFACTS / name).stat().st_size > 10_000


def drag(line, factor=1.1):
    start, end = (np.array(line.GetNthControlPointPositionWorld(i)) for i in (0, 1))
    line.SetNthControlPointPositionWorld(1, *(start + factor * (end - start)))


@pytest.mark.parametrize(("plane", "text"), [("abdomen", "AC"), ("femur", "Femur length"), ("thorax", "Heart/thorax")])
def test_each_plane_is_measured_and_follows_a_drag(module, widget, planes, plane, text):
    show(module, widget, planes, plane)
    measure(widget)
    assert text in widget.ui.summaryLabel.text, widget.ui.statusLabel.text
    before = widget.ui.summaryLabel.text
    drag(next(iter(widget.resultPanel.nodes.lines.values())))
    assert widget.ui.summaryLabel.text != before
    assert "by hand" in widget.ui.qualityLabel.text
    picture(widget, f"fetal_{plane}_panel.png")


def test_a_new_scale_takes_segments_and_views_along(module, widget, planes):
    import slicer

    from DeepMedLib.mrml.nodes.segmentations import maskFromSegment

    node = show(module, widget, planes, "abdomen")
    measure(widget)
    segments, view = widget.resultPanel.nodes.segmentation, slicer.app.layoutManager().sliceWidget("Red")
    before = maskFromSegment(segments, "abdomen", node)
    assert before.any()
    width, bounds = view.mrmlSliceNode().GetFieldOfView()[0], np.zeros(6)
    segments.GetRASBounds(bounds)
    widget.ui.mmPerPixelSpinBox.value = 2 * node.GetSpacing()[0]
    widget.ui.setScaleButton.click()
    slicer.app.processEvents()
    wider = np.zeros(6)
    segments.GetRASBounds(wider)
    assert wider[1] - wider[0] == pytest.approx(2 * (bounds[1] - bounds[0]), rel=0.02)
    assert np.array_equal(maskFromSegment(segments, "abdomen", node), before)
    assert view.mrmlSliceNode().GetFieldOfView()[0] == pytest.approx(2 * width, rel=0.01)


def test_numbers_are_brought_into_sight(module, widget, planes, monkeypatch):
    seen = []
    monkeypatch.setattr(module, "scrollTo", seen.append)
    show(module, widget, planes, "femur")
    widget.ui.resultsCollapsibleButton.collapsed = True
    measure(widget)
    assert not widget.ui.resultsCollapsibleButton.collapsed
    assert seen == [widget.ui.resultsCollapsibleButton]
    measure_examination(widget)
    assert seen[1:] == [widget.ui.examinationSummaryLabel]


def test_growth_charts_stand_beside_the_picture_and_leave_with_the_module(widget):
    import slicer

    from DeepMedLib.gui.views import PICTURE_AND_PLOT

    manager, four_up = slicer.app.layoutManager(), slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
    widget.exit()
    manager.setLayout(four_up)
    widget.enter()
    widget.ui.gaWeeks.value = 28.0
    measure_examination(widget)
    assert manager.layout == slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
    widget.ui.chartsButton.click()
    assert manager.layout == PICTURE_AND_PLOT
    widget.exit()
    assert manager.layout == four_up


def test_a_proposal_is_dashed_until_it_is_accepted(module, widget, planes):
    planes.abstains = {"abdomen"}
    show(module, widget, planes, "abdomen")
    measure(widget)
    assert "No number is given" in widget.ui.summaryLabel.text
    assert widget.ui.acceptButton.enabled
    widget.ui.acceptButton.click()
    assert "AC" in widget.ui.summaryLabel.text
    assert not widget.ui.acceptButton.enabled
    assert "accepted" in widget.ui.qualityLabel.text


def test_an_unclear_plane_says_so_and_can_be_drawn_by_hand(module, widget, planes, monkeypatch):
    from DeepMedLib.mrml.inputs.volumes import volumeFromPicture

    node = volumeFromPicture(PHANTOMS["femur"](31).picture, (0.2, 0.2), "unclear")
    widget.picturePanel.choose(node)
    measure(widget)
    assert "not clear" in widget.ui.statusLabel.text
    titles = [widget.ui.handComboBox.itemText(i) for i in range(widget.ui.handComboBox.count)]
    assert "Humerus (HL)" in titles
    widget.ui.handComboBox.currentIndex = titles.index("Humerus (HL)")
    widget.ui.handButton.click()
    assert "No number is given" in widget.ui.summaryLabel.text
    assert not widget.ui.acceptButton.enabled  # nobody has proposed anything
    drag(widget.resultPanel.nodes.lines["HL"])
    assert "Humerus length" in widget.ui.summaryLabel.text


def test_settings_of_the_thorax_change_its_numbers(module, widget, planes):
    show(module, widget, planes, "thorax")
    measure(widget)
    assert "(by area)" in widget.ui.summaryLabel.text and "side not known" in widget.ui.summaryLabel.text
    widget.ui.ctr.currentText = "circumference"
    widget.ui.fetalLeft.currentText = "right hand"
    assert "(by circumference)" in widget.ui.summaryLabel.text and "to the" in widget.ui.summaryLabel.text


def test_an_examination_is_measured_whole(widget, tmp_path):
    import slicer

    assert not widget.ui.examinationButton.enabled
    widget.ui.gaWeeks.value = 28.0
    nodes = measure_examination(widget)
    assert {p.result.plane for p in nodes.pictures} == {"head", "abdomen", "femur", "thorax"}
    text = widget.ui.examinationSummaryLabel.text
    for words in ("Estimated fetal weight", "Gestational age", "HC", "HC/TC"):
        assert words in text
    assert {"EFW", "HC", "AC", "FL"} <= set(nodes.charts)
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLPlotChartNode") == len(nodes.charts)
    assert widget.resultPanel.nodes is not None  # the best picture is shown, its lines alone
    shown = [n for p in nodes.pictures for n in p.lines.values() if n.GetDisplayVisibility()]
    assert shown and all(n in widget.resultPanel.nodes.lines.values() for n in shown)
    widget.ui.examinationCollapsibleButton.collapsed = False
    widget.ui.settingsCollapsibleButton.collapsed = True
    picture(widget, "fetal_examination_panel.png", 2000)


def test_dragging_a_line_moves_the_weight(widget):
    widget.ui.gaWeeks.value = 28.0
    nodes = measure_examination(widget)
    before = nodes.result.weight.grams
    abdomen = next(p for p in nodes.pictures if p.result.plane == "abdomen")
    widget._parameterNode.measured = abdomen.table
    drag(abdomen.lines["TAD"], 1.1)
    drag(abdomen.lines["APAD"], 1.1)
    after = widget.examinationPanel.nodes.result.weight
    assert after.grams > 1.05 * before
    rows = widget.examinationPanel.nodes.table.GetTable()
    texts = [rows.GetValue(r, 0).ToString() for r in range(rows.GetNumberOfRows())]
    assert any("weight" in text for text in texts)


def test_settings_and_former_visits_follow(widget, tmp_path):
    nodes = measure_examination(widget)
    assert not nodes.charts and not widget.ui.chartsButton.enabled  # no age, no place on a chart
    visits = tmp_path / "former.csv"
    visits.write_text("ga_weeks,HC_mm,AC_mm,FL_mm,EFW_g\n20,175,150,32,330\n24,220,195,43,650\n", encoding="utf-8")
    widget.ui.visitsPathLineEdit.currentPath = str(visits)
    assert len(widget.examinationPanel.nodes.result.options.visits) == 2
    widget.ui.gaWeeks.value = 28.0
    result = widget.examinationPanel.nodes.result
    assert result.known_age.weeks == 28.0
    assert widget.ui.chartsButton.enabled
    assert {p.result.options.ga_weeks for p in widget.examinationPanel.nodes.pictures} == {28.0}
    assert not any(p.result.edited for p in widget.examinationPanel.nodes.pictures)
    by_area = {m.name: m.value for m in result.measurements()}["CTR"]
    widget.ui.ctr.currentText = "circumference"  # of the thorax, while the head is the one that is shown
    by_length = {m.name: m.value for m in widget.examinationPanel.nodes.result.measurements()}["CTR"]
    assert by_length == pytest.approx(by_area**0.5, rel=0.05)
    widget.ui.weight.currentText = "INTERGROWTH-21st 2017 (AC, HC)"
    assert widget.examinationPanel.nodes.result.weight.formula.family == "INTERGROWTH-21st"
    widget.ui.visitsPathLineEdit.currentPath = str(tmp_path / "absent.csv")
    assert "cannot be read" in widget.ui.examinationStatusLabel.text
    assert widget.examinationPanel.nodes is not None


def test_a_hand_drawn_bone_joins_the_examination(widget):
    measure_examination(widget)
    widget.logic.drawByHand(widget.examinationPanel.nodes.pictures[2].volume, "HL")
    widget._parameterNode.inputVolume = widget.examinationPanel.nodes.pictures[2].volume
    widget._drawByHand("HL")
    drag(widget.resultPanel.nodes.lines["HL"])
    assert "HL" in widget.examinationPanel.nodes.result.averages


def test_reports_of_an_examination_are_written(widget, tmp_path, monkeypatch):
    import qt

    widget.ui.gaWeeks.value = 28.0
    measure_examination(widget)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *arguments: str(tmp_path))
    widget.ui.examinationReportButton.click()
    assert {"report.html", "report.pdf"} == {path.name for path in tmp_path.iterdir()}


def test_a_folder_is_loaded_and_checked(widget, planes, tmp_path, monkeypatch):
    import qt

    for plane in ("abdomen", "femur"):
        phantom = planes.add(plane, PHANTOMS[plane](22, height=270, width=400))
        Image.fromarray(phantom.picture).save(tmp_path / f"{plane}.png")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG cut short")
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *arguments: str(tmp_path))
    widget.ui.loadFolderButton.click()
    assert [node.GetName() for node in widget.examinationPanel.chosen()] == ["abdomen.png", "femur.png"]
    assert "broken.png" in widget.ui.examinationStatusLabel.text
    assert widget.ui.examinationButton.enabled


def test_closing_the_scene_forgets_the_examination(widget):
    import slicer

    measure_examination(widget)
    slicer.mrmlScene.Clear(0)
    assert widget.examinationPanel.nodes is None
    assert not widget.ui.examinationButton.enabled
    assert widget.ui.picturesList.count == 0
