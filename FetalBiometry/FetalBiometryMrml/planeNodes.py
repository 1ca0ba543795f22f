"""A measured picture in the scene: lines to drag, ellipses as locked curves, a segmentation, a table.

The table is the result's handle: it refers to the other nodes and carries the result as text, so that a saved scene can
be opened and edited again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import slicer

from DeepMedLib.measurement import Code
from DeepMedLib.mrml.hierarchy import placeInFolder
from DeepMedLib.mrml.markups import (
    closedCurveNode,
    lineEnds,
    lineNode,
    removeStaticMeasurement,
    setStaticMeasurement,
    updateCurve,
    updateLine,
)
from DeepMedLib.mrml.provenance import setProvenance
from DeepMedLib.mrml.segmentations import SegmentSpec, segmentationFromLabels
from DeepMedLib.mrml.tables import tableFromMeasurements
from DeepMedLib.mrml.terminology import ANATOMICAL_STRUCTURE
from DeepMedLib.mrml.transaction import sceneTransaction
from DeepMedLib.mrml.volumes import numberOfFrames, pixelToRas, rasToPixel
from DeepMedLib.provenance import Provenance
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.report.overlay import OUTLINE, OUTLINE_COLORS, line_color, names_shown

RESULT_ATTRIBUTE = "DeepMed.FetalResult"
TABLE_ROLE = "DeepMed.table"
RGB = tuple[float, float, float]


def _anatomy(name: str, meaning: str, code: str, color: RGB) -> SegmentSpec:
    key = name.lower().split()[-1]
    return SegmentSpec(key, name, color, (ANATOMICAL_STRUCTURE, Code(code, "SCT", meaning)))


#: Values of the label map that the worker returns -> segment.
SEGMENTS: dict[int, SegmentSpec] = {
    1: _anatomy("Fetal head", "Head", "69536005", (0.25, 0.85, 0.95)),
    2: replace(
        _anatomy("Cavum septi pellucidi", "Cavum of septum pellucidum", "74968005", (0.98, 0.55, 0.35)), id="csp"
    ),
    3: _anatomy("Lateral ventricle", "Lateral Ventricle", "66720007", (0.55, 0.45, 0.95)),
    4: _anatomy("Fetal abdomen", "Abdomen", "113345001", (0.25, 0.85, 0.95)),
    5: _anatomy("Fetal heart", "Heart", "80891009", (1.0, 0.48, 0.55)),
    6: _anatomy("Fetal thorax", "Thorax", "51185008", (0.25, 0.85, 0.95)),
}
PLANE_LABELS = {"head": (1, 2, 3), "abdomen": (4,), "thorax": (5, 6)}


@dataclass
class PlaneNodes:
    """The nodes of one measured picture; all but the volume are missing where nothing was found.

    Attributes:
        lines: by name, as `PictureResult.lines`.
        curves: by name, as `PictureResult.outlines`; the main one first.
    """

    result: PictureResult
    volume: slicer.vtkMRMLVolumeNode
    lines: dict[str, slicer.vtkMRMLMarkupsLineNode] = field(default_factory=dict)
    curves: dict[str, slicer.vtkMRMLMarkupsClosedCurveNode] = field(default_factory=dict)
    segmentation: slicer.vtkMRMLSegmentationNode | None = None
    table: slicer.vtkMRMLTableNode | None = None

    @property
    def curve(self) -> slicer.vtkMRMLMarkupsClosedCurveNode | None:
        """The main ellipse."""
        return next(iter(self.curves.values()), None)

    def all(self) -> list[slicer.vtkMRMLNode]:
        """The result nodes that exist, without the volume."""
        rest = [n for n in (self.segmentation, self.table) if n is not None]
        return [*self.curves.values(), *self.lines.values(), *rest]


def _ras(volumeNode: slicer.vtkMRMLVolumeNode, pixels: np.ndarray, frame: int) -> np.ndarray:
    # A one-frame volume shows its only frame, whatever number that frame had in the file.
    return pixelToRas(volumeNode, pixels, frame if numberOfFrames(volumeNode) > 1 else 0)


def _rgb(color: Sequence[int]) -> RGB:
    red, green, blue = (channel / 255 for channel in color)
    return red, green, blue


def writePlane(
    volumeNode: slicer.vtkMRMLVolumeNode, result: PictureResult, labels: np.ndarray | None = None
) -> PlaneNodes:
    """Make the nodes of a fresh result; on an error the scene stays as it was.

    Args:
        labels: (H, W) uint8, values as in `SEGMENTS`; None without a segmentation.
    """
    nodes = PlaneNodes(result, volumeNode)
    lines = result.lines()
    if not lines:
        return nodes
    # What the model does not vouch for is offered as a proposal to drag, never under the name of a measurement.
    mark = "" if result.vouched or result.by_hand else " proposal"
    with sceneTransaction():
        for outline, points in result.outlines().items():
            color = _rgb(OUTLINE_COLORS.get(outline, OUTLINE))
            ras = _ras(volumeNode, points, result.frame)
            nodes.curves[outline] = closedCurveNode(_unique(outline + mark), ras, locked=True, color=color)
        for name, pixels in lines.items():
            ends = _ras(volumeNode, pixels, result.frame)
            color = _rgb(line_color(result.plane, name))
            nodes.lines[name] = lineNode(_unique(name + mark), ends[0], ends[1], color=color, showLength=False)
        if result.vouched and labels is not None and labels.any():
            nodes.segmentation = _segmentation(volumeNode, result, labels)
        title = _unique(f"{result.shape.title.removeprefix('Fetal ').capitalize()} biometry{mark}")
        nodes.table = tableFromMeasurements(result.measurements(), node=_tableNode(title, result))
        for node in nodes.all():
            setProvenance(node, Provenance(**result.provenance))
        placeInFolder(nodes.all(), volumeNode, f"{volumeNode.GetName()} biometry")
        _connect(nodes)
        _annotate(nodes)
    return nodes


def _tableNode(name: str, result: PictureResult) -> slicer.vtkMRMLTableNode:
    """An empty table that is a result's handle from its first moment on, so that selectors list it."""
    table = slicer.vtkMRMLTableNode()
    table.SetName(name)
    table.SetAttribute(RESULT_ATTRIBUTE, json.dumps(result.to_json()))
    return slicer.mrmlScene.AddNode(table)


