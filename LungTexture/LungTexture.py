# mypy: allow-untyped-defs, allow-incomplete-defs
"""Which share of which part of the lungs looks how, and how dense it is.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in LungTextureLib and
DeepMedLib/ct, the scene's nodes in LungTextureMrml.
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
from LungTextureLib.options import OPTIONS
from LungTextureLib.texture_report import texture_report
from LungTextureLib.texture_result import SIDES, TextureResult
from LungTextureMrml import airwayNodes, lungPhantom, textureDicom, textureNodes
from LungTextureMrml.textureNodes import TextureNodes

TASK = "LungTextureLib.texture_task:run"


class LungTexture(ScriptedLoadableModule):
    """What Slicer shows in its module list."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Lung Texture")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        self.parent.dependencies = []
        self.parent.contributors = ["DeepMed for 3D Slicer contributors"]
        self.parent.helpText = _(
            "Tells the texture of the lungs on chest CT place by place (normal, paraseptal, panlobular, three grades "
            "of centrilobular emphysema) and the share of each in every zone, with densitometry beside it. "
            "Research use only."
        )
        self.parent.acknowledgementText = _(
            "After van Tulder and de Bruijne (IEEE TMI 35(5):1262, 2016). Trained on the emphysema patches of the "
            "Chest Imaging Platform (Brigham and Women's Hospital); see the model card."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self) -> None:
        """Add the generated chest to the Sample Data module."""
        thumbnail = Path(self.resourcePath("Icons")) / "LungTexture.png"
        registerSample("LungTexture", "CT phantoms", lungPhantom.NAME, thumbnail, lungPhantom.loadPhantom)


@parameterNodeWrapper
@optionParameters(OPTIONS)
class LungTextureParameterNode:
    """The panel's state, saved with the scene; the options come with it.

    inputVolume: the chest CT.
    places: where airways are measured, one point each; may be empty.
    result: the table of the reading that is shown.
    """

    inputVolume: slicer.vtkMRMLScalarVolumeNode
    places: slicer.vtkMRMLMarkupsFiducialNode
    result: slicer.vtkMRMLTableNode


class LungTextureWidget(ModulePanel):
    """The panel: the scan; the rest is as in every module."""

    inputs = (
        InputNode("inputVolume", _("CT"), _("Chest CT in Hounsfield units, thin slices, of any orientation.")),
        InputNode(
            "places",
            _("Airways at"),
            _("Points inside airways whose lumen and wall are to be measured; place them with Markups. May be empty."),
        ),
    )

    def __init__(self, parent=None) -> None:
        ModulePanel.__init__(self, parent, LungTextureLogic())

    def setup(self) -> None:
        self.loadPanel()
        self.ui.loadButton.text, self.ui.sampleButton.text = _("Load scan..."), _("Load phantom")
        self.ui.loadButton.toolTip = _("Load a CT: a NIfTI, NRRD or MetaImage file, or one file of a DICOM series.")
        self.ui.sampleButton.toolTip = _("Load a generated chest with known shares of holes, to try the module.")
        self.startPanel(
            _("Lung Texture"),
            _("Read lungs"),
            _("Tell texture and density of the lungs."),
            _("No scan was read yet."),
            _("Choose or load a chest CT first."),
        )

    def _loadInput(self, path: str) -> slicer.vtkMRMLScalarVolumeNode:
        return self.logic.loadScan(path)

    def _makeSample(self) -> slicer.vtkMRMLScalarVolumeNode:
        return lungPhantom.loadPhantom()


