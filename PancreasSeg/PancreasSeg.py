# mypy: allow-untyped-defs, allow-incomplete-defs
"""Pancreas and neighboring organs in abdominal CT.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in PancreasSegLib, networks
that users bring in DeepMedLib/engines, the scene's nodes in PancreasSegMrml.
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
from DeepMedLib.models.bundles import MANIFEST
from DeepMedLib.mrml.inputs import scanNodes
from DeepMedLib.mrml.inputs.sampleData import registerSample
from DeepMedLib.mrml.inputs.volumes import arrayFromVolume, pictureFromVolume
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic, Preparation
from DeepMedLib.mrml.logic.optionParameters import optionParameters
from DeepMedLib.options import checked_options
from DeepMedLib.report.model import Report
from DeepMedLib.results.result import Result, provenance_of
from PancreasSegGui.correctionSection import CorrectionSection
from PancreasSegLib.options import OPTIONS
from PancreasSegLib.organs import check_shipped, chosen_organs
from PancreasSegLib.organs_report import organs_report, slice_report
from PancreasSegLib.organs_result import OrgansResult, SliceResult
from PancreasSegMrml import organCorrection, organFiles, organNodes, organPhantom, slicePictures
from PancreasSegMrml.organNodes import OrganNodes

TASK = "PancreasSegLib.organs_task:run"
SLICE_TASK = "PancreasSegLib.organs_task:run_slice"
ENGINE_TASK = "PancreasSegLib.engine_task:run"


class PancreasSeg(ScriptedLoadableModule):
    """What Slicer shows in its module list."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Pancreas Seg")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]
        self.parent.dependencies = []
        self.parent.contributors = ["DeepMed for 3D Slicer contributors"]
        self.parent.helpText = _(
            "Outlines the pancreas and neighboring organs in abdominal CT and measures them: volumes with intervals, "
            "complete or cut by the scan's edge, what looks odd. Runs your own network, too: a MONAI bundle, a result "
            "folder of nnU-Net v2, or TotalSegmentator. Research use only."
        )
        self.parent.acknowledgementText = _(
            "After Roth et al., DeepOrgan (MICCAI 2015). Trained on public CT; see the model card."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self) -> None:
        """Add the generated abdomen to the Sample Data module."""
        thumbnail = Path(self.resourcePath("Icons")) / "PancreasSeg.png"
        registerSample("PancreasSeg", "CT phantoms", organPhantom.NAME, thumbnail, organPhantom.loadPhantom)


@parameterNodeWrapper
@optionParameters(OPTIONS)
class PancreasSegParameterNode:
    """The panel's state, saved with the scene; the options come with it.

    inputVolume: the CT, or the slice picture.
    result: the table of the result that is shown.
    """

    inputVolume: slicer.vtkMRMLScalarVolumeNode
    result: slicer.vtkMRMLTableNode


class PancreasSegWidget(ModulePanel):
    """The panel: a scan; the rest is as in every module."""

    inputs = (
        InputNode("inputVolume", _("CT"), _("CT volume in Hounsfield units, of any orientation, or a slice picture.")),
    )

    def __init__(self, parent=None) -> None:
        ModulePanel.__init__(self, parent, PancreasSegLogic())

    def setup(self) -> None:
        self.loadPanel()
        self.ui.loadButton.text, self.ui.sampleButton.text = _("Load scan..."), _("Load phantom")
        self.ui.loadButton.toolTip = _("Load a CT: a NIfTI, NRRD or MetaImage file, or one file of a DICOM series.")
        self.ui.sampleButton.toolTip = _("Load a generated abdomen with known organs, to try the module.")
        self.startPanel(
            _("Pancreas Seg"),
            _("Outline organs"),
            _("Outline the organs and measure them."),
            _("No organs were outlined yet."),
            _("Choose or load a CT first."),
        )
        self.correction = CorrectionSection(self)

    def _loadInput(self, path: str) -> slicer.vtkMRMLScalarVolumeNode:
        if self._parameterNode.windowed:
            return self.logic.loadSlice(path)
        return self.logic.loadScan(path)

    def _makeSample(self) -> slicer.vtkMRMLScalarVolumeNode:
        return organPhantom.loadPhantom()


