# mypy: allow-untyped-defs, allow-incomplete-defs
"""Fetal biometry in 2D ultrasound: a proposal by a network, measured, drawn and editable.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in FetalBiometryLib, the
scene's nodes in FetalBiometryMrml.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest

if importlib.util.find_spec("DeepMedLib") is None:  # source tree with only this module's folder on the path
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from DeepMedLib.errors import BadInput
from DeepMedLib.gui.modulePanel import ModulePanel
from DeepMedLib.gui.optionForm import addOptions
from DeepMedLib.gui.scalePanel import ScalePanel
from DeepMedLib.gui.scrolling import scrollTo
from DeepMedLib.jobs.job import Job
from DeepMedLib.jobs.task import TaskResult
from DeepMedLib.mrml.inputs import pictureNodes
from DeepMedLib.mrml.logic.moduleLogic import Preparation
from DeepMedLib.mrml.logic.optionParameters import optionValues
from DeepMedLib.mrml.nodes.markups import lineEnds
from DeepMedLib.options import DEVICE, checked_options
from DeepMedLib.picture.scale import Scale
from DeepMedLib.report.model import Report
from FetalBiometryGui.examinationPanel import ExaminationPanel
from FetalBiometryGui.handPanel import HandPanel
from FetalBiometryGui.picturePanel import PicturePanel
from FetalBiometryGui.resultPanel import ResultPanel
from FetalBiometryLib.examination.options import settings_of
from FetalBiometryLib.options import EXAMINATION, OPTIONS, PICTURE
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.report.picture_report import picture_report
from FetalBiometryMrml import planeComputation, planeExport, planeNodes, samples
from FetalBiometryMrml.askedPictures import exportAsked, loadAsked
from FetalBiometryMrml.editingLogic import EditingLogic
from FetalBiometryMrml.examinationLogic import ExaminationLogic
from FetalBiometryMrml.examinationNodes import EXAMINATIONS, ExaminationNodes
from FetalBiometryMrml.parameters import FetalBiometryParameterNode
from FetalBiometryMrml.planeNodes import RESULTS, PlaneNodes


class FetalBiometry(ScriptedLoadableModule):
    """What Slicer shows in its module list."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Fetal Biometry")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Ultrasound")]
        self.parent.dependencies = []
        self.parent.contributors = ["DeepMed for 3D Slicer contributors"]
        self.parent.helpText = _(
            "Measures fetal head, abdomen, femur, heart and thorax in ultrasound stills, and whole examinations. "
            "Every result is a proposal: drag the ends of its lines to correct it. Research use only."
        )
        self.parent.acknowledgementText = _(
            "Trained on HC18 (van den Heuvel 2018) and on pictures of FETAL_PLANES_DB (Burgos-Artizzu 2020)."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self) -> None:
        """Add the generated pictures to the Sample Data module."""
        samples.registerSampleData(self.resourcePath("Icons"))