def _unique(name: str) -> str:
    return slicer.mrmlScene.GenerateUniqueName(name)


def _segmentation(
    volumeNode: slicer.vtkMRMLVolumeNode, result: PictureResult, labels: np.ndarray
) -> slicer.vtkMRMLSegmentationNode | None:
    values = PLANE_LABELS.get(result.plane, ())
    if not values:
        return None
    shape = tuple(reversed(volumeNode.GetImageData().GetDimensions()))
    stack = np.zeros(shape, np.uint8)
    shown = stack[result.frame if shape[0] > 1 else 0]
    for number, value in enumerate(values, start=1):
        shown[labels == value] = number
    specs = [SEGMENTS[value] for value in values]
    node = segmentationFromLabels(stack, volumeNode, specs, _unique(f"{result.shape.title} structures"))
    node.GetDisplayNode().SetOpacity2DFill(0.12)
    return node


def readPlane(node: slicer.vtkMRMLNode | None) -> PlaneNodes | None:
    """The result of a table, or of a line or curve that belongs to it, e.g. in a scene that was loaded.

    None for any other node, and where a part of the result was deleted.
    """
    if node is not None and not node.IsA("vtkMRMLTableNode"):
        node = node.GetNodeReference(TABLE_ROLE)
    if node is None or not node.GetAttribute(RESULT_ATTRIBUTE):
        return None
    table, text = node, node.GetAttribute(RESULT_ATTRIBUTE)
    result = PictureResult.from_json(json.loads(text))

    def found(role: str) -> slicer.vtkMRMLNode | None:
        return table.GetNodeReference(f"DeepMed.{role}")

    nodes = PlaneNodes(result, found("volume"), segmentation=found("segmentation"), table=table)
    nodes.lines = {name: found(_role("line", name)) for name in result.lines()}
    nodes.curves = {name: found(_role("curve", name)) for name in result.outlines()}
    if any(node is None for node in (nodes.volume, *nodes.lines.values(), *nodes.curves.values())):
        return None  # a part was deleted: there is nothing left to edit
    return nodes


