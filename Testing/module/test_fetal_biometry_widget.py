"""The panel, set up from its real .ui, driven as a user would; pictures of it go to Testing/artefacts."""

from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def module(slicerScene):
    from deepmed_headless import load_named

    return load_named("FetalBiometry")


@pytest.fixture
def widget(module):
    widget = module.FetalBiometryWidget()
    widget.setup()
    widget.enter()
    yield widget
    widget.cleanup()


def show_true_head(module, widget):
    widget.picturePanel.onSample()
    nodes = module.samples.trueHead(widget._parameterNode.inputVolume)
    widget._parameterNode.measured = nodes.table
    return nodes


def test_apply_needs_a_picture(widget):
    assert not widget.ui.applyButton.enabled
    assert "picture" in widget.ui.applyButton.toolTip
    widget.picturePanel.onSample()
    assert widget.ui.applyButton.enabled
    assert "generated phantom" in widget.ui.scaleLabel.text


def test_a_deleted_line_takes_the_numbers_along_whatever_is_set_next(module, widget, slicerScene):
    nodes = show_true_head(module, widget)
    assert "HC" in widget.ui.summaryLabel.text
    slicerScene.RemoveNode(nodes.lines["BPD"])
    assert "HC" not in widget.ui.summaryLabel.text and "BPD" in widget.ui.qualityLabel.text
    widget._parameterNode.gaWeeks = 24.0
    assert "HC" not in widget.ui.summaryLabel.text and "BPD" in widget.ui.qualityLabel.text


def test_a_job_that_ends_while_the_panel_is_left_keeps_its_result(module, widget):
    widget.picturePanel.onSample()
    widget.ui.plane.currentText = "head"
    widget.ui.applyButton.click()
    widget.exit()
    wait(widget)
    assert "unexpected" not in widget.ui.statusLabel.text
    widget.enter()
    assert "HC" in widget.ui.summaryLabel.text


def test_measuring_in_the_child_process_and_dragging(module, widget):
    widget.picturePanel.onSample()
    widget.ui.plane.currentText = "head"
    widget.ui.applyButton.click()
    assert widget.ui.applyButton.text == "Cancel"
    wait(widget)
    assert widget.ui.applyButton.text == "Measure"
    before = widget.resultPanel.nodes
    assert before is not None
    assert "HC" in widget.ui.summaryLabel.text
    text = widget.ui.summaryLabel.text
    end = np.array(before.lines["OFD"].GetNthControlPointPositionWorld(1))
    start = np.array(before.lines["OFD"].GetNthControlPointPositionWorld(0))
    before.lines["OFD"].SetNthControlPointPositionWorld(1, *(start + 1.05 * (end - start)))
    assert widget.ui.summaryLabel.text != text
    assert widget.resultPanel.nodes.result.edited
    assert "by hand" in widget.ui.qualityLabel.text
    picture(widget, "fetal_panel.png")


def test_cancel_ends_the_job(widget):
    widget.picturePanel.onSample()
    widget.ui.applyButton.click()
    widget.ui.applyButton.click()
    wait(widget)
    assert "Cancelled" in widget.ui.statusLabel.text
    assert widget.resultPanel.nodes is None


def test_scene_close_while_measuring(widget):
    import slicer

    widget.picturePanel.onSample()
    widget.ui.applyButton.click()
    slicer.mrmlScene.Clear(0)
    assert widget.applyCancel.state.value in ("idle", "notReady")
    assert widget.resultPanel.nodes is None
    widget.enter()
    assert not widget.ui.applyButton.enabled


def test_settings_change_the_shown_numbers(module, widget):
    show_true_head(module, widget)
    outer = value(widget, "BPD")
    widget.ui.bpd.currentText = "outer-inner"
    assert value(widget, "BPD") < outer
    assert widget.resultPanel.nodes.result.options.bpd_convention == "outer-inner"
    widget.ui.gaWeeks.value = 24.0
    names = [m.name for m in widget.resultPanel.nodes.result.measurements()]
    assert "HC_centile" in names


def test_typed_scale_moves_everything(module, widget):
    nodes = show_true_head(module, widget)
    before = value(widget, "HC")
    spacing = nodes.volume.GetSpacing()[0]
    widget.ui.mmPerPixelSpinBox.value = 2 * spacing
    widget.scalePanel.onSet()
    assert value(widget, "HC") == pytest.approx(2 * before, rel=1e-4)
    assert nodes.volume.GetSpacing()[0] == pytest.approx(2 * spacing, rel=1e-4)
    assert nodes.lines["OFD"].GetLineLengthWorld() == pytest.approx(value(widget, "OFD"), rel=1e-6)


