# mypy: allow-untyped-defs, allow-incomplete-defs
"""Lung nodules in chest CT: marks, sizes, kinds, and what the rules say.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in NoduleCADLib, the
scene's nodes in NoduleCADMrml.
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

from DeepMedLib.errors import BadInput
from DeepMedLib.gui.inputForm import InputNode
from DeepMedLib.gui.modulePanel import ModulePanel
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.mrml.inputs import scanNodes
from DeepMedLib.mrml.inputs.sampleData import registerSample
from DeepMedLib.mrml.inputs.volumes import arrayFromVolume
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic, Preparation
from DeepMedLib.mrml.logic.optionParameters import optionParameters
from DeepMedLib.options import checked_options
from DeepMedLib.report.model import Report
from DeepMedLib.results.result import provenance_of
from NoduleCADGui.readingSection import ReadingSection
from NoduleCADLib.mark import ACCEPTED, OPEN, REJECTED
from NoduleCADLib.nodules_result import NodulesResult
from NoduleCADLib.options import OPTIONS
from NoduleCADLib.report.nodules_report import nodules_report
from NoduleCADMrml import chestPhantom, noduleFiles, noduleNodes
from NoduleCADMrml.noduleNodes import NoduleNodes

TASK = "NoduleCADLib.nodules_task:run"


class NoduleCAD(ScriptedLoadableModule):
    """What Slicer shows in its module list."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Nodule CAD")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        self.parent.dependencies = []
        self.parent.contributors = ["DeepMed for 3D Slicer contributors"]
        self.parent.helpText = _(
            "Marks lung nodules in chest CT, outlines and measures them, and says what Fleischner 2017 and Lung-RADS "
            "v2022 advise for such a nodule. Research use only."
        )
        self.parent.acknowledgementText = _(
            "After Setio et al. (IEEE TMI 2016): detectors side by side, then a network. Trained on LIDC-IDRI, LUNA16; "
            "see the model cards."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self) -> None:
        """Add the drawn chest to the Sample Data module."""
        thumbnail = Path(self.resourcePath("Icons")) / "NoduleCAD.png"
        registerSample("NoduleCAD", "CT phantoms", chestPhantom.NAME, thumbnail, chestPhantom.loadPhantom)


@parameterNodeWrapper
@optionParameters(OPTIONS)
class NoduleCADParameterNode:
    """The panel's state, saved with the scene; the options come with it.

    inputVolume: the CT.
    result: the table of marks that is shown.
    """

    inputVolume: slicer.vtkMRMLScalarVolumeNode
    result: slicer.vtkMRMLTableNode


class NoduleCADWidget(ModulePanel):
    """The panel: a scan, and the way through its marks; the rest is as in every module."""

    inputs = (InputNode("inputVolume", _("CT"), _("Chest CT in Hounsfield units, of any orientation.")),)

    def __init__(self, parent=None) -> None:
        ModulePanel.__init__(self, parent, NoduleCADLogic())

    def setup(self) -> None:
        self.loadPanel()
        self.ui.loadButton.text, self.ui.sampleButton.text = _("Load scan..."), _("Load phantom")
        self.ui.loadButton.toolTip = _("Load a CT: a NIfTI, NRRD or MetaImage file, or one file of a DICOM series.")
        self.ui.sampleButton.toolTip = _("Load a drawn chest with known nodules, to try the module.")
        self.reading = ReadingSection(self)
        self.startPanel(
            _("Nodule CAD"),
            _("Mark nodules"),
            _("Mark, outline and measure the nodules."),
            _("No nodules were marked yet."),
            _("Choose or load a CT first."),
        )

    def cleanup(self) -> None:
        self.reading.show(None)
        ModulePanel.cleanup(self)

    def clearResult(self) -> None:
        self.reading.show(None)
        ModulePanel.clearResult(self)

    def _follow(self) -> None:
        before = self._seen
        ModulePanel._follow(self)
        if self._seen != before:
            self.reading.show(self.resultPanel.nodes)

    def _loadInput(self, path: str) -> slicer.vtkMRMLScalarVolumeNode:
        return self.logic.loadScan(path)

    def _makeSample(self) -> slicer.vtkMRMLScalarVolumeNode:
        return chestPhantom.loadPhantom()


