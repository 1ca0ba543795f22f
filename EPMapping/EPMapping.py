# mypy: allow-untyped-defs, allow-incomplete-defs
"""Electroanatomical maps of the heart: activation, velocity and voltage on a shell, with what is known and what not.

This file holds what Slicer calls: module, parameters, panel, logic and test. The science is in EPMappingLib, the
scene's nodes in EPMappingMrml, the panel's own widgets in EPMappingGui.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
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
from DeepMedLib.mrml.inputs.sampleData import registerSample
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic, Preparation
from DeepMedLib.mrml.logic.optionParameters import optionParameters
from DeepMedLib.mrml.nodes.markups import curvePoints
from DeepMedLib.mrml.results.resultFiles import saveNode
from DeepMedLib.options import checked_options
from DeepMedLib.report.model import Report
from DeepMedLib.results.result import provenance_of
from EPMappingGui.furtherSteps import FurtherSteps
from EPMappingGui.studyForm import StudyForm
from EPMappingLib.ep_result import EpResult
from EPMappingLib.exports.reading import AUTOMATIC, read_study
from EPMappingLib.exports.tables import read_points
from EPMappingLib.fusion.registration import Fusion, fuse
from EPMappingLib.options import OPTIONS
from EPMappingLib.phantom.sample import NAME, sample
from EPMappingLib.report.ep_report import ep_report
from EPMappingLib.report.map_pictures import further_pictures, main_picture
from EPMappingLib.report.picture import WIDTH
from EPMappingMrml import fiberNodes, fusionNodes, inputArrays, mapNodes, studyNodes, whatIfNodes
from EPMappingMrml.mapNodes import EpNodes

TASK = "EPMappingLib.ep_task:run"


class EPMapping(ScriptedLoadableModule):
    """What Slicer shows in its module list."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("EP Mapping")
        self.parent.categories = [translate("qSlicerAbstractCoreModule", "Quantification")]
        self.parent.dependencies = []
        self.parent.contributors = ["DeepMed for 3D Slicer contributors"]
        self.parent.helpText = _(
            "Reads electroanatomical maps (CARTO exports, shells, points), interpolates activation and voltage along "
            "the shell with an uncertainty at every place, and measures conduction velocity, isochrones, slow "
            "conduction and low voltage. Fuses the map with CT or MR and predicts activation from a pacing site. "
            "Research use only."
        )
        self.parent.acknowledgementText = _(
            "After Coveney et al., Gaussian process manifold interpolation for probabilistic atrial activation maps "
            "(Phil. Trans. R. Soc. A 2020)."
        )
        slicer.app.connect("startupCompleted()", self.registerSampleData)

    def registerSampleData(self) -> None:
        """Add the generated atrium to the Sample Data module."""
        thumbnail = Path(self.resourcePath("Icons")) / "EPMapping.png"
        registerSample("EPMapping", "EP phantoms", NAME, thumbnail, lambda: studyNodes.shellOfStudy(sample(1).study))


@parameterNodeWrapper
@optionParameters(OPTIONS)
class EPMappingParameterNode:
    """The panel's state, saved with the scene; the options come with it.

    shell: the chamber's surface, with or without arrays.
    points: measured points; may be left out where the shell has arrays.
    ablations: ablation sites; may be left out.
    result: the table of the map that is shown.
    """

    shell: slicer.vtkMRMLModelNode
    points: slicer.vtkMRMLTableNode
    ablations: slicer.vtkMRMLMarkupsFiducialNode
    result: slicer.vtkMRMLTableNode


class EPMappingWidget(ModulePanel):
    """The panel: shell, points, which arrays hold what; below the result fusion and what-if."""

    inputParameter = "shell"
    upfront = ("lat", "bipolar", "unit")
    inputs = (
        InputNode("shell", _("Shell"), _("Surface of the chamber, with or without arrays of activation and voltage.")),
        InputNode("points", _("Points"), _("Optional: table with a row for each measured point, R, A, S in mm.")),
        InputNode("ablations", _("Ablation sites"), _("Optional: fiducials in the frame of the shell.")),
    )

    def __init__(self, parent=None) -> None:
        ModulePanel.__init__(self, parent, EPMappingLogic())

    def setup(self) -> None:
        self.loadPanel()
        self.ui.loadButton.text, self.ui.sampleButton.text = _("Load map..."), _("Load phantom")
        self.ui.loadButton.toolTip = _("Load a CARTO export (zip, .mesh) or a shell (VTK, VTP, PLY, STL, OBJ).")
        self.ui.sampleButton.toolTip = _("Load a generated atrium with 300 points, to try the module.")
        self.studyForm = StudyForm(self.ui.inputsWidget.layout(), self)
        self.startPanel(
            _("EP Mapping"),
            _("Make map"),
            _("Interpolate along the shell and measure velocity and voltage."),
            _("No map was made yet."),
            _("Choose or load a shell first."),
        )
        self.further = FurtherSteps(self.layout, self)

    def _follow(self) -> None:
        ModulePanel._follow(self)
        self.studyForm.show(self._parameterNode)

    def choose(self, volumeNode: slicer.vtkMRMLModelNode) -> None:
        """Take a shell with the points and ablation sites that came with it, and show it in the 3D view."""
        self._parameterNode.shell = volumeNode
        self._parameterNode.points = volumeNode.GetNodeReference(studyNodes.POINTS)
        self._parameterNode.ablations = volumeNode.GetNodeReference(studyNodes.SITES)
        self.studyForm.lookAtShell()

    def _loadInput(self, path: str) -> slicer.vtkMRMLModelNode:
        return self.logic.loadStudy(path, self.studyForm.axes(), self.studyForm.askForMap)

    def _makeSample(self) -> slicer.vtkMRMLModelNode:
        return studyNodes.shellOfStudy(sample(1).study)


