"""`qt.QUiLoader`: loads .ui files into PythonQt-like widgets and stand-ins."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtUiTools, QtWidgets

from deepmed_headless.standins.qt.python_qt import PythonQtObject
from deepmed_headless.standins.qt.qt_names import qt_class
from deepmed_headless.standins.qt.ui_file import UiFile, read_ui


class QUiLoader(QtUiTools.QUiLoader):
    """Creates every widget, layout and action as the class module code would make itself."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._made: list[Any] = []

    def load(self, device: QtCore.QIODevice, parentWidget: Any = None) -> Any:  # type: ignore[override]
        """Loads an open .ui file.

        The file's connections are made as Slicer makes them: a node selector gets its scene only where
        `mrmlSceneChanged(vtkMRMLScene*)` is connected to its `setMRMLScene(vtkMRMLScene*)`.

        Raises:
            RuntimeError: a widget class is unknown, or a property or connection names something that is not there.
        """
        parsed = read_ui(bytes(device.readAll().data()), widget_class)
        self._made = []
        buffer = QtCore.QBuffer()
        buffer.setData(parsed.text)
        buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
        PythonQtObject._loading = True
        try:
            root: Any = super().load(buffer, parentWidget)
        finally:
            PythonQtObject._loading = False
        if root is None:
            raise RuntimeError(f"Could not load the UI file: {self.errorString()}")
        root._loaded_objects = self._made  # Python parts of the widgets must outlive the loader
        self._finish(root, parsed)
        return root

    def _finish(self, root: Any, parsed: UiFile) -> None:
        by_name = {made.objectName: made for made in self._made if isinstance(made, PythonQtObject)}
        by_name[root.objectName] = root
        for name, attribute, value in parsed.properties:
            setattr(by_name[name], attribute, value)
        for connection in parsed.connections:
            missing = [name for name in (connection.sender, connection.receiver) if name not in by_name]
            if missing:
                raise RuntimeError(f"The UI file connects {missing[0]}, which it does not contain.")
            by_name[connection.sender].connect(connection.signal, by_name[connection.receiver], connection.slot)

    def createWidget(self, className: str, parent: Any = None, name: str = "") -> Any:  # type: ignore[override]
        """A widget of the class that `qt`, `ctk` or `slicer` shows under that name."""
        kind: Any = widget_class(className)
        if className == "Line":
            widget = kind(parent)
            widget.setFrameShape(QtWidgets.QFrame.Shape.HLine)
            widget.setFrameShadow(QtWidgets.QFrame.Shadow.Sunken)
        else:
            widget = kind(parent) if parent is not None else kind()
        widget.objectName = name
        self._made.append(widget)
        return widget

    def createLayout(self, className: str, parent: Any = None, name: str = "") -> Any:  # type: ignore[override]
        """A layout, not yet set on its parent where that has one."""
        takes_it = isinstance(parent, QtWidgets.QWidget) and QtWidgets.QWidget.layout(parent) is None
        layout = qt_class(className)(parent) if takes_it else qt_class(className)()
        layout.objectName = name
        self._made.append(layout)
        return layout


def widget_class(name: str) -> type:
    """The class that module code finds in `qt`, `ctk` or `slicer` under that name.

    Raises:
        RuntimeError: there is no such class headless.
    """
    from deepmed_headless.standins.ctk.ctk_module import CTK_CLASSES
    from deepmed_headless.standins.slicer.qmrml_module import QMRML_CLASSES

    if name in CTK_CLASSES:
        return CTK_CLASSES[name]
    if name in QMRML_CLASSES:
        return QMRML_CLASSES[name]
    found: Any = None
    if name.startswith("Q") or name == "Line":
        found = getattr(QtWidgets, "QFrame" if name == "Line" else name, None)
    if not isinstance(found, type):
        raise RuntimeError(f"No stand-in for widget class {name} headless; see Headless/README.md.")
    kind: type = qt_class("QFrame" if name == "Line" else name)
    return kind
