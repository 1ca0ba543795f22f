"""A traced film in the scene: landmarks, derived points, outlines as curves, and a table of measures.

The landmark list is the tracing's handle. What a person does to the nodes becomes the result: points are looked up by
their labels, a point that is gone is gone from the measures too, and deleted curves and tables stay deleted.
"""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import slicer

from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.landmarks.layout import LAYOUTS
from CephSketcherLib.tracing.result import CephResult
from CephSketcherMrml.cephTable import measuresTable
from CephSketcherMrml.curveNodes import curveNode, handlesOf, updateOutlineCurve
from CephSketcherMrml.pointNodes import placesOf, pointsNode, updatePoints
from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.inputState import rememberPlace
from DeepMedLib.mrml.inputs.volumes import ijkToRas, rasToPixel
from DeepMedLib.mrml.results.resultNodes import ResultKind, ResultNodes

RESULTS = ResultKind(
    "CephSketcher", CephResult, handle="landmarks", folder="tracing", handleClass="vtkMRMLMarkupsFiducialNode"
)
CephNodes = ResultNodes[CephResult]
GEOMETRY_ATTRIBUTE = "DeepMed.FilmGeometry"
"""Of the handle: where the film lay when the nodes were placed on it."""
EDITED_ATTRIBUTE = "DeepMed.Edited"
OUTLINE = "outlines"
_MOVED_PX = 0.01  # smaller differences are rounding of positions, not a person
_FILM_GONE = "The film of this tracing was removed from the scene."


def makeNodes(volumeNode: slicer.vtkMRMLVolumeNode, result: CephResult) -> dict[str, slicer.vtkMRMLNode]:
    """The nodes of a fresh result, by role; none where nothing was traced."""
    if not result.listed.points:
        return {}
    nodes: dict[str, slicer.vtkMRMLNode] = {
        "landmarks": pointsNode(_name(f"{volumeNode.GetName()} landmarks"), volumeNode, result.listed, _layout(result))
    }
    nodes["landmarks"].SetAttribute(GEOMETRY_ATTRIBUTE, _geometry(volumeNode))
    _makeMissing(nodes, volumeNode, result, None)
    nodes["analysis"] = measuresTable(result, name=_name("Cephalometric analysis"))
    return nodes


def markupsOf(nodes: CephNodes) -> list[slicer.vtkMRMLMarkupsNode]:
    """Everything that a person can drag."""
    points = [nodes.get("landmarks"), nodes.get("derived"), *nodes.group(OUTLINE).values()]
    return [node for node in points if node is not None]


def movedByHand(nodes: CephNodes) -> CephResult | None:
    """The result with what a person did to the nodes since they were shown; None when that is nothing.

    Outlines and measures are those from before; `CephSketcherLib.tracing.solve.solve` makes them anew.

    Raises:
        BadInput: the film has gone, or lies under a transform that bends space.
    """
    volume = nodes.volume
    if volume is None or volume.GetScene() is None:
        raise BadInput(_FILM_GONE, "Load the film again and trace it anew; the numbers are those from before.")
    if filmMoved(nodes):
        return None
    result = _withPoints(nodes, nodes.result, nodes.get("landmarks"), nodes.result.listed)
    result = _withPoints(nodes, result, nodes.get("derived"), derivedPoints(nodes.result))
    for key, curve in nodes.group(OUTLINE).items():
        result = _withOutline(nodes, result, key, curve)
    return result if result is not nodes.result else None


def filmMoved(nodes: CephNodes) -> bool:
    """Whether the film has another pixel size or place than when the nodes were put on it."""
    return nodes.handle is not None and nodes.handle.GetAttribute(GEOMETRY_ATTRIBUTE) != _geometry(nodes.volume)


def showCeph(nodes: CephNodes, result: CephResult) -> CephNodes:
    """Show another result for the same tracing: points, curves and table follow; deleted nodes stay deleted.

    Raises:
        BadInput: the film has gone.
    """
    handle, volume, before = nodes.handle, nodes.volume, nodes.result
    if handle is None or volume is None:
        raise BadInput(_FILM_GONE, "Load the film again and trace it anew.")
    alive = {role: node for role, node in nodes.nodes.items() if node.GetScene() is not None}
    nodes = replace(nodes, result=result, nodes=alive)
    updatePoints(handle, volume, result.listed, _layout(result))
    if nodes.get("derived") is not None:
        updatePoints(nodes.get("derived"), volume, derivedPoints(result), None)
    for key, curve in nodes.group(OUTLINE).items():
        if key in result.outlines:
            updateOutlineCurve(curve, volume, result.outlines[key])
    _makeMissing(nodes.nodes, volume, result, before)
    if nodes.get("analysis") is not None:
        measuresTable(result, node=nodes.get("analysis"))
    handle.SetAttribute(GEOMETRY_ATTRIBUTE, _geometry(volume))
    rememberPlace(handle, volume)
    for node in markupsOf(nodes):
        node.SetAttribute(EDITED_ATTRIBUTE, "true" if result.edited else "false")
    RESULTS.store(nodes)
    return nodes


