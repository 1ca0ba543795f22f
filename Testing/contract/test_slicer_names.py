"""Every Qt, CTK and Slicer name that modules, .ui files and the headless stand-ins use exists in a running Slicer."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from Testing.contract.slicer_names import SlicerClass, SlicerNames, UiWidget, connects, read_ui_file, uses

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT.parent / "shared" / "reference" / "slicer_names.txt"
PYTHON_QT = {"name", "className", "connect", "disconnect", "delete"}  # what PythonQt adds to every object
NOT_SHIPPED = ("build", "demo")

pytestmark = pytest.mark.skipif(not LIST.is_file(), reason="no list of Slicer's names (slicer_names.txt) here")


def shown(path: Path) -> bool:
    """Whether a path lies outside hidden and generated folders."""
    return not any(part.startswith(".") or part in NOT_SHIPPED for part in path.relative_to(ROOT).parts)


def module_folders() -> list[Path]:
    """Folders with a module file, the demo of the headless tests included."""
    folders = [folder for folder in ROOT.iterdir() if (folder / f"{folder.name}.py").is_file()]
    return [*sorted(folders), ROOT / "Testing" / "headless" / "DemoModule"]


UI_FILES = sorted(path for path in ROOT.rglob("*.ui") if shown(path))
SOURCES = sorted(
    path for folder in [*module_folders(), ROOT / "DeepMedLib" / "gui"] for path in folder.rglob("*.py") if shown(path)
)


@cache
def names() -> SlicerNames:
    """The list."""
    return SlicerNames(LIST.read_text(encoding="utf-8"))


@cache
def native(class_name: str) -> Any:
    """PySide6's class of that name, or None."""
    from PySide6 import QtCore, QtGui, QtWidgets

    for source in (QtWidgets, QtGui, QtCore):
        if isinstance(getattr(source, class_name, None), type):
            return getattr(source, class_name)
    return None


@cache
def meta(class_name: str) -> SlicerClass:
    """Properties and signatures of a Qt class, as PySide6 knows them."""
    from PySide6.QtCore import QMetaMethod

    found = SlicerClass(class_name)
    description = native(class_name).staticMetaObject
    found.properties.update(description.property(index).name() for index in range(description.propertyCount()))
    for index in range(description.methodCount()):
        method = description.method(index)
        target = found.signals if method.methodType() == QMetaMethod.MethodType.Signal else found.slots
        target.add(method.methodSignature().data().decode())
    return found


def known_class(class_name: str) -> SlicerClass | None:
    """What a class offers, QWidget's part included; None where Slicer has no such class."""
    if class_name == "Line":
        class_name = "QFrame"
    if class_name in names().classes:
        base, own = meta("QWidget"), names().classes[class_name]
        return SlicerClass(
            class_name,
            base.properties | own.properties,
            base.signals | own.signals,
            base.slots | own.slots,
            own.invokable,
        )
    if class_name in names().topic("qt names") and native(class_name) is not None:
        return meta(class_name)
    return None


def members(class_name: str) -> set[str]:
    """Every name that Python may use on an object of a class."""
    from deepmed_headless.standins.ctk.ctk_module import CTK_CLASSES
    from deepmed_headless.standins.slicer.qmrml_module import QMRML_CLASSES

    kind = known_class(class_name)
    assert kind is not None
    stand_in = {**CTK_CLASSES, **QMRML_CLASSES}.get(class_name)
    bases = [base for base in stand_in.__mro__ if "_native" in vars(base)] if stand_in is not None else []
    base = vars(bases[0])["_native"] if bases else native(class_name) or native("QWidget")
    return kind.members() | set(dir(base)) | PYTHON_QT


def test_the_list_is_read() -> None:
    combo = names().classes["qMRMLNodeComboBox"]
    assert "currentNodeChanged(vtkMRMLNode*)" in combo.signals
    assert {"nodeTypes", "noneEnabled"} <= combo.properties
    assert "setMRMLScene(vtkMRMLScene*)" in combo.slots
    assert "mrmlScene()" in combo.invokable
    assert {"QPushButton", "QTimer"} <= names().topic("qt names")
    assert "layoutManager" in names().topic("slicer.app (")
    assert len(names().classes) > 250


def ui_problems(path: Path) -> list[str]:
    """What a .ui file uses that Slicer does not have."""
    widgets, connections = read_ui_file(path)
    problems = []
    for widget in widgets.values():
        kind = known_class(widget.class_name)
        if kind is None:
            problems.append(f"{widget.name}: no class {widget.class_name}")
            continue
        problems += [
            f"{widget.name}: {widget.class_name} has no property {name}"
            for name in widget.properties
            if name not in kind.properties
        ]
    for connection in connections:
        for name, signature, topic in (
            (connection.sender, connection.signal, "signals"),
            (connection.receiver, connection.slot, "slots"),
        ):
            kind = known_class(widgets[name].class_name) if name in widgets else None
            if kind is None:
                problems.append(f"connection of unknown widget {name}")
            elif signature not in getattr(kind, topic):
                problems.append(f"{name}: {kind.name} has no {topic[:-1]} {signature}")
    return problems


