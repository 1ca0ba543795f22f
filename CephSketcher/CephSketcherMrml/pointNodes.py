"""Landmarks as control points of one list: the least certain are marked, and say so when they are pointed at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import slicer

from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.tracing.hand_tracing import STARTING_PLACE
from DeepMedLib.mrml.markups import LabelledPoint, fiducialNode
from DeepMedLib.mrml.volumes import pixelToRas

SURE_COLOR = (0.98, 0.86, 0.35)
CHECK_COLOR = (1.0, 0.36, 0.2)
DERIVED_COLOR = (0.55, 0.78, 1.0)
CHECK_MARK = " ?"


def pointsNode(
    name: str,
    volumeNode: slicer.vtkMRMLVolumeNode,
    points: LandmarkSet,
    definitions: Mapping[str, str] | None,
) -> slicer.vtkMRMLMarkupsFiducialNode:
    """A point list on a film.

    Args:
        definitions: symbol -> description; None for points that were read off the outlines.
    """
    node = fiducialNode(name, _labelled(volumeNode, points, definitions))
    display = node.GetDisplayNode()
    display.SetColor(*(DERIVED_COLOR if definitions is None else SURE_COLOR))
    display.SetSelectedColor(*CHECK_COLOR)  # Slicer draws selected points in their own color
    _mark(node, points)
    node.SetFixedNumberOfControlPoints(True)
    return node


def updatePoints(
    node: slicer.vtkMRMLMarkupsFiducialNode,
    volumeNode: slicer.vtkMRMLVolumeNode,
    points: LandmarkSet,
    definitions: Mapping[str, str] | None,
) -> None:
    """Put the points of a list to their places, with new labels and descriptions."""
    fiducialNode(node.GetName(), _labelled(volumeNode, points, definitions), node=node)
    _mark(node, points)


def _mark(node: slicer.vtkMRMLMarkupsFiducialNode, points: LandmarkSet) -> None:
    with slicer.util.NodeModify(node):
        for index, point in enumerate(points):
            node.SetNthControlPointSelected(index, point.flagged)


def _labelled(
    volumeNode: slicer.vtkMRMLVolumeNode, points: LandmarkSet, definitions: Mapping[str, str] | None
) -> list[LabelledPoint]:
    positions = pixelToRas(volumeNode, points.array()) if points.points else np.zeros((0, 3))
    return [
        LabelledPoint(
            (float(x), float(y), float(z)),
            point.symbol + (CHECK_MARK if point.flagged else ""),
            _description(point, (definitions or {}).get(point.symbol, "")),
        )
        for point, (x, y, z) in zip(points, positions, strict=True)
    ]


def _description(point: LandmarkPoint, definition: str) -> str:
    if point.source == STARTING_PLACE:
        return f"{definition} Not placed yet: drag it to its place, or say that it looks right.".strip()
    if point.edited:
        how = "Placed by hand."
    elif point.sd is None:
        how = "Uncertainty not known."
    else:
        how = f"Uncertainty {point.sd:.1f} px."
    first = " Check this point first." if point.flagged else ""
    source = " Read off the outline." if not definition and not point.edited else ""
    return f"{definition} {how}{source}{first}".strip()
