"""An organ corrected by points of the user: segment, table and result follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.mrml.inputs.volumes import arrayFromVolume, gridFromVolume
from DeepMedLib.mrml.nodes.segmentations import segmentationFromLabels
from DeepMedLib.mrml.nodes.tables import fillTable
from DeepMedLib.remark import Gravity, Remark
from PancreasSegLib.calibration import UNCALIBRATED
from PancreasSegLib.correction import corrected
from PancreasSegLib.findings import organ_findings
from PancreasSegLib.organs import BY_KEY
from PancreasSegLib.organs_result import OrgansResult
from PancreasSegMrml.organNodes import RESULTS, OrganNodes, labelsOf, segmentsOf

Points = Sequence[Sequence[float]]


def pointsOf(node: slicer.vtkMRMLMarkupsFiducialNode | None) -> list[list[float]]:
    """World RAS mm of a list's placed points."""
    if node is None:
        return []
    return [list(node.GetNthControlPointPositionWorld(n)) for n in range(node.GetNumberOfControlPoints())]


def correctOrgan(nodes: OrganNodes, key: str, inside: Points, outside: Points) -> None:
    """Redo one organ about points inside and outside of it; nothing farther away changes.

    The network's interval no longer applies to it, and the result says that a person corrected it.

    Raises:
        BadInput: the result is none of a CT, its scan has gone, or the points cannot be used; the scene stays.
    """
    result, labels = nodes.result, labelsOf(nodes)
    if not isinstance(result, OrgansResult) or labels is None or nodes.handle is None:
        raise BadInput("There is no outline of a CT to correct.", "Outline the organs first.")
    organ = BY_KEY[key]
    values, grid = arrayFromVolume(nodes.volume)
    labels = corrected(values, labels, gridFromVolume(nodes.volume), organ.label, inside, outside)
    (finding,) = organ_findings(labels, grid, [key], UNCALIBRATED, values=values)
    others = tuple(one for one in result.organs if one.key != key)
    kept = tuple(finding if one.key == key else one for one in result.organs)
    told = Remark(f"{organ.name}: corrected by points of the user; its volume has no interval.", Gravity.NOTE)
    checks = tuple(remark for remark in result.checks if remark.text != told.text)
    nodes.result = replace(
        result, organs=kept if len(kept) > len(others) else (*others, finding), checks=(*checks, told)
    )
    segmentationFromLabels(labels, nodes.volume, segmentsOf(nodes.result), "", nodes.get("segmentation"))
    table = nodes.result.table("organs")
    fillTable(nodes.handle, table.titles(), table.texts())
    RESULTS.store(nodes)