@pytest.mark.parametrize("path", UI_FILES, ids=lambda path: path.name)
def test_ui_file_uses_only_what_slicer_has(path: Path) -> None:
    assert ui_problems(path) == []


@pytest.mark.parametrize("path", UI_FILES, ids=lambda path: path.name)
def test_no_ui_file_sets_what_needs_a_node_first(path: Path) -> None:
    """Slicer complains on the console when a table view without a table is told to lock its first row."""
    assert [w.name for w in read_ui_file(path)[0].values() if "firstRowLocked" in w.properties] == []


def test_a_wrong_ui_file_is_found(tmp_path: Path) -> None:
    file = tmp_path / "bad.ui"
    file.write_text(
        '<ui version="4.0"><widget class="qMRMLWidget" name="X"><widget class="ctkMadeUp" name="a"/>'
        '<widget class="ctkSliderWidget" name="b"><property name="maximun"><double>1</double></property></widget>'
        "</widget><connections><connection><sender>X</sender><signal>mrmlSceneChange(vtkMRMLScene*)</signal>"
        "<receiver>b</receiver><slot>setMRMLScene(vtkMRMLScene*)</slot></connection></connections></ui>"
    )
    assert ui_problems(file) == [
        "a: no class ctkMadeUp",
        "b: ctkSliderWidget has no property maximun",
        "X: qMRMLWidget has no signal mrmlSceneChange(vtkMRMLScene*)",
        "b: ctkSliderWidget has no slot setMRMLScene(vtkMRMLScene*)",
    ]


def source_problems(tree: ast.AST, widgets: dict[str, UiWidget]) -> list[str]:
    """What a source file uses that Slicer does not have; `widgets` are those of its module's .ui files."""
    problems = []
    topics = {
        ("slicer", "app", "layoutManager"): names().topic("slicer.app.layoutManager()"),
        ("slicer", "app"): names().topic("slicer.app (") | set(dir(native("QApplication"))) | {"applicationName"},
        ("slicer", "util"): names().topic("slicer.util:"),
    }
    for use in uses(tree):
        parts, where = use.parts, f"line {use.line}: {'.'.join(use.parts)}"
        if parts[0] == "qt" and parts[1] not in names().topic("qt names"):
            problems.append(f"{where} is not in qt")
        elif parts[0] == "ctk" and parts[1] not in names().classes:
            problems.append(f"{where} is not in ctk")
        elif parts[0] == "slicer" and parts[1][:2] in ("qM", "qS") and parts[1] not in names().classes:
            problems.append(f"{where} is not in slicer")
        else:
            for beginning, offered in topics.items():
                if parts[:-1] == beginning and parts[-1] not in offered | PYTHON_QT:
                    problems.append(f"{where} is not in {'.'.join(beginning)}")
        problems += [f"{where}: {text}" for text in _ui_use_problems(parts, widgets)]
    for call in connects(tree):
        if not _signal_exists(call.receiver, call.signature, widgets):
            problems.append(f"line {call.line}: {'.'.join(call.receiver)} has no signal {call.signature}")
    return problems


def _ui_use_problems(parts: tuple[str, ...], widgets: dict[str, UiWidget]) -> list[str]:
    if not widgets or len(parts) < 3 or parts[-3] not in ("ui", "_ui"):
        return []
    widget = widgets.get(parts[-2])
    if widget is None:
        return [f"no widget {parts[-2]} in the .ui file"]
    return [] if parts[-1] in members(widget.class_name) else [f"{widget.class_name} has no {parts[-1]}"]


def _signal_exists(receiver: tuple[str, ...], signature: str, widgets: dict[str, UiWidget]) -> bool:
    if receiver == ("slicer", "app"):
        return signature.partition("(")[0] in names().topic("slicer.app (")
    if len(receiver) >= 2 and receiver[-2] in ("ui", "_ui") and receiver[-1] in widgets:
        kind = known_class(widgets[receiver[-1]].class_name)
        return kind is not None and signature in kind.signals
    if any(signature in kind.signals for kind in names().classes.values()):
        return True
    return any(signature in meta(name).signals for name in names().topic("qt names") if _has_signals(name))


@cache
def _has_signals(class_name: str) -> bool:
    from PySide6.QtCore import QObject

    kind = native(class_name)
    return kind is not None and issubclass(kind, QObject)


def widgets_near(path: Path) -> dict[str, UiWidget]:
    """Widgets of the .ui files of the module that a source file belongs to."""
    folder = next((folder for folder in module_folders() if folder in path.parents), None)
    found: dict[str, UiWidget] = {}
    for ui_file in sorted(folder.rglob("*.ui")) if folder is not None else []:
        found.update(read_ui_file(ui_file)[0])
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_source_uses_only_what_slicer_has(path: Path) -> None:
    assert source_problems(ast.parse(path.read_text(encoding="utf-8")), widgets_near(path)) == []


