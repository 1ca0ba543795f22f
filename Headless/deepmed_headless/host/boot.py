"""`boot()`: puts the application, the modules and the missing Python packages of Slicer in place, once a process."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.host import i18n, inert, scripted_module
from deepmed_headless.host.namespace import new_module

if TYPE_CHECKING:
    from deepmed_headless.host.application import HeadlessApplication

_application: HeadlessApplication | None = None


def prepare_rendering() -> None:
    """Makes VTK draw without a display; takes effect only before vtk is imported."""
    if sys.platform.startswith("linux"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")


def boot(share: Path | None = None) -> HeadlessApplication:
    """Starts the headless host, or returns the one already running.

    After it, module code finds slicer.app, slicer.mrmlScene, slicer.modules.<name>.logic(), slicer.util.load*/save*,
    slicer.ScriptedLoadableModule, slicer.i18n, slicer.parameterNodeWrapper, slicer.packaging, SampleData, and inert
    `qt` and `ctk`, see `install_qt`.

    Args:
        share: Slicer's share folder with `terminologies/`, if there is one; used by the first call only.
    """
    global _application
    if _application is not None:
        return _application
    prepare_rendering()
    import slicer
    import slicer.util

    from deepmed_headless.host import packaging, sample_data
    from deepmed_headless.host.application import HeadlessApplication
    from deepmed_headless.host.module import HeadlessModule, ScriptedModule
    from deepmed_headless.parameter_node import install_parameter_node_wrapper

    application = HeadlessApplication(share)
    slicer.app = application
    slicer.mrmlScene = application.mrmlScene()
    slicer.qSlicerScriptedLoadableModule = ScriptedModule
    new_module("slicer.modules")
    new_module("slicer.moduleNames")
    for name, logic in application._logics.items():
        register_module(HeadlessModule(name, logic))
    new_module(
        "slicer.ScriptedLoadableModule",
        ScriptedLoadableModule=scripted_module.ScriptedLoadableModule,
        ScriptedLoadableModuleWidget=scripted_module.ScriptedLoadableModuleWidget,
        ScriptedLoadableModuleLogic=scripted_module.ScriptedLoadableModuleLogic,
        ScriptedLoadableModuleTest=scripted_module.ScriptedLoadableModuleTest,
    )
    new_module("slicer.i18n", tr=i18n.tr, translate=i18n.translate, getContext=i18n.getContext)
    packaging.install_packaging()
    sample_data.install_sample_data()
    install_parameter_node_wrapper()
    inert.install_inert()
    slicer.util.tempDirectory = _temp_directory
    slicer.util.delayDisplay = _delay_display
    _application = application
    return application


def register_module(module: Any) -> None:
    """Makes a module known as slicer.modules.<lower> and in slicer.moduleNames."""
    import slicer

    setattr(slicer.modules, module.name.lower(), module)
    setattr(slicer.moduleNames, module.name, module.name)
    names = vars(slicer.moduleNames)["__all__"]
    if module.name not in names:
        names.append(module.name)


def _temp_directory(key: str = "__SlicerTemp__", tempDir: str | None = None, includeDateTime: bool = True) -> str:
    """slicer.util.tempDirectory without Qt: a new folder below the application's temporary path."""
    import slicer

    return tempfile.mkdtemp(prefix=key, dir=tempDir or slicer.app.temporaryPath)


def _delay_display(message: str, *arguments: Any, **keywords: Any) -> None:
    """slicer.util.delayDisplay without a window: the message goes to the log."""
    logging.info(message)
