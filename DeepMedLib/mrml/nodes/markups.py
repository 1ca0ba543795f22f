"""Lines, closed curves and points in world RAS, with small handles that do not hide the anatomy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import slicer

from DeepMedLib.mrml.inputs.volumes import pixelToRas, rasToPixel

RGB = tuple[float, float, float]

LINE_COLOR: RGB = (1.0, 0.78, 0.18)
CURVE_COLOR: RGB = (0.25, 0.85, 0.95)
POINT_COLOR: RGB = (0.98, 0.42, 0.32)
GLYPH_SCALE = 1.4  # percent of the view, about half of Slicer's own handles


@dataclass(frozen=True)
class LabelledPoint:
    """A point in world RAS mm with the label shown beside it and a description for the point list."""

    position: tuple[float, float, float]
    label: str
    description: str = ""


def _display(node: slicer.vtkMRMLMarkupsNode, color: RGB, labels: bool) -> slicer.vtkMRMLMarkupsDisplayNode:
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetColor(*color)
    display.SetSelectedColor(*color)
    display.SetActiveColor(*(0.4 * channel + 0.6 for channel in color))
    display.SetGlyphTypeFromString("CrossDot2D" if labels else "Circle2D")
    display.SetUseGlyphScale(True)
    display.SetGlyphScale(GLYPH_SCALE)
    display.SetTextScale(2.6)
    display.SetPointLabelsVisibility(labels)
    display.SetPropertiesLabelVisibility(False)
    return display


def lineNode(
    name: str,
    p1: Sequence[float],
    p2: Sequence[float],
    *,
    color: RGB = LINE_COLOR,
    locked: bool = False,
    showLength: bool = True,
    node: slicer.vtkMRMLMarkupsLineNode | None = None,
) -> slicer.vtkMRMLMarkupsLineNode:
    """A line between two world RAS points (mm) whose ends the user can drag but not delete.

    Args:
        name: shown beside the line, e.g. "BPD".
        p1, p2: end points.
        color: red, green, blue from 0 to 1.
        locked: True to keep the user from dragging it.
        showLength: show name and length beside the line. Turn it off where the picture has no scale.
        node: a line node to update instead of making one.
    """
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsLineNode", name)
        display = _display(node, color, labels=False)
        display.SetPropertiesLabelVisibility(showLength)
        display.SetCurveLineSizeMode(display.UseLineThickness)
        display.SetLineThickness(0.35)
    updateLine(node, p1, p2)
    node.SetLocked(locked)
    return node


def updateLine(node: slicer.vtkMRMLMarkupsLineNode, p1: Sequence[float], p2: Sequence[float]) -> None:
    """Move a line's ends to world RAS points (mm) in one step, so that observers are told once."""
    _setPoints(node, np.array([p1, p2], float))


def lineEnds(node: slicer.vtkMRMLMarkupsLineNode) -> np.ndarray | None:
    """Both ends in world RAS mm, (2, 3), or None while the line is not complete."""
    if node.GetNumberOfDefinedControlPoints() < 2:
        return None
    return slicer.util.arrayFromMarkupsControlPoints(node, world=True)[:2].astype(float)


@contextmanager
def stayingOnPicture(
    node: slicer.vtkMRMLMarkupsLineNode | None, volumeNode: slicer.vtkMRMLVolumeNode
) -> Iterator[None]:
    """Keep a line's ends on their pixels while the picture's spacing is changed; None or half a line is left alone."""
    ends = lineEnds(node) if node is not None else None
    pixels = rasToPixel(volumeNode, ends) if ends is not None else None
    yield
    if node is not None and pixels is not None:
        moved = np.vstack([pixelToRas(volumeNode, p[:2], p[2]) for p in pixels])
        updateLine(node, moved[0], moved[1])


def closedCurveNode(
    name: str,
    points: np.ndarray,
    locked: bool = True,
    *,
    color: RGB = CURVE_COLOR,
    node: slicer.vtkMRMLMarkupsClosedCurveNode | None = None,
) -> slicer.vtkMRMLMarkupsClosedCurveNode:
    """A closed curve through world RAS points (N, 3) in mm; locked curves show no handles."""
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsClosedCurveNode", name)
        _display(node, color, labels=False)
    updateCurve(node, points)
    node.SetLocked(locked)
    display = node.GetDisplayNode()
    if display is not None:
        # In mm, not as a share of the handles, which shrink away on a locked curve: they would only invite dragging.
        display.SetCurveLineSizeMode(display.UseLineDiameter)
        display.SetLineDiameter(max(0.006 * float(np.ptp(points, axis=0).max()), 1e-3))
        display.SetGlyphScale(0.01 if locked else GLYPH_SCALE)
    return node