def test_what_fails_is_shown_in_one_way() -> None:
    """Slicer's own tryWithErrorDisplay raises again, so that PythonQt prints a traceback for a user's mistake."""
    ours = [path for path in SOURCES if "Testing" not in path.parts]
    assert [path.name for path in ours if "tryWithErrorDisplay" in path.read_text(encoding="utf-8")] == []


def test_a_wrong_source_is_found() -> None:
    tree = ast.parse(
        "qt.QPushBotton()\nctk.ctkMadeUp()\nslicer.qMRMLMadeUp()\nslicer.app.layoutManger()\n"
        "slicer.util.loadVolumes('x')\nself.ui.slider.valu = 3\nself.ui.slider.connect('valueChanged(int)', f)\n"
        "self.ui.gone.value = 3\nother.connect('neverHeardOf()', f)\nslicer.app.layoutManager().sliceWidgets('Red')\n"
        "self.ui.slider.value = 3\nself.ui.slider.connect('valueChanged(double)', f)\nqt.QTimer.singleShot(0, f)\n"
    )
    found = source_problems(tree, {"slider": UiWidget("slider", "ctkSliderWidget", ())})
    assert sorted({int(text.split()[1].strip(":")) for text in found}) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert len(found) == 10


def stand_ins() -> list[type]:
    """Stand-in classes of CTK's and Slicer's widgets."""
    from deepmed_headless.standins.ctk.ctk_module import CTK_CLASSES
    from deepmed_headless.standins.slicer.qmrml_module import QMRML_CLASSES

    return [*CTK_CLASSES.values(), *QMRML_CLASSES.values()]


@pytest.mark.parametrize("kind", stand_ins() if LIST.is_file() else [], ids=lambda kind: kind.__name__)
def test_stand_in_offers_nothing_that_the_real_class_lacks(kind: Any) -> None:
    from deepmed_headless.standins.qt.python_qt import stand_in_properties, stand_in_signals

    real = names().classes[kind.__name__]
    assert set(stand_in_properties(kind)) <= known_class(kind.__name__).properties
    for signal in stand_in_signals(kind).values():
        offered = {f"{signal.name}({','.join(arguments)})" for arguments in signal.signatures}
        assert offered <= real.signals
    own = {
        name
        for base in kind.__mro__
        if "_is_stand_in" in vars(base) and "_native" not in vars(base) and base.__module__ != _mixin()
        for name, value in vars(base).items()
        if not name.startswith("_") and not isinstance(value, int)  # enumerators are not in the list
    }
    assert own - members(kind.__name__) == set()


def _mixin() -> str:
    from deepmed_headless.standins.qt.python_qt import PythonQtObject

    return PythonQtObject.__module__


def public(kind: type) -> set[str]:
    """Public names of a class; snake_case marks what exists headless only."""
    return {name for name in dir(kind) if not name.startswith("_") and "_" not in name}


def test_application_and_views_offer_nothing_that_slicer_lacks() -> None:
    from deepmed_headless.host.application import HeadlessApplication
    from deepmed_headless.host.io_manager import IOManager
    from deepmed_headless.host.module import ScriptedModule
    from deepmed_headless.views import slice_widget, three_d_widget
    from deepmed_headless.views.layout_manager import LayoutManager

    application = set(dir(native("QApplication"))) | {"applicationName", "applicationVersion"}
    assert public(HeadlessApplication) <= names().topic("slicer.app (") | application
    assert public(LayoutManager) <= names().topic("slicer.app.layoutManager()")
    assert public(IOManager) <= names().topic("slicer.app.ioManager()")
    assert public(slice_widget.SliceWidget) <= names().topic("sliceWidget('Red'):")
    assert public(slice_widget.SliceViewAccess) <= names().topic("sliceWidget('Red').sliceView()")
    assert public(slice_widget.SliceController) <= members("qMRMLSliceControllerWidget")
    assert public(three_d_widget.ThreeDWidget) <= names().topic("threeDWidget(0):")
    assert public(three_d_widget.ThreeDViewAccess) <= names().topic("threeDWidget(0).threeDView()")
    module = names().classes["qSlicerScriptedLoadableModule"].members()
    assert public(ScriptedModule) <= module | {"widgetRepresentation", "createNewWidgetRepresentation"}


def test_base_classes_offer_nothing_that_slicer_lacks() -> None:
    from deepmed_headless.host import scripted_module
    from deepmed_headless.standins.slicer.module_panel import ScriptedLoadableModuleWidget

    assert public(ScriptedLoadableModuleWidget) <= names().topic("ScriptedLoadableModuleWidget:")
    assert public(scripted_module.ScriptedLoadableModuleLogic) <= names().topic("ScriptedLoadableModuleLogic:")
    own = set(vars(scripted_module.ScriptedLoadableModuleTest))
    own = {name for name in own if not name.startswith("_")} - {"messageDelay", "enableScreenshots"}
    assert own <= names().topic("ScriptedLoadableModuleTest:")