def refreshPlane(nodes: PlaneNodes) -> PlaneNodes:
    """Follow the lines after a person moved one: curves, table and numbers are computed anew."""
    pixels = {}
    for name, line in nodes.lines.items():
        ends = lineEnds(line)
        if ends is None:
            return nodes  # an end is being placed
        pixels[name] = rasToPixel(nodes.volume, ends)[:, :2]
    if not pixels or min(np.linalg.norm(ends[1] - ends[0]) for ends in pixels.values()) < 1:
        return nodes  # both ends on one spot: nothing to speak of while the user is dragging
    return _rewrite(replace(nodes, result=nodes.result.with_lines(pixels)))


def changePlane(nodes: PlaneNodes, result: PictureResult) -> PlaneNodes:
    """Show another result for the same picture, e.g. after scale or settings changed; lines keep their pixels."""
    for name, pixels in result.lines().items():
        ends = _ras(nodes.volume, pixels, result.frame)
        updateLine(nodes.lines[name], ends[0], ends[1])
    return _rewrite(replace(nodes, result=result))


def _rewrite(nodes: PlaneNodes) -> PlaneNodes:
    if nodes.table is None:
        return nodes
    for name, outline in nodes.result.outlines().items():
        updateCurve(nodes.curves[name], _ras(nodes.volume, outline, nodes.result.frame))
    nodes.table = tableFromMeasurements(nodes.result.measurements(), node=nodes.table)
    _connect(nodes)
    _annotate(nodes)
    return nodes


def _role(kind: str, name: str) -> str:
    return f"{kind}.{name.replace(' ', '')}"


def _connect(nodes: PlaneNodes) -> None:
    table = nodes.table
    if table is None:
        return
    parts = {"volume": nodes.volume, "segmentation": nodes.segmentation}
    parts |= {_role("line", name): node for name, node in nodes.lines.items()}
    parts |= {_role("curve", name): node for name, node in nodes.curves.items()}
    for role, node in parts.items():
        table.SetNodeReferenceID(f"DeepMed.{role}", node.GetID() if node is not None else None)
    for markup in (*nodes.curves.values(), *nodes.lines.values()):
        markup.SetNodeReferenceID(TABLE_ROLE, table.GetID())
        markup.SetAttribute("DeepMed.Edited", "true" if nodes.result.edited else "false")
    table.SetAttribute(RESULT_ATTRIBUTE, json.dumps(nodes.result.to_json()))


def _annotate(nodes: PlaneNodes) -> None:
    """Write our numbers beside the lines, and the ellipse's circumference (not the polygon's) on the curve."""
    result = nodes.result
    values = {m.name: m for m in result.lengths()}
    shown = names_shown(result.plane)
    for name, line in nodes.lines.items():
        measured, text = values.get(name), shown.get(name, "")
        if measured is not None and measured.value is not None:
            unit = "\u00b0" if measured.unit == "deg" else f" {measured.unit}"
            text = f"{text} {measured.value:.1f}{unit}"
        elif text and not result.vouched:
            text += "?"
        line.SetNthControlPointLabel(0, text)
        line.SetNthControlPointLabel(1, "")
        line.GetDisplayNode().SetPointLabelsVisibility(bool(text))
    for outline in result.shape.outlines:
        curve = nodes.curves.get(outline.name)
        if curve is None:
            continue
        circumference = values.get(outline.circumference)
        if circumference is None or circumference.value is None or result.scale is None:
            removeStaticMeasurement(curve, outline.circumference)
        else:
            setStaticMeasurement(curve, outline.circumference, circumference.value, "mm")


def showOnly(nodes: PlaneNodes | None) -> None:
    """Show the markups and segments of one result and hide those of all others.

    Pictures without geometry of their own all lie at the same place, so that the lines of one would cover another.
    """
    shown = set() if nodes is None else {node.GetID() for node in nodes.all()}
    for table in slicer.util.getNodesByClass("vtkMRMLTableNode"):
        other = readPlane(table)
        for node in [] if other is None else [*other.lines.values(), *other.curves.values(), other.segmentation]:
            if node is not None:
                node.SetDisplayVisibility(node.GetID() in shown)
