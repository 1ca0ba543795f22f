"""What stands on the panel is the truth: after another scale, another picture, no picture, a file that has gone."""

import pytest

from FetalBiometryLib.picture.ultrasound import typed_scale


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


@pytest.fixture
def head(module, widget):
    widget.picturePanel.onSample()
    nodes = module.samples.trueHead(widget._parameterNode.inputVolume)
    widget._parameterNode.measured = nodes.table
    settle()
    return nodes


def settle():
    import slicer

    for _ in range(3):
        slicer.app.processEvents()


def values(nodes):
    return {m.name: m.value for m in nodes.result.lengths()}


def type_pixel_size(widget, millimetres):
    widget.ui.mmPerPixelSpinBox.value = millimetres
    widget.ui.setScaleButton.click()
    settle()


def test_another_scale_is_followed_and_asks_for_no_new_computation(module, widget, head):
    before = values(head)
    spacing = head.volume.GetSpacing()[0]
    type_pixel_size(widget, 1.25 * spacing)
    shown = widget.resultPanel.nodes
    assert shown.change() == "" and "compute" not in widget.ui.qualityLabel.text
    assert values(shown)["HC"] == pytest.approx(1.25 * before["HC"], rel=1e-4)
    assert "compute" not in "\n".join(widget.logic._report(shown, widget.logic._pictures(shown)).warnings)


def test_every_result_of_the_picture_follows_its_scale(module, widget, head):
    other = module.samples.trueHead(head.volume)  # the first is not shown any more
    widget._parameterNode.measured = other.table
    before, spacing = values(head), head.volume.GetSpacing()[0]
    type_pixel_size(widget, 2 * spacing)
    hidden = module.FetalBiometryLogic().readResult(head.table)
    assert values(hidden)["HC"] == pytest.approx(2 * before["HC"], rel=1e-4) and hidden.change() == ""
    widget._parameterNode.measured = head.table
    assert values(widget.resultPanel.nodes) == pytest.approx(values(hidden), rel=1e-4)


def test_a_script_that_rescales_one_result_takes_the_others_along(module, head):
    logic = module.FetalBiometryLogic()
    other = module.samples.trueHead(head.volume)
    before = values(head)
    scale = typed_scale(0.5 * head.volume.GetSpacing()[0])
    assert logic.rescale(other, scale).change() == ""
    assert values(logic.readResult(head.table))["HC"] == pytest.approx(0.5 * before["HC"], rel=1e-4)


def test_pixels_that_were_edited_since_are_said_at_once(widget, head):
    import slicer

    assert "changed after" not in widget.ui.qualityLabel.text
    slicer.util.arrayFromVolume(head.volume)[...] //= 2
    slicer.util.arrayFromVolumeModified(head.volume)
    settle()
    assert "The values of the input were changed after this was computed" in widget.ui.qualityLabel.text


def test_no_picture_shows_nothing_and_its_return_shows_all_again(widget, head):
    shown, summary, scale = red_background(), widget.ui.summaryLabel.text, widget.ui.scaleLabel.text
    widget._parameterNode.inputVolume = None
    settle()
    assert widget.resultPanel.nodes is None and widget._parameterNode.measured is None
    assert "HC" not in widget.ui.summaryLabel.text and widget.ui.qualityLabel.text == ""
    assert widget.ui.scaleLabel.text.startswith("No ") and not widget.ui.setScaleButton.enabled
    assert not any(getattr(widget.ui, f"{name}Button").enabled for name in ("apply", "report", "accept", "hand"))
    widget._parameterNode.inputVolume = head.volume
    settle()
    assert widget.resultPanel.nodes.table is head.table
    assert (widget.ui.summaryLabel.text, widget.ui.scaleLabel.text, red_background()) == (summary, scale, shown)
    assert all(getattr(widget.ui, f"{name}Button").enabled for name in ("apply", "report", "hand"))


def red_background():
    import slicer

    return slicer.app.layoutManager().sliceWidget("Red").mrmlSliceCompositeNode().GetBackgroundVolumeID()


def test_the_recognized_plane_stands_above_the_numbers(widget, head):
    assert widget.ui.plane.currentText == "auto"
    assert widget.ui.summaryLabel.text.startswith("<i>Fetal head</i>")


def test_an_age_that_no_fetus_can_have_is_not_shown(module, widget, head):
    factor = 360.0 / values(head)["HC"]
    type_pixel_size(widget, factor * head.volume.GetSpacing()[0])
    assert "w" in line_of(widget, "Gestational age").split("</b>")[1].split("(")[0]
    type_pixel_size(widget, 420.0 / 360.0 * head.volume.GetSpacing()[0])
    assert line_of(widget, "Gestational age").endswith("not measured")
    assert "No age is stated" in widget.ui.qualityLabel.text
    record = widget.resultPanel.nodes.result.to_json()
    assert next(m for m in record["measurements"] if m["name"] == "GA")["value"] is None


def line_of(widget, label):
    return next(line for line in widget.ui.summaryLabel.text.split("<br>") if label in line)


@pytest.mark.parametrize("name", ["absent.png", "absent.dcm", "absent/"])
def test_a_picture_that_is_not_there_is_said_in_a_sentence(module, widget, monkeypatch, tmp_path, name):
    import qt
    import slicer

    said = []
    monkeypatch.setattr(slicer.util, "errorDisplay", lambda text, *more, **words: said.append(text))
    monkeypatch.setattr(qt.QFileDialog, "getOpenFileName", staticmethod(lambda *given: str(tmp_path / name)))
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", staticmethod(lambda *given: str(tmp_path / name)))
    widget.ui.loadButton.click()
    widget.ui.loadFolderButton.click()
    assert len(said) == 2
    assert not any("Errno" in text or "unexpected" in text for text in said), said


def test_a_report_that_cannot_be_written_is_said_in_a_sentence(widget, head, monkeypatch, tmp_path):
    import qt
    import slicer

    said = []
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(slicer.util, "errorDisplay", lambda text, *more, **words: said.append(text))
    monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", staticmethod(lambda *given: str(tmp_path / "file")))
    widget.ui.reportButton.click()
    assert len(said) == 1 and "Errno" not in said[0] and "unexpected" not in said[0], said
