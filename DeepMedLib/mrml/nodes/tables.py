"""Text and measurements as a table node."""

from __future__ import annotations

from collections.abc import Sequence

import slicer
import vtk

from DeepMedLib.measurement import Measurement
from DeepMedLib.report.numbers import row_texts
from DeepMedLib.results.table import Table

COLUMNS = ("Measure", "Value", "SD", "95 % low", "95 % high", "Unit", "Code", "Source")


def tableFromMeasurements(
    measurements: Sequence[Measurement], node: slicer.vtkMRMLTableNode | None = None, name: str = "Measurements"
) -> slicer.vtkMRMLTableNode:
    """One row a measurement, written as in the report; an unknown number is an empty cell, never 0.

    Columns: Measure, Value, SD, 95 % low, 95 % high, Unit, Code, Source.

    Args:
        measurements: the rows.
        node: a table node to fill anew instead of making one.
        name: name of a new node.
    """
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", name)
    return fillTable(node, COLUMNS, [row_texts(measurement) for measurement in measurements])


def fillTable(
    node: slicer.vtkMRMLTableNode, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> slicer.vtkMRMLTableNode:
    """Replace all columns of a table node by text, not to be edited; returns the node."""
    with slicer.util.NodeModify(node):
        node.SetLocked(True)
        node.SetUseColumnTitleAsColumnHeader(True)  # views show the names, not A, B, C
        node.RemoveAllColumns()
        for index, title in enumerate(columns):
            values = vtk.vtkStringArray()
            values.SetName(title)
            for row in rows:
                values.InsertNextValue(row[index])
            node.AddColumn(values)
    return node


def tableNode(table: Table, name: str) -> slicer.vtkMRMLTableNode:
    """A new node with a result's table, as people see it."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", slicer.mrmlScene.GenerateUniqueName(name))
    return fillTable(node, table.titles(), table.texts())


def rowsFromTable(node: slicer.vtkMRMLTableNode) -> list[tuple[str, ...]]:
    """The table's cells as text, row by row."""
    table = node.GetTable()
    return [
        tuple(table.GetValue(row, column).ToString() for column in range(table.GetNumberOfColumns()))
        for row in range(table.GetNumberOfRows())
    ]
