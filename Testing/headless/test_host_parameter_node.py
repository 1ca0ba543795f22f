"""The stand-in for slicer.parameterNodeWrapper: texts in the node, limits, links with widgets."""

from __future__ import annotations

import enum
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Optional, Union

import pytest


class Size(enum.Enum):
    """An enumeration with labels."""

    SMALL = 1
    BIG = 2

    def label(self) -> str:
        """Text in the combo box."""
        return self.name.capitalize()


def wrap(annotations: dict[str, Any], **defaults: Any) -> type:
    """A wrapped class with these fields."""
    from slicer.parameterNodeWrapper import parameterNodeWrapper

    return parameterNodeWrapper(type("Fields", (), {"__annotations__": annotations, **defaults}))


def make(kind: type) -> Any:
    """An object of a wrapped class on a new node in the scene."""
    import slicer

    return kind(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))


def texts(parameters: Any) -> dict[str, str]:
    """All parameters of the node as stored."""
    node = parameters.parameterNode
    return {name: node.GetParameter(name) for name in node.GetParameterNames()}


def test_encoding_is_slicers(demo: ModuleType) -> None:
    """Expected texts were read from Slicer's own package."""
    import slicer

    parameters = demo.DemoModuleLogic().getParameterNode()
    parameters.names = ["a", "b"]
    parameters.folder = Path("/tmp/x")
    parameters.inputVolume = demo.makeBlock()
    assert texts(parameters) == {
        "inputVolume": "",
        "threshold": "60",
        "keep": "True",
        "count": "3",
        "method": "plain",
        "side": "LEFT",
        "names.len": "2",
        "names.0": "a",
        "names.1": "b",
        "folder": "/tmp/x",
        "note": "",
    }
    node = parameters.parameterNode
    assert node.GetNodeReferenceID("inputVolume") == parameters.inputVolume.GetID()
    parameters.threshold = 0.1
    assert node.GetParameter("threshold") == "0.1"
    again = demo.DemoModuleParameterNode(node)
    assert (again.threshold, again.side, list(again.names)) == (0.1, demo.Side.LEFT, ["a", "b"])
    parameters.inputVolume = None
    assert again.inputVolume is None
    assert slicer.util.getNodesByClass("vtkMRMLScriptedModuleNode") == [node]


def test_optional_values(slicerScene: Any) -> None:
    parameters = make(wrap({"opt": Optional[int]}, opt=5))  # noqa: UP045 - both spellings must work
    assert texts(parameters) == {"opt.0": "5"}
    parameters.opt = None
    assert parameters.opt is None
    parameters.opt = 7
    assert parameters.opt == 7


def test_lists_write_back(slicerScene: Any) -> None:
    parameters = make(wrap({"values": list[int]}))
    parameters.values.append(4)
    parameters.values.append(5)
    del parameters.values[0]
    assert parameters.values == [5]
    assert texts(parameters) == {"values.len": "1", "values.0": "5"}
    with pytest.raises(TypeError):
        parameters.values.append("x")


def test_limits_and_types_are_enforced(demo: ModuleType) -> None:
    parameters = demo.DemoModuleLogic().getParameterNode()
    with pytest.raises(ValueError, match=r"Value must be within range \[-100, 500\], is 9999"):
        parameters.threshold = 9999
    with pytest.raises(ValueError, match="one of"):
        parameters.method = "other"
    with pytest.raises(TypeError):
        parameters.count = "3"
    with pytest.raises(ValueError, match="None"):
        parameters.keep = None
    import slicer

    with pytest.raises(TypeError):
        parameters.inputVolume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTextNode")
    with pytest.raises(ValueError, match="no parameter"):
        parameters.setValue("nothing", 1)


def test_wrapper_refuses_what_it_cannot_do(slicerScene: Any) -> None:
    with pytest.raises(TypeError, match="not supported"):
        wrap({"table": dict[str, int]})
    with pytest.raises(ValueError, match="reserved"):
        wrap({"connectGui": int})


def test_one_change_tells_once(slicerScene: Any) -> None:
    import slicer
    import vtk

    parameters = make(wrap({"volume": slicer.vtkMRMLScalarVolumeNode}))
    volume = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode")
    calls = []
    parameters.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: calls.append(parameters.volume))
    parameters.volume = volume
    assert calls == [volume]


def widgets(**named: Any) -> Any:
    """An object as slicer.util.childWidgetVariables returns it; each widget carries its parameter's name."""
    for name, widget in named.items():
        widget.setProperty("SlicerParameterName", name)
    return type("Ui", (), {})() if not named else _with(named)


def _with(named: dict[str, Any]) -> Any:
    ui = type("Ui", (), {})()
    vars(ui).update(named)
    return ui


