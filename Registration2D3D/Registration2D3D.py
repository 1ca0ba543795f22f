# mypy: allow-untyped-defs, allow-incomplete-defs
"""X-rays aligned with a CT or a surface model.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in Registration2D3DLib, the
scene's nodes in Registration2D3DMrml.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Union

import numpy as np
import qt
import slicer
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import parameterNodeWrapper
from slicer.ScriptedLoadableModule import ScriptedLoadableModule, ScriptedLoadableModuleTest

if importlib.util.find_spec("DeepMedLib") is None:  # source tree with only this module's folder on the path
    sys.path.append(str(Path(__file__).resolve().parent.parent))

from DeepMedLib.errors import BadInput
from DeepMedLib.gui.errors import errorsShown
from DeepMedLib.gui.inputForm import InputNode
from DeepMedLib.gui.modulePanel import ModulePanel
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.mrml.inputs import scanNodes
from DeepMedLib.mrml.inputs.sampleData import registerSample
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic, Preparation
from DeepMedLib.mrml.logic.optionParameters import optionParameters
from DeepMedLib.options import checked_options
from DeepMedLib.report.model import Report
from DeepMedLib.results.result import provenance_of
from Registration2D3DLib.geometry.files import read_geometry
from Registration2D3DLib.options import OPTIONS
from Registration2D3DLib.phantom.ellipsoids import NAME
from Registration2D3DLib.registration_result import RegistrationResult
from Registration2D3DLib.report.registration_report import registration_report
from Registration2D3DMrml import objectNodes, phantomNodes, registrationNodes, xrayNodes
from Registration2D3DMrml.registrationNodes import RegistrationNodes

TASK = "Registration2D3DLib.registration_task:run"


class Registration2D3D(ScriptedLoadableModule):
    """What Slicer shows in its module list."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Registration 2D/3D")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Registration")]
        self.parent.dependencies = []
        self.parent.contributors = ["DeepMed for 3D Slicer contributors"]
        self.parent.helpText = _(
            "Finds where a CT or a surface model, such as an implant, lay when an X-ray was taken, from one or two "
            "X-rays of known geometry; says whether the pose is to be trusted, and that it failed where it did. "
            "Research use only."
        )
        self.parent.acknowledgementText = _(
            "After Miao, Wang and Liao, A CNN Regression Approach for Real-Time 2D/3D Registration (IEEE TMI 2016). "
            "Patent US 10,235,606 describes such regression."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self) -> None:
        """Add the generated object with its X-rays to the Sample Data module."""
        thumbnail = Path(self.resourcePath("Icons")) / "Registration2D3D.png"
        registerSample("Registration2D3D", "X-ray phantoms", NAME, thumbnail, lambda: phantomNodes.loadPhantom()[0][0])


@parameterNodeWrapper
@optionParameters(OPTIONS)
class Registration2D3DParameterNode:
    """The panel's state, saved with the scene; the options come with it.

    xray, second: X-rays with their geometry; the second may be left out.
    ct, model: the object, one of them.
    start: where it begins; without it the transform that the object lies under.
    result: the table of the registration that is shown.
    """

    xray: Union[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLVectorVolumeNode, None]  # noqa: UP007 - as Slicer needs it
    second: Union[slicer.vtkMRMLScalarVolumeNode, slicer.vtkMRMLVectorVolumeNode, None]  # noqa: UP007
    ct: slicer.vtkMRMLScalarVolumeNode
    model: slicer.vtkMRMLModelNode
    start: slicer.vtkMRMLLinearTransformNode
    result: slicer.vtkMRMLTableNode


