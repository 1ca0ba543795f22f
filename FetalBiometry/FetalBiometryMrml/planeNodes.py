"""A measured picture in the scene: lines to drag, ellipses as locked curves, a segmentation, a table.

The table is the result's handle: it refers to the other nodes and carries the result as text, so that a saved scene can
be opened and edited again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import slicer

from DeepMedLib.measurement import Code
from DeepMedLib.mrml.inputs.inputState import rememberPlace
from DeepMedLib.mrml.inputs.pictureNodes import pictureOf, scaleOf
from DeepMedLib.mrml.inputs.volumes import numberOfFrames, pixelToRas, rasToPixel, spacingOfPicture
from DeepMedLib.mrml.nodes.markups import (
    closedCurveNode,
    lineEnds,
    lineNode,
    removeStaticMeasurement,
    setStaticMeasurement,
    updateCurve,
    updateLine,
)
from DeepMedLib.mrml.nodes.segmentations import SegmentSpec, layOnGrid, segmentationFromLabels
from DeepMedLib.mrml.nodes.tables import tableFromMeasurements
from DeepMedLib.mrml.nodes.terminology import ANATOMICAL_STRUCTURE
from DeepMedLib.mrml.results.resultNodes import ResultKind, ResultNodes
from DeepMedLib.picture.scale import Scale
from FetalBiometryLib.picture.ultrasound import ULTRASOUND
from FetalBiometryLib.planes.result import PictureResult
from FetalBiometryLib.planes.shapes import SHAPES
from FetalBiometryLib.report.overlay import OUTLINE, OUTLINE_COLORS, line_color, names_shown

EDITED_ATTRIBUTE = "DeepMed.Edited"
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


class PlaneNodes(ResultNodes[PictureResult]):
    """The nodes of one measured picture; those that were deleted, or never made, are missing."""

    @property
    def lines(self) -> dict[str, slicer.vtkMRMLMarkupsLineNode]:
        """By name, as `PictureResult.lines`."""
        return self._named("line", self.result.lines())

    @property
    def curves(self) -> dict[str, slicer.vtkMRMLMarkupsClosedCurveNode]:
        """By name, as `PictureResult.outlines`; the main one first."""
        return self._named("curve", [outline.name for outline in self.result.shape.outlines])

    def _named(self, kind: str, names: Iterable[str]) -> dict[str, Any]:
        return {name: node for name in names if (node := self.get(_role(kind, name))) is not None}

    @property
    def curve(self) -> slicer.vtkMRMLMarkupsClosedCurveNode | None:
        """The main ellipse."""
        return next(iter(self.curves.values()), None)

    @property
    def segmentation(self) -> slicer.vtkMRMLSegmentationNode | None:
        """What the worker outlined."""
        return self.get(_role("segmentation", self.result.plane))

    @property
    def table(self) -> slicer.vtkMRMLTableNode | None:
        """All numbers; the result's handle."""
        return self.get("table")


RESULTS = ResultKind("FetalBiometry", PictureResult, handle="table", folder="biometry", nodesType=PlaneNodes)


def _role(kind: str, name: str) -> str:
    return f"{kind}.{name.replace(' ', '')}"


def fileNames() -> dict[str, str]:
    """File name of every role that a measured picture of any plane can have."""
    names: dict[str, str] = {}
    for plane, shape in SHAPES.items():
        names |= {_role("curve", outline.name): f"{outline.name}.mrk.json" for outline in shape.outlines}
        names |= {_role("line", line): f"{line.replace(' ', '')}.mrk.json" for line in shape.line_names()}
        if plane in PLANE_LABELS:
            names[_role("segmentation", plane)] = f"{plane}.seg.nrrd"
    return names


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
    nodes = RESULTS.write(result, volumeNode, lambda: makeNodes(volumeNode, result, labels))
    assert isinstance(nodes, PlaneNodes)
    return nodes


def makeNodes(
    volumeNode: slicer.vtkMRMLVolumeNode, result: PictureResult, labels: np.ndarray | None
) -> dict[str, slicer.vtkMRMLNode]:
    """The nodes of a fresh result by role; none where nothing was found.

    Args:
        labels: (H, W) uint8, values as in `SEGMENTS`; None without a segmentation.
    """
    if not result.lines():
        return {}
    # What the model does not vouch for is offered as a proposal to drag, never under the name of a measurement.
    mark = "" if result.vouched or result.by_hand else " proposal"
    nodes: dict[str, slicer.vtkMRMLNode] = {}
    for outline, points in result.outlines().items():
        color = _rgb(OUTLINE_COLORS.get(outline, OUTLINE))
        ras = _ras(volumeNode, points, result.frame)
        nodes[_role("curve", outline)] = closedCurveNode(_unique(outline + mark), ras, locked=True, color=color)
    for name, pixels in result.lines().items():
        ends = _ras(volumeNode, pixels, result.frame)
        color = _rgb(line_color(result.plane, name))
        nodes[_role("line", name)] = lineNode(_unique(name + mark), ends[0], ends[1], color=color, showLength=False)
    if result.vouched and labels is not None and labels.any() and result.plane in PLANE_LABELS:
        nodes[_role("segmentation", result.plane)] = _segmentation(volumeNode, result, labels)
    title = _unique(f"{result.shape.title.removeprefix('Fetal ').capitalize()} biometry{mark}")
    nodes["table"] = tableFromMeasurements(result.measurements(), node=_tableNode(title, result))
    _annotate(PlaneNodes(result, volumeNode, nodes))
    return nodes