class PancreasSegLogic(ModuleLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("PancreasSeg")
        organs = logic.process(slicer.util.loadVolume("ct.nii.gz"), organs="pancreas, kidneys")
        print(organs.result.headline())
    """

    results = organNodes.RESULTS
    options = OPTIONS
    files = {"segmentation": "organs.seg.nrrd", "uncertainty": "uncertainty.nrrd"}

    def __init__(self) -> None:
        ModuleLogic.__init__(self, __file__)

    def getParameterNode(self) -> PancreasSegParameterNode:
        return PancreasSegParameterNode(super().getParameterNode())  # type: ignore[call-arg]

    def loadScan(self, path: str | Path, choice: str | int | None = None) -> slicer.vtkMRMLScalarVolumeNode:
        """Load a volume file, a DICOM file, which stands for its series, or a folder of any depth.

        :param choice: number or name of one of several scans (phases, reconstructions); None takes the first.
        :raises BadInput: it cannot be read as one CT volume; the scene stays as it was.
        """
        return scanNodes.loadScan(path, choice)

    def loadSlice(self, path: str | Path) -> slicer.vtkMRMLScalarVolumeNode:
        """Load an axial slice as an 8-bit picture.

        :raises BadInput: it cannot be read, or is none; the scene stays as it was.
        """
        return slicePictures.loadSlice(path)

    def prepare(self, volumeNode: slicer.vtkMRMLVolumeNode | None, **options: Any) -> Preparation:
        """Check the input and describe the computation.

        :param volumeNode: CT in Hounsfield units of any orientation, or with ``windowed`` a slice picture.
        :param options: as `PancreasSegLib.options` declares them.
        :raises BadInput: there is no volume, it cannot be used, or no model is shipped for an organ.
        """
        if volumeNode is None:
            raise BadInput("No scan is selected.", "Choose or load a CT.")
        values = checked_options(self.options, options)
        organs = chosen_organs(values["organs"])
        asked = {**values, "resources": str(self.modelsFolder()), "scan": volumeNode.GetName()}
        if not values["engine"]:
            check_shipped(organs)
            if not (self.modelsFolder() / MANIFEST).is_file():
                raise BadInput(
                    "No validated model for these organs is shipped.",
                    "Add a bundle: choose your network (a MONAI bundle or an nnU-Net v2 result folder).",
                )
        if values["windowed"]:
            if values["engine"]:
                raise BadInput("A network of yours takes no slice picture.", "Give a CT in Hounsfield units.")
            if not slicePictures.isFlat(volumeNode):
                raise BadInput("The volume is not one picture.", "Choose a slice picture, or take the option back.")
            picture = slicePictures.grayOf(pictureFromVolume(volumeNode))
            return Preparation(volumeNode, Task(SLICE_TASK, {"picture": picture}, asked))
        array, grid = arrayFromVolume(volumeNode)
        asked["ijk_to_ras"] = grid.ijk_to_ras.tolist()
        asked["remarks"] = [remark.to_dict() for remark in scanNodes.remarksOf(volumeNode)]
        return Preparation(volumeNode, Task(ENGINE_TASK if values["engine"] else TASK, {"volume": array}, asked))

    def toResult(self, preparation: Preparation, computed: TaskResult) -> Result:
        """The organs of the scan, or of the picture."""
        kind = SliceResult if preparation.task.options["windowed"] else OrgansResult
        return replace(kind.from_json(computed.values["result"]), provenance=provenance_of(computed.values))

    def writeNodes(
        self, preparation: Preparation, result: Any, computed: TaskResult
    ) -> Mapping[str, slicer.vtkMRMLNode]:
        """The table of organs, the organs as segments, the uncertainty where it was wanted."""
        return organNodes.makeNodes(preparation.volume, result, computed)

    def pictureOf(self, nodes: OrganNodes, largest: int | None = None) -> np.ndarray | None:
        """(H, W, 3) uint8: axial slices with the outlines; None when the scan has gone."""
        return organNodes.pictureOf(nodes, largest)

    def reportOf(self, result: Any, pictures: Mapping[str, np.ndarray]) -> Report:
        """One page."""
        if isinstance(result, SliceResult):
            return slice_report(result, pictures["overlay"])
        return organs_report(result, pictures["overlay"])

    def exportMore(self, nodes: OrganNodes, folder: Path) -> list[Path]:
        """The labels with our ids, and DICOM where the scan came from DICOM."""
        return [*organFiles.exportLabels(nodes, folder), *organFiles.exportDicom(nodes, folder)]

    def correct(
        self, nodes: OrganNodes, organ: str, inside: organCorrection.Points, outside: organCorrection.Points = ()
    ) -> None:
        """Redo one organ about points inside and outside of it; nothing farther than 30 mm from them changes.

        :param organ: key, e.g. "pancreas".
        :param inside, outside: RAS mm; one at least.
        :raises BadInput: there is no outline to correct, or a point cannot be used; the scene stays as it was.
        """
        organCorrection.correctOrgan(nodes, organ, inside, outside)

    def showSurfaces(self, nodes: OrganNodes) -> None:
        """Show the organs as closed surfaces in the 3D views."""
        organNodes.showSurfaces(nodes)


class PancreasSegTest(ScriptedLoadableModuleTest):
    """Runs inside Slicer; what needs torch is skipped, and said so, where it is not installed."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        for test in (self.test_OrgansWithoutModelAreRefused, self.test_ResultIsFoundAgain):
            self.setUp()
            test()

    def test_OrgansWithoutModelAreRefused(self) -> None:
        """An organ for which no model is shipped is told as such; the scene stays as it was."""
        node = organPhantom.loadPhantom()
        count = slicer.mrmlScene.GetNumberOfNodes()
        with self.assertRaises(BadInput) as refused:
            PancreasSegLogic().process(node, organs="liver lesion")
        self.assertIn("No validated model", str(refused.exception))
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), count)

    def test_ResultIsFoundAgain(self) -> None:
        """From computed labels to nodes, and back from the table; no network is needed."""
        logic = PancreasSegLogic()
        node = organPhantom.loadPhantom()
        nodes = organPhantom.drawnResult(node, logic)
        self.assertEqual(nodes.get("segmentation").GetSegmentation().GetSegment("pancreas").GetName(), "Pancreas")
        again: Any = logic.readResult(nodes.handle)
        self.assertEqual(again.result, nodes.result)
        logic.showSurfaces(nodes)