class Registration2D3DWidget(ModulePanel):
    """The panel: X-rays, object and start; a button for the geometry."""

    inputParameter = "xray"
    inputs = (
        InputNode("xray", _("X-ray"), _("X-ray with its geometry; it stands where its detector stood.")),
        InputNode("second", _("Second X-ray"), _("Optional: an X-ray of the same moment from another side.")),
        InputNode("ct", _("CT"), _("CT in Hounsfield units of what the X-ray shows.")),
        InputNode("model", _("Model"), _("Instead of a CT: a closed surface in mm, such as an implant.")),
        InputNode(
            "start",
            _("Start"),
            _("Optional: a linear transform of the object; without it the one that the object lies under."),
        ),
    )
    fileTypes = "X-rays (*.png *.tif *.tiff *.jpg *.dcm *.nrrd *.mha);;All files (*)"

    def __init__(self, parent=None) -> None:
        ModulePanel.__init__(self, parent, Registration2D3DLogic())

    def setup(self) -> None:
        self.loadPanel()
        self.ui.loadButton.text, self.ui.sampleButton.text = _("Load X-ray..."), _("Load phantom")
        self.ui.loadButton.toolTip = _("Load an X-ray: PNG, TIFF, JPEG, DICOM, NRRD. DICOM brings a first geometry.")
        self.ui.sampleButton.toolTip = _("Load a generated object with two X-rays and a start that is off.")
        self.geometryButton = qt.QPushButton(_("Geometry of the X-ray..."))
        self.geometryButton.toolTip = _("Load geometry.json or an Autoscoper calibration for the X-ray chosen above.")
        self.geometryButton.connect("clicked(bool)", self.onGeometry)
        self.ui.inputsWidget.layout().addRow(self.geometryButton)
        self.startPanel(
            _("Registration 2D/3D"),
            _("Register"),
            _("Find where the object lay when the X-rays were taken."),
            _("Nothing was registered yet."),
            _("Choose or load an X-ray first."),
        )

    def _follow(self) -> None:
        ModulePanel._follow(self)
        self.geometryButton.enabled = self._input() is not None

    def onGeometry(self, _checked: bool = False) -> None:
        """Ask for a geometry file and give it to the X-ray."""
        path = qt.QFileDialog.getOpenFileName(
            slicer.util.mainWindow(), self.geometryButton.toolTip, "", "Geometry (*.json *.txt);;All files (*)"
        )
        if path:
            with errorsShown(_("The X-ray keeps its geometry.")):
                self.logic.setGeometry(self._input(), path)

    def _loadInput(self, path: str) -> slicer.vtkMRMLVolumeNode:
        return self.logic.loadXray(path)

    def _makeSample(self) -> slicer.vtkMRMLVolumeNode:
        xrays, self._parameterNode.ct, self._parameterNode.start = phantomNodes.loadPhantom()
        self._parameterNode.second = xrays[1]
        return xrays[0]


