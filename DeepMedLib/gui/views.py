"""The slice views while a module is open: one large view for flat pictures, and the input filling its view."""

from __future__ import annotations

import numpy as np
import qt
import slicer

from DeepMedLib.mrml.inputs.volumes import numberOfFrames, pixelToRas

#: A layout of our own, beyond Slicer's numbers: the picture beside a plot.
PICTURE_AND_PLOT = 7481
_PICTURE_AND_PLOT = """
<layout type="horizontal" split="true">
 <item splitSize="600"><view class="vtkMRMLSliceNode" singletontag="Red">
  <property name="orientation" action="default">Axial</property>
  <property name="viewlabel" action="default">R</property>
  <property name="viewcolor" action="default">#F34A33</property>
 </view></item>
 <item splitSize="400"><view class="vtkMRMLPlotViewNode" singletontag="PlotView1">
  <property name="viewlabel" action="default">1</property>
 </view></item>
</layout>
"""


class FlatLayout:
    """Shows flat pictures in one large view while their module is open; then the user's layout comes back."""

    def __init__(self) -> None:
        self._former: int | None = None

    def open(self) -> None:
        """The module is entered."""
        manager, flat = slicer.app.layoutManager(), slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView
        if manager is not None and self._former is None and manager.layout != flat:
            self._former = manager.layout
            manager.setLayout(flat)

    def showPlot(self, chart: slicer.vtkMRMLPlotChartNode) -> None:
        """Show a chart beside the picture, without the views that a flat picture leaves empty."""
        manager = slicer.app.layoutManager()
        if manager is None:
            return
        if self._former is None:
            self._former = manager.layout
        node = manager.layoutLogic().GetLayoutNode()
        if not node.IsLayoutDescription(PICTURE_AND_PLOT):
            node.AddLayoutDescription(PICTURE_AND_PLOT, _PICTURE_AND_PLOT)
        manager.setLayout(PICTURE_AND_PLOT)
        plot = manager.plotWidget(0)
        if plot is not None:
            plot.mrmlPlotViewNode().SetPlotChartNodeID(chart.GetID())
        qt.QTimer.singleShot(0, fitViews)  # once the layout has made the view narrower

    def close(self) -> None:
        """The module is left; a layout that the user has chosen meanwhile stays."""
        manager = slicer.app.layoutManager()
        ours = (slicer.vtkMRMLLayoutNode.SlicerLayoutOneUpRedSliceView, PICTURE_AND_PLOT)
        if manager is not None and self._former is not None and manager.layout in ours:
            manager.setLayout(self._former)
        self._former = None


def showScan(volumeNode: slicer.vtkMRMLVolumeNode) -> None:
    """Show a volume in all slice views, whole."""
    slicer.util.setSliceViewerLayers(background=volumeNode, fit=True)


def showPicture(volumeNode: slicer.vtkMRMLVolumeNode) -> None:
    """Show a flat picture in the Red view, seen from its front and filling it."""
    slicer.util.setSliceViewerLayers(background=volumeNode)
    widget = slicer.app.layoutManager().sliceWidget("Red") if slicer.app.layoutManager() is not None else None
    if widget is not None:
        widget.mrmlSliceNode().RotateToVolumePlane(volumeNode)
    fitViews()


def showFrame(volumeNode: slicer.vtkMRMLVolumeNode, frame: int) -> None:
    """Move the Red view to a frame of the picture that it shows; fitting a view takes it to the middle frame."""
    widget = slicer.app.layoutManager().sliceWidget("Red") if slicer.app.layoutManager() is not None else None
    if widget is None or numberOfFrames(volumeNode) < 2:
        return
    if widget.mrmlSliceCompositeNode().GetBackgroundVolumeID() == volumeNode.GetID():
        widget.mrmlSliceNode().JumpSliceByOffsetting(*pixelToRas(volumeNode, np.zeros(2), frame))


def fitViews() -> None:
    """Let every slice view show its whole background, e.g. after a pixel size was set."""
    if slicer.app.layoutManager() is not None:
        slicer.util.resetSliceViews()
