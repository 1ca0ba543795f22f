"""What every module's panel does: its .ui file, the scene's parameters, Apply and Cancel, and the end of a scene."""

from __future__ import annotations

from typing import Any

import slicer
import vtk
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleWidget
from slicer.util import VTKObservationMixin

from DeepMedLib.gui.applyCancel import ApplyCancel
from DeepMedLib.gui.dependencyPanel import DependencyPanel
from DeepMedLib.gui.jobController import JobLike
from DeepMedLib.task import TaskResult


class ModulePanel(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Base of the modules' Widget classes.

    A Widget's ``setup`` calls `loadPanel`, makes its own parts and calls `startPanel`. It overrides `_onParameters`,
    `_makeJob`, `_onComputed` and `clearResult`. The .ui file holds applyButton, progressBar, statusLabel and
    setupWidget.

    Args:
        parent: the panel that Slicer made for the module; None makes one.
        logic: the module's Logic.
    """

    def __init__(self, parent: Any, logic: Any) -> None:
        # Before Slicer's part: without a parent that part calls setup() at once.
        self.logic = logic
        self._parameterNode: Any = None
        self._parameterNodeGuiTag: Any = None
        self._preparation: Any = None
        VTKObservationMixin.__init__(self)
        ScriptedLoadableModuleWidget.__init__(self, parent)

    def loadPanel(self) -> None:
        """Show the module's .ui file; its widgets are then found in ``self.ui``."""
        ScriptedLoadableModuleWidget.setup(self)
        uiWidget = slicer.util.loadUI(self.resourcePath(f"UI/{self.moduleName}.ui"))
        self.layout.addWidget(uiWidget)
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        uiWidget.setMRMLScene(slicer.mrmlScene)

    def startPanel(self, title: str, applyText: str, applyToolTip: str) -> None:
        """Connect Apply, the packages, the scene's end and the parameters, once the module's own parts are there.

        Args:
            title: the module's title.
            applyText: what the Apply button says.
            applyToolTip: its tooltip when it can be pressed.
        """
        self.applyCancel = ApplyCancel(
            self.ui.applyButton,
            self.ui.progressBar,
            self.ui.statusLabel,
            self._makeJob,
            self._onComputed,
            applyText=applyText,
            applyToolTip=applyToolTip,
        )
        requirements = self.resourcePath(f"{self.moduleName}Requirements.txt")
        self.dependencyPanel = DependencyPanel(self.ui.setupWidget.layout(), requirements, title)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.initializeParameterNode()

    def cleanup(self) -> None:
        """Slicer quits, or the module is reloaded."""
        self.applyCancel.stop()
        self.dependencyPanel.stop()
        self.removeObservers()

    def enter(self) -> None:
        """The user opens the module."""
        self.initializeParameterNode()

    def exit(self) -> None:
        """The user leaves the module."""
        self.setParameterNode(None)

    def onSceneStartClose(self, caller: Any, event: Any) -> None:
        """Let go of everything in the scene before it goes away."""
        self.applyCancel.stop()
        self.clearResult()
        self.setParameterNode(None)

    def onSceneEndClose(self, caller: Any, event: Any) -> None:
        """Make parameters in the empty scene when the panel is shown."""
        # Nobody enters or leaves a panel that was made without a module around it: it is always shown.
        if getattr(self.parent, "isEntered", True):
            self.initializeParameterNode()

    def initializeParameterNode(self) -> None:
        """Connect the panel to the scene's parameters."""
        self.setParameterNode(self.logic.getParameterNode())

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show these parameters; None disconnects."""
        if self._parameterNode is not None:
            self._parameterNode.disconnectGui(self._parameterNodeGuiTag)
            self.removeObserver(self._parameterNode.parameterNode, vtk.vtkCommand.ModifiedEvent, self._onParameters)
        self._parameterNode = parameterNode
        if parameterNode is not None:
            self._parameterNodeGuiTag = parameterNode.connectGui(self.ui)
            self.addObserver(parameterNode.parameterNode, vtk.vtkCommand.ModifiedEvent, self._onParameters)
            self._onParameters()

    def clearResult(self) -> None:
        """Show no result any more: the scene goes away."""
        raise NotImplementedError

    def _onParameters(self, caller: Any = None, event: Any = None) -> None:
        """Show what the parameters say; called after each change of one."""
        raise NotImplementedError

    def _makeJob(self) -> JobLike | None:
        """What Apply starts; None when there is nothing to compute."""
        raise NotImplementedError

    def _onComputed(self, computed: TaskResult) -> None:
        """Put the job's result into the scene and show it."""
        raise NotImplementedError
