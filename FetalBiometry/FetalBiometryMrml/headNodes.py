"""A measured head in the scene: two axis lines, the ellipse as a locked curve, a segmentation, a table.

The curve is the head's handle: it refers to the other nodes and carries the result as text, so that a saved scene can
be opened and edited again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

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
from FetalBiometryLib.head_result import HeadResult

RESULT_ATTRIBUTE = "DeepMed.HeadResult"
_ROLES = ("volume", "ofd", "bpd", "segmentation", "table")

HEAD_SEGMENTS = (
    SegmentSpec("head", "Fetal head", (0.25, 0.85, 0.95), (ANATOMICAL_STRUCTURE, Code("69536005", "SCT", "Head"))),
    SegmentSpec(
        "csp",
        "Cavum septi pellucidi",
        (0.98, 0.55, 0.35),
        (ANATOMICAL_STRUCTURE, Code("74968005", "SCT", "Cavum of septum pellucidum")),
    ),
    SegmentSpec(
        "ventricle",
        "Lateral ventricle",
        (0.55, 0.45, 0.95),
        (ANATOMICAL_STRUCTURE, Code("66720007", "SCT", "Lateral Ventricle")),
    ),
)


@dataclass
class HeadNodes:
    """The nodes of one measured head; all but the volume are None where no head was found."""

    result: HeadResult
    volume: slicer.vtkMRMLVolumeNode
    ofd: slicer.vtkMRMLMarkupsLineNode | None = None
    bpd: slicer.vtkMRMLMarkupsLineNode | None = None
    curve: slicer.vtkMRMLMarkupsClosedCurveNode | None = None
    segmentation: slicer.vtkMRMLSegmentationNode | None = None
    table: slicer.vtkMRMLTableNode | None = None

    def all(self) -> list[slicer.vtkMRMLNode]:
        """The result nodes that exist, without the volume."""
        return [n for n in (self.curve, self.ofd, self.bpd, self.segmentation, self.table) if n is not None]


def _ras(volumeNode: slicer.vtkMRMLVolumeNode, pixels: np.ndarray, frame: int) -> np.ndarray:
    # A one-frame volume shows its only frame, whatever number that frame had in the file.
    return pixelToRas(volumeNode, pixels, frame if numberOfFrames(volumeNode) > 1 else 0)


def writeHead(volumeNode: slicer.vtkMRMLVolumeNode, result: HeadResult, labels: np.ndarray) -> HeadNodes:
    """Make the nodes of a fresh result; on an error the scene stays as it was.

    Args:
        labels: (H, W) uint8, values as in `HEAD_SEGMENTS` from 1.
    """
    nodes = HeadNodes(result, volumeNode)
    outline = result.outline_px()
    if outline is None or result.ofd_px is None or result.bpd_px is None:
        return nodes
    # An abstained head is offered as a proposal to drag, never under the name of a measurement.
    mark = "" if result.vouched else " proposal"

    def name(what: str) -> str:
        return slicer.mrmlScene.GenerateUniqueName(what + mark)

    with sceneTransaction():
        frame = result.frame
        ends = _ras(volumeNode, result.ofd_px, frame)
        nodes.ofd = lineNode(name("OFD"), ends[0], ends[1], showLength=False)
        ends = _ras(volumeNode, result.bpd_px, frame)
        nodes.bpd = lineNode(name("BPD"), ends[0], ends[1], color=(1.0, 0.48, 0.35), showLength=False)
        nodes.curve = closedCurveNode(name("HC"), _ras(volumeNode, outline, frame), locked=True)
        if result.vouched:
            shape = tuple(reversed(volumeNode.GetImageData().GetDimensions()))
            stack = np.zeros(shape, np.uint8)
            stack[frame if shape[0] > 1 else 0] = labels
            nodes.segmentation = segmentationFromLabels(stack, volumeNode, HEAD_SEGMENTS, name("Fetal head structures"))
            nodes.segmentation.GetDisplayNode().SetOpacity2DFill(0.12)
        nodes.table = tableFromMeasurements(result.measurements(), name=name("Head biometry"))
        for node in nodes.all():
            setProvenance(node, Provenance(**result.provenance))
        placeInFolder(nodes.all(), volumeNode, f"{volumeNode.GetName()} biometry")
        _connect(nodes)
        _annotate(nodes)
    return nodes


def readHead(curveNode: slicer.vtkMRMLMarkupsClosedCurveNode | None) -> HeadNodes | None:
    """The head that a curve belongs to, e.g. in a scene that was loaded; None for any other curve."""
    if curveNode is None:
        return None
    text = curveNode.GetAttribute(RESULT_ATTRIBUTE)
    if not text:
        return None
    found = {role: curveNode.GetNodeReference(f"DeepMed.{role}") for role in _ROLES}
    if found["volume"] is None or found["ofd"] is None or found["bpd"] is None:
        return None  # a part was deleted: there is nothing left to edit
    return HeadNodes(HeadResult.from_json(json.loads(text)), curve=curveNode, **found)


def refreshHead(nodes: HeadNodes) -> HeadNodes:
    """Follow the axis lines after a person moved one: curve, table and numbers are computed anew."""
    if nodes.ofd is None or nodes.bpd is None or nodes.curve is None:
        return nodes
    ofdEnds, bpdEnds = lineEnds(nodes.ofd), lineEnds(nodes.bpd)
    if ofdEnds is None or bpdEnds is None:
        return nodes  # an end is being placed
    ofd, bpd = rasToPixel(nodes.volume, ofdEnds)[:, :2], rasToPixel(nodes.volume, bpdEnds)[:, :2]
    if min(np.linalg.norm(ofd[1] - ofd[0]), np.linalg.norm(bpd[1] - bpd[0])) < 1:
        return nodes  # both ends on one spot: no ellipse to speak of while the user is dragging
    return _rewrite(replace(nodes, result=nodes.result.with_axes(ofd, bpd)))


def changeHead(nodes: HeadNodes, result: HeadResult) -> HeadNodes:
    """Show another result for the same head, e.g. after the scale or a setting changed; lines keep their pixels."""
    for line, pixels in ((nodes.ofd, result.ofd_px), (nodes.bpd, result.bpd_px)):
        if line is not None and pixels is not None:
            ends = _ras(nodes.volume, pixels, result.frame)
            updateLine(line, ends[0], ends[1])
    return _rewrite(replace(nodes, result=result))


def _rewrite(nodes: HeadNodes) -> HeadNodes:
    outline = nodes.result.outline_px()
    if nodes.curve is None or outline is None:
        return nodes
    updateCurve(nodes.curve, _ras(nodes.volume, outline, nodes.result.frame))
    nodes.table = tableFromMeasurements(nodes.result.measurements(), node=nodes.table)
    _connect(nodes)
    _annotate(nodes)
    return nodes


def _connect(nodes: HeadNodes) -> None:
    if nodes.curve is None:
        return
    for role in _ROLES:
        node = getattr(nodes, role)
        nodes.curve.SetNodeReferenceID(f"DeepMed.{role}", node.GetID() if node is not None else None)
    nodes.curve.SetAttribute(RESULT_ATTRIBUTE, json.dumps(nodes.result.to_json()))
    nodes.curve.SetAttribute("DeepMed.Edited", "true" if nodes.result.edited else "false")


def _annotate(nodes: HeadNodes) -> None:
    """Write our numbers beside the calipers, and the ellipse's circumference (not the polygon's) on the curve."""
    values = {m.name: m for m in nodes.result.lengths()}
    for name, line in (("OFD", nodes.ofd), ("BPD", nodes.bpd)):
        if line is None:
            continue
        measured = values.get(name)
        text = name if measured is None else f"{name} {measured.value:.1f} {measured.unit}"
        line.SetNthControlPointLabel(0, text if measured is not None else f"{name}?")
        line.SetNthControlPointLabel(1, "")
        line.GetDisplayNode().SetPointLabelsVisibility(True)
    if nodes.curve is None:
        return
    circumference = values.get("HC")
    if circumference is None or circumference.value is None or nodes.result.scale is None:
        removeStaticMeasurement(nodes.curve, "HC")
    else:
        setStaticMeasurement(nodes.curve, "HC", circumference.value, "mm")
