"""A tiny scripted module with one of everything that the headless host has to carry; used by its tests only."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import numpy as np
import qt
import slicer
import vtk
from slicer.i18n import tr as _
from slicer.parameterNodeWrapper import Choice, WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin


class Side(enum.Enum):
    """Which part of the volume counts."""

    WHOLE = 1
    LEFT = 2


class DemoModule(ScriptedLoadableModule):
    """What Slicer shows in its module list."""

    def __init__(self, parent) -> None:
        ScriptedLoadableModule.__init__(self, parent)
        self.parent.title = _("Demo Module")
        self.parent.categories = ["Testing"]
        slicer.app.connect("startupCompleted()", registerSampleData)


def registerSampleData() -> None:
    """Adds a generated block to the Sample Data module."""
    import SampleData

    SampleData.SampleDataLogic.registerCustomSampleDataSource(
        category="DemoModule", sampleName="DemoBlock", uris="", nodeNames="Block", customDownloader=makeBlock
    )


def makeBlock(source=None):
    """A bright block of 12 x 12 x 10 voxels of 1 mm in a dark volume."""
    array = np.zeros((20, 24, 28), np.int16)
    array[5:15, 6:18, 8:20] = 100
    return slicer.util.addVolumeFromArray(array, name="Block")


@parameterNodeWrapper
class DemoModuleParameterNode:
    """The panel's state, saved with the scene."""

    inputVolume: slicer.vtkMRMLScalarVolumeNode
    threshold: Annotated[float, WithinRange(-100, 500)] = 60
    keep: bool = True
    count: int = 3
    method: Annotated[str, Choice(["plain", "fancy"])] = "plain"
    side: Side = Side.LEFT
    names: list[str]
    folder: Path
    note: str = ""


class DemoModuleWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    """The panel."""

    def __init__(self, parent=None) -> None:
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.logic = None
        self._parameterNode = None
        self._parameterNodeGuiTag = None

    def setup(self) -> None:
        ScriptedLoadableModuleWidget.setup(self)
        uiWidget = slicer.util.loadUI(self.resourcePath("UI/DemoModule.ui"))
        self.layout.addWidget(uiWidget)
        self.ui = slicer.util.childWidgetVariables(uiWidget)
        uiWidget.setMRMLScene(slicer.mrmlScene)
        self.logic = DemoModuleLogic()
        self.timer = qt.QTimer()
        self.ui.applyButton.connect("clicked(bool)", self.onApplyButton)
        self.initializeParameterNode()

    def initializeParameterNode(self) -> None:
        """Links the panel with the scene's parameter node."""
        self._parameterNode = self.logic.getParameterNode()
        self._parameterNodeGuiTag = self._parameterNode.connectGui(self.ui)
        self.addObserver(self._parameterNode, vtk.vtkCommand.ModifiedEvent, self._checkCanApply)
        self._checkCanApply()

    def _checkCanApply(self, caller=None, event=None) -> None:
        ready = self._parameterNode.inputVolume is not None
        self.ui.applyButton.enabled = ready
        self.ui.applyButton.toolTip = _("Segment the block") if ready else _("Choose a volume")

    def onApplyButton(self) -> None:
        """Segments the volume."""
        with slicer.util.tryWithErrorDisplay(_("Failed to segment."), waitCursor=True):
            result = self.logic.process(self._parameterNode.inputVolume, self._parameterNode.threshold)
            self.ui.resultLabel.text = f"{result:.0f} mm3"


class DemoModuleLogic(ScriptedLoadableModuleLogic):
    """Threshold, segmentation and centre."""

    def getParameterNode(self):
        return DemoModuleParameterNode(super().getParameterNode())

    def process(self, volume, threshold: float) -> float:
        """Segments what is brighter than `threshold`; returns its volume in mm3.

        Raises:
            ValueError: nothing is that bright.
        """
        mask = (slicer.util.arrayFromVolume(volume) > threshold).astype(np.uint8)
        if not mask.any():
            raise ValueError("Nothing is brighter than the threshold.")
        segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "Block segmentation")
        segmentation.CreateDefaultDisplayNodes()
        segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
        segment = segmentation.GetSegmentation().AddEmptySegment("block", "Block", [0.1, 0.8, 0.2])
        slicer.util.updateSegmentBinaryLabelmapFromArray(mask, segmentation, segment, volume)
        segmentation.CreateClosedSurfaceRepresentation()
        centre = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", "Centre")
        centre.CreateDefaultDisplayNodes()
        centre.AddControlPoint(segmentation.GetSegmentCenterRAS(segment), "centre")
        return float(mask.sum() * np.prod(volume.GetSpacing()))


class DemoModuleTest(ScriptedLoadableModuleTest):
    """Runs in Slicer and headless."""

    def runTest(self) -> None:
        self.setUp()
        self.test_DemoModule1()

    def test_DemoModule1(self) -> None:
        self.delayDisplay("Starting the test")
        self.assertEqual(DemoModuleLogic().process(makeBlock(), 50), 1440)
        self.delayDisplay("Test passed")
