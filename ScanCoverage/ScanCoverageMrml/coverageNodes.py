"""A scan's reading in the scene: a table of verdicts, a table of slices, lungs and airways as segments.

The table of verdicts is the reading's handle: it refers to the other nodes and carries the result as text, so that a
saved scene can be opened again.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import slicer

from DeepMedLib.measurement import Code
from DeepMedLib.mrml.hierarchy import placeInFolder
from DeepMedLib.mrml.provenance import setProvenance
from DeepMedLib.mrml.segmentations import SegmentSpec, segmentationFromLabels
from DeepMedLib.mrml.tables import fillTable
from DeepMedLib.mrml.terminology import ANATOMICAL_STRUCTURE
from DeepMedLib.mrml.transaction import sceneTransaction
from DeepMedLib.provenance import Provenance
from ScanCoverageLib.coverage_result import CoverageResult

RESULT_ATTRIBUTE = "DeepMed.CoverageResult"
_ROLES = ("volume", "slices", "masks")

RIGHT, LEFT = Code("24028007", "SCT", "Right"), Code("7771000", "SCT", "Left")
LUNG = Code("39607008", "SCT", "Lung")

MASK_SEGMENTS = (
    SegmentSpec("lung_right", "Right lung", (0.45, 0.70, 0.90), (ANATOMICAL_STRUCTURE, LUNG, RIGHT)),
    SegmentSpec("lung_left", "Left lung", (0.55, 0.85, 0.65), (ANATOMICAL_STRUCTURE, LUNG, LEFT)),
    SegmentSpec(
        "airways", "Airways", (0.95, 0.60, 0.35), (ANATOMICAL_STRUCTURE, Code("89187006", "SCT", "Airway structure"))
    ),
)
"""Labels 1, 2 and 3 of the masks."""

VERDICT_COLUMNS = ("Region or organ", "Kind", "State", "Cut at", "Source")
SLICE_COLUMNS = ("Slice", "z (mm)", "Position", "SD", "Region", "Probability")


@dataclass
class CoverageNodes:
    """The nodes of one scan that was read."""

    result: CoverageResult
    volume: slicer.vtkMRMLVolumeNode
    verdicts: slicer.vtkMRMLTableNode | None = None
    slices: slicer.vtkMRMLTableNode | None = None
    masks: slicer.vtkMRMLSegmentationNode | None = None

    def all(self) -> list[slicer.vtkMRMLNode]:
        """The result nodes that exist, without the volume."""
        return [node for node in (self.verdicts, self.slices, self.masks) if node is not None]


def writeCoverage(
    volumeNode: slicer.vtkMRMLVolumeNode, result: CoverageResult, masks: np.ndarray | None
) -> CoverageNodes:
    """Make the nodes of a fresh reading; on an error the scene stays as it was.

    Args:
        masks: (K, J, I) uint8 on the volume's grid, labels as in `MASK_SEGMENTS` from 1; None when not asked for.
    """
    nodes = CoverageNodes(result, volumeNode)
    name = volumeNode.GetName()
    with sceneTransaction():
        nodes.verdicts = _table(f"{name} coverage", VERDICT_COLUMNS, verdictRows(result))
        nodes.slices = _table(f"{name} slices", SLICE_COLUMNS, sliceRows(result))
        if masks is not None and masks.any():
            unique = slicer.mrmlScene.GenerateUniqueName(f"{name} lungs")
            nodes.masks = segmentationFromLabels(masks, volumeNode, MASK_SEGMENTS, unique)
        for node in nodes.all():
            setProvenance(node, Provenance(**result.provenance))
        placeInFolder(nodes.all(), volumeNode, f"{name} coverage")
        nodes.verdicts.SetAttribute(RESULT_ATTRIBUTE, json.dumps(result.to_json()))
        for role in _ROLES:
            node = getattr(nodes, role)
            nodes.verdicts.SetNodeReferenceID(f"DeepMed.{role}", node.GetID() if node is not None else None)
    return nodes


def readCoverage(tableNode: slicer.vtkMRMLTableNode | None) -> CoverageNodes | None:
    """The reading that a table belongs to, e.g. in a scene that was loaded; None for any other table."""
    text = tableNode.GetAttribute(RESULT_ATTRIBUTE) if tableNode is not None else None
    if tableNode is None or not text:
        return None
    found = {role: tableNode.GetNodeReference(f"DeepMed.{role}") for role in _ROLES}
    return CoverageNodes(CoverageResult.from_json(json.loads(text)), verdicts=tableNode, **found)


def verdictRows(result: CoverageResult) -> list[tuple[str, ...]]:
    """Cells of the table of verdicts."""
    return [(v.name, v.kind, v.state, ", ".join(v.sides), v.source) for v in result.verdicts]


def sliceRows(result: CoverageResult) -> list[tuple[str, ...]]:
    """Cells of the table of slices; what is not known is an empty cell."""

    def text(value: float | None, form: str) -> str:
        return "" if value is None else format(value, form)

    return [
        (
            str(reading.index),
            f"{reading.z_mm:.1f}",
            text(reading.position, ".1f"),
            text(reading.sd, ".1f"),
            reading.region,
            text(reading.probability, ".2f"),
        )
        for reading in result.slices
    ]


def _table(name: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> slicer.vtkMRMLTableNode:
    unique = slicer.mrmlScene.GenerateUniqueName(name)
    return fillTable(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", unique), columns, rows)
