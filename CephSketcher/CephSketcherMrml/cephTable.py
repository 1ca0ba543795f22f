"""The measures of a tracing as a table node."""

from __future__ import annotations

import slicer

from CephSketcherLib.analysis.analyses import CephMeasure
from CephSketcherLib.report.deviation_bar import deviation_bar, number
from CephSketcherLib.tracing.result import CephResult
from DeepMedLib.mrml.nodes.tables import fillTable

COLUMNS = ("Measure", "Value", "SD", "Unit", "Norm", "Deviation", "−3 SD .. norm .. +3 SD", "Analysis", "Remark")


def measuresTable(
    result: CephResult, node: slicer.vtkMRMLTableNode | None = None, name: str = "Cephalometric analysis"
) -> slicer.vtkMRMLTableNode:
    """One row a measure; an unknown number is an empty cell, never 0.

    Args:
        node: a table node to fill anew instead of making one.
        name: name of a new node.
    """
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
    return fillTable(node, COLUMNS, [_row(measure) for measure in result.measures])


def _row(measure: CephMeasure) -> tuple[str, ...]:
    deviation = "" if measure.deviation_sd is None else f"{measure.deviation_sd:+.1f} SD".replace("-", "−")
    bar = "" if measure.deviation_sd is None else deviation_bar(measure.deviation_sd, measure.deviation_interval)
    unit = "°" if measure.unit == "deg" else measure.unit
    value, sd = number(measure.value), "" if measure.sd is None else number(measure.sd)
    return (measure.title, value, sd, unit, measure.norm_text, deviation, bar, measure.analysis, measure.note)
