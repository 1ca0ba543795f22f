"""The panel of a scripted module, and the base class of its Widget where widgets are installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6 import QtWidgets

from deepmed_headless.standins.base import remembered
from deepmed_headless.standins.qt.python_qt import wrap
from deepmed_headless.standins.slicer.qmrml_widget import qMRMLWidget, qSlicerWidget

_VBoxLayout: Any = wrap(QtWidgets.QVBoxLayout)


class qSlicerScriptedLoadableModuleWidget(qSlicerWidget):
    """The panel that holds a scripted module's Widget; `self()` gives the Python object."""

    _is_stand_in = True
    isEntered = remembered("isEntered", False, "Whether the module is shown.")
    moduleName = remembered("moduleName", "", "Name of the module.")

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._widget: Any = None
        self.setLayout(_VBoxLayout())

    @classmethod
    def _create(cls, name: str, widget_class: type) -> qSlicerScriptedLoadableModuleWidget:
        """Makes the panel as Slicer does: Widget object, scene, setup(), shown."""
        import slicer

        panel = cls()
        panel.moduleName = name
        panel._widget = widget_class(panel)
        panel.setMRMLScene(slicer.mrmlScene)
        setattr(slicer.modules, name + "Widget", panel._widget)
        panel._widget.setup()
        panel.show()
        return panel

    def self(self) -> Any:
        """The module's Widget object."""
        return self._widget

    def enter(self) -> None:
        """The user opens the module."""
        self.isEntered = True
        if hasattr(self._widget, "enter"):
            self._widget.enter()

    def exit(self) -> None:
        """The user leaves the module."""
        self.isEntered = False
        if hasattr(self._widget, "exit"):
            self._widget.exit()


class ScriptedLoadableModuleWidget:
    """Base of a module's Widget class.

    Without a parent it makes one itself, but leaves calling `setup()` to whoever made the object.
    """

    def __init__(self, parent: Any = None) -> None:
        import slicer

        self.moduleName = type(self).__name__.removesuffix("Widget")
        self.developerMode = False
        if parent is None:
            self.parent = qMRMLWidget()
            self.parent.setLayout(_VBoxLayout())
            self.parent.setMRMLScene(slicer.mrmlScene)
            self.parent.show()
        else:
            self.parent = parent
        self.layout = self.parent.layout()

    def resourcePath(self, filename: str) -> str:
        """Path of a file in the module's Resources folder."""
        import slicer

        return str(Path(slicer.util.modulePath(self.moduleName)).parent / "Resources" / filename)

    def setup(self) -> None:
        """The developer section is left out."""

    def setupDeveloperSection(self) -> None:
        """There is none headless."""

    def cleanup(self) -> None:
        """Overridden by the module."""

    def onReload(self) -> None:
        """Modules cannot be reloaded headless.

        Raises:
            RuntimeError: always.
        """
        raise RuntimeError("Modules cannot be reloaded headless.")

    def onTest(self, *arguments: Any, **keywords: Any) -> None:
        """Runs the module's tests."""
        import slicer

        getattr(slicer.modules, self.moduleName + "Instance").runTest()
