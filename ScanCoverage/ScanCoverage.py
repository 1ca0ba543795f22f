# mypy: allow-untyped-defs, allow-incomplete-defs
"""What a CT shows, before anything is measured in it.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in ScanCoverageLib and
DeepMedLib/ct, the scene's nodes in ScanCoverageMrml.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import Choice, parameterNodeWrapper
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest

if importlib.util.find_spec("DeepMedLib") is None:  # source tree with only this module's folder on the path
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from DeepMedLib.errors import BadInput
from DeepMedLib.gui.modulePanel import ModulePanel
from DeepMedLib.job import Job
from DeepMedLib.mrml import scanNodes
from DeepMedLib.mrml.moduleLogic import ModuleLogic, timed
from DeepMedLib.task import TaskResult
from ScanCoverageGui.resultPanel import ResultPanel
from ScanCoverageMrml import coverageComputation, coverageExport, samples
from ScanCoverageMrml.coverageComputation import Preparation
from ScanCoverageMrml.coverageNodes import CoverageNodes, readCoverage

PANEL_PICTURE = 330
"""Pixels of the coronal view in the panel: a module panel is some 500 wide."""


class ScanCoverage(ScriptedLoadableModule):
    """What Slicer shows in its module list."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Scan Coverage")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        self.parent.dependencies = []
        self.parent.contributors = ["DeepMed for 3D Slicer contributors"]
        self.parent.helpText = _(
            "Says what a CT shows: which regions of the body, which organs of a segmentation are complete or cut and "
            "at which side, and whether the picture lies as its header states. Can segment lungs and airways. "
            "Research use only."
        )
        self.parent.acknowledgementText = _(
            "After Yan et al., Multi-Instance Deep Learning (IEEE TMI 2016). Trained on slices of DeepLesion (NIH) and "
            "on public CT volumes; see the model card."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self) -> None:
        """Add the generated trunk to the Sample Data module."""
        samples.registerSampleData(self.resourcePath("Icons"))


@parameterNodeWrapper
class ScanCoverageParameterNode:
    """The panel's state, saved with the scene.

    inputVolume: the CT.
    organs: a segmentation whose segments are judged; may be left out.
    lungs: also segment lungs and airways.
    telling: with the report, also write the patches that told.
    device: where to compute.
    verdictTable: the reading that is shown.
    """

    inputVolume: slicer.vtkMRMLScalarVolumeNode
    organs: slicer.vtkMRMLSegmentationNode
    lungs: bool = False
    telling: bool = False
    device: Annotated[str, Choice(["auto", "cpu", "cuda"])] = "auto"
    verdictTable: slicer.vtkMRMLTableNode


class ScanCoverageWidget(ModulePanel):
    """The panel: scan, reading, result."""

    def __init__(self, parent=None) -> None:
        ModulePanel.__init__(self, parent, ScanCoverageLogic())

    def setup(self) -> None:
        self.loadPanel()
        self.resultPanel = ResultPanel(self.ui, self._picture, self._export)
        self.ui.sampleButton.connect("clicked(bool)", self.onSample)
        self.startPanel(_("Scan Coverage"), _("Read scan"), _("Say what the scan shows."))

    def clearResult(self) -> None:
        """Show no reading any more."""
        self.resultPanel.show(None)

    def initializeParameterNode(self) -> None:
        """Connect the panel to the scene's parameters; the first volume is offered."""
        ModulePanel.initializeParameterNode(self)
        if self._parameterNode.inputVolume is None:
            first = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
            if first is not None:
                self._parameterNode.inputVolume = first

    def _onParameters(self, caller=None, event=None) -> None:
        parameters = self._parameterNode
        ready = parameters is not None and parameters.inputVolume is not None
        self.applyCancel.setReady("" if ready else _("Choose or load a CT first."))
        table = parameters.verdictTable if parameters is not None else None
        shown = self.resultPanel.nodes
        if (shown.verdicts if shown is not None else None) is not table:
            self.resultPanel.show(table)

    def onSample(self, _checked: bool = False) -> None:
        """Load the generated trunk with its organs."""
        with slicer.util.tryWithErrorDisplay(_("The phantom was not made."), waitCursor=True):
            self._parameterNode.inputVolume, self._parameterNode.organs = samples.showPhantom()

    def _makeJob(self) -> Job:
        parameters = self._parameterNode
        self._preparation = self.logic.prepare(
            parameters.inputVolume, parameters.organs, parameters.lungs, parameters.device
        )
        return self.logic.makeJob(self._preparation)

    def _onComputed(self, computed: TaskResult) -> None:
        nodes = self.logic.finish(self._preparation, computed)
        self._parameterNode.verdictTable = nodes.verdicts

    def _picture(self, nodes: CoverageNodes) -> np.ndarray | None:
        return self.logic.picture(nodes, PANEL_PICTURE)

    def _export(self, nodes: CoverageNodes, folder: Path) -> list[Path]:
        return self.logic.exportReport(nodes, folder, self._parameterNode.telling)