class EPMappingLogic(ModuleLogic):
    """Everything the module does, usable from a script without the panel.

    Example::

        logic = slicer.util.getModuleLogic("EPMapping")
        shell = logic.loadStudy("Export_Study.zip")
        mapped = logic.process(shell, shell.GetNodeReference("DeepMed.EP.Points"))
        print(mapped.result.headline())
    """

    results = mapNodes.RESULTS
    options = OPTIONS
    files = {
        "map": "map.vtp",
        "isochrones": "isochrones.mrk.json",
        "slowLines": "lines.mrk.json",
        "siteMarks": "sites.mrk.json",
        "pointMarks": "points.mrk.json",
        "predicted": "predicted.vtp",
    }

    def __init__(self) -> None:
        ModuleLogic.__init__(self, __file__)

    def getParameterNode(self) -> EPMappingParameterNode:
        return EPMappingParameterNode(super().getParameterNode())  # type: ignore[call-arg]

    def loadStudy(self, path: str | Path, axes: str = AUTOMATIC, mapName: Any = "") -> slicer.vtkMRMLModelNode:
        """Load one map of a file or export; the shell refers to its points and ablation sites.

        :param axes: how the coordinates lie: "auto", "LPS", "RAS" or "CARTO".
        :param mapName: which map, or what is asked with the names of all where there are several; the one with most
            values where it is "".
        :raises BadInput: it cannot be read; the scene stays as it was.
        """
        study = read_study(path, axes)
        if callable(mapName):
            mapName = mapName([each.name for each in study.maps], study.map().name) if len(study.maps) > 1 else ""
        return studyNodes.shellOfStudy(study, mapName)

    def loadPoints(
        self, path: str | Path, axes: str = AUTOMATIC, columns: tuple[str, ...] = ()
    ) -> slicer.vtkMRMLTableNode:
        """Load points from CSV or TSV into a table.

        :param axes: how the coordinates lie; "auto" is LPS.
        :param columns: titles of the three columns of coordinates; found by their names where empty.
        :raises BadInput: it cannot be read.
        """
        points = read_points(Path(path), "LPS" if axes == AUTOMATIC else axes, columns)
        return studyNodes.pointsNode(points, Path(path).stem)

    def prepare(
        self,
        shellNode: slicer.vtkMRMLModelNode | None,
        points: slicer.vtkMRMLTableNode | None = None,
        ablations: slicer.vtkMRMLMarkupsFiducialNode | None = None,
        **options: Any,
    ) -> Preparation:
        """Check the input and describe the computation.

        :param shellNode: the chamber's surface.
        :param points: measured points; without them the arrays of the shell are taken as they are.
        :param ablations: ablation sites that come along.
        :param options: as `EPMappingLib.options` declares them.
        :raises BadInput: there is no shell, or nothing on it.
        """
        if shellNode is None:
            raise BadInput("No shell is selected.", "Choose or load a shell.")
        asked = checked_options(self.options, options)
        surface, arrays, more = inputArrays.taskInput(shellNode, points, asked)
        more["sites"] = 0 if ablations is None else ablations.GetNumberOfControlPoints()
        inputs = {"points": points, "ablations": ablations}
        known = {role: node for role, node in inputs.items() if node is not None}
        return Preparation(shellNode, Task(TASK, arrays, {**asked, **more}), known, surface)

    def fuse(
        self,
        shellNode: slicer.vtkMRMLModelNode | None,
        target: slicer.vtkMRMLNode | None,
        shellLandmarks: slicer.vtkMRMLMarkupsFiducialNode | None = None,
        targetLandmarks: slicer.vtkMRMLMarkupsFiducialNode | None = None,
        scaled: bool = False,
        segment: str = "",
    ) -> tuple[slicer.vtkMRMLLinearTransformNode, Fusion]:
        """Bring a shell onto the same chamber in CT or MR; its maps and ablation sites follow.

        :param target: model or segmentation of the chamber.
        :param shellLandmarks, targetLandmarks: the same places in the same order; None where both lie near already.
        :param scaled: whether lengths may change, too.
        :param segment: ID of the segment; the first where it is "".
        :returns: the transform, and how well it fits.
        :raises BadInput: something is missing or does not fit; the scene stays as it was.
        """
        if shellNode is None or target is None:
            raise BadInput("Shell or surface is missing.", "Choose a shell, and the chamber's surface in the image.")
        if (shellLandmarks is None) != (targetLandmarks is None):
            raise BadInput("Only one side has landmarks.", "Give those of the shell and those of the image, or none.")
        marks = None if shellLandmarks is None else fusionNodes.landmarksIn(shellNode, shellLandmarks)
        places = None if targetLandmarks is None else curvePoints(targetLandmarks)
        shell, wall = studyNodes.shellFromNode(shellNode)[0], fusionNodes.targetSurface(target, segment)
        fusion = fuse(shell, wall, marks, places, scaled)
        return fusionNodes.moveShell(shellNode, fusion), fusion

    def predict(
        self, nodes: EpNodes | None, site: slicer.vtkMRMLMarkupsNode | None, lines: Sequence[Any] = ()
    ) -> tuple[slicer.vtkMRMLModelNode, str]:
        """Predict activation from a pacing site with the velocities of a map, around lines of block.

        :returns: a model with the array Predicted_ms, and in words how it agrees with the measured map.
        :raises BadInput: there is no map with activation or no site; the scene stays as it was.
        """
        if nodes is None or site is None:
            raise BadInput("Map or pacing site is missing.", "Make a map and place a point on it.")
        surface, lat, found = whatIfNodes.predicted(nodes, site, lines)
        node, compared = whatIfNodes.makeNode(nodes, surface, lat, found)
        self.results.store(nodes)
        return node, whatIfNodes.told(found, compared)

    def fibersOf(self, maps: Sequence[EpNodes]) -> tuple[slicer.vtkMRMLModelNode, str]:
        """Local direction of the fibers and anisotropy from two or more maps of one shell, paced from different sites.

        :returns: a model with the arrays Fiber, CV_along_m_per_s and CV_across_m_per_s at its triangles, and in words.
        :raises BadInput: fewer than two maps of activation, or not of one shell; the scene stays as it was.
        """
        node, found = fiberNodes.fiberModel(maps)
        return node, fiberNodes.told(found, len(maps))

    def toResult(self, preparation: Preparation, computed: TaskResult) -> EpResult:
        """The map's numbers."""
        result = EpResult.from_json(computed.values["result"])
        return replace(result, provenance=provenance_of(computed.values))

    def writeNodes(
        self, preparation: Preparation, result: Any, computed: TaskResult
    ) -> Mapping[str, slicer.vtkMRMLNode]:
        """Model, curves, fiducials and tables."""
        return mapNodes.makeNodes(preparation.volume, result, preparation.extra, computed.arrays)

    def pictureOf(self, nodes: EpNodes, largest: int | None = None) -> np.ndarray | None:
        """(H, W, 3) uint8: the map from six sides; None when it has gone."""
        drawn = mapNodes.drawnMap(nodes)
        return None if drawn is None else main_picture(nodes.result, drawn, largest or WIDTH)

    def morePictures(self, nodes: EpNodes) -> Mapping[str, np.ndarray]:
        """Voltage and velocity from six sides."""
        drawn = mapNodes.drawnMap(nodes)
        return {} if drawn is None else further_pictures(nodes.result, drawn)

    def reportOf(self, result: Any, pictures: Mapping[str, np.ndarray]) -> Report:
        """Map and numbers; then a page each for voltage, velocity, and the distances of points."""
        return ep_report(result, pictures)

    def exportMore(self, nodes: EpNodes, folder: Path) -> list[Path]:
        """The ablation sites that came along."""
        sites = nodes.inputs.get("ablations")
        return [] if sites is None else [saveNode(sites, folder / "ablations.mrk.json")]


