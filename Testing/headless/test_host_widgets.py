"""PythonQt's idioms, the stand-ins of CTK and Slicer's widgets, and a panel set up from its .ui file."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from deepmed_headless import grab_widget, slot_errors

ARTEFACTS = Path(__file__).resolve().parents[1] / "artefacts"


def test_properties_are_attributes_and_typos_are_refused(slicerScene: Any) -> None:
    import qt

    button = qt.QPushButton("Apply")
    button.text = "Cancel"
    button.name = "applyButton"
    assert (button.text, button.objectName, button.className()) == ("Cancel", "applyButton", "QPushButton")
    assert isinstance(button, qt.QWidget)
    assert not isinstance(qt.QWidget(), qt.QPushButton)
    with pytest.raises(AttributeError, match="no property 'txt'"):
        button.txt = "x"
    with pytest.raises(TypeError, match="QString"):
        button.text = 5
    with pytest.raises(AttributeError, match="PySide6-Essentials has no QNonsense"):
        qt.QNonsense()


def test_both_ways_of_connecting_pass_one_bool(slicerScene: Any) -> None:
    import qt

    button = qt.QPushButton()
    calls: list[Any] = []

    def slot(checked: bool) -> None:
        calls.append(checked)

    button.connect("clicked(bool)", slot)
    button.clicked.connect(slot)
    button.connect("clicked()", lambda: calls.append("none"))
    button.click()
    assert calls == [False, False, "none"]
    assert button.disconnect("clicked(bool)", slot)
    calls.clear()
    button.click()
    assert calls == ["none"], "disconnecting a slot ends all its connections to the signal"
    with pytest.raises(ValueError, match="no signal clickd"):
        button.connect("clickd(bool)", slot)
    with pytest.raises(ValueError, match=r"no signal clicked\(int\)"):
        button.connect("clicked(int)", slot)


def test_a_failing_slot_is_reported_not_raised(slicerScene: Any) -> None:
    import qt

    def slot() -> None:
        raise ValueError("inside")

    button = qt.QPushButton()
    button.connect("clicked()", slot)
    with slot_errors() as errors:
        button.click()
    assert [str(error) for error in errors] == ["inside"]


def test_dialogs_never_wait(slicerScene: Any) -> None:
    import qt
    import slicer

    assert slicer.util.confirmYesNoDisplay("Sure?") is False
    slicer.util.errorDisplay("Wrong.")
    slicer.util.infoDisplay("Fine.")
    assert qt.QMessageBox.question(None, "t", "x", qt.QMessageBox.Yes | qt.QMessageBox.No) == qt.QMessageBox.No
    assert qt.QFileDialog.getOpenFileName(None, "t", "") == ""
    assert qt.QDialog().exec_() == 0
    with slicer.util.WaitCursor():
        pass
    with pytest.raises(ValueError, match="again"), slicer.util.tryWithErrorDisplay("Failed", waitCursor=True):
        raise ValueError("again")


def test_settings_and_addresses_stay_inside(slicerScene: Any) -> None:
    import qt
    import slicer

    settings = qt.QSettings()
    settings.setValue("DeepMed/x", "1")
    assert qt.QSettings().value("DeepMed/x") == "1"
    assert settings.fileName().startswith(slicer.app.temporaryPath)
    qt.QDesktopServices.openUrl(qt.QUrl("https://example.org/"))
    assert qt.QDesktopServices.opened[-1] == "https://example.org/"


def test_timer(slicerScene: Any) -> None:
    import qt
    import slicer

    calls: list[str] = []
    qt.QTimer.singleShot(0, lambda: calls.append("single"))
    timer = qt.QTimer()
    timer.interval = 0
    timer.singleShot = True
    timer.connect("timeout()", lambda: calls.append("timer"))
    timer.start()
    for _ in range(50):
        slicer.app.processEvents()
    assert sorted(calls) == ["single", "timer"]


def test_slider_range_and_spin_box(slicerScene: Any) -> None:
    import ctk

    slider = ctk.ctkSliderWidget()
    values: list[float] = []
    slider.connect("valueChanged(double)", values.append)
    slider.minimum, slider.maximum, slider.decimals = -10, 10, 1
    slider.value = 3.14
    slider.value = 99
    assert values == [3.1, 10.0]
    both = ctk.ctkRangeWidget()
    changes: list[tuple[float, float]] = []
    both.connect("valuesChanged(double,double)", lambda low, high: changes.append((low, high)))
    both.setRange(0, 50)
    both.setValues(10, 20)
    both.minimumValue = 30
    assert (both.minimumValue, both.maximumValue) == (20, 20), "the lower number stops at the upper"
    assert changes[-2:] == [(10, 20), (20, 20)]
    box = ctk.ctkDoubleSpinBox()
    box.value = 4.5
    assert box.value == 4.5


def test_collapsible_button_hides_its_contents(slicerScene: Any) -> None:
    import ctk
    import qt

    section = ctk.ctkCollapsibleButton()
    section.text = "Advanced"
    layout = qt.QFormLayout(section)
    inside, hidden = qt.QLabel("a"), qt.QLabel("b")
    layout.addRow(inside)
    layout.addRow(hidden)
    hidden.visible = False
    states: list[bool] = []
    section.connect("contentsCollapsed(bool)", states.append)
    section.show()
    section.collapsed = True
    assert inside.isHidden()
    section.collapsed = False
    assert not inside.isHidden()
    assert hidden.isHidden(), "what the module hid stays hidden"
    assert states == [True, False]
    assert section.checked


def test_path_directory_color_and_check_widgets(slicerScene: Any, tmp_path: Path) -> None:
    import ctk
    import qt

    edit = ctk.ctkPathLineEdit()
    edit.filters = ctk.ctkPathLineEdit.Dirs
    valid: list[bool] = []
    edit.connect("validInputChanged(bool)", valid.append)
    edit.currentPath = str(tmp_path)
    edit.currentPath = str(tmp_path / "none")
    assert valid == [True, False]
    folder = ctk.ctkDirectoryButton()
    folder.directory = str(tmp_path)
    assert folder.directory == str(tmp_path)
    color = ctk.ctkColorPickerButton()
    color.color = qt.QColor(255, 0, 0)
    assert color.color.name() == "#ff0000"
    combo = ctk.ctkCheckableComboBox()
    combo.addItem("a")
    combo.addItem("b")
    combo.setCheckState(combo.checkableModel().index(1, 0), qt.Qt.Checked)
    assert [index.row() for index in combo.checkedIndexes()] == [1]


def test_table_view_follows_its_node(slicerScene: Any) -> None:
    import slicer

    table = slicerScene.AddNewNodeByClass("vtkMRMLTableNode", "T")
    slicer.util.updateTableFromArray(table, [np.array([1.5, 2.5])], ["HC"])
    view = slicer.qMRMLTableView()
    view.setMRMLScene(slicerScene)
    view.firstRowLocked = True  # too early, as in Slicer
    view.setMRMLTableNode(table)
    assert not view.firstRowLocked and view.tableModel().horizontalHeaderItem(0).text() == "A"
    view.firstRowLocked = True
    assert view.tableModel().horizontalHeaderItem(0).text() == "HC"
    assert view.tableModel().rowCount() == 2
    assert view.tableModel().item(0, 0).text() == "1.5"
    slicer.util.updateTableFromArray(table, [np.array([1.0, 2.0, 3.0])], ["HC"])
    assert view.tableModel().rowCount() == 3


def test_segment_widgets_follow_the_segmentation(demo: ModuleType, slicerScene: Any) -> None:
    import slicer

    demo.DemoModuleLogic().process(demo.makeBlock(), 50)
    segmentation = slicer.util.getNode("Block segmentation")
    table = slicer.qMRMLSegmentsTableView()
    table.setSegmentationNode(segmentation)
    selector = slicer.qMRMLSegmentSelectorWidget()
    selector.setMRMLScene(slicerScene)
    assert selector.currentNode() is segmentation
    assert selector.currentSegmentID() == "block"
    segmentation.GetSegmentation().AddEmptySegment("other", "Other")
    assert table.displayedSegmentIDs() == ("block", "other")
    assert selector.segmentIDs() == ("block", "other")
    table.setSelectedSegmentIDs(["other"])
    assert table.selectedSegmentIDs() == ("other",)
    button = slicer.qMRMLSegmentationShow3DButton()
    button.setSegmentationNode(segmentation)
    assert button.checked
    button.click()
    assert not segmentation.GetSegmentation().ContainsRepresentation("Closed surface")


def test_markups_widgets_drive_the_real_nodes(slicerScene: Any) -> None:
    import slicer

    points = slicerScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "F")
    widget = slicer.qSlicerSimpleMarkupsWidget()
    widget.setMRMLScene(slicerScene)
    widget.setCurrentNode(points)
    points.AddControlPoint([1, 2, 3], "S")
    assert widget.tableWidget().item(0, 0).text() == "S"
    assert widget.tableWidget().item(0, 3).text() == "3.000"
    place = widget.markupsPlaceWidget()
    states: list[bool] = []
    widget.connect("activeMarkupsPlaceModeChanged(bool)", states.append)
    place.setPlaceModeEnabled(True)
    interaction = slicer.app.applicationLogic().GetInteractionNode()
    assert interaction.GetCurrentInteractionMode() == interaction.Place
    assert slicer.app.applicationLogic().GetSelectionNode().GetActivePlaceNodeID() == points.GetID()
    interaction.SetCurrentInteractionMode(interaction.ViewTransform)
    assert states == [True, False]
    assert not place.placeModeEnabled


def test_hierarchy_selector(demo: ModuleType, slicerScene: Any) -> None:
    import slicer

    block = demo.makeBlock()
    combo = slicer.qMRMLSubjectHierarchyComboBox()
    combo.setMRMLScene(slicerScene)
    assert combo.currentItem() == 0
    combo.setCurrentNode(block)
    assert combo.currentNode() is block


def test_widgets_may_go_before_the_scene_changes(demo: ModuleType, slicerScene: Any) -> None:
    """A deleted widget must not be called by the scene any more."""
    import slicer

    combo = slicer.qMRMLNodeComboBox()
    combo.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    combo.setMRMLScene(slicerScene)
    combo.deleteLater()
    slicer.app.processEvents()
    import PySide6.QtCore as QtCore

    QtCore.QCoreApplication.sendPostedEvents(None, QtCore.QEvent.Type.DeferredDelete.value)
    demo.makeBlock()
    assert slicerScene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 1


def test_panel_is_set_up_from_its_ui_file(demo: ModuleType) -> None:
    import slicer

    widget = slicer.util.getNewModuleWidget("DemoModule")
    ui = widget.ui
    assert not ui.applyButton.enabled
    assert ui.applyButton.toolTip == "Choose a volume"
    assert ui.advancedCollapsibleButton.collapsed
    assert (ui.thresholdSlider.minimum, ui.thresholdSlider.maximum, ui.thresholdSlider.value) == (-100, 500, 60)
    assert ui.thresholdSlider.suffix == " HU"
    assert [ui.methodComboBox.itemText(index) for index in range(2)] == ["plain", "fancy"]
    assert ui.sideComboBox.currentText == "LEFT"
    assert ui.countSpinBox.value == 3
    demo.makeBlock()
    assert ui.applyButton.enabled, "the selector picks the only volume, the parameter node tells the panel"
    ui.thresholdSlider.value = 50
    ui.applyButton.click()
    assert ui.resultLabel.text == "1440 mm3"
    picture = grab_widget(widget, ARTEFACTS / "headless_panel.png")
    assert picture.stat().st_size > 2000
    ui.thresholdSlider.value = 400
    with slot_errors() as errors:
        ui.applyButton.click()
    assert "brighter" in str(errors[0])
    slicer.mrmlScene.Clear(0)
    widget.cleanup()


def test_ui_files_with_mistakes_are_refused(slicerScene: Any, tmp_path: Path) -> None:
    import slicer

    def ui(body: str, connections: str = "") -> str:
        file = tmp_path / "x.ui"
        file.write_text(
            f'<ui version="4.0"><class>X</class><widget class="qMRMLWidget" name="X">{body}</widget>'
            f"<connections>{connections}</connections></ui>"
        )
        return str(file)

    with pytest.raises(RuntimeError, match="No stand-in for widget class qMRMLMadeUp"):
        slicer.util.loadUI(ui('<widget class="qMRMLMadeUp" name="a"/>'))
    bad_property = '<widget class="QLabel" name="a"><property name="txt"><string>b</string></property></widget>'
    with pytest.raises(RuntimeError, match="no property 'txt'"):
        slicer.util.loadUI(ui(bad_property))
    connection = "<sender>X</sender><signal>{}</signal><receiver>{}</receiver><slot>setFocus()</slot>"
    label = '<widget class="QLabel" name="a"/>'
    with pytest.raises(ValueError, match="no signal sceneChanged"):
        slicer.util.loadUI(ui(label, f"<connection>{connection.format('sceneChanged()', 'a')}</connection>"))
    with pytest.raises(RuntimeError, match="does not contain"):
        changed = connection.format("mrmlSceneChanged(vtkMRMLScene*)", "b")
        slicer.util.loadUI(ui(label, f"<connection>{changed}</connection>"))
    with pytest.raises(RuntimeError, match="file not found"):
        slicer.util.loadUI(str(tmp_path / "none.ui"))
