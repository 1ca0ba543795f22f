"""Charts of a report as Slicer plot nodes."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("slicer")

import slicer

from DeepMedLib.mrml.nodes import plots
from DeepMedLib.report.model import Band, Chart, ChartPoint, Series

pytestmark = pytest.mark.usefixtures("slicerScene")

WEEKS = (14.0, 20.0, 40.0)


def chart(
    points: tuple[ChartPoint, ...] = (ChartPoint(28.0, 262.0, "262 mm", 0.2, 2.0), ChartPoint(20.0, 175.0)),
) -> Chart:
    low, middle, high = (90.0, 160.0, 310.0), (98.0, 175.0, 330.0), (106.0, 190.0, 350.0)
    lines = (Series(WEEKS, low, "10", True), Series(WEEKS, middle, "50"), Series(WEEKS, high, "90", True))
    return Chart("HC, standard", "Gestational age (weeks)", "HC (mm)", lines, (Band(WEEKS, low, high),), points)


def columns(series: slicer.vtkMRMLPlotSeriesNode) -> tuple[list[float], list[float]]:
    table = series.GetTableNode().GetTable()
    found = []
    for name in (series.GetXColumnName(), series.GetYColumnName()):
        column = table.GetColumnByName(name)
        found.append([column.GetValue(n) for n in range(column.GetNumberOfTuples())])
    return found[0], found[1]


def counts() -> dict[str, int]:
    names = ("vtkMRMLPlotChartNode", "vtkMRMLPlotSeriesNode", "vtkMRMLTableNode")
    return {name: slicer.mrmlScene.GetNumberOfNodesByClass(name) for name in names}


def test_a_single_point_is_there_twice() -> None:
    node = plots.plotFromChart(chart(points=(ChartPoint(30.0, 280.0),)))
    measured = next(s for s in plots.plotNodes(node) if s.GetName() == "Measured")
    assert columns(measured) == ([30.0, 30.0], [280.0, 280.0])


def test_every_number_is_in_the_tables() -> None:
    node = plots.plotFromChart(chart())
    assert node.GetTitle() == "HC, standard" and node.GetXAxisTitle() == "Gestational age (weeks)"
    assert node.GetYAxisTitle() == "HC (mm)"
    series = {s.GetName(): s for s in (node.GetNthPlotSeriesNode(n) for n in range(node.GetNumberOfPlotSeriesNodes()))}
    kind = slicer.vtkMRMLPlotSeriesNode
    for line in chart().series:
        assert columns(series[line.label]) == (list(line.x), list(line.y))
        wanted = kind.LineStyleDash if line.dashed else kind.LineStyleSolid
        assert series[line.label].GetLineStyle() == wanted
        assert series[line.label].GetMarkerStyle() == kind.MarkerStyleNone
    assert len({series[label].GetTableNode().GetID() for label in ("10", "50", "90")}) == 1
    assert columns(series["Measured"]) == ([28.0, 20.0], [262.0, 175.0])
    assert series["Measured"].GetLineStyle() == kind.LineStyleNone
    np.testing.assert_allclose(columns(series["95 % of point 1"]), [[28.0, 28.0], [258.08, 265.92]])
    along = series["95 % of point 1 along Gestational age (weeks)"]
    np.testing.assert_allclose(columns(along), [[27.608, 28.392], [262.0, 262.0]])
    assert len(series) == 6  # the band's borders are two of the lines already


def test_band_without_lines() -> None:
    bare = Chart("t", "x", "y", (), (Band((0.0, 1.0), (0.0, 0.0), (1.0, 2.0), "range"),))
    node = plots.plotFromChart(bare)
    names = [node.GetNthPlotSeriesNode(n).GetName() for n in range(node.GetNumberOfPlotSeriesNodes())]
    assert names == ["range low", "range high"]


def test_filled_anew_leaves_nothing_behind() -> None:
    node = plots.plotFromChart(chart())
    first = counts()
    own = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", "of the user")
    node.AddAndObservePlotSeriesNodeID(own.GetID())
    assert plots.plotFromChart(chart(points=(ChartPoint(30.0, 280.0),)), node) is node
    assert counts() == {"vtkMRMLPlotChartNode": 1, "vtkMRMLPlotSeriesNode": 5, "vtkMRMLTableNode": 2}
    assert first == {"vtkMRMLPlotChartNode": 1, "vtkMRMLPlotSeriesNode": 6, "vtkMRMLTableNode": 3}
    assert node.HasPlotSeriesNodeID(own.GetID())


def test_nodes_for_a_folder() -> None:
    node = plots.plotFromChart(chart())
    found = plots.plotNodes(node)
    assert found[0] is node and len(found) == 1 + 6 + 3 and len({n.GetID() for n in found}) == 10


def test_numbers_must_be_finite() -> None:
    broken = Chart("t", "x", "y", (Series((0.0, 1.0), (0.0, float("nan")), "a"),))
    with pytest.raises(ValueError, match="finite"):
        plots.plotFromChart(broken)


def test_saved_and_loaded_with_the_scene(tmp_path: object) -> None:
    """The chart finds its series, and they their columns, after a scene is saved and read."""
    plots.plotFromChart(chart())
    path = f"{tmp_path}/scene.mrb"
    assert slicer.util.saveScene(path)
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(path)
    node = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLPlotChartNode")
    series = [node.GetNthPlotSeriesNode(n) for n in range(node.GetNumberOfPlotSeriesNodes())]
    assert len(series) == 6
    measured = next(s for s in series if s.GetName() == "Measured")
    assert columns(measured) == ([28.0, 20.0], [262.0, 175.0])


def test_shown_in_the_layout() -> None:
    node = plots.plotFromChart(chart())
    plots.showPlot(node)
    assert slicer.app.applicationLogic().GetSelectionNode().GetActivePlotChartID() == node.GetID()
