"""`slicer.modules.<name>`: a compiled module with its logic, or a scripted module with its file and widget."""

from __future__ import annotations

import sys
from typing import Any


class HeadlessModule:
    """What `slicer.modules.<name>` gives for a compiled module."""

    def __init__(self, name: str, logic: Any = None, path: str = "") -> None:
        self.name = name
        self.title = name
        self.path = path
        self.categories: list[str] = []
        self.dependencies: list[str] = []
        self.contributors: list[str] = []
        self.associatedNodeTypes: list[str] = []
        self.helpText = ""
        self.acknowledgementText = ""
        self.hidden = False
        self.index = -1
        self.icon: Any = None
        self.isInstalled = False
        self.isBuiltIn = True
        self._logic = logic

    def logic(self) -> Any:
        """The module's compiled logic, or None."""
        return self._logic

    def widgetRepresentation(self) -> Any:
        """Compiled modules have no panel here."""
        raise RuntimeError(f"{self.name}: a compiled module has no panel headless.")

    createNewWidgetRepresentation = widgetRepresentation


class ScriptedModule(HeadlessModule):
    """What `slicer.modules.<name>` gives for a scripted module; also `slicer.qSlicerScriptedLoadableModule`."""

    def __init__(self, name: str, path: str) -> None:
        super().__init__(name, None, path)
        self.isBuiltIn = False
        self._representation: Any = None

    def widgetRepresentation(self) -> Any:
        """The panel, made on the first call (needs install_qt()); `.self()` gives the module's Widget object."""
        if self._representation is None:
            self._representation = self.createNewWidgetRepresentation()
        return self._representation

    def createNewWidgetRepresentation(self) -> Any:
        """A new panel with the module's Widget set up in it."""
        import slicer

        if not hasattr(slicer, "qSlicerScriptedLoadableModuleWidget"):
            raise RuntimeError(f"{self.name}: call deepmed_headless.install_qt() before asking for its panel.")
        widget_class = getattr(sys.modules[self.name], self.name + "Widget")
        return slicer.qSlicerScriptedLoadableModuleWidget._create(self.name, widget_class)