class LungTextureLogic(ModuleLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("LungTexture")
        lungs = logic.process(slicer.util.loadVolume("ct.nii.gz"))
        print(lungs.result.headline())
    """

    results = textureNodes.RESULTS
    options = OPTIONS
    files = {
        "textures": "texture.seg.nrrd",
        "lungs": "lungs.seg.nrrd",
        "emphysema": "emphysema.nrrd",
        "airways": "airways.seg.nrrd",
        "airwaySurface": "airways.stl",
        "airwayLine": "airway_lines.mrk.json",
    }

    def __init__(self) -> None:
        ModuleLogic.__init__(self, __file__)

    def getParameterNode(self) -> LungTextureParameterNode:
        return LungTextureParameterNode(super().getParameterNode())  # type: ignore[call-arg]

    def loadScan(self, path: str | Path, choice: str | int | None = None) -> slicer.vtkMRMLScalarVolumeNode:
        """Load a volume file, a DICOM file, which stands for its series, or a folder of any depth.

        :param choice: number or name of one of several scans (phases, reconstructions); None takes the first.
        :raises BadInput: it cannot be read as one CT volume; the scene stays as it was.
        """
        return scanNodes.loadScan(path, choice)

    def prepare(
        self,
        volumeNode: slicer.vtkMRMLVolumeNode | None,
        placesNode: slicer.vtkMRMLMarkupsFiducialNode | None = None,
        **options: Any,
    ) -> Preparation:
        """Check the input and describe the computation.

        :param volumeNode: chest CT in Hounsfield units, any orientation; whether it is one the task judges.
        :param placesNode: points in airways whose lumen and wall are measured.
        :param options: as `LungTextureLib.options` declares them.
        :raises BadInput: there is no volume, or it has no usable geometry.
        """
        if volumeNode is None:
            raise BadInput("No scan is selected.", "Choose or load a chest CT.")
        array, grid = arrayFromVolume(volumeNode)
        asked = {
            **checked_options(self.options, options),
            "resources": str(self.modelsFolder()),
            "ijk_to_ras": grid.ijk_to_ras.tolist(),
            "scan": volumeNode.GetName(),
            "remarks": [remark.to_dict() for remark in scanNodes.remarksOf(volumeNode)],
            "places": airwayNodes.placesOf(placesNode),
        }
        return Preparation(volumeNode, Task(TASK, {"volume": array}, asked))

    def toResult(self, preparation: Preparation, computed: TaskResult) -> TextureResult:
        """The reading."""
        result = TextureResult.from_json(computed.values["result"])
        return replace(result, provenance=provenance_of(computed.values))

    def writeNodes(
        self, preparation: Preparation, result: Any, computed: TaskResult
    ) -> Mapping[str, slicer.vtkMRMLNode]:
        """Tables, lungs, the map of textures, the volume of emphysema's probability, and the airways."""
        return textureNodes.makeNodes(preparation.volume, result, computed)

    def pictureOf(self, nodes: TextureNodes, largest: int | None = None) -> np.ndarray | None:
        """(H, W, 3) uint8: three slices, plain and in the colors of their textures; None when the scan has gone."""
        return textureNodes.pictureOf(nodes, largest)

    def exportMore(self, nodes: TextureNodes, folder: Path) -> list[Path]:
        """Lungs with their volumes as DICOM segmentation and report, where the scan came from DICOM."""
        return textureDicom.exportDicom(nodes, folder)

    def reportOf(self, result: Any, pictures: Mapping[str, np.ndarray]) -> Report:
        """One page, and the zones' tables."""
        return texture_report(result, pictures)


class LungTextureTest(ScriptedLoadableModuleTest):
    """Runs inside Slicer; the reading itself is skipped, and said so, where torch is not installed."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        for test in (self.test_NoScanIsRefused, self.test_PhantomIsRead):
            self.setUp()
            test()

    def test_NoScanIsRefused(self) -> None:
        """Nothing selected is said in a sentence; the scene stays as it was."""
        count = slicer.mrmlScene.GetNumberOfNodes()
        with self.assertRaises(BadInput):
            LungTextureLogic().process(None)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), count)

    def test_PhantomIsRead(self) -> None:
        """The whole way: volume, densitometry, nodes, and back from the table. Needs torch and monai."""
        if any(importlib.util.find_spec(name) is None for name in ("torch", "monai")):
            self.delayDisplay("Reading not tested: torch or monai is not installed")
            return
        logic = LungTextureLogic()
        nodes = logic.process(lungPhantom.loadPhantom(), textures=False, device="cpu")
        right, left = (nodes.result.density(zone).laa950 for zone in SIDES)
        self.assertGreater(right, left)
        again: Any = logic.readResult(nodes.handle)
        self.assertEqual(again.result, nodes.result)