class FetalBiometryWidget(ModulePanel):
    """The panel: picture, scale, measurement, result."""

    flat = True
    resultParameter = "measured"

    def __init__(self, parent=None) -> None:
        ModulePanel.__init__(self, parent, FetalBiometryLogic())

    def setup(self) -> None:
        self.loadPanel()
        rows = {"optionsWidget": PICTURE, "examinationOptionsWidget": EXAMINATION, "advancedOptionsWidget": (DEVICE,)}
        for name, options in rows.items():
            vars(self.ui).update(addOptions(getattr(self.ui, name).layout(), options))
        self.ui.measuredSelector.addAttribute(RESULTS.handleClass, RESULTS.attribute)
        self.picturePanel = PicturePanel(self.ui, self._chosenFrame, self._choosePicture)
        self.scalePanel = ScalePanel(self.ui, ULTRASOUND, self._chosenFrame, self._onScale)
        self.resultPanel = ResultPanel(self.ui, self.logic.exportReport, self._onResult)
        self.handPanel = HandPanel(self.ui, self._drawByHand)
        self.examinationPanel = ExaminationPanel(
            self.ui, self.logic, self._parameters, self._onExamination, self._layout.showPlot
        )
        self.startPanel(
            _("Fetal Biometry"),
            _("Measure"),
            _("Find the plane and measure it. The result is a proposal that you can drag."),
            missing=_("Choose or load a picture first."),
        )

    def cleanup(self) -> None:
        ModulePanel.cleanup(self)
        self.examinationPanel.close()
        self.resultPanel.close()
        self.scalePanel.close()

    def clearResult(self) -> None:
        """Show no measurement and no examination any more."""
        self.examinationPanel.close()
        ModulePanel.clearResult(self)

    def initializeParameterNode(self) -> None:
        """Connect the panel to the scene's parameters."""
        ModulePanel.initializeParameterNode(self)
        if self._parameterNode.examination is None:  # of a scene that was written without a panel
            self._parameterNode.examination = next((n.handle for n in reversed(EXAMINATIONS.inScene())), None)
        self.examinationPanel.refreshPictures()

    def _chosenFrame(self) -> tuple[slicer.vtkMRMLVolumeNode | None, int]:
        return self._input(), int(self.ui.frameSlider.value)

    def _choosePicture(self, volumeNode: slicer.vtkMRMLVolumeNode) -> None:
        self._parameterNode.inputVolume = volumeNode

    def _values(self) -> dict[str, Any]:
        return optionValues(OPTIONS, self._parameters())

    def _onParameters(self, caller=None, event=None) -> None:
        ModulePanel._onParameters(self, caller, event)
        if self._parameterNode is None or self._isFollowing:
            return
        if self.scalePanel.shownVolume is not self._input():
            self.scalePanel.refresh()
        self.handPanel.setReady("" if self._input() is not None else self._missing)
        shown = self.resultPanel.nodes
        try:
            options, _whole = settings_of(self._values())
        except BadInput as error:  # a file that has gone, or ages that contradict one another
            self.applyCancel.setReady(str(error))
        else:
            if shown is not None and shown.result.options != options:
                self.resultPanel.change(options=options)
        self.examinationPanel.follow(self._parameterNode.examination)

    def _follow(self) -> None:
        before = self._seen
        ModulePanel._follow(self)
        volumeNode, nodes = self._input(), self.resultPanel.nodes
        self.picturePanel.refresh(volumeNode)
        if nodes is not None and self._seen != before:
            self.ui.frameSlider.value = nodes.result.frame
        # Who only comes back to the module finds the views as they were.
        if volumeNode is not None and volumeNode is not before[0] and before != (None, None):
            self.picturePanel.show(volumeNode)

    def fitViews(self) -> None:
        """Fit the views to the picture, and stay at its frame."""
        ModulePanel.fitViews(self)
        self.picturePanel.showFrame()

    def _makeJob(self) -> Job:
        self._preparation = self.logic.prepare(self._input(), int(self.ui.frameSlider.value), **self._values())
        return self.logic.makeJob(self._preparation)

    def _onComputed(self, computed: TaskResult) -> None:
        nodes = self.logic.finish(self._preparation, computed)
        self.scalePanel.refresh()
        if nodes.table is None:
            raise BadInput(nodes.result.finding.reason, _("Choose the plane or another picture, or draw by hand."))
        self._parameters().measured = nodes.table
        self.ui.resultsCollapsibleButton.collapsed = False
        scrollTo(self.ui.resultsCollapsibleButton)

    def _showAgain(self) -> None:
        ModulePanel._showAgain(self)
        self.resultPanel.refresh()  # the picture may be another than the one that was measured

    def _drawByHand(self, plane: str) -> None:
        frame = int(self.ui.frameSlider.value)
        nodes = self.logic.drawByHand(self._input(), frame=frame, **{**self._values(), "plane": plane})
        self.scalePanel.refresh()
        self._parameterNode.measured = nodes.table

    def _onResult(self, nodes: PlaneNodes) -> None:
        self.examinationPanel.onResult(nodes)

    def _onExamination(self, nodes: ExaminationNodes) -> None:
        self.scalePanel.refresh()
        parameters, best = self._parameters(), nodes.bestNodes()
        parameters.examination = nodes.handle
        if best is not None:
            self.picturePanel.choose(best.volume)
            parameters.measured = best.table
        scrollTo(self.ui.examinationSummaryLabel)

    def _onScale(self, scale: Scale) -> None:
        shown = self.resultPanel.nodes
        planeNodes.rescaleOthers(self._input(), scale, shown)
        if shown is not None and shown.volume is self._input():
            self.resultPanel.change(scale=scale)
        self.fitViews()


