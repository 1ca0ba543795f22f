"""What the names of `qt` stand for: our own classes where PySide6's do not do, else PySide6's, wrapped."""

from __future__ import annotations

from typing import Any

from PySide6 import QtCore, QtGui, QtUiTools, QtWidgets

from deepmed_headless.standins.qt import dialogs, qt_classes
from deepmed_headless.standins.qt.python_qt import wrap

_SOURCES = (QtCore, QtGui, QtWidgets, QtUiTools)
_OWN = {
    "QDesktopServices": qt_classes.QDesktopServices,
    "QSettings": qt_classes.QSettings,
    "QTableView": qt_classes.QTableView,
    "QTableWidget": qt_classes.QTableWidget,
    "QDialog": dialogs.QDialog,
    "QFileDialog": dialogs.QFileDialog,
    "QInputDialog": dialogs.QInputDialog,
    "QMenu": dialogs.QMenu,
    "QMessageBox": dialogs.QMessageBox,
    "QProgressDialog": dialogs.QProgressDialog,
}


def qt_class(name: str) -> Any:
    """The class or enumeration `name` as PythonQt shows it.

    Raises:
        AttributeError: PySide6 has no such name.
    """
    if name in _OWN:
        return _OWN[name]
    for source in _SOURCES:
        found = getattr(source, name, None)
        if found is None:
            continue
        return wrap(found) if isinstance(found, type) and issubclass(found, QtCore.QObject) else found
    raise AttributeError(f"qt.{name} is not available headless: PySide6-Essentials has no {name}.")