def _tableNode(name: str, result: PictureResult) -> slicer.vtkMRMLTableNode:
    """An empty table that is a result's handle from its first moment on, so that selectors list it."""
    table = slicer.vtkMRMLTableNode()
    table.SetName(name)
    table.SetAttribute(RESULTS.attribute, json.dumps(result.to_json()))
    return slicer.mrmlScene.AddNode(table)


def _unique(name: str) -> str:
    return slicer.mrmlScene.GenerateUniqueName(name)


def _segmentation(
    volumeNode: slicer.vtkMRMLVolumeNode, result: PictureResult, labels: np.ndarray
) -> slicer.vtkMRMLSegmentationNode:
    shape = tuple(reversed(volumeNode.GetImageData().GetDimensions()))
    stack = np.zeros(shape, np.uint8)
    shown = stack[result.frame if shape[0] > 1 else 0]
    values = PLANE_LABELS[result.plane]
    for number, value in enumerate(values, start=1):
        shown[labels == value] = number
    specs = [SEGMENTS[value] for value in values]
    node = segmentationFromLabels(stack, volumeNode, specs, _unique(f"{result.shape.title} structures"))
    node.GetDisplayNode().SetOpacity2DFill(0.12)
    return node


def readPlane(node: slicer.vtkMRMLNode | None) -> PlaneNodes | None:
    """The result of a table, or of a line or curve that belongs to it, e.g. in a scene that was loaded.

    None for any other node.
    """
    nodes = RESULTS.read(node)
    return nodes if isinstance(nodes, PlaneNodes) else None


def refreshPlane(nodes: PlaneNodes) -> PlaneNodes:
    """Follow what a person did: lines moved or deleted, another spacing; curves, table and numbers are made anew."""
    if nodes.volume is None or nodes.handle is None:
        return nodes
    pixels, missing = {}, []
    for name in nodes.result.lines():
        line = nodes.lines.get(name)
        ends = lineEnds(line) if line is not None and line.GetScene() is not None else None
        if ends is None:
            missing.append(name)
            continue
        pixels[name] = rasToPixel(nodes.volume, ends)[:, :2]
        if np.linalg.norm(pixels[name][1] - pixels[name][0]) < 1:
            return nodes  # both ends on one spot: nothing to speak of while the user is dragging
    result = replace(nodes.result.with_lines(pixels, missing), scale=_scaleNow(nodes))
    return _rewrite(_with(nodes, result))


def _scaleNow(nodes: PlaneNodes) -> Scale | None:
    """The result's scale, unless somebody gave the picture another spacing since."""
    volumeNode: Any = nodes.volume
    known, spacing = nodes.result.scale, spacingOfPicture(volumeNode)
    if spacing is None:
        return known
    if known is not None and np.allclose(spacing, (known.mm_per_px_x, known.mm_per_px_y), rtol=1e-4, atol=0):
        return known
    return scaleOf(volumeNode, pictureOf(volumeNode, ULTRASOUND, nodes.result.frame))


def changePlane(nodes: PlaneNodes, result: PictureResult) -> PlaneNodes:
    """Show another result for the same picture, e.g. after scale or settings changed; lines keep their pixels."""
    if nodes.volume is None:
        return nodes
    for name, line in nodes.lines.items():
        if name not in result.missing_lines:
            ends = _ras(nodes.volume, result.lines()[name], result.frame)
            updateLine(line, ends[0], ends[1])
    if nodes.segmentation is not None:
        layOnGrid(nodes.segmentation, nodes.volume)
    if nodes.handle is not None:
        rememberPlace(nodes.handle, nodes.volume)
    return _rewrite(_with(nodes, result))


def rescaleOthers(volumeNode: slicer.vtkMRMLVolumeNode, scale: Scale, shown: PlaneNodes | None) -> None:
    """Let the results of a picture that are not shown follow to its scale, too; their lines keep their pixels."""
    handle = None if shown is None else shown.handle
    for nodes in RESULTS.inScene():
        if isinstance(nodes, PlaneNodes) and nodes.volume is volumeNode and nodes.handle is not handle:
            changePlane(nodes, replace(nodes.result, scale=scale))


def _with(nodes: PlaneNodes, result: PictureResult) -> PlaneNodes:
    return PlaneNodes(result, nodes.volume, nodes.nodes, nodes.handle, nodes.inputs)


def _rewrite(nodes: PlaneNodes) -> PlaneNodes:
    if nodes.table is None:
        return nodes
    outlines = nodes.result.outlines()
    for name, curve in nodes.curves.items():
        curve.SetDisplayVisibility(name in outlines)
        if name in outlines:
            updateCurve(curve, _ras(nodes.volume, outlines[name], nodes.result.frame))
    tableFromMeasurements(nodes.result.measurements(), node=nodes.table)
    RESULTS.store(nodes)
    _annotate(nodes)
    return nodes


def _annotate(nodes: PlaneNodes) -> None:
    """Write our numbers beside the lines, and the ellipse's circumference (not the polygon's) on the curve."""
    result = nodes.result
    values = {m.name: m for m in result.lengths()}
    shown = names_shown(result.plane)
    for markup in (*nodes.curves.values(), *nodes.lines.values()):
        markup.SetAttribute(EDITED_ATTRIBUTE, "true" if result.edited else "false")
    for name, line in nodes.lines.items():
        # Slicer's own length is in mm of the scene, which are none where the picture has no scale.
        length = line.GetMeasurement("length")
        length.SetEnabled(result.scale is not None)
        if result.scale is None:
            length.ClearValue()
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
