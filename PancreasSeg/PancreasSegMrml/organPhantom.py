"""The generated abdomen in the scene: a CT with known truth and no download."""

from __future__ import annotations

from typing import Any

import slicer

from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Task, TaskResult
from DeepMedLib.mrml.inputs.volumes import arrayFromVolume, volumeFromArray
from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic, Preparation
from DeepMedLib.mrml.results.transaction import sceneTransaction
from PancreasSegLib.calibration import UNCALIBRATED
from PancreasSegLib.findings import organ_findings
from PancreasSegLib.organs import CHANNELS
from PancreasSegLib.organs_result import OrgansResult
from PancreasSegLib.phantom import abdomen_phantom

NAME = "AbdomenCTPhantom"
SEED = 3


def loadPhantom() -> slicer.vtkMRMLScalarVolumeNode:
    """A generated abdomen in Hounsfield units."""
    values, _labels, grid = abdomen_phantom(seed=SEED)
    with sceneTransaction():
        node = volumeFromArray(values, grid, slicer.mrmlScene.GenerateUniqueName(NAME))
        node.CreateDefaultDisplayNodes()
        display = node.GetScalarVolumeDisplayNode()
        display.SetAutoWindowLevel(False)
        display.SetWindowLevel(400.0, 40.0)
    return node


def drawnResult(volumeNode: slicer.vtkMRMLScalarVolumeNode, logic: ModuleLogic) -> Any:
    """The result that the phantom's own labels give, in the scene: what a perfect network would show."""
    _values, labels, grid = abdomen_phantom(seed=SEED)
    array, found = arrayFromVolume(volumeNode)
    assert found.same_as(Grid(grid.ijk_to_ras, grid.shape_kji))
    organs = organ_findings(labels, grid, CHANNELS, UNCALIBRATED, values=array)
    spacing = (float(grid.spacing[0]), float(grid.spacing[1]), float(grid.spacing[2]))
    result = OrgansResult(volumeNode.GetName(), grid.size_ijk, spacing, organs, engine_name="drawn, not computed")
    task = Task("PancreasSegLib.organs_task:run", {}, {"windowed": False})
    record = {"result": result.to_json()}
    return logic.finish(Preparation(volumeNode, task), TaskResult({"labels": labels}, record))
