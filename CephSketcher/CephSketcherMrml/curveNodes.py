"""Outlines as curves: a few handles each, set where the line bends, so that the curve through them is the outline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import slicer

from CephSketcherLib.outlines.curve_handles import choose_handles
from CephSketcherLib.outlines.outline_solver import Outline
from CephSketcherLib.report.overlay import OUTLINES, TEETH
from DeepMedLib.mrml.inputs.volumes import pixelToRas
from DeepMedLib.mrml.nodes.markups import closedCurveNode, updateCurve


def outlineColor(name: str) -> tuple[float, float, float]:
    """Red, green and blue of an outline, 0 to 1, as in the overlay; teeth share one."""
    red, green, blue = OUTLINES.get(name, TEETH)
    return red / 255, green / 255, blue / 255


def handlesOf(node: slicer.vtkMRMLMarkupsCurveNode) -> dict[int, int]:
    """Which point of the outline each control point is, by its label: index in the outline to place in the curve.

    Points that a person added carry no such label and count nowhere.
    """
    found: dict[int, int] = {}
    for place in range(node.GetNumberOfControlPoints()):
        label = node.GetNthControlPointLabel(place)
        if label.isdecimal():
            found.setdefault(int(label), place)
    return found


def curveNode(
    name: str,
    volumeNode: slicer.vtkMRMLVolumeNode,
    outline: Outline,
    locked: bool = False,
) -> slicer.vtkMRMLMarkupsCurveNode:
    """An outline as an open or closed curve whose handles can be dragged; its landmarks are among them."""
    indices = choose_handles(outline)
    points = pixelToRas(volumeNode, outline.points[indices])
    className = "vtkMRMLMarkupsClosedCurveNode" if outline.closed else "vtkMRMLMarkupsCurveNode"
    node = slicer.mrmlScene.AddNewNodeByClass(className, name)
    node.CreateDefaultDisplayNodes()
    _setLook(node, outlineColor(outline.name))
    closedCurveNode(name, points, locked, node=node)
    _thin(node, volumeNode)
    _setLabels(node, indices)
    node.SetFixedNumberOfControlPoints(True)
    return node


def updateOutlineCurve(
    node: slicer.vtkMRMLMarkupsCurveNode,
    volumeNode: slicer.vtkMRMLVolumeNode,
    outline: Outline,
) -> None:
    """Let a curve follow its outline: the same handles while the outline has the same number of points."""
    handles = handlesOf(node)
    if not handles or max(handles) >= len(outline.points):
        indices = choose_handles(outline)
        updateCurve(node, pixelToRas(volumeNode, outline.points[indices]))
        _setLabels(node, indices)
        return
    positions = pixelToRas(volumeNode, outline.points[list(handles)])
    with slicer.util.NodeModify(node):
        for place, (x, y, z) in zip(handles.values(), positions, strict=True):
            if node.GetNthControlPointPositionStatus(place) == node.PositionDefined:
                node.SetNthControlPointPositionWorld(place, x, y, z)


def _setLabels(node: slicer.vtkMRMLMarkupsCurveNode, indices: Sequence[int]) -> None:
    with slicer.util.NodeModify(node):
        for place, index in enumerate(indices):
            node.SetNthControlPointLabel(place, str(index))


def _setLook(node: slicer.vtkMRMLMarkupsCurveNode, color: tuple[float, float, float]) -> None:
    display = node.GetDisplayNode()
    display.SetColor(*color)
    display.SetSelectedColor(*color)
    display.SetActiveColor(1.0, 1.0, 1.0)
    display.SetGlyphTypeFromString("Circle2D")
    display.SetUseGlyphScale(True)
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)


def _thin(node: slicer.vtkMRMLMarkupsCurveNode, volumeNode: slicer.vtkMRMLVolumeNode) -> None:
    """A line as thin as a pencil's on tracing film, whatever the outline's size."""
    bounds = np.zeros(6)
    volumeNode.GetRASBounds(bounds)
    size = float(np.ptp(bounds.reshape(3, 2), axis=1).max())
    display = node.GetDisplayNode()
    display.SetCurveLineSizeMode(display.UseLineDiameter)
    display.SetLineDiameter(max(0.0022 * size, 1e-3))
    display.SetGlyphScale(0.9)