class NoduleCADLogic(ModuleLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("NoduleCAD")
        nodules = logic.process(slicer.util.loadVolume("ct.nii.gz"), fp_per_scan=1.0)
        print(nodules.result.headline())
    """

    results = noduleNodes.RESULTS
    options = OPTIONS
    files = {"marks": "marks.mrk.json", "outlines": "nodules.seg.nrrd"}

    def __init__(self) -> None:
        ModuleLogic.__init__(self, __file__)

    def getParameterNode(self) -> NoduleCADParameterNode:
        return NoduleCADParameterNode(super().getParameterNode())  # type: ignore[call-arg]

    def loadScan(self, path: str | Path, choice: str | int | None = None) -> slicer.vtkMRMLScalarVolumeNode:
        """Load a volume file, a DICOM file, which stands for its series, or a folder of any depth.

        :param choice: number or name of one of several scans (phases, reconstructions); None takes the first.
        :raises BadInput: it cannot be read as one CT volume; the scene stays as it was.
        """
        return scanNodes.loadScan(path, choice)

    def prepare(self, volumeNode: slicer.vtkMRMLVolumeNode | None, **options: Any) -> Preparation:
        """Check the input and describe the computation.

        :param volumeNode: CT in Hounsfield units, any orientation; whether it shows lungs the task judges.
        :param options: as `NoduleCADLib.options` declares them.
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
            "remarks": [remark.to_dict() for remark in scanNodes.remarksOf(volumeNode)],
        }
        return Preparation(volumeNode, Task(TASK, {"volume": array}, asked))

    def toResult(self, preparation: Preparation, computed: TaskResult) -> NodulesResult:
        """The marks."""
        return replace(NodulesResult.from_json(computed.values["result"]), provenance=provenance_of(computed.values))

    def writeNodes(
        self, preparation: Preparation, result: Any, computed: TaskResult
    ) -> Mapping[str, slicer.vtkMRMLNode]:
        """The table of marks, the marks as points, their outlines as segments."""
        return noduleNodes.makeNodes(preparation.volume, result, computed)

    def pictureOf(self, nodes: NoduleNodes, largest: int | None = None) -> np.ndarray | None:
        """(H, W, 3) uint8: a tile for each mark; None when the scan has gone."""
        return noduleNodes.pictureOf(nodes, largest)

    def reportOf(self, result: Any, pictures: Mapping[str, np.ndarray]) -> Report:
        """A page with the marks, and one with the rules."""
        return nodules_report(result, pictures["overlay"])

    def exportMore(self, nodes: NoduleNodes, folder: Path) -> list[Path]:
        """LUNA16's list of marks, and DICOM where the scan came from DICOM."""
        return [*noduleFiles.exportMarks(nodes, folder), *noduleFiles.exportDicom(nodes, folder)]

    def setOperatingPoint(self, nodes: NoduleNodes, fpPerScan: float) -> None:
        """Show the marks that go with so many false ones per scan."""
        noduleNodes.update(nodes, nodes.result.at(fpPerScan))

    def decide(self, nodes: NoduleNodes, number: int, decision: str) -> None:
        """Keep the user's decision on a mark; report, files and rules follow it.

        :param decision: "accepted", "rejected" or "" for not judged.
        :raises BadInput: there is no such mark or decision; the result stays as it was.
        """
        if decision not in (ACCEPTED, REJECTED, OPEN):
            raise BadInput(f"There is no decision '{decision}'.", f"Say {ACCEPTED} or {REJECTED}.")
        try:
            changed = nodes.result.with_decision(number, decision)
        except KeyError as error:
            raise BadInput(f"There is no mark {number}.", "Choose a mark of the table.") from error
        noduleNodes.update(nodes, changed)


class NoduleCADTest(ScriptedLoadableModuleTest):
    """Runs inside Slicer; what needs torch is skipped, and said so, where it is not installed."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        for test in (self.test_OneSliceIsRefused, self.test_PhantomIsMarked):
            self.setUp()
            test()

    def test_OneSliceIsRefused(self) -> None:
        """A single slice is no chest; the scene stays as it was."""
        if any(importlib.util.find_spec(name) is None for name in ("torch", "monai")):
            self.delayDisplay("Refusal not tested: torch or monai is not installed")
            return
        node = slicer.util.addVolumeFromArray(np.full((1, 64, 64), -1000, np.int16))
        count = slicer.mrmlScene.GetNumberOfNodes()
        with self.assertRaises(BadInput):
            NoduleCADLogic().process(node, device="cpu")
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), count)

    def test_PhantomIsMarked(self) -> None:
        """The whole way: volume, networks, nodes, a decision, and back from the table. Needs torch and monai."""
        if any(importlib.util.find_spec(name) is None for name in ("torch", "monai")):
            self.delayDisplay("Marking not tested: torch or monai is not installed")
            return
        logic = NoduleCADLogic()
        nodes = logic.process(chestPhantom.loadPhantom(), fp_per_scan=8.0, device="cpu")
        self.assertGreater(len(nodes.result.shown()), 0)
        logic.decide(nodes, 1, REJECTED)
        again: Any = logic.readResult(nodes.handle)
        self.assertEqual(again.result.marks[0].decision, REJECTED)