def test_ruler_is_used_only_when_confirmed(module, widget):
    from FetalBiometryLib.phantom.head import head_phantom

    phantom = head_phantom(7)
    from DeepMedLib.mrml.inputs.volumes import volumeFromPicture

    node = volumeFromPicture(phantom.picture, None, "screen")
    widget._parameterNode.inputVolume = node
    assert "Not known" in widget.ui.scaleLabel.text
    asked = []
    widget.scalePanel._confirm = asked.append  # None: the user says no
    widget.scalePanel.onRuler()
    assert len(asked) == 1
    assert "mm" in asked[0]
    assert module.pictureNodes.scaleOf(node, module.pictureNodes.pictureOf(node, module.ULTRASOUND)) is None
    widget.scalePanel._confirm = lambda question: True
    widget.scalePanel.onRuler()
    scale = module.pictureNodes.scaleOf(node, module.pictureNodes.pictureOf(node, module.ULTRASOUND))
    assert scale.confirmed
    assert scale.mm_per_px_x == pytest.approx(phantom.spacing_mm, rel=0.01)


def test_known_length_sets_the_scale(module, widget):
    import slicer

    from DeepMedLib.mrml.inputs.volumes import volumeFromPicture
    from FetalBiometryLib.phantom.head import head_phantom

    node = volumeFromPicture(head_phantom(7).picture, None, "screen")
    widget._parameterNode.inputVolume = node
    line = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", "KnownLength")
    line.AddControlPoint([-100, -100, 0])
    line.AddControlPoint([-300, -100, 0])
    widget.ui.knownLineSelector.setCurrentNode(line)
    widget.ui.knownLengthSpinBox.value = 40
    widget.scalePanel.onUseLine()
    assert node.GetSpacing()[0] == pytest.approx(0.2)
    assert line.GetLineLengthWorld() == pytest.approx(40)


def test_a_new_line_waits_for_its_ends(module, widget):
    import slicer

    line = widget.ui.knownLineSelector.addNode()
    markupsLogic = slicer.modules.markups.logic()
    selection = slicer.app.applicationLogic().GetSelectionNode()
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    assert markupsLogic.GetActiveListID() == selection.GetActivePlaceNodeID() == line.GetID()
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    assert not interaction.GetPlaceModePersistence()


def red_view():
    import slicer

    widget = slicer.app.layoutManager().sliceWidget("Red")
    return widget.mrmlSliceCompositeNode().GetBackgroundVolumeID(), widget.mrmlSliceNode()


def test_another_picture_brings_its_own_result(module, widget):
    first = show_true_head(module, widget)
    second = module.samples.loadPhantom()
    widget._parameterNode.inputVolume = second
    assert widget.resultPanel.nodes is None and widget._parameterNode.measured is None
    assert red_view()[0] == second.GetID()
    widget._parameterNode.inputVolume = first.volume
    assert widget.resultPanel.nodes.table is first.table
    assert red_view()[0] == first.volume.GetID()
    widget._parameterNode.inputVolume = second
    widget._parameterNode.measured = first.table
    assert widget._parameterNode.inputVolume is first.volume


def test_the_slider_moves_the_view_and_a_scale_keeps_its_frame(module, widget):
    import slicer

    from FetalBiometryLib.phantom.head import head_phantom

    loop = slicer.util.addVolumeFromArray(np.stack([head_phantom(7).picture] * 7))
    widget.picturePanel.choose(loop)
    assert red_view()[1].GetSliceOffset() == pytest.approx(0)  # a fitted view shows the middle frame
    widget.ui.frameSlider.value = 5
    assert red_view()[1].GetSliceOffset() == pytest.approx(5)
    width = red_view()[1].GetFieldOfView()[0]
    widget.ui.mmPerPixelSpinBox.value = 0.1
    widget.scalePanel.onSet()
    assert red_view()[1].GetFieldOfView()[0] == pytest.approx(0.1 * width)
    assert red_view()[1].GetSliceOffset() == pytest.approx(5)


def test_report_button_writes_the_report(module, widget, tmp_path, monkeypatch):
    import qt

    show_true_head(module, widget)
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", staticmethod(lambda *args: str(tmp_path)))
    widget.ui.reportButton.click()
    assert (tmp_path / "report.html").is_file()
    assert (tmp_path / "report.pdf").is_file()


def test_every_parameter_has_its_widget(module, widget):
    bound = {child.property("SlicerParameterName") for child in vars(widget.ui).values()} - {None, ""}
    followed = {"examination", "visits", "growthTable"}  # by the section of the examination
    assert bound | followed == set(module.FetalBiometryParameterNode.__annotations__) and not bound & followed


def wait(widget, seconds=240):
    import time

    import slicer

    stop = time.monotonic() + seconds
    while widget.applyCancel.state.value in ("running", "cancelling"):
        assert time.monotonic() < stop, widget.ui.statusLabel.text
        slicer.app.processEvents()
        time.sleep(0.02)


def value(widget, name):
    return next(m.value for m in widget.resultPanel.nodes.result.measurements() if m.name == name)


def picture(widget, name):
    from deepmed_headless import grab_widget

    folder = ROOT / "Testing" / "artefacts"
    folder.mkdir(exist_ok=True)
    widget.parent.resize(460, 1150)
    widget.parent.show()
    grab_widget(widget.parent, folder / name)
    assert (folder / name).stat().st_size > 10_000
