"""`install_qt()`: puts the PySide6 stand-ins in place of the inert `qt` and `ctk`."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any

from deepmed_headless.host.inert import InertModule

_q_application: Any = None


def install_qt() -> None:
    """Makes `qt`, `ctk`, `slicer.qMRML*`, `slicer.qSlicer*` and panels available; call it before loading modules.

    Unless QT_QPA_PLATFORM says otherwise, Qt draws offscreen. A second call changes nothing.

    Raises:
        ImportError: PySide6 is not installed.
        RuntimeError: a scripted module was loaded before; it holds the inert modules.
    """
    global _q_application
    if _q_application is not None:
        return
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from deepmed_headless.host.boot import boot
    from deepmed_headless.host.module import ScriptedModule

    boot()
    import slicer
    from PySide6 import QtCore, QtWidgets

    from deepmed_headless.standins.ctk.ctk_module import CtkModule
    from deepmed_headless.standins.qt.qt_module import QtModule
    from deepmed_headless.standins.slicer.module_panel import ScriptedLoadableModuleWidget
    from deepmed_headless.standins.slicer.qmrml_module import QMRML_CLASSES

    loaded = [name for name, module in vars(slicer.modules).items() if isinstance(module, ScriptedModule)]
    if loaded:
        raise RuntimeError(f"Call install_qt() before loading modules; {', '.join(loaded)} came first.")
    QtCore.qInstallMessageHandler(_log_qt_message)
    _q_application = QtWidgets.QApplication.instance() or QtWidgets.QApplication(["deepmed-headless"])
    for name, kind in (("qt", QtModule), ("ctk", CtkModule)):
        if name not in sys.modules or isinstance(sys.modules[name], InertModule):
            sys.modules[name] = kind(name)
    for name, widget_class in QMRML_CLASSES.items():
        setattr(slicer, name, widget_class)
    slicer.ScriptedLoadableModule.ScriptedLoadableModuleWidget = ScriptedLoadableModuleWidget
    for module_name in ("qt", "ctk"):  # slicer.util may have bound the inert ones
        if isinstance(vars(slicer.util).get(module_name), InertModule):
            setattr(slicer.util, module_name, sys.modules[module_name])


def _log_qt_message(kind: Any, context: Any, message: str) -> None:
    if "propagateSizeHints" not in message:  # said by the offscreen platform for every window
        logging.warning("Qt: %s", message)


def grab_widget(widget: Any, path: str | Path) -> Path:
    """Saves a picture of a widget as PNG, at its preferred size where it was never shown.

    Args:
        widget: a widget, or a module's Widget object (its panel is taken).
        path: the PNG file.

    Returns:
        the path.

    Raises:
        OSError: the file cannot be written.
    """
    from PySide6 import QtCore, QtWidgets

    target: Any = widget if isinstance(widget, QtWidgets.QWidget) else widget.parent
    QtWidgets.QWidget.show(target)
    hint = QtWidgets.QWidget.sizeHint(target)
    size = QtWidgets.QWidget.size(target)
    QtWidgets.QWidget.resize(target, max(hint.width(), min(size.width(), 500)), max(hint.height(), 50))
    QtCore.QCoreApplication.processEvents()
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    if not QtWidgets.QWidget.grab(target).save(str(file)):
        raise OSError(f"Could not write {file}.")
    return file
