"""Landmarks as control points of one list, known by their labels; the least certain stand out.

A label is the landmark's symbol and nothing else: whoever reads the list looks points up by it, so that deleted,
renamed and reordered points are never taken for others.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import slicer

from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.tracing.hand_tracing import STARTING_PLACE
from DeepMedLib.mrml.inputs.volumes import pixelToRas, rasToPixel
from DeepMedLib.mrml.nodes.markups import LabelledPoint, fiducialNode

SURE_COLOR = (0.98, 0.86, 0.35)
CHECK_COLOR = (1.0, 0.36, 0.2)
DERIVED_COLOR = (0.55, 0.78, 1.0)
TEXT_SCALE = 2.0  # symbols around incisors and chin stand close together


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
    positions = pixelToRas(volumeNode, points.array()) if points.points else np.zeros((0, 3))
    labelled = [
        LabelledPoint((float(x), float(y), float(z)), point.symbol, _description(point, definitions))
        for point, (x, y, z) in zip(points, positions, strict=True)
    ]
    node = fiducialNode(name, labelled)
    display = node.GetDisplayNode()
    display.SetTextScale(TEXT_SCALE)
    display.SetColor(*(DERIVED_COLOR if definitions is None else SURE_COLOR))
    display.SetSelectedColor(*CHECK_COLOR)  # Slicer draws selected points in their own color
    for index, point in enumerate(points):
        node.SetNthControlPointSelected(index, point.flagged)
    node.SetFixedNumberOfControlPoints(True)
    return node


def updatePoints(
    node: slicer.vtkMRMLMarkupsFiducialNode,
    volumeNode: slicer.vtkMRMLVolumeNode,
    points: LandmarkSet,
    definitions: Mapping[str, str] | None,
) -> None:
    """Put the points of a list to their places, with new descriptions; those that are not there yet are added.

    Points that the list holds beside them are left alone.
    """
    at = _indices(node)
    node.SetFixedNumberOfControlPoints(all(symbol in at for symbol in points.symbols))
    positions = pixelToRas(volumeNode, points.array()) if points.points else ()
    with slicer.util.NodeModify(node):
        for point, (x, y, z) in zip(points, positions, strict=True):
            if point.symbol not in at:
                at[point.symbol] = node.AddControlPointWorld([x, y, z], point.symbol)
            index = at[point.symbol]
            if node.GetNthControlPointPositionStatus(index) != node.PositionPreview:
                node.SetNthControlPointPositionWorld(index, x, y, z)
            node.SetNthControlPointDescription(index, _description(point, definitions))
            node.SetNthControlPointSelected(index, point.flagged)
    node.SetFixedNumberOfControlPoints(True)


def placesOf(
    node: slicer.vtkMRMLMarkupsFiducialNode, volumeNode: slicer.vtkMRMLVolumeNode
) -> dict[str, np.ndarray | None]:
    """Pixel (x, y) by label of every point whose place is set; None for one that is just taken up for placing.

    Of several points with one label the first counts.
    """
    status = {label: node.GetNthControlPointPositionStatus(index) for label, index in _indices(node).items()}
    places: dict[str, np.ndarray | None] = {s: None for s, found in status.items() if found == node.PositionPreview}
    there = [label for label, found in status.items() if found == node.PositionDefined]
    if there:
        at = _indices(node)
        positions = [node.GetNthControlPointPositionWorld(at[label]) for label in there]
        places |= dict(zip(there, rasToPixel(volumeNode, np.array(positions))[:, :2], strict=True))
    return places


def indexOf(node: slicer.vtkMRMLMarkupsFiducialNode, symbol: str) -> int | None:
    """Where a point stands in a list; None where it is not there."""
    return _indices(node).get(symbol)


def _indices(node: slicer.vtkMRMLMarkupsFiducialNode) -> dict[str, int]:
    found: dict[str, int] = {}
    for index in range(node.GetNumberOfControlPoints()):
        found.setdefault(node.GetNthControlPointLabel(index), index)
    return found


def _description(point: LandmarkPoint, definitions: Mapping[str, str] | None) -> str:
    definition = (definitions or {}).get(point.symbol, "")
    if point.source == STARTING_PLACE:
        return f"{definition} Not placed yet: drag it to its place, or say that it looks right.".strip()
    if point.edited:
        how = "Placed by hand."
    elif point.sd is None:
        how = "Uncertainty not known."
    else:
        how = f"Uncertainty {point.sd:.1f} px."
    first = " Check this point first." if point.flagged else ""
    source = " Read off the outline." if definitions is None and not point.edited else ""
    return f"{definition} {how}{source}{first}".strip()
