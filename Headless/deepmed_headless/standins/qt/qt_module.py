"""The module `qt`: PySide6's classes under the names that PythonQt gives them, wrapped on first use."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from deepmed_headless.standins.qt.qt_names import qt_class
from deepmed_headless.standins.qt.ui_loader import QUiLoader


class QtModule(ModuleType):
    """`import qt`. A name that PySide6 lacks raises an AttributeError that says so."""

    QUiLoader = QUiLoader

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = qt_class(name)
        setattr(self, name, value)
        return value
