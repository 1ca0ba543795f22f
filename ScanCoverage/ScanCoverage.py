# mypy: allow-untyped-defs, allow-incomplete-defs
"""What a CT shows, before anything is measured in it.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in ScanCoverageLib and
DeepMedLib/ct, the scene's nodes in ScanCoverageMrml.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import parameterNodeWrapper
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest

if importlib.util.find_spec("DeepMedLib") is None:  # source tree with only this module's folder on the path
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from DeepMedLib.ct.label_names import label_names
from DeepMedLib.errors import BadInput
from DeepMedLib.gui.inputForm import InputNode
from DeepMedLib.gui.modulePanel import ModulePanel
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.mrml.inputs import scanNodes, trunkPhantom
from DeepMedLib.mrml.inputs.sampleData import registerSample
from DeepMedLib.mrml.inputs.volumes import arrayFromVolume, gridFromVolume
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic, Preparation
from DeepMedLib.mrml.logic.optionParameters import optionParameters
from DeepMedLib.mrml.nodes.organs import organVerdicts, segmentNames
from DeepMedLib.options import checked_options
from DeepMedLib.report.model import Report
from DeepMedLib.results.result import provenance_of
from ScanCoverageLib.coverage_report import coverage_report
from ScanCoverageLib.coverage_result import CoverageResult
from ScanCoverageLib.options import OPTIONS
from ScanCoverageMrml import coverageDicom, coverageNodes
from ScanCoverageMrml.coverageNodes import CoverageNodes

TASK = "ScanCoverageLib.coverage_task:run"


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
        thumbnail = Path(self.resourcePath("Icons")) / "ScanCoverageTrunkPhantom.png"
        registerSample(
            "ScanCoverage", "CT phantoms", trunkPhantom.NAME, thumbnail, lambda: trunkPhantom.loadPhantom()[0]
        )


@parameterNodeWrapper
@optionParameters(OPTIONS)
class ScanCoverageParameterNode:
    """The panel's state, saved with the scene; the options come with it.

    inputVolume: the CT.
    organs: a segmentation whose segments are judged; may be left out.
    result: the table of the reading that is shown.
    """

    inputVolume: slicer.vtkMRMLScalarVolumeNode
    organs: slicer.vtkMRMLSegmentationNode
    result: slicer.vtkMRMLTableNode


class ScanCoverageWidget(ModulePanel):
    """The panel: scan and organs; the rest is as in every module."""

    inputs = (
        InputNode("inputVolume", _("CT"), _("CT volume in Hounsfield units, of any orientation.")),
        InputNode(
            "organs",
            _("Organs"),
            _(
                "Optional: a segmentation of this scan (yours, ours or TotalSegmentator's); each segment is judged "
                "complete or cut."
            ),
        ),
    )

    def __init__(self, parent=None) -> None:
        ModulePanel.__init__(self, parent, ScanCoverageLogic())

    def setup(self) -> None:
        self.loadPanel()
        self.ui.loadButton.text, self.ui.sampleButton.text = _("Load scan..."), _("Load phantom")
        self.ui.loadButton.toolTip = _("Load a CT: a NIfTI, NRRD or MetaImage file, or one file of a DICOM series.")
        self.ui.sampleButton.toolTip = _("Load a generated trunk with lungs, airways and organs, to try the module.")
        self.startPanel(
            _("Scan Coverage"),
            _("Read scan"),
            _("Say what the scan shows."),
            _("No scan was read yet."),
            _("Choose or load a CT first."),
        )

    def _loadInput(self, path: str) -> slicer.vtkMRMLScalarVolumeNode:
        return self.logic.loadScan(path)

    def _makeSample(self) -> slicer.vtkMRMLScalarVolumeNode:
        volume, self._parameterNode.organs = trunkPhantom.loadPhantom()
        return volume


class ScanCoverageLogic(ModuleLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("ScanCoverage")
        scan = logic.process(slicer.util.loadVolume("ct.nii.gz"))
        print(scan.result.headline())
    """

    results = coverageNodes.RESULTS
    options = OPTIONS
    files = {"masks": "lungs.seg.nrrd"}

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
        self, path: str | Path, volumeNode: slicer.vtkMRMLScalarVolumeNode, names: str | Path | None = None
    ) -> slicer.vtkMRMLSegmentationNode:
        """Load a segmentation, or a label volume whose labels become segments.

        :param names: of the labels: "totalsegmentator", or a color table (see `DeepMedLib.ct.label_names`).
        :raises BadInput: it cannot be read; the scene stays as it was.
        """
        return scanNodes.loadOrgans(path, volumeNode, None if names is None else label_names(names))

    def prepare(
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        organs: slicer.vtkMRMLSegmentationNode | None = None,
        **options: Any,
    ) -> Preparation:
        """Check the input and describe the computation.

        :param volumeNode: CT in Hounsfield units, any orientation; whether it is a CT the task judges.
        :param organs: a segmentation of the scan; each segment is judged absent, complete or cut.
        :param options: as `ScanCoverageLib.options` declares them.
        :raises BadInput: there is no volume, or it has no usable geometry.
        """
        if volumeNode is None:
            raise BadInput("No scan is selected.", "Choose or load a CT.")
        array, grid = arrayFromVolume(volumeNode)
        asked = {
            **checked_options(self.options, options),
            "resources": str(self.modelsFolder()),
            "ijk_to_ras": grid.ijk_to_ras.tolist(),
            "scan": volumeNode.GetName(),
            # The segmentation answers for these organs, so their usual places need not be looked up.
            "answered": [] if organs is None else [name.strip().lower() for name in segmentNames(organs)],
            "remarks": [remark.to_dict() for remark in scanNodes.remarksOf(volumeNode)],
        }
        inputs = {} if organs is None else {"organs": organs}
        return Preparation(volumeNode, Task(TASK, {"volume": array}, asked), inputs)

    def toResult(self, preparation: Preparation, computed: TaskResult) -> CoverageResult:
        """The reading, with a verdict on each organ of the segmentation."""
        result = CoverageResult.from_json(computed.values["result"])
        result = replace(result, provenance=provenance_of(computed.values))
        organs = preparation.inputs.get("organs")
        if organs is None:
            return result
        found = organVerdicts(organs, preparation.volume, gridFromVolume(preparation.volume))
        return result.with_organs(found, organs.GetName())

    def writeNodes(
        self, preparation: Preparation, result: Any, computed: TaskResult
    ) -> Mapping[str, slicer.vtkMRMLNode]:
        """Tables of verdicts and slices, lungs and airways, the picture of telling patches."""
        return coverageNodes.makeNodes(preparation.volume, result, computed)

    def pictureOf(self, nodes: CoverageNodes, largest: int | None = None) -> np.ndarray | None:
        """(H, W, 3) uint8: the view from the front with the bar of regions beside it; None when the scan has gone."""
        return coverageNodes.pictureOf(nodes, largest)

    def morePictures(self, nodes: CoverageNodes) -> Mapping[str, np.ndarray]:
        """The slices with the patches that told, where they were asked for."""
        telling = nodes.get("telling")
        return {} if telling is None else {"telling": slicer.util.arrayFromVolume(telling)[0]}

    def exportMore(self, nodes: CoverageNodes, folder: Path) -> list[Path]:
        """Lungs and airways as DICOM segmentation and report, where the scan came from DICOM."""
        return coverageDicom.exportDicom(nodes, folder)

    def reportOf(self, result: Any, pictures: Mapping[str, np.ndarray]) -> Report:
        """One page, and further ones for many organs and the telling patches."""
        return coverage_report(result, pictures["overlay"], pictures.get("telling"))


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
        logic = ScanCoverageLogic()
        volume, organs = trunkPhantom.loadPhantom()
        nodes = logic.process(volume, organs, lungs=False, device="cpu")
        states = {verdict.name: verdict.state for verdict in nodes.result.verdicts if verdict.kind == "organ"}
        self.assertEqual((states["liver"], states["right lung"], states["bladder"]), ("complete", "cut", "absent"))
        self.assertEqual(nodes.result.size_ijk, nodes.volume.GetImageData().GetDimensions())
        again: Any = logic.readResult(nodes.handle)
        self.assertEqual(again.result, nodes.result)
