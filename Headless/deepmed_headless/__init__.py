"""Headless host for Slicer scripted modules on the PyPI package slicer-core.

The scene, nodes, storage, module logics and displayable managers are Slicer's own compiled code. The application, Qt,
PythonQt, CTK and the qMRML widgets around them are stand-ins, see Headless/README.md.
"""

from deepmed_headless.host.boot import boot, prepare_rendering
from deepmed_headless.host.module_loader import load_module, load_named
from deepmed_headless.paths import repository_root
from deepmed_headless.standins.install import grab_widget, install_qt
from deepmed_headless.standins.qt.slots import slot_errors, take_slot_errors
from deepmed_headless.vtk_errors import vtk_errors

prepare_rendering()  # must precede the first import of vtk

__all__ = [
    "boot",
    "grab_widget",
    "install_qt",
    "load_module",
    "load_named",
    "repository_root",
    "slot_errors",
    "take_slot_errors",
    "vtk_errors",
]
