"""Charts of a report as Slicer plots: the same curves and points, in a table node, series nodes and a chart node."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import slicer
import vtk

from DeepMedLib.report.model import Chart

CURVE_COLOR = (0.04, 0.39, 0.44)
MEASURED_COLOR = (0.75, 0.22, 0.17)
_ROLE = "DeepMed.PlotPart"


def plotFromChart(chart: Chart, node: slicer.vtkMRMLPlotChartNode | None = None) -> slicer.vtkMRMLPlotChartNode:
    """A chart as a plot chart node with its series and tables.

    Curves and the borders of bands become lines, points become circles, and each 95 % bar a line of its own (Slicer's
    plots have no error bars). Numbers are exact: the tables hold them in double precision.

    Args:
        chart: what to draw.
        node: a chart node of this function to fill anew; its former series and tables leave the scene.
    """
    if node is None:
        node = slicer.mrmlScene.AddNewNodeByClass(
            "vtkMRMLPlotChartNode", slicer.mrmlScene.GenerateUniqueName(chart.title)
        )
    removeSeries(node)
    made = _curves(chart) + _points(chart) + _bars(chart)
    with slicer.util.NodeModify(node):
        node.SetTitle(chart.title)
        node.SetXAxisTitle(chart.x_label)
        node.SetYAxisTitle(chart.y_label)
        node.SetLegendVisibility(False)
        for series in made:
            node.AddAndObservePlotSeriesNodeID(series.GetID())
    return node


def removeSeries(node: slicer.vtkMRMLPlotChartNode) -> None:
    """Remove the series and tables that `plotFromChart` made for this chart; others stay."""
    tables = []
    for nodeId in [node.GetNthPlotSeriesNodeID(n) for n in range(node.GetNumberOfPlotSeriesNodes())]:
        series = slicer.mrmlScene.GetNodeByID(nodeId)
        if series is None or series.GetAttribute(_ROLE) is None:
            continue
        table = series.GetTableNode()
        if table is not None and table.GetAttribute(_ROLE) is not None and table not in tables:
            tables.append(table)
        node.RemovePlotSeriesNodeID(nodeId)
        slicer.mrmlScene.RemoveNode(series)
    for table in tables:
        slicer.mrmlScene.RemoveNode(table)


def plotNodes(node: slicer.vtkMRMLPlotChartNode) -> list[slicer.vtkMRMLNode]:
    """The chart, its series and their tables, e.g. to put them into a folder."""
    found = [node]
    for n in range(node.GetNumberOfPlotSeriesNodes()):
        series = node.GetNthPlotSeriesNode(n)
        for part in (series, series.GetTableNode() if series is not None else None):
            if part is not None and part not in found:
                found.append(part)
    return found


def showPlot(node: slicer.vtkMRMLPlotChartNode) -> None:
    """Show a chart in the layout, which gets a plot view when it has none."""
    slicer.modules.plots.logic().ShowChartInLayout(node)


def _drawn(chart: Chart, values: Sequence[float]) -> bool:
    """Whether a band's border is one of the lines already."""
    return any(tuple(line.y) == tuple(values) for line in chart.series)


def _curves(chart: Chart) -> list[slicer.vtkMRMLPlotSeriesNode]:
    """Lines, and the borders of bands that are not among them; those over the same x share a table."""
    wanted = [(line.label, line.x, line.y, line.dashed) for line in chart.series]
    for band in chart.bands:
        for side, values in (("low", band.low), ("high", band.high)):
            if not _drawn(chart, values):
                wanted.append((f"{band.label} {side}".strip(), band.x, values, True))
    grids: dict[tuple[float, ...], dict[str, tuple[Sequence[float], bool]]] = {}
    for number, (label, x, y, dashed) in enumerate(wanted, start=1):
        columns = grids.setdefault(tuple(x), {})
        name = label or f"Curve {number}"
        columns[name if name not in columns and name != chart.x_label else f"{name} ({number})"] = (y, dashed)
    kind = slicer.vtkMRMLPlotSeriesNode
    made = []
    for x, lines in grids.items():
        table = _table(f"{chart.title}: curves", {chart.x_label: x, **{name: y for name, (y, _) in lines.items()}})
        for name, (_, dashed) in lines.items():
            series = _series(table, chart.x_label, name, name, CURVE_COLOR)
            series.SetLineStyle(kind.LineStyleDash if dashed else kind.LineStyleSolid)
            made.append(series)
    return made


def _points(chart: Chart) -> list[slicer.vtkMRMLPlotSeriesNode]:
    if not chart.points:
        return []
    # Slicer paints points as a line without a pen, and complains of a line with one point: that one is there twice.
    points = chart.points if len(chart.points) > 1 else (*chart.points, *chart.points)
    columns = {chart.x_label: [p.x for p in points], chart.y_label: [p.y for p in points]}
    series = _series(
        _table(f"{chart.title}: measured", columns), chart.x_label, chart.y_label, "Measured", MEASURED_COLOR
    )
    series.SetLineStyle(slicer.vtkMRMLPlotSeriesNode.LineStyleNone)
    series.SetMarkerStyle(slicer.vtkMRMLPlotSeriesNode.MarkerStyleCircle)
    series.SetMarkerSize(9)
    return [series]


def _bars(chart: Chart) -> list[slicer.vtkMRMLPlotSeriesNode]:
    """One short line for each 95 % bar; their ends share a table."""
    columns: dict[str, list[float]] = {}
    names = []
    for number, point in enumerate(chart.points, start=1):
        for sd, axis in ((point.sd_x, 0), (point.sd_y, 1)):
            if not sd:
                continue
            ends = [1.96 * sd * side for side in (-1, 1)]
            name = f"95 % of point {number}" + (f" along {chart.x_label}" if axis == 0 else "")
            columns[f"{name}, x"] = [point.x + (end if axis == 0 else 0.0) for end in ends]
            columns[f"{name}, y"] = [point.y + (end if axis == 1 else 0.0) for end in ends]
            names.append(name)
    if not names:
        return []
    table = _table(f"{chart.title}: 95 %", columns)
    made = []
    for name in names:
        series = _series(table, f"{name}, x", f"{name}, y", name, MEASURED_COLOR)
        series.SetLineStyle(slicer.vtkMRMLPlotSeriesNode.LineStyleSolid)
        made.append(series)
    return made


def _table(name: str, columns: Mapping[str, Sequence[float]]) -> slicer.vtkMRMLTableNode:
    if not all(math.isfinite(value) for values in columns.values() for value in values):
        raise ValueError(f"{name}: a plot needs finite numbers")
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode", slicer.mrmlScene.GenerateUniqueName(name))
    table.SetAttribute(_ROLE, "table")
    with slicer.util.NodeModify(table):
        table.SetLocked(True)
        for title, values in columns.items():
            column = vtk.vtkDoubleArray()
            column.SetName(title)
            for value in values:
                column.InsertNextValue(float(value))
            table.AddColumn(column)
    return table


def _series(
    table: slicer.vtkMRMLTableNode, xColumn: str, yColumn: str, name: str, color: tuple[float, float, float]
) -> slicer.vtkMRMLPlotSeriesNode:
    series = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", name)
    series.SetAttribute(_ROLE, "series")
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeScatter)
    series.SetXColumnName(xColumn)
    series.SetYColumnName(yColumn)
    series.SetMarkerStyle(slicer.vtkMRMLPlotSeriesNode.MarkerStyleNone)
    series.SetLineWidth(2)
    series.SetColor(*color)
    return series
