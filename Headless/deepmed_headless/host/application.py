"""`slicer.app`: the scene, the compiled logics and the small part of the application that module code calls."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.host.io_manager import IOManager
from deepmed_headless.host.module_logics import create_module_logics
from deepmed_headless.host.module_manager import ModuleManager
from deepmed_headless.host.subject_hierarchy import SubjectHierarchyItems

if TYPE_CHECKING:
    from deepmed_headless.views.layout_manager import LayoutManager


class HeadlessApplication:
    """Stands in for qSlicerApplication around a real scene and the real module logics."""

    applicationName = "Slicer"
    applicationVersion = "5.12.4"
    majorVersion = 5
    minorVersion = 12
    os = "linux" if sys.platform.startswith("linux") else ("macosx" if sys.platform == "darwin" else "win")

    def __init__(self, share: Path | None = None) -> None:
        import slicer

        self.temporaryPath = tempfile.mkdtemp(prefix="deepmed-headless-")
        atexit.register(shutil.rmtree, self.temporaryPath, ignore_errors=True)
        self.slicerHome = str(Path(slicer.__file__).parent)
        self.slicerSharePath = str(share) if share is not None else ""
        self._scene = slicer.vtkMRMLScene()
        crosshair = slicer.vtkMRMLCrosshairNode()
        crosshair.SetCrosshairName("default")
        self._scene.AddNode(crosshair)
        self._application_logic = self._create_application_logic()
        self._create_data_io()
        self._logics = create_module_logics(self._scene, self._application_logic, share)
        self._io_manager = IOManager(self)
        self._module_manager = ModuleManager()
        self._items = SubjectHierarchyItems(self._scene)
        self._layout_manager: LayoutManager | None = None
        self._startup_slots: list[Callable[[], Any]] = []

    def _create_application_logic(self) -> Any:
        import slicer
        import vtk

        scene = self._scene
        logic = slicer.vtkSlicerApplicationLogic()
        logic.SetTemporaryPath(self.temporaryPath)
        logic.SetMRMLScene(scene)
        logic.SetSliceLogics(vtk.vtkCollection())
        logic.SetViewLogics(vtk.vtkCollection())
        logic.GetColorLogic().SetMRMLScene(scene)
        logic.GetColorLogic().AddDefaultColorNodes()
        slicer.vtkMRMLThreeDViewDisplayableManagerFactory.GetInstance().SetMRMLApplicationLogic(logic)
        slicer.vtkMRMLSliceViewDisplayableManagerFactory.GetInstance().SetMRMLApplicationLogic(logic)
        slicer.vtkMRMLSliceNode.AddDefaultSliceOrientationPresets(scene, True)
        return logic

    def _create_data_io(self) -> None:
        """Reading .mrb and listing write formats need a data IO manager; it must be kept alive."""
        import slicer

        self._remote_io = slicer.vtkMRMLRemoteIOLogic()
        self._remote_io.SetMRMLScene(self._scene)
        self._remote_io.SetMRMLApplicationLogic(self._application_logic)
        self._remote_io.GetCacheManager().SetRemoteCacheDirectory(self.temporaryPath)
        self._data_io = slicer.vtkDataIOManagerLogic()
        self._data_io.SetMRMLScene(self._scene)
        self._data_io.SetMRMLApplicationLogic(self._application_logic)
        self._data_io.SetAndObserveDataIOManager(self._remote_io.GetDataIOManager())
        self._remote_io.AddDataIOToScene()

    def mrmlScene(self) -> Any:
        """The vtkMRMLScene."""
        return self._scene

    def applicationLogic(self) -> Any:
        """The vtkSlicerApplicationLogic."""
        return self._application_logic

    def moduleLogic(self, name: str) -> Any:
        """The compiled logic of module `name` ("Volumes"), or None."""
        return self._logics.get(name)

    def coreIOManager(self) -> IOManager:
        """Loads and saves nodes and scenes."""
        return self._io_manager

    ioManager = coreIOManager

    def moduleManager(self) -> ModuleManager:
        """Knows the registered modules."""
        return self._module_manager

    def layoutManager(self) -> LayoutManager:
        """The offscreen views, made on the first call."""
        if self._layout_manager is None:
            from deepmed_headless.views.layout_manager import LayoutManager

            self._layout_manager = LayoutManager(self._scene, self._application_logic)
        return self._layout_manager

    def register_node_classes(self, scene: Any) -> None:
        """Registers in another scene every node class that this one knows."""
        for index in range(self._scene.GetNumberOfRegisteredNodeClasses()):
            node = self._scene.GetNthRegisteredNodeClass(index)
            if scene.GetClassNameByTag(node.GetNodeTagName()) is None:
                scene.RegisterNodeClass(node)

    def connect(self, signature: str, slot: Callable[..., Any]) -> bool:
        """Keeps a slot of `startupCompleted()`; other signals of the application never fire headless.

        Raises:
            ValueError: qSlicerApplication has no such signal that a module could want.
        """
        if signature == "startupCompleted()":
            self._startup_slots.append(slot)
        elif signature not in ("mrmlSceneChanged(vtkMRMLScene*)", "aboutToQuit()", "lastWindowClosed()"):
            raise ValueError(f"slicer.app has no signal {signature} headless.")
        return True

    def disconnect(self, signature: str, slot: Callable[..., Any]) -> bool:
        """Forgets a slot."""
        if slot in self._startup_slots:
            self._startup_slots.remove(slot)
        return True

    def emit_startup_completed(self) -> None:
        """Calls the waiting slots of `startupCompleted()`, each once; the module loader does it."""
        slots, self._startup_slots = self._startup_slots, []
        for slot in slots:
            slot()

    def processEvents(self, *arguments: Any) -> None:
        """Runs pending Qt events where the widget stand-ins are installed."""
        core = sys.modules.get("PySide6.QtCore")
        instance = core.QCoreApplication.instance() if core is not None else None
        if instance is not None:
            instance.processEvents()

    def testingEnabled(self) -> bool:
        """Always True, so that no message box ever waits for a click."""
        return True

    def topLevelWidgets(self) -> list[Any]:
        """None: there is no main window."""
        return []

    def pauseRender(self) -> None:
        """Views render only when asked."""

    def resumeRender(self) -> None:
        """Views render only when asked."""

    def setRenderPaused(self, paused: bool) -> None:
        """Views render only when asked."""

    def setOverrideCursor(self, *arguments: Any) -> None:
        """There is no cursor."""

    def restoreOverrideCursor(self) -> None:
        """There is no cursor."""

    def translate(self, context: str, text: str) -> str:
        """The text itself."""
        return text

    def userSettings(self) -> Any:
        """Settings that live in the temporary folder; needs install_qt()."""
        import qt

        return qt.QSettings()

    settings = userSettings
    revisionUserSettings = userSettings

    def startupEnvironment(self) -> _Environment:
        """The environment of this process."""
        return _Environment()

    @property
    def cachePath(self) -> str:
        """A folder for downloads; temporary."""
        path = Path(self.temporaryPath, "cache")
        path.mkdir(exist_ok=True)
        return str(path)


class _Environment:
    """QProcessEnvironment over os.environ."""

    def keys(self) -> list[str]:
        """Names of all variables."""
        return list(os.environ)

    def value(self, name: str, default: str = "") -> str:
        """Value of one variable."""
        return os.environ.get(name, default)