class ScanCoverageLogic(ModuleLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("ScanCoverage")
        scan = logic.process(slicer.util.loadVolume("ct.nii.gz"))
        print(scan.result.headline())
    """

    def __init__(self) -> None:
        ModuleLogic.__init__(self, __file__)

    def getParameterNode(self) -> ScanCoverageParameterNode:
        return ScanCoverageParameterNode(super().getParameterNode())  # type: ignore[call-arg]

    def loadScan(self, path: str | Path, choice: str | int | None = None) -> slicer.vtkMRMLScalarVolumeNode:
        """Load a volume file, a DICOM file, which stands for its series, or a folder of any depth.

        :param choice: number or name of one of several scans (phases, reconstructions); None takes the first.
        :raises BadInput: it cannot be read as one CT volume; the scene stays as it was.
        """
        return scanNodes.loadScan(path, choice)

    def loadOrgans(
        self, path: str | Path, volumeNode: slicer.vtkMRMLScalarVolumeNode
    ) -> slicer.vtkMRMLSegmentationNode:
        """Load a segmentation, or a label volume whose labels become segments.

        :raises BadInput: it cannot be read; the scene stays as it was.
        """
        return scanNodes.loadOrgans(path, volumeNode)

    def prepare(
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        organs: slicer.vtkMRMLSegmentationNode | None = None,
        lungs: bool = False,
        device: str = "auto",
    ) -> Preparation:
        """Check the input and describe the computation.

        :raises BadInput: the volume cannot be read.
        """
        return coverageComputation.prepare(volumeNode, organs, lungs, self.modelsFolder(), device)

    def process(  # type: ignore[override]
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        organs: slicer.vtkMRMLSegmentationNode | None = None,
        lungs: bool = False,
        device: str = "auto",
        onProgress: Callable[[float, str], None] | None = None,
    ) -> CoverageNodes:
        """Say what a CT shows and put the result into the scene; returns when done.

        :param volumeNode: CT in Hounsfield units, any orientation.
        :param organs: a segmentation of the scan; each segment is judged absent, complete or cut.
        :param lungs: also segment lungs and airways.
        :param device: auto, cpu or cuda.
        :raises DeepMedError: bad input, or the computation failed; the scene stays as it was.
        """
        with timed("Scan coverage: processing"):
            preparation = self.prepare(volumeNode, organs, lungs, device)
            return self.finish(preparation, self.compute(preparation, onProgress))

    def finish(self, preparation: Preparation, computed: TaskResult) -> CoverageNodes:
        """Turn a computed reading into nodes.

        :raises BadInput: the volume was removed meanwhile.
        """
        return coverageComputation.finish(preparation, computed)

    def picture(self, nodes: CoverageNodes, largest: int = 520) -> np.ndarray | None:
        """(H, W, 3) uint8: the coronal view, ``largest`` pixels high or wide, with the colored bar beside it.

        None when the volume has gone.
        """
        return coverageExport.pictureOf(nodes, largest)

    def exportReport(self, nodes: CoverageNodes, folder: str | Path, telling: bool = False) -> list[Path]:
        """Write report.html and report.pdf; with ``telling`` also the slices with the patches that told.

        :raises DeepMedError: a package is missing or the folder cannot be written.
        """
        return coverageExport.exportReport(nodes, Path(folder), self.modelsFolder() if telling else None)


class ScanCoverageTest(ScriptedLoadableModuleTest):
    """Runs inside Slicer; the reading itself is skipped, and said so, where torch is not installed."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        for test in (
            self.test_OneSliceIsRefused,
            self.test_PhantomIsRead,
        ):
            self.setUp()
            test()

    def test_OneSliceIsRefused(self) -> None:
        """A single slice is no scan; the scene stays as it was."""
        node = slicer.util.addVolumeFromArray(np.full((1, 64, 64), -1000, np.int16))
        count = slicer.mrmlScene.GetNumberOfNodes()
        logic = ScanCoverageLogic()
        if any(importlib.util.find_spec(name) is None for name in ("torch", "monai")):
            self.delayDisplay("Refusal not tested: torch or monai is not installed")
            return
        with self.assertRaises(BadInput):
            logic.process(node, device="cpu")
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), count)

    def test_PhantomIsRead(self) -> None:
        """The whole way: volume, network, nodes, and back from the table. Needs torch and monai."""
        if any(importlib.util.find_spec(name) is None for name in ("torch", "monai")):
            self.delayDisplay("Reading not tested: torch or monai is not installed")
            return
        volume, organs = samples.loadPhantom()
        nodes = ScanCoverageLogic().process(volume, organs, device="cpu")
        states = {verdict.name: verdict.state for verdict in nodes.result.verdicts if verdict.kind == "organ"}
        self.assertEqual((states["liver"], states["right lung"], states["bladder"]), ("complete", "cut", "absent"))
        self.assertEqual(nodes.result.size_ijk, nodes.volume.GetImageData().GetDimensions())
        again: Any = readCoverage(nodes.verdicts)
        self.assertEqual(again.result, nodes.result)