def showStep(nodes: CephNodes, shown: CephResult, dragged: slicer.vtkMRMLMarkupsNode) -> None:
    """Let the other nodes go along while a person drags one; nothing is stored."""
    for key, curve in nodes.group(OUTLINE).items():
        outline = shown.outlines.get(key)
        if curve is not dragged and outline is not None and outline is not nodes.result.outlines.get(key):
            updateOutlineCurve(curve, nodes.volume, outline)
    derived = nodes.get("derived")
    if derived is not None and derived is not dragged:
        updatePoints(derived, nodes.volume, derivedPoints(shown), None)


def derivedPoints(result: CephResult) -> LandmarkSet:
    """The points beside the landmarks."""
    return result.points.without(result.landmarks.symbols)


def _makeMissing(
    nodes: dict[str, slicer.vtkMRMLNode],
    volume: slicer.vtkMRMLVolumeNode,
    result: CephResult,
    before: CephResult | None,
) -> None:
    """Make nodes of what the result before did not have; what it had and is not there was deleted by a person."""
    if derivedPoints(result).points and (before is None or not derivedPoints(before).points):
        nodes["derived"] = pointsNode(_name("Derived points"), volume, derivedPoints(result), None)
    for key, outline in result.outlines.items():
        if before is None or key not in before.outlines:
            nodes[f"{OUTLINE}.{key}"] = curveNode(_name(outline.title), volume, outline)


def _name(what: str) -> str:
    return str(slicer.mrmlScene.GenerateUniqueName(what))


def _geometry(volume: slicer.vtkMRMLVolumeNode) -> str:
    return json.dumps(np.round(ijkToRas(volume), 9).tolist())


def _layout(result: CephResult) -> dict[str, str]:
    """Symbol -> name and definition, for the description of each control point."""
    known = {mark.symbol: f"{mark.name}. {mark.definition}" for kind in LAYOUTS.values() for mark in kind.landmarks}
    return {symbol: known.get(symbol, "") for symbol in result.listed.symbols}


def _withPoints(
    nodes: CephNodes, result: CephResult, node: slicer.vtkMRMLMarkupsFiducialNode | None, expected: LandmarkSet
) -> CephResult:
    """The result after what was done to one list; a list that was deleted as a whole changes nothing."""
    if node is None or node.GetScene() is None:
        return result
    places = placesOf(node, nodes.volume)
    for point in expected:
        if point.symbol not in places:
            result = result.without_point(point.symbol)
            continue
        place = places[point.symbol]  # None while it is taken up for placing: the old place counts until it is set
        if place is not None and np.abs(place - point.xy).max() > _MOVED_PX:
            result = result.with_landmark(point.symbol, place)
    for symbol in nodes.result.deleted:
        place = places.get(symbol)
        if place is not None:
            result = result.with_landmark(symbol, place)
    return result


def _withOutline(nodes: CephNodes, result: CephResult, key: str, curve: slicer.vtkMRMLMarkupsCurveNode) -> CephResult:
    outline = nodes.result.outlines.get(key)
    if outline is None or curve.GetScene() is None:
        return result
    named = {index: symbol for symbol, index in outline.at.items()}
    there = {
        index: curve.GetNthControlPointPositionWorld(place)
        for index, place in handlesOf(curve).items()
        if index < len(outline.points) and curve.GetNthControlPointPositionStatus(place) == curve.PositionDefined
    }
    if not there:
        return result
    for index, xy in zip(there, rasToPixel(nodes.volume, np.array(list(there.values())))[:, :2], strict=True):
        if np.abs(xy - outline.points[index]).max() <= _MOVED_PX:
            continue
        symbol = named.get(index)
        if symbol is not None and symbol in result.points:  # the curve's point is a landmark: both are one
            result = result.with_landmark(symbol, xy)
        else:
            result = result.with_outline_point(key, index, xy)
    return result
