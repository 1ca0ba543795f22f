# mypy: allow-untyped-defs, allow-incomplete-defs
"""Lateral cephalograms: landmarks, outlines and analyses, each a proposal with its uncertainty, to be dragged.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in CephSketcherLib, the
scene's nodes in CephSketcherMrml, the panel's parts in CephSketcherGui.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Union

import numpy as np
import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest

if importlib.util.find_spec("DeepMedLib") is None:  # source tree with only this module's folder on the path
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from CephSketcherGui.normsPanel import NormsPanel
from CephSketcherGui.projectionPanel import ProjectionPanel
from CephSketcherGui.resultPanel import ResultPanel
from CephSketcherGui.superimposePanel import SuperimposePanel
from CephSketcherLib.film.lateral_film import LATERAL_FILM
from CephSketcherLib.tracing.result import CephOptions, CephResult
from CephSketcherMrml import (
    cephComputation,
    cephExport,
    cephNodes,
    projectionNodes,
    samples,
    superimposeNodes,
)
from CephSketcherMrml.cephComputation import Preparation
from CephSketcherMrml.cephNodes import CephNodes
from CephSketcherMrml.superimposeNodes import SuperimposedNodes
from DeepMedLib.errors import BadInput
from DeepMedLib.gui.modulePanel import ModulePanel
from DeepMedLib.gui.scalePanel import ScalePanel
from DeepMedLib.job import Job
from DeepMedLib.mrml import pictureNodes
from DeepMedLib.mrml.moduleLogic import ModuleLogic, timed
from DeepMedLib.picture.scale import Scale
from DeepMedLib.task import TaskResult


class CephSketcher(ScriptedLoadableModule):
    """What Slicer shows in its module list."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Ceph Sketcher")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Orthodontics")]
        self.parent.dependencies = []
        self.parent.contributors = ["DeepMed for 3D Slicer contributors"]
        self.parent.helpText = _(
            "Traces lateral cephalograms: 19 landmarks, outlines of bones, teeth and profile, classic analyses "
            "with norms. Every result is a proposal: drag a point or an outline, the rest follows. Research use only."
        )
        self.parent.acknowledgementText = _(
            "Trained on films of the ISBI 2015 challenge (Wang 2016) and of a clinic in Hamedan, for research use only."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self) -> None:
        """Add the generated skull film to the Sample Data module."""
        samples.registerSampleData(self.resourcePath("Icons"))


@parameterNodeWrapper
class CephSketcherParameterNode:
    """The panel's state, saved with the scene.

    film: the cephalogram.
    facing: where its face looks; auto finds out.
    age: years; 0 when unknown.
    sex: some norms need it.
    device: where to compute.
    landmarks: the tracing that is shown.
    earlier: the tracing that it is compared with.
    headVolume, rays, sourceToMidplane, midplaneToFilm, slab, projectionPixel: for a lateral film of a CT or CBCT.
    """

    film: Union[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLVectorVolumeNode, None]  # noqa: UP007 - as Slicer needs it
    facing: Annotated[str, Choice(["auto", "right", "left"])] = "auto"
    age: Annotated[float, WithinRange(0, 120)] = 0.0
    sex: Annotated[str, Choice(["unknown", "female", "male"])] = "unknown"
    device: Annotated[str, Choice(["auto", "cpu", "cuda"])] = "auto"
    landmarks: slicer.vtkMRMLMarkupsFiducialNode
    earlier: slicer.vtkMRMLMarkupsFiducialNode
    headVolume: slicer.vtkMRMLScalarVolumeNode
    rays: Annotated[str, Choice(["parallel", "divergent"])] = "parallel"
    sourceToMidplane: Annotated[float, WithinRange(400, 5000)] = 1524.0
    midplaneToFilm: Annotated[float, WithinRange(0, 500)] = 150.0
    slab: Annotated[float, WithinRange(0, 300)] = 0.0
    projectionPixel: Annotated[float, WithinRange(0.05, 1)] = 0.25