class EPMappingTest(ScriptedLoadableModuleTest):
    """Runs inside Slicer, with numpy, scipy and VTK alone."""

    def setUp(self) -> None:
        slicer.mrmlScene.Clear(0)

    def runTest(self) -> None:
        for test in (self.test_EmptyShellIsRefused, self.test_PhantomIsMapped):
            self.setUp()
            test()

    def test_EmptyShellIsRefused(self) -> None:
        """A model without triangles is refused; the scene stays as it was."""
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode")
        count = slicer.mrmlScene.GetNumberOfNodes()
        with self.assertRaises(BadInput):
            EPMappingLogic().process(node)
        self.assertEqual(slicer.mrmlScene.GetNumberOfNodes(), count)

    def test_PhantomIsMapped(self) -> None:
        """The whole way: shell, points, map with its arrays, and back from the table."""
        logic, made = EPMappingLogic(), sample(1, spacing=3.0)
        shell = studyNodes.shellOfStudy(made.study)
        nodes = logic.process(shell, shell.GetNodeReference(studyNodes.POINTS))
        truth, found = made.truth(), nodes.result.quantities
        self.assertLess(abs(found["lat_total_ms"].value - truth["TotalActivationTime"]), 8.0)
        self.assertIsNotNone(nodes.get("map").GetPolyData().GetCellData().GetArray(mapNodes.CV))
        again: Any = logic.readResult(nodes.handle)
        self.assertEqual(again.result, nodes.result)