class Registration2D3DLogic(ModuleLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("Registration2D3D")
        xray = logic.loadXray("xray.png", "geometry.json")
        found = logic.process(xray, ct=slicer.util.loadVolume("ct.nii.gz"))
        print(found.result.headline(), found.result.matrix)
    """

    results = registrationNodes.RESULTS
    options = OPTIONS
    files = {"pose": "ct_to_world.tfm"}

    def __init__(self) -> None:
        ModuleLogic.__init__(self, __file__)

    def getParameterNode(self) -> Registration2D3DParameterNode:
        return Registration2D3DParameterNode(super().getParameterNode())  # type: ignore[call-arg]

    def loadXray(
        self, path: str | Path, geometry: str | Path | None = None, frame: int | None = None
    ) -> slicer.vtkMRMLVolumeNode:
        """Load an X-ray and stand it where its detector stood.

        :param geometry: geometry.json or an Autoscoper calibration; without it a DICOM header is read.
        :param frame: index from 0, where there are several.
        :raises BadInput: one of them cannot be read; the scene stays as it was.
        """
        return xrayNodes.loadXray(path, None if geometry is None else read_geometry(geometry), frame)

    def setGeometry(self, xray: slicer.vtkMRMLVolumeNode, geometry: str | Path) -> None:
        """Give an X-ray the geometry of a file.

        :raises BadInput: the file holds none, or one for a picture of another size.
        """
        xrayNodes.setGeometry(xray, read_geometry(geometry))

    def loadObject(self, path: str | Path) -> slicer.vtkMRMLTransformableNode:
        """Load a CT (file or DICOM series), or a surface model (STL, OBJ, PLY, VTK, VTP), which must be in mm.

        Surface files that do not name their space are LPS, as Slicer takes them.

        :raises BadInput: it cannot be read; the scene stays as it was.
        """
        path = Path(path)
        if path.suffix.lower() not in objectNodes.SURFACES:
            return scanNodes.loadScan(path)
        if not path.is_file():
            raise BadInput(f"There is no {path.name}.", "Check the path.")
        try:
            return slicer.util.loadModel(str(path))
        except RuntimeError as error:
            raise BadInput(f"{path.name} could not be read as a surface.", "Give an STL file in mm.") from error

    def prepare(
        self,
        xray: slicer.vtkMRMLVolumeNode | None,
        second: slicer.vtkMRMLVolumeNode | None = None,
        ct: slicer.vtkMRMLScalarVolumeNode | None = None,
        model: slicer.vtkMRMLModelNode | None = None,
        start: slicer.vtkMRMLTransformNode | None = None,
        further: tuple[slicer.vtkMRMLVolumeNode, ...] = (),
        **options: Any,
    ) -> Preparation:
        """Check the input and describe the computation.

        :param xray, second, further: X-rays of the same moment, each with its geometry.
        :param ct, model: the object, one of them.
        :param start: where it begins; without it the transform that the object lies under.
        :param options: as `Registration2D3DLib.options` declares them.
        :raises BadInput: something is missing, or an X-ray has no geometry.
        """
        if xray is None:
            raise BadInput("No X-ray is selected.", "Choose or load an X-ray.")
        if (ct is None) == (model is None):
            what = "Both a CT and a model are" if ct is not None else "Neither a CT nor a model is"
            raise BadInput(f"{what} selected.", "Choose one of them.")
        target: Any = ct if ct is not None else model
        xrays = [node for node in (xray, second, *further) if node is not None]
        if len({node.GetID() for node in (*xrays, target)}) < len(xrays) + 1:
            raise BadInput("The same node is chosen twice.", "Choose the X-rays and the CT each once.")
        arrays, described = objectNodes.arraysOf(target)
        arrays |= {f"xray_{number}": xrayNodes.grayOf(node) for number, node in enumerate(xrays)}
        remarks = [remark.to_dict() for node in xrays for remark in xrayNodes.remarksOf(node)]
        asked = {
            **checked_options(self.options, options),
            **described,
            "views": [xrayNodes.geometryOf(node).to_dict() for node in xrays],
            "start": objectNodes.startOf(target, start).tolist(),
            "object": target.GetName(),
            "xrays": [node.GetName() for node in xrays],
            "remarks": remarks,
            "models": str(self.modelsFolder()),
        }
        inputs = {"object": target} | {f"xray.{number}": node for number, node in enumerate(xrays[1:], 1)}
        return Preparation(xray, Task(TASK, arrays, asked), inputs, xrays)

    def toResult(self, preparation: Preparation, computed: TaskResult) -> RegistrationResult:
        """The pose and its verdict."""
        result = RegistrationResult.from_json(computed.values["result"])
        return replace(result, provenance=provenance_of(computed.values))

    def writeNodes(
        self, preparation: Preparation, result: Any, computed: TaskResult
    ) -> Mapping[str, slicer.vtkMRMLNode]:
        """Verdict, pose above the object, sources, DRRs; where it failed the verdict alone."""
        return registrationNodes.makeNodes(preparation.extra, preparation.inputs["object"], result, computed.arrays)

    def pictureOf(self, nodes: RegistrationNodes, largest: int | None = None) -> np.ndarray | None:
        """(H, W, 3) uint8: each X-ray, and with the edges of its DRR; None when the X-ray has gone."""
        return registrationNodes.pictureOf(nodes, largest)

    def morePictures(self, nodes: RegistrationNodes) -> Mapping[str, np.ndarray]:
        """DRR, blend and checkerboard."""
        return registrationNodes.morePictures(nodes)

    def reportOf(self, result: Any, pictures: Mapping[str, np.ndarray]) -> Report:
        """One page with the verdict, and the overlays."""
        return registration_report(result, pictures)


class Registration2D3DTest(ScriptedLoadableModuleTest):
    """Runs inside Slicer; the registration itself is skipped, and said so, where torch is not installed."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        for test in (self.test_XrayWithoutGeometryIsRefused, self.test_PhantomIsRegistered):
            self.setUp()
            test()

    def test_XrayWithoutGeometryIsRefused(self) -> None:
        """A picture alone does not tell where its source stood; the scene stays as it was."""
        (_first, *_rest), volume, start = phantomNodes.loadPhantom()
        plain = slicer.util.addVolumeFromArray(np.arange(64 * 64, dtype=np.uint8).reshape(1, 64, 64))
        count = slicer.mrmlScene.GetNumberOfNodes()
        with self.assertRaises(BadInput):
            Registration2D3DLogic().process(plain, ct=volume, start=start)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), count)

    def test_PhantomIsRegistered(self) -> None:
        """The whole way: X-rays, CT, pose, nodes, and back from the table. Needs torch."""
        if importlib.util.find_spec("torch") is None:
            self.delayDisplay("Registration not tested: torch is not installed")
            return
        logic = Registration2D3DLogic()
        xrays, volume, start = phantomNodes.loadPhantom()
        nodes = logic.process(*xrays, ct=volume, start=start, device="cpu")
        self.assertTrue(nodes.result.trusted)
        self.assertEqual(volume.GetTransformNodeID(), nodes.get("pose").GetID())
        again: Any = logic.readResult(nodes.handle)
        self.assertEqual(again.result, nodes.result)