def openCurveNode(name: str, points: np.ndarray, *, color: RGB = CURVE_COLOR) -> slicer.vtkMRMLMarkupsCurveNode:
    """A locked curve of straight pieces through world RAS points (N, 3) in mm."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsCurveNode", name)
    display = _display(node, color, labels=False)
    display.SetCurveLineSizeMode(display.UseLineThickness)
    display.SetLineThickness(0.35)
    display.SetGlyphScale(0.01)
    node.SetCurveTypeToLinear()
    updateCurve(node, points)
    node.SetLocked(True)
    return node


def updateCurve(node: slicer.vtkMRMLMarkupsCurveNode, points: np.ndarray) -> None:
    """Set all points of a curve, world RAS (N, 3) in mm, in one step."""
    _setPoints(node, np.asarray(points, float))


def curvePoints(node: slicer.vtkMRMLMarkupsCurveNode) -> np.ndarray:
    """The control points in world RAS mm, (N, 3)."""
    return np.array(slicer.util.arrayFromMarkupsControlPoints(node, world=True), float).reshape(-1, 3)


def fiducialNode(
    name: str,
    points: Sequence[LabelledPoint],
    *,
    color: RGB = POINT_COLOR,
    locked: bool = False,
    node: slicer.vtkMRMLMarkupsFiducialNode | None = None,
) -> slicer.vtkMRMLMarkupsFiducialNode:
    """A point list with labels and descriptions; an existing node's points are replaced."""
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode", name)
        _display(node, color, labels=True)
    _setPoints(node, np.array([point.position for point in points], float).reshape(-1, 3))
    with slicer.util.NodeModify(node):
        for index, point in enumerate(points):
            node.SetNthControlPointLabel(index, point.label)
            node.SetNthControlPointDescription(index, point.description)
    node.SetLocked(locked)
    return node


def fiducialPoints(node: slicer.vtkMRMLMarkupsFiducialNode) -> np.ndarray:
    """The points that were placed, world RAS mm, (N, 3)."""
    points = np.array(slicer.util.arrayFromMarkupsControlPoints(node, world=True), float).reshape(-1, 3)
    defined = node.PositionDefined
    return points[[node.GetNthControlPointPositionStatus(n) == defined for n in range(len(points))]]


def _setPoints(node: slicer.vtkMRMLMarkupsNode, points: np.ndarray) -> None:
    if points.ndim != 2 or points.shape[1] != 3 or not np.isfinite(points).all():
        raise ValueError("points must be finite numbers of the shape (N, 3)")
    wasFixed = node.GetFixedNumberOfControlPoints()
    node.SetFixedNumberOfControlPoints(False)
    with slicer.util.NodeModify(node):
        slicer.util.updateMarkupsControlPointsFromArray(node, points, world=True)
    node.SetFixedNumberOfControlPoints(wasFixed or node.IsA("vtkMRMLMarkupsLineNode"))


class MarkupsObserver:
    """Calls ``callback(node)`` when a user drags a point of any of the nodes.

    Changes that the callback itself makes to the observed nodes, and those made within `paused`, are not reported, so
    that two axes may correct each other. Call `stop` when the scene closes or the module is left for good.

    Args:
        nodes: the markups to watch.
        callback: receives the node that changed.
        onEnd: called with the node when the user lets go of the point, for what is too slow to do live.
    """

    def __init__(
        self,
        nodes: Sequence[slicer.vtkMRMLMarkupsNode],
        callback: Callable[[slicer.vtkMRMLMarkupsNode], None],
        onEnd: Callable[[slicer.vtkMRMLMarkupsNode], None] | None = None,
    ) -> None:
        self._callback = callback
        self._onEnd = onEnd
        self._quiet = 0
        self._observations: list[tuple[slicer.vtkMRMLMarkupsNode, int]] = []
        markups = slicer.vtkMRMLMarkupsNode
        for node in nodes:
            for event in (markups.PointModifiedEvent, markups.PointEndInteractionEvent):
                handler = self._ended if event == markups.PointEndInteractionEvent else self._moved
                self._observations.append((node, node.AddObserver(event, handler)))

    def _moved(self, node: slicer.vtkMRMLMarkupsNode, _event: str) -> None:
        self._report(self._callback, node)

    def _ended(self, node: slicer.vtkMRMLMarkupsNode, _event: str) -> None:
        if self._onEnd is not None:
            self._report(self._onEnd, node)

    def _report(self, callback: Callable[[slicer.vtkMRMLMarkupsNode], None], node: slicer.vtkMRMLMarkupsNode) -> None:
        if self._quiet:
            return
        with self.paused():
            callback(node)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Report nothing of what happens inside."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    def stop(self) -> None:
        """Remove all observers; safe to call twice."""
        for node, tag in self._observations:
            node.RemoveObserver(tag)
        self._observations = []


def setStaticMeasurement(node: slicer.vtkMRMLMarkupsNode, name: str, value: float, unit: str) -> None:
    """Attach a number to a markup, replacing one of the same name, so that it shows in the Markups module."""
    for index in range(node.GetNumberOfMeasurements()):
        measurement = node.GetNthMeasurement(index)
        if measurement.GetName() == name and measurement.IsA("vtkMRMLStaticMeasurement"):
            measurement.SetValue(value)
            measurement.SetUnits(unit)
            return
    measurement = slicer.vtkMRMLStaticMeasurement()
    measurement.SetName(name)
    measurement.SetValue(value)
    measurement.SetUnits(unit)
    node.AddMeasurement(measurement)


def removeStaticMeasurement(node: slicer.vtkMRMLMarkupsNode, name: str) -> None:
    """Take a number off a markup; nothing happens without one of that name."""
    for index in reversed(range(node.GetNumberOfMeasurements())):
        measurement = node.GetNthMeasurement(index)
        if measurement.GetName() == name and measurement.IsA("vtkMRMLStaticMeasurement"):
            node.RemoveNthMeasurement(index)