def test_links_run_both_ways_and_end(slicerScene: Any) -> None:
    import ctk
    import qt
    from slicer.parameterNodeWrapper import FloatRange, RangeBounds, WithinRange

    parameters = make(
        wrap(
            {
                "keep": bool,
                "count": int,
                "level": Annotated[float, WithinRange(0, 10)],
                "size": Size,
                "text": str,
                "long": str,
                "file": Path,
                "window": Annotated[FloatRange, RangeBounds(0, 100)],
            },
            level=2.5,
        )
    )
    ui = widgets(
        keep=qt.QCheckBox(),
        count=qt.QSpinBox(),
        level=ctk.ctkSliderWidget(),
        size=qt.QComboBox(),
        text=qt.QLineEdit(),
        long=qt.QTextEdit(),
        file=ctk.ctkPathLineEdit(),
        window=ctk.ctkRangeWidget(),
    )
    tag = parameters.connectGui(ui)
    assert (ui.level.minimum, ui.level.maximum, ui.level.value) == (0, 10, 2.5)
    assert [ui.size.itemText(index) for index in range(ui.size.count)] == ["Small", "Big"]
    ui.keep.checked = True
    ui.count.value = 12
    ui.level.value = 7.25
    ui.size.currentIndex = 1
    ui.text.text = "abc"
    ui.long.setPlainText("x\ny")
    ui.file.currentPath = "/a/b"
    ui.window.setValues(5, 20)
    assert (parameters.keep, parameters.count, parameters.level, parameters.size) == (True, 12, 7.25, Size.BIG)
    assert (parameters.text, parameters.long, parameters.file) == ("abc", "x\ny", Path("/a/b"))
    assert parameters.window == FloatRange(5, 20)
    parameters.count = 3
    parameters.text = "back"
    assert (ui.count.value, ui.text.text) == (3, "back")
    parameters.disconnectGui(tag)
    parameters.count = 4
    ui.text.text = "apart"
    assert (ui.count.value, parameters.text) == (3, "back")


def test_pairs_that_slicer_refuses_are_refused(slicerScene: Any) -> None:
    import ctk
    import qt
    import slicer

    node = slicer.vtkMRMLScalarVolumeNode
    refused = [
        (Optional[node], slicer.qMRMLNodeComboBox),  # noqa: UP045
        (node | None, slicer.qMRMLNodeComboBox),
        (str, qt.QSpinBox),
        (float, ctk.ctkSliderWidget),  # no limits
        (str, qt.QComboBox),  # no choices
        (float, qt.QSpinBox),
        (bool, slicer.qMRMLNodeComboBox),
    ]
    for kind, widget in refused:
        parameters = make(wrap({"value": kind}))
        with pytest.raises(RuntimeError):
            parameters.connectGui(widgets(value=widget()))
    parameters = make(wrap({"value": int}))
    with pytest.raises(ValueError, match="no parameter other"):
        parameters.connectGui(widgets(other=qt.QSpinBox()))


def test_abstract_node_classes_are_refused(slicerScene: Any) -> None:
    import slicer

    parameters = make(wrap({"volume": slicer.vtkMRMLVolumeNode}))
    with pytest.raises(TypeError, match="this is an abstract class and cannot be instantiated"):
        parameters.connectGui(widgets(volume=slicer.qMRMLNodeComboBox()))


def test_several_node_classes_need_none(slicerScene: Any) -> None:
    import slicer

    scalar, vector = slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLVectorVolumeNode
    with pytest.raises(TypeError, match="Unable to write value 'None'"):
        make(wrap({"volume": Union[scalar, vector]}))  # noqa: UP007 - as module files write it
    parameters = make(wrap({"volume": Union[scalar, vector, None]}))  # noqa: UP007
    selector = slicer.qMRMLNodeComboBox()
    selector.noneEnabled = True
    selector.setMRMLScene(slicer.mrmlScene)
    parameters.connectGui(widgets(volume=selector))
    assert list(selector.nodeTypes) == ["vtkMRMLScalarVolumeNode", "vtkMRMLVectorVolumeNode"]
    for kind in ("vtkMRMLVectorVolumeNode", "vtkMRMLScalarVolumeNode"):
        volume = slicer.mrmlScene.AddNewNodeByClass(kind)
        selector.setCurrentNode(volume)
        assert parameters.volume is volume
    slicer.mrmlScene.RemoveNode(volume)
    assert parameters.volume is not volume
    parameters.volume = None
    assert selector.currentNode() is None


def test_node_selector_follows_its_parameter(demo: ModuleType) -> None:
    import slicer

    parameters = make(wrap({"volume": slicer.vtkMRMLScalarVolumeNode}))
    selector = slicer.qMRMLNodeComboBox()
    selector.nodeTypes = ["vtkMRMLScalarVolumeNode"]
    selector.noneEnabled = True
    selector.setMRMLScene(slicer.mrmlScene)
    parameters.connectGui(widgets(volume=selector))
    block = demo.makeBlock()
    assert parameters.volume is None
    parameters.volume = block
    assert selector.currentNode() is block
    slicer.mrmlScene.RemoveNode(block)
    assert parameters.volume is None