class CephSketcherWidget(ModulePanel):
    """The panel: film, scale, projection, tracing, result, superimposition."""

    def __init__(self, parent=None) -> None:
        self._refused: TaskResult | None = None
        ModulePanel.__init__(self, parent, CephSketcherLogic())

    def setup(self) -> None:
        self.loadPanel()
        self.scalePanel = ScalePanel(self.ui, LATERAL_FILM, lambda: (self._film(), None), self._onScale)
        self.normsPanel = NormsPanel(self.ui, self._onParameters)
        self.resultPanel = ResultPanel(self.ui, self.logic)
        self.projectionPanel = ProjectionPanel(self.ui, self.logic, lambda: self._parameterNode, self.showFilm)
        self.superimposePanel = SuperimposePanel(self.ui, self.logic, lambda: self._parameterNode)
        self.ui.loadButton.connect("clicked(bool)", self.onLoad)
        self.ui.sampleButton.connect("clicked(bool)", self.onSample)
        self.ui.byHandButton.connect("clicked(bool)", self.onByHand)
        self.startPanel(
            _("Ceph Sketcher"),
            _("Trace film"),
            _("Find landmarks and outlines and analyse them. The result is a proposal that you can drag."),
        )

    def cleanup(self) -> None:
        ModulePanel.cleanup(self)
        self.resultPanel.close()
        self.scalePanel.close()

    def clearResult(self) -> None:
        """Show no tracing and no superimposition any more."""
        self.resultPanel.show(None)
        self.superimposePanel.clear()

    def _film(self) -> slicer.vtkMRMLVolumeNode | None:
        return self._parameterNode.film if self._parameterNode is not None else None

    def _options(self) -> CephOptions:
        return self.normsPanel.options(self._parameterNode.age, self._parameterNode.sex)

    def _onParameters(self, caller=None, event=None) -> None:
        if self._parameterNode is None:
            return
        if self.scalePanel.shownVolume is not self._film():
            self.scalePanel.refresh()
        self._checkCanApply()
        landmarks, shown = self._parameterNode.landmarks, self.resultPanel.nodes
        if (shown.landmarks if shown is not None else None) is not landmarks:
            self.resultPanel.show(landmarks)
        elif shown is not None and shown.result.options != self._options():
            self.resultPanel.change(options=self._options())
        self.projectionPanel.refresh()
        self.superimposePanel.refresh()

    def _checkCanApply(self) -> None:
        missing = "" if self._film() is not None else _("Choose or load a film first.")
        self.applyCancel.setReady(missing)
        self.ui.byHandButton.enabled = not missing
        self.ui.byHandButton.toolTip = missing or _(
            "Trace the film without the model: points wait in rough places and count once you put them right."
        )

    def onLoad(self, _checked: bool = False) -> None:
        """Load a file with its scale."""
        path = qt.QFileDialog.getOpenFileName(slicer.util.mainWindow(), _("Lateral cephalogram"))
        if path:
            with slicer.util.tryWithErrorDisplay(_("The film was not loaded."), waitCursor=True):
                self.showFilm(self.logic.loadFilm(path))

    def onSample(self, _checked: bool = False) -> None:
        """Load the generated skull film."""
        with slicer.util.tryWithErrorDisplay(_("The phantom was not made."), waitCursor=True):
            self.showFilm(samples.loadPhantom())

    def showFilm(self, volumeNode: slicer.vtkMRMLVolumeNode) -> None:
        """Choose a film and show it in the slice views."""
        self._parameterNode.film = volumeNode
        slicer.util.setSliceViewerLayers(background=volumeNode, fit=True)

    def _makeJob(self) -> Job:
        self._preparation = self.logic.prepare(self._film(), self._parameterNode.device, self._parameterNode.facing)
        return self.logic.makeJob(self._preparation)

    def _onComputed(self, computed: TaskResult) -> None:
        nodes = self.logic.finish(self._preparation, computed, options=self._options())
        self.scalePanel.refresh()
        self._refused = computed if nodes.landmarks is None else None
        if nodes.landmarks is None:
            remedy = _("Choose a lateral cephalogram that shows the whole face, or place the points by hand.")
            raise BadInput(nodes.result.reason, remedy)
        self._parameterNode.landmarks = nodes.landmarks

    def onByHand(self, _checked: bool = False) -> None:
        """Put points to be placed by a person on the film; they start where a model that refused it proposed them."""
        with slicer.util.tryWithErrorDisplay(_("The film cannot be traced by hand.")):
            film, facing = self._film(), self._parameterNode.facing
            asked = self._preparation is not None and self._preparation.volume is film
            nodes = self.logic.traceByHand(film, facing, self._options(), self._refused if asked else None)
            self._parameterNode.landmarks = nodes.landmarks

    def _onScale(self, scale: Scale) -> None:
        shown = self.resultPanel.nodes
        if shown is not None and shown.volume is self._film():
            self.resultPanel.change(scale=scale)


