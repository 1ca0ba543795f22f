"""A map in the scene: model with arrays and legend, isochrones, lines, sites and points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from DeepMedLib.mrml.nodes.markups import LabelledPoint, fiducialNode
from DeepMedLib.mrml.nodes.tables import tableNode
from DeepMedLib.mrml.results.resultNodes import ResultKind, ResultNodes
from EPMappingLib.ep_result import EpResult
from EPMappingLib.report.colors import colors_of
from EPMappingLib.report.map_pictures import DrawnMap, lat_colors
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.projection import poly_data
from EPMappingLib.velocity.conduction import KEPT

RESULTS = ResultKind("EPMapping", EpResult, handle="numbers", folder="map")
EpNodes = ResultNodes[EpResult]

LAT, LAT_SD, BIPOLAR, MEASURED, CV, EXCLUDED = (
    "LAT_ms", "LAT_sd_ms", "Bipolar_mV", "Measured", "CV_m_per_s", "Excluded",
)  # fmt: skip
COLOR = "Color"
"""The colors that are shown: of activation, faded where the map does not know, gray where nothing was measured."""
_RAINBOW = "vtkMRMLColorTableNodeRainbow"
_CURVES, _SHORTEST_MM, _STEP_MM = 40, 15.0, 3.0  # isochrones that become curves, and the way between their points
_COLORS = {
    "earliest": (1.0, 1.0, 1.0),
    "block": (0.1, 0.1, 0.1),
    "slow": (0.45, 0.2, 0.55),
    "isochrone": (0.16, 0.16, 0.18),
}


def makeNodes(
    shellNode: slicer.vtkMRMLModelNode, result: EpResult, surface: Surface, arrays: Mapping[str, np.ndarray]
) -> dict[str, slicer.vtkMRMLNode]:
    """The nodes of a fresh map, by role, under the transform that the shell lies under.

    :param arrays: of the task, see `ep_task.run`.
    """
    name = shellNode.GetName()
    tables = [table for table in result.tables() if table.name != "measurements"]  # "numbers" is the same for people
    nodes: dict[str, Any] = {table.name: tableNode(table, f"{name} {table.name}") for table in tables}
    nodes["map"] = mapModel(f"{name} map", result, surface, arrays)
    for number, (points, closed, lat) in enumerate(_curves(arrays)):
        nodes[f"isochrones.{number}"] = curveNode(f"{lat:g} ms", points, closed, _COLORS["isochrone"], 0.4)
    for number, (line, points) in enumerate(zip(result.lines, _chains(arrays, "line"), strict=True)):
        nodes[f"slowLines.{number}"] = curveNode(f"{line.kind} {number + 1}", points, False, _COLORS[line.kind], 1.2)
    if result.sites:
        told = [LabelledPoint(each.position, f"{each.name} {each.lat_ms:.0f} ms") for each in result.sites]
        nodes["siteMarks"] = fiducialNode(f"{name} sites", told, locked=True)
    used = [point for point in result.points if point.used]
    if used:
        marks = fiducialNode(f"{name} points", [LabelledPoint(each.position, each.name) for each in used], locked=True)
        marks.GetDisplayNode().SetPointLabelsVisibility(False)
        marks.GetDisplayNode().SetVisibility(False)
        nodes["pointMarks"] = marks
    transform = shellNode.GetTransformNodeID()
    for node in nodes.values():
        if transform and node.IsA("vtkMRMLTransformableNode"):
            node.SetAndObserveTransformNodeID(transform)
    shellNode.CreateDefaultDisplayNodes()
    shellNode.GetDisplayNode().SetVisibility(False)  # the map lies exactly on it
    return nodes


def mapModel(
    name: str, result: EpResult, surface: Surface, arrays: Mapping[str, np.ndarray]
) -> slicer.vtkMRMLModelNode:
    """The shell with the arrays of the map, shown in the colors of activation, or of voltage where there is none."""
    data = poly_data(surface)
    at_points = {
        LAT: arrays["lat_ms"],
        LAT_SD: arrays["lat_sd_ms"],
        BIPOLAR: arrays["bipolar_mv"],
        MEASURED: np.asarray(arrays["measured"], np.uint8),
        COLOR: _shown(result, arrays),
    }
    at_cells = {CV: arrays["cv"], EXCLUDED: (arrays["reasons"] != KEPT).astype(np.uint8)}
    for held, named in ((data.GetPointData(), at_points), (data.GetCellData(), at_cells)):
        for title, values in named.items():
            array = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
            array.SetName(title)
            held.AddArray(array)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLModelNode", slicer.mrmlScene.GenerateUniqueName(name))
    node.SetAndObservePolyData(data)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    display.SetActiveScalar(COLOR, vtk.vtkAssignAttribute.POINT_DATA)
    display.SetScalarVisibility(True)
    display.SetAndObserveColorNodeID(_RAINBOW)
    display.SetBackfaceCulling(False)
    low, high = _span(result, arrays)
    display.SetScalarRangeFlag(slicer.vtkMRMLDisplayNode.UseDirectMapping)
    display.SetScalarRange(low, high)
    legend = slicer.vtkSlicerColorLogic.AddDefaultColorLegendDisplayNode(display)
    if legend is not None:
        legend.SetTitleText("LAT (ms)" if result.sites else "Bipolar (mV)")
    return node


def _span(result: EpResult, arrays: Mapping[str, np.ndarray]) -> tuple[float, float]:
    if result.sites:
        return float(np.nanmin(arrays["lat_ms"])), float(np.nanmax(arrays["lat_ms"]))
    return 0.2 * result.thresholds["low_voltage"], 3 * result.thresholds["low_voltage"]


def _shown(result: EpResult, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """(V, 3) uint8."""
    if result.sites:
        return lat_colors(arrays["lat_ms"], arrays["lat_sd_ms"], result.thresholds["step"])
    return colors_of(arrays["bipolar_mv"], _span(result, arrays))


def _chains(arrays: Mapping[str, np.ndarray], name: str) -> list[np.ndarray]:
    sizes = np.asarray(arrays[f"{name}_sizes"], int)
    return np.split(arrays[f"{name}_points"], np.cumsum(sizes)[:-1]) if len(sizes) else []


def _curves(arrays: Mapping[str, np.ndarray]) -> list[tuple[np.ndarray, bool, float]]:
    """The longest isochrones, by rising time: points, whether closed, ms."""
    chains = _chains(arrays, "isochrone")
    lengths = np.array([np.linalg.norm(np.diff(points, axis=0), axis=1).sum() for points in chains])
    kept = [at for at in np.argsort(-lengths, kind="stable")[:_CURVES] if lengths[at] >= _SHORTEST_MM]
    return [
        (chains[at], bool(arrays["isochrone_closed"][at]), float(arrays["isochrone_ms"][at])) for at in sorted(kept)
    ]


def curveNode(
    name: str, points: np.ndarray, closed: bool, color: Sequence[float], diameter: float
) -> slicer.vtkMRMLMarkupsCurveNode:
    """A locked curve with straight pieces of some 3 mm and no handles."""
    kind = "vtkMRMLMarkupsClosedCurveNode" if closed else "vtkMRMLMarkupsCurveNode"
    node = slicer.mrmlScene.AddNewNodeByClass(kind, name)
    node.SetCurveTypeToLinear()
    slicer.util.updateMarkupsControlPointsFromArray(node, _thinned(points, closed), world=False)
    node.SetLocked(True)
    node.CreateDefaultDisplayNodes()
    display = node.GetDisplayNode()
    for paint in (display.SetColor, display.SetSelectedColor, display.SetActiveColor):
        paint(*color)
    display.SetPointLabelsVisibility(False)
    display.SetPropertiesLabelVisibility(False)
    display.SetGlyphScale(0.01)
    display.SetCurveLineSizeMode(display.UseLineDiameter)
    display.SetLineDiameter(diameter)
    return node


def _thinned(points: np.ndarray, closed: bool) -> np.ndarray:
    """Points of the line some 3 mm apart; the last of a closed one is not the first again."""
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    count = max(round(way[-1] / _STEP_MM), 3) + 1
    at = np.linspace(0, way[-1], count)
    found = np.stack([np.interp(at, way, points[:, axis]) for axis in range(3)], axis=1)
    return found[:-1] if closed else found


def drawnMap(nodes: EpNodes) -> DrawnMap | None:
    """What the pictures show, from the nodes in the scene; None where the map has gone."""
    model = nodes.get("map")
    if model is None or model.GetPolyData() is None:
        return None
    data = model.GetPolyData()
    held = {name: _array(data.GetPointData(), name) for name in (LAT, LAT_SD, BIPOLAR)}
    isochrones = [_line(node) for node in nodes.group("isochrones").values()]
    blocks = [
        _local(node)
        for number, node in nodes.group("slowLines").items()
        if nodes.result.lines[int(number)].kind == "block"
    ]
    sites = nodes.inputs.get("ablations")
    return DrawnMap(
        np.array(vtk_to_numpy(data.GetPoints().GetData()), float),
        np.array(vtk_to_numpy(data.GetPolys().GetConnectivityArray()), int).reshape(-1, 3),
        held[LAT],
        held[LAT_SD],
        held[BIPOLAR],
        _array(data.GetCellData(), CV),
        isochrones,
        blocks,
        np.zeros((0, 3)) if sites is None else _local(sites),
    )


def _array(held: Any, name: str) -> np.ndarray:
    return np.array(vtk_to_numpy(held.GetArray(name)), float)


def _line(node: slicer.vtkMRMLMarkupsCurveNode) -> np.ndarray:
    points = _local(node)
    return np.vstack([points, points[:1]]) if node.IsA("vtkMRMLMarkupsClosedCurveNode") else points


def _local(node: slicer.vtkMRMLMarkupsNode) -> np.ndarray:
    """(N, 3) control points in the node's own frame, the shell's."""
    return np.array(slicer.util.arrayFromMarkupsControlPoints(node, world=False), float).reshape(-1, 3)