class FetalBiometryLogic(EditingLogic, ExaminationLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("FetalBiometry")
        measured = logic.process(logic.loadPicture("still.png"), scale=typed_scale(0.12))
        print([m.text() for m in measured.result.measurements()])
    """

    results = RESULTS
    options = OPTIONS
    files = planeNodes.fileNames()

    def __init__(self) -> None:
        ExaminationLogic.__init__(self, __file__)

    def getParameterNode(self) -> FetalBiometryParameterNode:
        return FetalBiometryParameterNode(super().getParameterNode())  # type: ignore[call-arg]

    def loadPicture(self, path: str | Path, frame: int | None = None) -> slicer.vtkMRMLVolumeNode:
        """Load a still (PNG, JPEG, TIFF, DICOM, NRRD ...) at its true size where the file states it.

        :param frame: frame of a cine loop, from 0; needed when there are several.
        :raises BadInput: the file cannot be measured; the scene stays as it was.
        """
        return pictureNodes.loadPicture(path, ULTRASOUND, frame)

    def loadAsked(self, path: Path, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """What `prepare` takes for a picture that a command asks for; see `askedPictures.loadAsked`."""
        return loadAsked(path, values)

    def exportAsked(self, nodes: PlaneNodes | ExaminationNodes) -> dict[str, Any]:
        """What a command adds to result.json; see `askedPictures.exportAsked`."""
        return exportAsked(nodes)

    def prepare(
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        frame: int = 0,
        scale: Scale | None = None,
        **options: Any,
    ) -> Preparation:
        """Check the input and describe the computation.

        :param volumeNode: scalar or vector volume, also a sequence's proxy node.
        :param frame: slice of a multi-frame volume, from 0.
        :param scale: mm per pixel; None takes what the picture states.
        :param options: as `FetalBiometryLib.options` declares them.
        :raises BadInput: the picture cannot be measured, or an option cannot be met.
        """
        values = checked_options(OPTIONS, options)
        return planeComputation.prepare(volumeNode, frame, scale, settings_of(values)[0], self.taskSettings(values))

    def toResult(self, preparation: Preparation, computed: TaskResult) -> PictureResult:
        """The finding on the picture's scale.

        :raises BadInput: the picture's scale contradicts itself, or what was measured.
        """
        return planeComputation.resultOf(preparation.volume, preparation.extra, computed.values)

    def writeNodes(
        self, preparation: Preparation, result: Any, computed: TaskResult
    ) -> Mapping[str, slicer.vtkMRMLNode]:
        """Lines, curves, segments and the table; the picture gets its scale, so that Slicer's own lengths agree."""
        if result.scale is not None:
            pictureNodes.setScale(preparation.volume, result.scale)
        labels = planeComputation.labelsOf(preparation.extra, computed)
        return planeNodes.makeNodes(preparation.volume, result, labels)

    def pictureOf(self, nodes: Any, largest: int | None = None) -> np.ndarray | None:
        """(H, W, 3) uint8: the picture with outlines and calipers; None when it has gone."""
        if nodes.volume is None or nodes.volume.GetImageData() is None:
            return None
        return planeExport.overlayOf(nodes)

    def reportOf(self, result: Any, pictures: Mapping[str, np.ndarray]) -> Report:
        """One page."""
        return picture_report(result, pictures["overlay"])

    def filesOf(self, nodes: Any) -> Mapping[str, str]:
        """Nothing where the model abstained: no file of its own may pass for a measurement."""
        return self.files if nodes.result.vouched else {}

    def exportMore(self, nodes: Any, folder: Path) -> list[Path]:
        """report.dcm where the picture came from DICOM."""
        return planeExport.writeStructuredReport(nodes, folder)


class FetalBiometryTest(ScriptedLoadableModuleTest):
    """Runs inside Slicer; the computation itself is skipped, and said so, where torch is not installed."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        for test in (
            self.test_PhantomIsCalibrated,
            self.test_DraggedAxesMoveTheNumbers,
            self.test_BoneIsDrawnByHand,
            self.test_BlankPictureIsRefused,
            self.test_PhantomIsMeasured,
        ):
            self.setUp()
            test()

    def test_PhantomIsCalibrated(self) -> None:
        """The sample picture carries its pixel size."""
        node = samples.loadPhantom()
        scale: Any = pictureNodes.scaleOf(node, pictureNodes.pictureOf(node, ULTRASOUND))
        self.assertIsNotNone(scale)
        self.assertAlmostEqual(scale.mm_per_px_x, node.GetSpacing()[0])

    def test_DraggedAxesMoveTheNumbers(self) -> None:
        """Without a network: a result written by hand follows its lines."""
        node = samples.loadPhantom()
        nodes = samples.trueHead(node)
        before: dict[str, Any] = {m.name: m.value for m in nodes.result.lengths()}
        line: Any = nodes.lines["BPD"]
        ends: Any = lineEnds(line)
        line.SetNthControlPointPositionWorld(0, *(ends[1] + 1.1 * (ends[0] - ends[1])))
        nodes = planeNodes.refreshPlane(nodes)
        after: dict[str, Any] = {m.name: m.value for m in nodes.result.lengths()}
        self.assertAlmostEqual(after["BPD"], 1.1 * before["BPD"], places=3)
        self.assertAlmostEqual(after["OFD"], before["OFD"], places=3)
        self.assertGreater(after["HC"], before["HC"])

    def test_BoneIsDrawnByHand(self) -> None:
        """A long bone has no number until a person moved its line."""
        nodes = FetalBiometryLogic().drawByHand(samples.loadExamination()[2], "HL")
        self.assertEqual(nodes.result.lengths(), [])
        line: Any = nodes.lines["HL"]
        line.SetNthControlPointPositionWorld(0, -10.0, -20.0, 0.0)
        line.SetNthControlPointPositionWorld(1, -40.0, -60.0, 0.0)
        measured: Any = planeNodes.refreshPlane(nodes).result.lengths()[0]
        self.assertAlmostEqual(measured.value, 50.0, places=4)

    def test_BlankPictureIsRefused(self) -> None:
        """A picture that shows nothing leaves the scene as it was."""
        node = slicer.util.addVolumeFromArray(np.zeros((1, 200, 300), np.uint8))
        count = slicer.mrmlScene.GetNumberOfNodes()
        with self.assertRaises(BadInput):
            FetalBiometryLogic().process(node)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), count)

    def test_PhantomIsMeasured(self) -> None:
        """The whole way: picture, network, nodes. Needs torch and monai."""
        if any(importlib.util.find_spec(name) is None for name in ("torch", "monai")):
            self.delayDisplay("Measurement not tested: torch or monai is not installed")
            return
        node = samples.loadPhantom()
        nodes = FetalBiometryLogic().process(node, device="cpu", plane="head")
        self.assertEqual(nodes.result.status(), "done")
        measured: Any = next(m.value for m in nodes.result.lengths() if m.name == "HC")
        true = float(node.GetAttribute("DeepMed.TrueHC").split()[0])
        self.assertLess(abs(measured - true) / true, 0.05)