class CephSketcherLogic(ModuleLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("CephSketcher")
        tracing = logic.process(logic.loadFilm("film.png"), scale=typed_scale(0.1))
        print([(m.title, m.value) for m in tracing.result.measures])
    """

    def __init__(self) -> None:
        ModuleLogic.__init__(self, __file__)

    def getParameterNode(self) -> CephSketcherParameterNode:
        return CephSketcherParameterNode(super().getParameterNode())  # type: ignore[call-arg]

    def loadFilm(self, path: str | Path) -> slicer.vtkMRMLVolumeNode:
        """Load a film (PNG, JPEG, TIFF, DICOM, NRRD ...) at its true size; on BadInput the scene stays as it was."""
        return pictureNodes.loadPicture(path, LATERAL_FILM)

    def project(self, volumeNode: slicer.vtkMRMLScalarVolumeNode | None, **geometry: Any) -> slicer.vtkMRMLVolumeNode:
        """Make a lateral film of a head CT or CBCT; see `projectionNodes.lateralFilm` for geometry and errors."""
        return projectionNodes.lateralFilm(volumeNode, **geometry)

    def prepare(
        self, volumeNode: slicer.vtkMRMLVolumeNode | None, device: str = "auto", facing: str = "auto"
    ) -> Preparation:
        """Check the input and describe the computation; BadInput where the film cannot be traced."""
        return cephComputation.prepare(volumeNode, self.modelsFolder(), device, facing)

    def process(  # type: ignore[override]
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        scale: Scale | None = None,
        options: CephOptions | None = None,
        device: str = "auto",
        facing: str = "auto",
        onProgress: Callable[[float, str], None] | None = None,
    ) -> CephNodes:
        """Trace a film and put the result into the scene; returns when done.

        Args:
            volumeNode: a volume of one slice.
            scale: mm per pixel; None takes what the film states.
            options: analyses, norms, age and sex; the defaults when None.
            device: auto, cpu or cuda.
            facing: auto, right or left: where the face looks.

        Raises:
            DeepMedError: bad input, or the computation failed; the scene stays as it was.
        """
        with timed("Ceph Sketcher: processing"):
            preparation = self.prepare(volumeNode, device, facing)
            return self.finish(preparation, self.compute(preparation, onProgress), scale, options)

    def finish(
        self,
        preparation: Preparation,
        computed: TaskResult,
        scale: Scale | None = None,
        options: CephOptions | None = None,
    ) -> CephNodes:
        """Turn computed landmarks into outlines, measures and nodes."""
        return cephComputation.finish(preparation, computed, scale, options)

    def traceByHand(
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        facing: str = "auto",
        options: CephOptions | None = None,
        computed: TaskResult | None = None,
    ) -> CephNodes:
        """Start a tracing whose points a person places, e.g. of a film that the model refused.

        Args:
            computed: what the model said of this very film; its proposal is where the points start.

        Raises:
            BadInput: the volume is no film; the scene stays as it was.
        """
        return cephComputation.byHand(volumeNode, facing, options, computed)

    def follow(self, nodes: CephNodes, moved: CephResult) -> CephNodes:
        """Solve outlines and measures of a result whose points a person moved, and show it."""
        return cephComputation.follow(nodes, moved)

    def remeasure(self, nodes: CephNodes, **changes: Any) -> CephNodes:
        """Give a tracing another scale or other options: points and outlines stay, measures are made anew."""
        return cephComputation.remeasure(nodes, **changes)

    def confirm(self, nodes: CephNodes, symbol: str) -> CephNodes:
        """Take a landmark that a person found right off the list of those to be checked."""
        return cephNodes.showCeph(nodes, nodes.result.with_confirmed(symbol))

    def superimpose(self, earlier: CephNodes, later: CephNodes, method: str) -> SuperimposedNodes:
        """Lay the later tracing on the earlier film and list what changed; BadInput where points are missing."""
        return superimposeNodes.superimpose(earlier, later, method)

    def exportReport(self, nodes: CephNodes, folder: str | Path) -> list[Path]:
        """Write report.html and report.pdf; DeepMedError where a package is missing."""
        return cephExport.exportReport(nodes, Path(folder))

    def exportFiles(self, nodes: CephNodes, folder: str | Path) -> list[Path]:
        """Write landmarks and measures as CSV, landmarks and outlines as markups, and the overlay."""
        return cephExport.exportFiles(nodes, Path(folder))


class CephSketcherTest(ScriptedLoadableModuleTest):
    """Runs inside Slicer; the computation itself is skipped, and said so, where torch is not installed."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        for test in (self.test_TrueTracingFollowsADrag, self.test_BlankFilmIsRefused, self.test_PhantomIsTraced):
            self.setUp()
            test()

    def test_TrueTracingFollowsADrag(self) -> None:
        """Without a network: the phantom's true points are outlined and measured, and a dragged point moves them."""
        logic = CephSketcherLogic()
        nodes: Any = samples.trueTracing(samples.loadPhantom())
        before = {m.name: m.value for m in nodes.result.measures}
        x, y, z = nodes.landmarks.GetNthControlPointPositionWorld(5)
        self.assertEqual(nodes.landmarks.GetNthControlPointLabel(5), "B")
        nodes.landmarks.SetNthControlPointPositionWorld(5, x + 5, y, z)
        moved: Any = cephNodes.movedByHand(nodes, nodes.landmarks)
        nodes = logic.follow(nodes, moved)
        after = {m.name: m.value for m in nodes.result.measures}
        self.assertAlmostEqual(after["SNA"], before["SNA"])
        self.assertNotAlmostEqual(after["SNB"], before["SNB"], places=1)

    def test_BlankFilmIsRefused(self) -> None:
        """A film that shows nothing leaves the scene as it was."""
        node = slicer.util.addVolumeFromArray(np.zeros((1, 300, 240), np.uint8))
        with self.assertRaises(BadInput):
            CephSketcherLogic().process(node)
        self.assertIsNone(slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLMarkupsFiducialNode"))

    def test_PhantomIsTraced(self) -> None:
        """The whole way: film, network, outlines, measures. Needs torch and monai."""
        if any(importlib.util.find_spec(name) is None for name in ("torch", "monai")):
            self.delayDisplay("Tracing not tested: torch or monai is not installed")
            return
        nodes: Any = CephSketcherLogic().process(samples.loadPhantom(), device="cpu")
        self.assertEqual(nodes.result.status(), "done")
        self.assertEqual(nodes.landmarks.GetNumberOfControlPoints(), 19)
