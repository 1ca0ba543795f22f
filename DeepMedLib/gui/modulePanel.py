"""What every module's panel does: inputs, options, Apply and Cancel, the result, and whatever becomes of the scene."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleWidget
from slicer.util import VTKObservationMixin

from DeepMedLib.dependencies import SHARED_REQUIREMENTS
from DeepMedLib.gui.applyCancel import ApplyCancel
from DeepMedLib.gui.dependencyPanel import DependencyPanel
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.inputForm import InputNode, addInputs
from DeepMedLib.gui.jobController import JobLike
from DeepMedLib.gui.optionForm import PROPERTY, addOptions, widgetOf
from DeepMedLib.gui.resultPanel import ResultPanel
from DeepMedLib.gui.scrolling import scrollTo
from DeepMedLib.gui.views import FlatLayout, fitViews, showPicture, showScan
from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.mrml.logic.optionParameters import optionValues
from DeepMedLib.mrml.results.ownership import isOwned

_SHARED = Path(__file__).resolve().with_name("panel.ui")


class ModulePanel(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """Base of the modules' Widget classes.

    A Widget's ``setup`` calls `loadPanel` and `startPanel`. A module without a .ui file of its own names its inputs,
    and the shared ``panel.ui`` has everything: load and sample buttons, a selector for each input, Apply, the Result
    section, and the options that the Logic declares. A .ui file of the module stands above it; where that has an
    Apply button, it is all there is. A Widget overrides `_loadInput` and `_makeSample` for the buttons.

    Args:
        parent: the panel that Slicer made for the module; None makes one.
        logic: the module's Logic.

    Attributes:
        inputs: what the module takes, in the order in which `ModuleLogic.prepare` does.
        flat: the inputs are flat pictures: one large slice view while the module is open.
        inputParameter, resultParameter: the parameters with the scan or picture and with the result's handle.
        upfront: options that stand below the inputs, not in the Advanced section.
        fileTypes: what the dialog of the Load button offers, as Qt writes it; "" for any file.
    """

    inputs: ClassVar[tuple[InputNode, ...]] = ()
    flat: ClassVar[bool] = False
    inputParameter: ClassVar[str] = "inputVolume"
    resultParameter: ClassVar[str] = "result"
    upfront: ClassVar[tuple[str, ...]] = ()
    fileTypes: ClassVar[str] = ""

    def __init__(self, parent: Any, logic: Any) -> None:
        # Before Slicer's part: without a parent that part calls setup() at once.
        self.logic = logic
        self._parameterNode: Any = None
        self._parameterNodeGuiTag: Any = None
        self._preparation: Any = None
        self._layout = FlatLayout()
        self._seen: tuple[Any, Any] = (None, None)  # input and result that the panel shows
        self._watched: Any = None  # the input whose edits are followed
        self._watchedSegments: list[Any] = []  # segmentations of the result that is shown
        self._shownSpacing: Any = None  # its spacing when the views were fitted to it
        self._isFollowing = self._isStale = False
        VTKObservationMixin.__init__(self)
        ScriptedLoadableModuleWidget.__init__(self, parent)

    # What a module gives.

    def _loadInput(self, path: str) -> Any:
        """The Load button: load a file and return its volume."""
        raise NotImplementedError

    def _makeSample(self) -> Any:
        """The sample button: make the generated sample and return its volume."""
        raise NotImplementedError

    # What every panel does.

    def loadPanel(self) -> None:
        """Show the module's .ui file, if it has one, and the shared sections; the widgets are found in ``self.ui``."""
        ScriptedLoadableModuleWidget.setup(self)
        own = self.resourcePath(f"UI/{self.moduleName}.ui")
        self.ui = self._add(own) if Path(own).is_file() else SimpleNamespace()
        if hasattr(self.ui, "applyButton"):
            return
        shared, taken = self._add(str(_SHARED)), vars(self.ui)
        taken.update({name: widget for name, widget in vars(shared).items() if name not in taken})
        taken.update(addInputs(shared.inputsWidget.layout(), self.inputs))
        options = [option for option in self.logic.options if widgetOf(self.ui, option.parameter) is None]
        first, rest = ([o for o in options if (o.name in self.upfront) == upfront] for upfront in (True, False))
        taken.update(addOptions(shared.inputsWidget.layout(), first))
        taken.update(addOptions(shared.optionsWidget.layout(), rest))
        shared.inputsWidget.visible = bool(self.inputs)
        shared.resultSelector.setProperty(PROPERTY, self.resultParameter)
        shared.resultSelector.nodeTypes = [self.logic.results.handleClass]
        shared.resultSelector.addAttribute(self.logic.results.handleClass, self.logic.results.attribute)

    def _add(self, path: str) -> Any:
        uiWidget = slicer.util.loadUI(path)
        self.layout.addWidget(uiWidget)
        ui = slicer.util.childWidgetVariables(uiWidget)
        uiWidget.setMRMLScene(slicer.mrmlScene)
        return ui

    def startPanel(self, title: str, applyText: str, applyToolTip: str, empty: str = "", missing: str = "") -> None:
        """Connect Apply, the packages, the scene's events and the parameters, once the module's own parts are there.

        Args:
            title: the module's title.
            applyText: what the Apply button says.
            applyToolTip: its tooltip when it can be pressed.
            empty: what the Result section says without a result.
            missing: why Apply cannot be pressed without an input.
        """
        self._missing = missing
        self.applyCancel = ApplyCancel(
            self.ui.applyButton,
            self.ui.progressBar,
            self.ui.statusLabel,
            self._makeJob,
            self._onComputed,
            applyText=applyText,
            applyToolTip=applyToolTip,
        )
        if not hasattr(self, "resultPanel"):
            self.resultPanel: Any = ResultPanel(self.ui, self.logic, empty)
            for name, slot in (("loadButton", self.onLoad), ("sampleButton", self.onSample)):
                if hasattr(self.ui, name):
                    getattr(self.ui, name).connect("clicked(bool)", slot)
        further = Path(self.resourcePath(f"{self.moduleName}Requirements.txt"))
        requirements = [path for path in (SHARED_REQUIREMENTS, further) if path.is_file()]
        self.dependencyPanel = DependencyPanel(self.ui.setupWidget.layout(), requirements, title)
        scene = slicer.mrmlScene
        self.addObserver(scene, scene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(scene, scene.EndCloseEvent, self.onSceneEndClose)
        self.addObserver(scene, scene.EndImportEvent, self.onSceneEndImport)
        self.addObserver(scene, scene.NodeAddedEvent, self.onNodeAdded)
        self.addObserver(scene, scene.NodeRemovedEvent, self.onNodeRemoved)
        self.initializeParameterNode()

    def cleanup(self) -> None:
        """Slicer quits, or the module is reloaded."""
        self.applyCancel.stop()
        self.dependencyPanel.stop()
        self.removeObservers()

    def enter(self) -> None:
        """The user opens the module."""
        if self.flat:
            self._layout.open()
        self.initializeParameterNode()

    def exit(self) -> None:
        """The user leaves the module."""
        self.setParameterNode(None)
        self._layout.close()

    def onSceneStartClose(self, caller: Any, event: Any) -> None:
        """Let go of everything in the scene before it goes away."""
        self.applyCancel.stop()
        self._preparation = None
        self.clearResult()
        self.setParameterNode(None)

    def onSceneEndClose(self, caller: Any, event: Any) -> None:
        """Make parameters in the empty scene when the panel is shown."""
        if self._isShown():
            self.initializeParameterNode()

    def onSceneEndImport(self, caller: Any, event: Any) -> None:
        """A scene was opened or merged into this one: its parameters and results are shown at once."""
        if self._isShown():
            self.initializeParameterNode()

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def onNodeAdded(self, caller, event, node) -> None:  # type: ignore[no-untyped-def]
        """A volume that can be read is offered where none is chosen, once whoever adds it has filled it."""
        if self._parameterNode is not None and self._input() is None and node.IsA("vtkMRMLVolumeNode"):
            qt.QTimer.singleShot(0, self._offerVolume)

    @vtk.calldata_type(vtk.VTK_OBJECT)
    def onNodeRemoved(self, caller, event, node) -> None:  # type: ignore[no-untyped-def]
        """The panel never shows what has gone."""
        shown = self.resultPanel.nodes
        gone = shown is not None and any(node is known for known in (shown.volume, *shown.all()))
        if self._parameterNode is None or caller.IsClosing():
            return
        if gone:
            self._seen = (self._seen[0], None)
        self._onParameters()

    def _isShown(self) -> bool:
        # Nobody enters or leaves a panel that was made without a module around it: it is always shown.
        return bool(getattr(self.parent, "isEntered", True))

    def initializeParameterNode(self) -> None:
        """Connect the panel to the scene's parameters; a volume of the scene is offered where none is chosen."""
        self.setParameterNode(self.logic.getParameterNode())
        self._offerVolume()

    def setParameterNode(self, parameterNode: Any) -> None:
        """Show these parameters; None disconnects."""
        if self._parameterNode is not None:
            self._parameterNode.disconnectGui(self._parameterNodeGuiTag)
            self.removeObserver(self._parameterNode.parameterNode, vtk.vtkCommand.ModifiedEvent, self._onParameters)
        self._parameterNode, self._seen = parameterNode, (None, None)
        self._watch(None)
        self._watchSegments(None)
        if parameterNode is not None:
            self._parameterNodeGuiTag = parameterNode.connectGui(self.ui)
            self.addObserver(parameterNode.parameterNode, vtk.vtkCommand.ModifiedEvent, self._onParameters)
            self._onParameters()

    def _parameters(self) -> Any:
        """The scene's parameters; also while the user has left the panel, e.g. when a job ends meanwhile."""
        return self._parameterNode if self._parameterNode is not None else self.logic.getParameterNode()

    def _input(self) -> Any:
        """The scan or picture that is chosen, or None."""
        return getattr(self._parameterNode, self.inputParameter) if self._parameterNode is not None else None

    def _offerVolume(self) -> None:
        """Choose the scene's first volume that the input selector takes, where none is chosen."""
        selector = widgetOf(self.ui, self.inputParameter)
        if self._parameterNode is None or self._input() is not None or selector is None:
            return
        for node in slicer.util.getNodesByClass("vtkMRMLVolumeNode"):
            ours = node.GetHideFromEditors() or isOwned(node)
            if node.GetClassName() in selector.nodeTypes and node.GetImageData() is not None and not ours:
                setattr(self._parameterNode, self.inputParameter, node)
                return

    def onLoad(self, _checked: bool = False) -> None:
        """Ask for a file, load and show it."""
        path = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), self.ui.loadButton.toolTip, "", self.fileTypes)
        if path:
            with errorsShown(waitCursor=True):
                self.choose(self._loadInput(path))

    def onSample(self, _checked: bool = False) -> None:
        """Make and show the generated sample."""
        with errorsShown(_("The sample was not made."), waitCursor=True):
            self.choose(self._makeSample())

    def choose(self, volumeNode: Any) -> None:
        """Take a volume as input and show it in the slice views."""
        setattr(self._parameterNode, self.inputParameter, volumeNode)
        (showPicture if self.flat else showScan)(volumeNode)

    def fitViews(self) -> None:
        """Let the views show the whole input, e.g. when its size in mm has become known."""
        fitViews()

    def clearResult(self) -> None:
        """Show no result any more: the scene goes away."""
        self._seen = (None, None)
        self.resultPanel.show(None)

    def _onParameters(self, caller: Any = None, event: Any = None) -> None:
        """Show what the parameters say; called after each change of one."""
        if self._parameterNode is None or self._isFollowing:
            return
        self._isFollowing = True
        try:
            self._follow()
        finally:
            self._isFollowing = False
        self.applyCancel.setReady("" if self._input() is not None else self._missing)

    def _follow(self) -> None:
        """Input and result belong together: who changes one sees the other follow."""
        volume, handle = self._input(), getattr(self._parameterNode, self.resultParameter)
        volumeBefore, handleBefore = self._seen
        if volume is volumeBefore and handle is handleBefore:
            return
        nodes = self.logic.readResult(handle)
        if nodes is not None and handle is not handleBefore:
            volume, handle = nodes.volume if nodes.volume is not None else volume, nodes.handle
        elif volume is not volumeBefore and (nodes is None or nodes.volume is not volume):
            # A result of another input is not shown beside this one.
            own = [result.handle for result in self.logic.results.inScene() if result.volume is volume]
            handle = own[-1] if own and volume is not None else None
        if volume is not volumeBefore:
            self.applyCancel.clearStatus()
        setattr(self._parameterNode, self.inputParameter, volume)
        setattr(self._parameterNode, self.resultParameter, handle)
        if handle is not handleBefore and self._seen != (None, None):  # not on entering, where a user's eyes are kept
            self.logic.results.showOnly(self.logic.readResult(handle))
        self._seen = (volume, handle)
        self._watch(volume)
        self.resultPanel.show(handle)
        self._watchSegments(self.resultPanel.nodes)

    def _watch(self, volumeNode: Any) -> None:
        """Follow what is done to the input: its place, its pixels, the transform above it."""
        if volumeNode is self._watched:
            return
        events = (
            vtk.vtkCommand.ModifiedEvent,
            slicer.vtkMRMLTransformableNode.TransformModifiedEvent,
            slicer.vtkMRMLVolumeNode.ImageDataModifiedEvent,
        )
        for event in events:
            if self._watched is not None:
                self.removeObserver(self._watched, event, self.onInputEdited)
            if volumeNode is not None:
                self.addObserver(volumeNode, event, self.onInputEdited)
        self._watched, self._shownSpacing = volumeNode, _spacingOf(volumeNode)

    def _watchSegments(self, nodes: Any) -> None:
        """Follow edits of the segments that the result shows."""
        kind = slicer.vtkSegmentation
        events = (kind.SourceRepresentationModified, kind.SegmentAdded, kind.SegmentRemoved)
        shown = [] if nodes is None else [node for node in nodes.all() if node.IsA("vtkMRMLSegmentationNode")]
        for event in events:
            for node in self._watchedSegments:
                self.removeObserver(node, event, self.onInputEdited)
            for node in shown:
                self.addObserver(node, event, self.onInputEdited)
        self._watchedSegments = shown

    def onInputEdited(self, caller: Any = None, event: Any = None) -> None:
        """Input or segments were edited: once the edit is through, the result says whether they belong together."""
        if not self._isStale:
            self._isStale = True
            qt.QTimer.singleShot(0, self._showAgain)

    def _showAgain(self) -> None:
        self._isStale = False
        volumeNode = self._watched
        if volumeNode is None or self._parameterNode is None:
            return
        if self.flat and _spacingOf(volumeNode) != self._shownSpacing:
            self.fitViews()  # else a film in mm is a stamp in the corner of a view that showed it in pixels
        self._shownSpacing = _spacingOf(volumeNode)
        if isinstance(self.resultPanel, ResultPanel):  # a module's own section follows its markups itself
            self.resultPanel.show(self._seen[1])

    def _makeJob(self) -> JobLike | None:
        """What Apply starts; None when there is nothing to compute."""
        options = optionValues(self.logic.options, self._parameterNode)
        inputs = [getattr(self._parameterNode, each.parameter) for each in self.inputs]
        self._preparation = self.logic.prepare(*inputs, **options)
        job: JobLike = self.logic.makeJob(self._preparation)
        return job

    def _onComputed(self, computed: TaskResult) -> None:
        """Put the job's result into the scene and show it where it is seen."""
        nodes = self.logic.finish(self._preparation, computed)
        self.logic.results.showOnly(nodes)
        setattr(self._parameters(), self.resultParameter, nodes.handle)
        self.ui.resultsCollapsibleButton.collapsed = False
        scrollTo(self.ui.resultsCollapsibleButton)


def _spacingOf(node: Any) -> Any:
    """The size of a volume's voxels; None for an input that has none, such as a table."""
    return node.GetSpacing() if node is not None and node.IsA("vtkMRMLVolumeNode") else None
