"""A traced film in the scene: landmarks, derived points, outlines as curves, and a table of measures.

The landmark list is the tracing's handle: it refers to the other nodes and carries the result as text, so that a saved
scene can be opened and edited again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import numpy as np
import slicer

from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.landmarks.layout import LAYOUTS
from CephSketcherLib.tracing.result import CephResult
from CephSketcherMrml.cephTable import measuresTable
from CephSketcherMrml.curveNodes import controlIndices, curveNode, updateOutlineCurve
from CephSketcherMrml.pointNodes import pointsNode, updatePoints
from DeepMedLib.mrml.hierarchy import placeInFolder
from DeepMedLib.mrml.provenance import setProvenance
from DeepMedLib.mrml.transaction import sceneTransaction
from DeepMedLib.mrml.volumes import rasToPixel
from DeepMedLib.provenance import Provenance

RESULT_ATTRIBUTE = "DeepMed.CephResult"
SHOWN_ATTRIBUTE = "DeepMed.OutlinesShown"
OUTLINE_ROLE = "DeepMed.outline."
_MOVED_PX = 0.01  # smaller differences are rounding of positions, not a person


@dataclass
class CephNodes:
    """The nodes of one tracing; all but the volume are absent where the model abstained."""

    result: CephResult
    volume: slicer.vtkMRMLVolumeNode
    landmarks: slicer.vtkMRMLMarkupsFiducialNode | None = None
    derived: slicer.vtkMRMLMarkupsFiducialNode | None = None
    table: slicer.vtkMRMLTableNode | None = None
    curves: dict[str, slicer.vtkMRMLMarkupsCurveNode] = field(default_factory=dict)

    def markups(self) -> list[slicer.vtkMRMLMarkupsNode]:
        """Everything that a person can drag."""
        return [n for n in (self.landmarks, self.derived, *self.curves.values()) if n is not None]

    def all(self) -> list[slicer.vtkMRMLNode]:
        """The result nodes that exist, without the volume."""
        return [*self.markups(), *([self.table] if self.table is not None else [])]


def writeCeph(volumeNode: slicer.vtkMRMLVolumeNode, result: CephResult) -> CephNodes:
    """Make the nodes of a fresh result; on an error, and when the model abstained, the scene stays as it was."""
    nodes = CephNodes(result, volumeNode)
    if not result.listed.points:
        return nodes

    def name(what: str) -> str:
        return slicer.mrmlScene.GenerateUniqueName(what)

    with sceneTransaction():
        title = name(f"{volumeNode.GetName()} landmarks")
        nodes.landmarks = pointsNode(title, volumeNode, result.listed, _layout(result))
        if result.points.without(result.landmarks.symbols).points:
            nodes.derived = pointsNode(name("Derived points"), volumeNode, _derived(result), None)
        for key, outline in result.outlines.items():
            nodes.curves[key] = curveNode(name(outline.title), volumeNode, outline)
        nodes.table = measuresTable(result, name=name("Cephalometric analysis"))
        for node in nodes.all():
            setProvenance(node, Provenance(**result.provenance))
        placeInFolder(nodes.all(), volumeNode, f"{volumeNode.GetName()} tracing")
        _connect(nodes)
    return nodes


def readCeph(landmarksNode: slicer.vtkMRMLMarkupsFiducialNode | None) -> CephNodes | None:
    """The tracing that a landmark list belongs to, e.g. in a scene that was loaded; None for any other list."""
    if landmarksNode is None:
        return None
    text = landmarksNode.GetAttribute(RESULT_ATTRIBUTE)
    volume = landmarksNode.GetNodeReference("DeepMed.volume")
    if not text or volume is None:
        return None
    result = CephResult.from_json(json.loads(text))
    curves = {key: landmarksNode.GetNodeReference(OUTLINE_ROLE + key) for key in result.outlines}
    return CephNodes(
        result,
        volume,
        landmarksNode,
        landmarksNode.GetNodeReference("DeepMed.derived"),
        landmarksNode.GetNodeReference("DeepMed.table"),
        {key: node for key, node in curves.items() if node is not None},
    )


def movedByHand(nodes: CephNodes, node: slicer.vtkMRMLMarkupsNode) -> CephResult | None:
    """The result with the points that a person moved on one of its nodes; None when none has moved.

    Outlines and measures are those from before; `CephSketcherLib.tracing.solve.solve` makes them anew.
    """
    if node is nodes.landmarks or node is nodes.derived:
        return _movedPoints(nodes, node)
    for key, curve in nodes.curves.items():
        if node is curve:
            return _movedOutline(nodes, key, node)
    return None


def showCeph(nodes: CephNodes, result: CephResult) -> CephNodes:
    """Show another result for the same tracing: points, curves and table follow; deleted curves stay deleted."""
    if nodes.landmarks is None:
        return replace(nodes, result=result)
    shown = set(json.loads(nodes.landmarks.GetAttribute(SHOWN_ATTRIBUTE) or "[]"))
    curves = {key: node for key, node in nodes.curves.items() if node.GetScene() is not None}
    nodes = replace(nodes, result=result, curves=curves)
    updatePoints(nodes.landmarks, nodes.volume, result.listed, _layout(result))
    derived = _derived(result)
    if nodes.derived is not None:
        updatePoints(nodes.derived, nodes.volume, derived, None)
    elif derived.points:
        nodes.derived = pointsNode(slicer.mrmlScene.GenerateUniqueName("Derived points"), nodes.volume, derived, None)
        _adopt(nodes, nodes.derived)
    for key, outline in result.outlines.items():
        if key in nodes.curves:
            updateOutlineCurve(nodes.curves[key], nodes.volume, outline)
        elif key not in shown:
            title = slicer.mrmlScene.GenerateUniqueName(outline.title)
            nodes.curves[key] = curveNode(title, nodes.volume, outline)
            _adopt(nodes, nodes.curves[key])
    nodes.table = measuresTable(result, node=nodes.table)
    _connect(nodes)
    return nodes


def _adopt(nodes: CephNodes, node: slicer.vtkMRMLNode) -> None:
    setProvenance(node, Provenance(**nodes.result.provenance))
    placeInFolder([node], nodes.volume, f"{nodes.volume.GetName()} tracing")


def _layout(result: CephResult) -> dict[str, str]:
    """Symbol -> name and definition, for the description of each control point."""
    known = {mark.symbol: f"{mark.name}. {mark.definition}" for kind in LAYOUTS.values() for mark in kind.landmarks}
    return {symbol: known.get(symbol, "") for symbol in result.listed.symbols}


def _derived(result: CephResult) -> LandmarkSet:
    return result.points.without(result.landmarks.symbols)


def _movedPoints(nodes: CephNodes, node: slicer.vtkMRMLMarkupsFiducialNode) -> CephResult | None:
    before = nodes.result.listed if node is nodes.landmarks else _derived(nodes.result)
    result, changed = nodes.result, False
    for index in range(min(node.GetNumberOfControlPoints(), len(before))):
        if node.GetNthControlPointPositionStatus(index) != node.PositionDefined:
            continue  # taken up for placing: the old place counts until it is set
        position = np.zeros(3)
        node.GetNthControlPointPositionWorld(index, position)
        xy = rasToPixel(nodes.volume, position)[:2]
        point = before.points[index]
        if np.abs(xy - point.xy).max() > _MOVED_PX:
            result, changed = result.with_landmark(point.symbol, xy), True
    return result if changed else None


def _movedOutline(nodes: CephNodes, key: str, curve: slicer.vtkMRMLMarkupsCurveNode) -> CephResult | None:
    outline = nodes.result.outlines[key]
    indices = controlIndices(curve)
    named = {index: symbol for symbol, index in outline.at.items()}
    result, changed = nodes.result, False
    for position, index in enumerate(indices[: curve.GetNumberOfControlPoints()]):
        if curve.GetNthControlPointPositionStatus(position) != curve.PositionDefined:
            continue
        ras = np.zeros(3)
        curve.GetNthControlPointPositionWorld(position, ras)
        xy = rasToPixel(nodes.volume, ras)[:2]
        old = outline.points[index]
        if np.abs(xy - old).max() <= _MOVED_PX:
            continue
        symbol = named.get(index)
        if symbol is not None and symbol in result.points:  # the curve's point is a landmark: both are one
            result = result.with_landmark(symbol, xy)
        else:
            result = result.with_outline_point(key, index, xy)
        changed = True
    return result if changed else None


def _connect(nodes: CephNodes) -> None:
    handle = nodes.landmarks
    if handle is None:
        return
    for role in ("volume", "derived", "table"):
        node = getattr(nodes, role)
        handle.SetNodeReferenceID(f"DeepMed.{role}", node.GetID() if node is not None else None)
    for key, curve in nodes.curves.items():
        handle.SetNodeReferenceID(OUTLINE_ROLE + key, curve.GetID())
    handle.SetAttribute(SHOWN_ATTRIBUTE, json.dumps(sorted(nodes.result.outlines)))
    handle.SetAttribute(RESULT_ATTRIBUTE, json.dumps(nodes.result.to_json(), allow_nan=False))
    for node in nodes.markups():
        node.SetAttribute("DeepMed.Edited", "true" if nodes.result.edited else "false")
