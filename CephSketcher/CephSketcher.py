# mypy: allow-untyped-defs, allow-incomplete-defs
"""Lateral cephalograms: landmarks, outlines and analyses, each a proposal with its uncertainty, to be dragged.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in CephSketcherLib, the
scene's nodes in CephSketcherMrml, the panel's parts in CephSketcherGui.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Union

import numpy as np
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
from CephSketcherLib.options import OPTIONS
from CephSketcherLib.report.reports import ceph_report
from CephSketcherLib.sample_film import sample_film
from CephSketcherLib.tracing.local_step import step
from CephSketcherLib.tracing.result import CephOptions, CephResult
from CephSketcherMrml import cephComputation, cephExport, cephNodes, projectionNodes, samples, superimposeNodes
from CephSketcherMrml.cephNodes import CephNodes
from CephSketcherMrml.superimposeNodes import SuperimposedNodes
from DeepMedLib.errors import BadInput
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.modulePanel import ModulePanel
from DeepMedLib.gui.painting import whilePainting
from DeepMedLib.gui.scalePanel import ScalePanel
from DeepMedLib.gui.scrolling import scrollTo
from DeepMedLib.jobs.job import Job
from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.mrml.inputs import pictureNodes
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic, Preparation
from DeepMedLib.mrml.logic.optionParameters import optionParameters, optionValues
from DeepMedLib.options import checked_options
from DeepMedLib.picture.scale import Scale
from DeepMedLib.report.model import Report


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
@optionParameters(OPTIONS)
class CephSketcherParameterNode:
    """The panel's state, saved with the scene; the options of the computation come with it.

    film: the cephalogram.
    age: years; 0 when unknown.
    sex: some norms need it.
    landmarks: the tracing that is shown.
    earlier: the tracing that it is compared with.
    headVolume, rays, sourceToMidplane, midplaneToFilm, slab, projectionPixel: for a lateral film of a CT or CBCT.
    """

    film: Union[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLVectorVolumeNode, None]  # noqa: UP007 - as Slicer needs it
    age: Annotated[float, WithinRange(0, 120)] = 0.0
    sex: Annotated[str, Choice(["unknown", "female", "male"])] = "unknown"
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

    flat = True
    inputParameter = "film"
    resultParameter = "landmarks"

    def __init__(self, parent=None) -> None:
        self._refused: TaskResult | None = None
        ModulePanel.__init__(self, parent, CephSketcherLogic())

    def setup(self) -> None:
        self.loadPanel()
        for selector in (self.ui.landmarksSelector, self.ui.otherSelector):
            selector.addAttribute(cephNodes.RESULTS.handleClass, cephNodes.RESULTS.attribute)
        self.scalePanel = ScalePanel(self.ui, LATERAL_FILM, lambda: (self._input(), None), self._onScale)
        self.normsPanel = NormsPanel(self.ui, self._onParameters)
        self.projectionPanel = ProjectionPanel(self.ui, self.logic, lambda: self._parameterNode, self.choose)
        self.superimposePanel = SuperimposePanel(self.ui, self.logic, lambda: self._parameterNode)
        self.resultPanel = ResultPanel(self.ui, self.logic, self.superimposePanel.tracingChanged)
        self.ui.loadButton.connect("clicked(bool)", self.onLoad)
        self.ui.sampleButton.connect("clicked(bool)", self.onSample)
        self.ui.byHandButton.connect("clicked(bool)", self.onByHand)
        self.startPanel(
            _("Ceph Sketcher"),
            _("Trace film"),
            _("Find landmarks and outlines and analyse them. The result is a proposal that you can drag."),
            missing=_("Choose or load a film first."),
        )

    def cleanup(self) -> None:
        ModulePanel.cleanup(self)
        self.resultPanel.close()
        self.scalePanel.close()

    def clearResult(self) -> None:
        """Show no tracing and no superimposition any more."""
        ModulePanel.clearResult(self)
        self.superimposePanel.clear()

    def _loadInput(self, path: str) -> slicer.vtkMRMLVolumeNode:
        return self.logic.loadFilm(path)

    def _makeSample(self) -> slicer.vtkMRMLVolumeNode:
        whilePainting(lambda: sample_film(samples.SEED))  # drawn once, then kept
        return samples.loadPhantom()

    def choose(self, volumeNode: slicer.vtkMRMLVolumeNode) -> None:
        """Take a film as input and show it; a node that was offered before it had its picture is looked at again."""
        ModulePanel.choose(self, volumeNode)
        self.scalePanel.refresh()

    def _settings(self) -> CephOptions:
        """What the panel says, for analyses as the shown tracing has them."""
        shown = self.resultPanel.nodes
        base = shown.result.options if shown is not None else CephOptions()
        return self.normsPanel.settings(base, self._parameterNode.age, self._parameterNode.sex)

    def _onParameters(self, caller=None, event=None) -> None:
        ModulePanel._onParameters(self, caller, event)
        if self._parameterNode is None or self._isFollowing:
            return
        if self.scalePanel.shownVolume is not self._input():
            self.scalePanel.refresh()
        missing = "" if self._input() is not None else self._missing
        self.ui.byHandButton.enabled = not missing
        self.ui.byHandButton.toolTip = missing or _(
            "Trace the film without the model: points wait in rough places and count once you put them right."
        )
        shown = self.resultPanel.nodes
        if shown is not None and shown.result.options != self._settings():
            self.resultPanel.change(options=self._settings())
        self.projectionPanel.refresh()
        self.superimposePanel.refresh()

    def _follow(self) -> None:
        before = self.resultPanel.nodes
        ModulePanel._follow(self)
        nodes = self.resultPanel.nodes
        if nodes is not before:
            self.superimposePanel.hide()
        if nodes is not None and nodes is not before:  # the panel says what the tracing was made with
            settings = nodes.result.options
            self._parameterNode.age, self._parameterNode.sex = settings.age or 0.0, settings.sex or "unknown"
            self.normsPanel.choose(settings)

    def _makeJob(self) -> Job:
        options = optionValues(OPTIONS, self._parameterNode)
        self._preparation = self.logic.prepare(self._input(), settings=self._settings(), **options)
        return self.logic.makeJob(self._preparation)

    def _onComputed(self, computed: TaskResult) -> None:
        nodes = self.logic.finish(self._preparation, computed)
        self.scalePanel.refresh()
        self._refused = computed if nodes.handle is None else None
        if nodes.handle is None:
            remedy = _("Choose a lateral cephalogram that shows the whole face, or place the points by hand.")
            raise BadInput(nodes.result.reason, remedy)
        self._show(nodes)

    def _show(self, nodes: CephNodes) -> None:
        self._parameters().landmarks = nodes.handle
        self.ui.resultsCollapsibleButton.collapsed = False
        scrollTo(self.ui.resultsCollapsibleButton)

    def onByHand(self, _checked: bool = False) -> None:
        """Put points to be placed by a person on the film; they start where a model that refused it proposed them."""
        with errorsShown(_("The film cannot be traced by hand.")):
            film, facing = self._input(), self._parameterNode.facing
            asked = self._preparation is not None and self._preparation.volume is film
            self._show(self.logic.traceByHand(film, facing, self._settings(), self._refused if asked else None))

    def _onScale(self, scale: Scale) -> None:
        shown = self.resultPanel.nodes
        if shown is not None and shown.volume is self._input():
            self.resultPanel.change(scale=scale)
        self.fitViews()


class CephSketcherLogic(ModuleLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("CephSketcher")
        tracing = logic.process(logic.loadFilm("film.png"), scale=typed_scale(0.1))
        print(tracing.result.headline())
    """

    results = cephNodes.RESULTS
    options = OPTIONS
    files = {"landmarks": "landmarks.mrk.json", cephNodes.OUTLINE: "outlines.mrk.json"}

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
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        scale: Scale | None = None,
        settings: CephOptions | None = None,
        **options: Any,
    ) -> Preparation:
        """Check the film and describe the computation.

        Args:
            volumeNode: a volume of one slice.
            scale: mm per pixel; None takes what the scene or the film states.
            settings: analyses, norms, age and sex; the defaults when None.
            options: as `CephSketcherLib.options` declares them.

        Raises:
            BadInput: the film cannot be traced.
        """
        chosen = checked_options(self.options, options)
        return cephComputation.prepare(volumeNode, self.modelsFolder(), scale, settings, chosen)

    def toResult(self, preparation: Preparation, computed: TaskResult) -> CephResult:
        """Landmarks, outlines and measures."""
        return cephComputation.toResult(preparation, computed)

    def writeNodes(
        self, preparation: Preparation, result: Any, computed: TaskResult
    ) -> Mapping[str, slicer.vtkMRMLNode]:
        """Lists of points, curves, and the table of measures; nothing where the model abstained."""
        return cephComputation.writeNodes(preparation.volume, result)

    def traceByHand(
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        facing: str = "auto",
        settings: CephOptions | None = None,
        computed: TaskResult | None = None,
    ) -> CephNodes:
        """Start a tracing whose points a person places, e.g. of a film that the model refused.

        Args:
            computed: what the model said of this very film; its proposal is where the points start.

        Raises:
            BadInput: the volume is no film; the scene stays as it was.
        """
        return cephComputation.byHand(volumeNode, facing, settings, computed)

    def follow(self, nodes: CephNodes) -> CephNodes:
        """The tracing after whatever a person did to its film, points and curves.

        Raises:
            BadInput: the film has gone, or lies under a transform that bends space.
        """
        return cephComputation.follow(nodes)

    def step(self, nodes: CephNodes, dragged: slicer.vtkMRMLMarkupsNode) -> CephResult | None:
        """Let outlines and points go along while a person drags one; the values to show meanwhile, None without any.

        Raises:
            BadInput: as `follow`.
        """
        moved = cephNodes.movedByHand(nodes)
        if moved is None:
            return None
        shown = step(nodes.result, moved)
        cephNodes.showStep(nodes, shown, dragged)
        return shown

    def restore(self, nodes: CephNodes, result: CephResult) -> CephNodes:
        """Show a former state of a tracing again, with the points that were deleted since."""
        return cephComputation.restore(nodes, result)

    def remeasure(self, nodes: CephNodes, **changes: Any) -> CephNodes:
        """Give a tracing another scale or other options: points and outlines stay, measures are made anew."""
        return cephComputation.remeasure(nodes, **changes)

    def confirm(self, nodes: CephNodes, symbol: str) -> CephNodes:
        """Take a landmark that a person found right off the list of those to be checked."""
        confirmed = nodes.result.with_confirmed(symbol)
        if symbol in nodes.result.unplaced:
            return cephComputation.follow(nodes, confirmed)
        return cephNodes.showCeph(nodes, confirmed)

    def superimpose(self, earlier: CephNodes, later: CephNodes, method: str) -> SuperimposedNodes:
        """Lay the later tracing on the earlier film and list what changed; BadInput where points are missing."""
        return superimposeNodes.superimpose(earlier, later, method)

    def pictureOf(self, nodes: CephNodes, largest: int | None = None) -> np.ndarray | None:
        """(H, W, 3) uint8: the film with the tracing on it; None when the film has gone."""
        return cephExport.overlayOf(nodes, largest or cephExport.LARGEST)

    def reportOf(self, result: Any, pictures: Mapping[str, np.ndarray]) -> Report:
        """Tracing and reading, deviations, all measures."""
        return ceph_report(result, pictures["overlay"])

    def exportMore(self, nodes: CephNodes, folder: Path) -> list[Path]:
        """film.png where the film was made of a volume, report.dcm where it came from DICOM."""
        return cephExport.exportFilm(nodes, folder) + cephExport.exportDicom(nodes, folder)


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
        x, y, z = nodes.handle.GetNthControlPointPositionWorld(5)
        self.assertEqual(nodes.handle.GetNthControlPointLabel(5), "B")
        nodes.handle.SetNthControlPointPositionWorld(5, x + 5, y, z)
        nodes = logic.follow(nodes)
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
        self.assertEqual(nodes.handle.GetNumberOfControlPoints(), 19)
