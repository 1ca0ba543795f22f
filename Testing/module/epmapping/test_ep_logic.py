"""The Logic of EP Mapping on nodes: from a study to a map and back from the scene."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import slicer
from vtk.util.numpy_support import vtk_to_numpy

from DeepMedLib.errors import BadInput
from EPMappingLib.exports.study import ChamberMap, PointTable, Study
from EPMappingLib.phantom.shells import sphere, sphere_distance
from EPMappingMrml import mapNodes, studyNodes


@pytest.fixture
def logic(slicerScene: Any) -> Any:
    from deepmed_headless import load_named

    made = load_named("EPMapping").EPMappingLogic()
    made.runInProcess = True
    return made


def study(points: int = 120) -> Study:
    surface = sphere(3)
    lat = sphere_distance(surface, 0) / 0.6
    at = np.random.default_rng(5).choice(len(lat), points, replace=False)
    table = PointTable(surface.vertices[at], {"LAT": lat[at]}, tuple(f"P{number}" for number in range(points)))
    return Study("ball", (ChamberMap("ball", surface, {"given_LAT": lat}, table),))


def test_a_map_lies_under_the_shell_s_transform_and_is_read_back(logic: Any) -> None:
    shell = studyNodes.shellOfStudy(study())
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    shell.SetAndObserveTransformNodeID(transform.GetID())
    nodes = logic.process(shell, shell.GetNodeReference(studyNodes.POINTS))
    assert nodes.get("map").GetTransformNodeID() == transform.GetID()
    assert all(node.GetTransformNodeID() == transform.GetID() for node in nodes.group("isochrones").values())
    assert logic.readResult(nodes.handle).result == nodes.result
    assert nodes.change() == ""
    array = shell.GetPolyData().GetPointData().GetArray("given_LAT")
    array.SetValue(0, 1e3)
    assert "changed" in nodes.change()


def test_the_shell_s_own_arrays_are_taken_without_points(logic: Any) -> None:
    nodes = logic.process(studyNodes.shellOfStudy(study()), lat="given_LAT")
    quantities = nodes.result.quantities
    assert quantities["cv_median"].value == pytest.approx(0.6, rel=0.01) and quantities["cv_median"].sd is None
    assert "no interval" in " ".join(nodes.result.warnings())


def test_colors_are_gray_where_nothing_was_measured(logic: Any) -> None:
    """Points on the upper half alone: below, LAT is NaN, Measured 0, and the color that of the unknown."""
    whole = study(400)
    points = whole.maps[0].points
    assert points is not None
    upper = points.positions[:, 2] > 0
    half = PointTable(points.positions[upper], {"LAT": points.columns["LAT"][upper]}, tuple("x" * upper.sum()))
    chosen = Study("half", (ChamberMap("half", whole.maps[0].surface, {}, half),))
    shell = studyNodes.shellOfStudy(chosen)
    nodes = logic.process(shell, shell.GetNodeReference(studyNodes.POINTS))
    held = nodes.get("map").GetPolyData().GetPointData()
    lat, measured, color = (
        np.array(vtk_to_numpy(held.GetArray(name))) for name in (mapNodes.LAT, mapNodes.MEASURED, mapNodes.COLOR)
    )
    low = chosen.maps[0].surface.vertices[:, 2] < -15
    assert np.isnan(lat[low]).all() and not measured[low].any()
    assert (color[low] == color[low][0]).all() and not (color[~low] == color[low][0]).all()


@pytest.mark.parametrize(
    ("option", "words"), [({"lat": "nothing"}, "no array or column 'nothing'"), ({"step": -1.0}, "not possible")]
)
def test_a_wrong_option_leaves_the_scene_as_it_was(logic: Any, option: dict[str, Any], words: str) -> None:
    shell = studyNodes.shellOfStudy(study())
    count = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(BadInput, match=words):
        logic.process(shell, shell.GetNodeReference(studyNodes.POINTS), **option)
    assert slicer.mrmlScene.GetNumberOfNodes() == count


def test_without_a_shell_there_is_a_sentence(logic: Any) -> None:
    with pytest.raises(BadInput, match="No shell is selected"):
        logic.process(None)


def _points(positions: np.ndarray, lat: np.ndarray, column: str = "LAT") -> Any:
    names = tuple(f"P{number}" for number in range(len(positions)))
    return studyNodes.pointsNode(PointTable(positions, {column: lat}, names), "points")


BALL = sphere(3)


@pytest.mark.parametrize(
    ("positions", "lat", "words"),
    [
        (BALL.vertices[:50] * 4, np.arange(50.0), "0 of 50 points lie within 10 mm.*median distance 75.0 mm"),
        (BALL.vertices[:50], np.full(50, np.nan), "no annotated activation time and no voltage"),
        (BALL.vertices[:50], np.full(50, -10000.0), "no annotated activation time and no voltage"),
        (BALL.vertices[:1], np.zeros(1), "Only 1 of 1 points"),
        (np.full((9, 3), np.nan), np.zeros(9), "No point has a position"),
    ],
)
def test_points_that_let_nothing_be_said_leave_the_scene_as_it_was(
    logic: Any, positions: np.ndarray, lat: np.ndarray, words: str
) -> None:
    shell = studyNodes.shellNode(ChamberMap("ball", BALL), "ball")
    points = _points(positions, lat)
    count = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(BadInput, match=words) as told:
        logic.process(shell, points)
    assert told.value.remedy and slicer.mrmlScene.GetNumberOfNodes() == count


def test_shells_that_are_odd_are_mapped_and_said(logic: Any) -> None:
    """Two parts, points on one of them; the other stays unknown."""
    from EPMappingLib.surface.mesh import Surface, merged

    second = sphere(3, 15.0)
    both = merged([BALL, Surface(second.vertices + 60.0, second.faces[:, ::-1])])
    shell = studyNodes.shellNode(ChamberMap("two", both), "two")
    lat = sphere_distance(BALL, 0) / 0.6
    nodes = logic.process(shell, _points(BALL.vertices[::5], lat[::5]))
    held = nodes.get("map").GetPolyData().GetPointData()
    assert np.isnan(vtk_to_numpy(held.GetArray(mapNodes.LAT))[len(BALL.vertices) :]).all()
    assert "2 parts" in " ".join(nodes.result.warnings())


@pytest.mark.parametrize(("unit", "words"), [("ms", "most likely seconds"), ("s", "")])
def test_mixed_up_units_are_said_before_the_numbers(logic: Any, unit: str, words: str) -> None:
    shell = studyNodes.shellNode(ChamberMap("ball", BALL), "ball")
    seconds = sphere_distance(BALL, 0) / 0.6 / 1000
    nodes = logic.process(shell, _points(BALL.vertices[::4], seconds[::4]), unit=unit)
    assert words in nodes.result.headline() and ("most likely" in nodes.result.headline()) == bool(words)


@pytest.mark.parametrize(("speed", "grave"), [(0.09, True), (0.11, False), (2.9, False), (3.1, True)])
def test_a_velocity_of_no_heart_is_said_first(logic: Any, speed: float, grave: bool) -> None:
    """On both sides of 0.1 and 3 m/s."""
    ball = sphere(4)
    shell = studyNodes.shellNode(ChamberMap("ball", ball, {"LAT": sphere_distance(ball, 0) / speed}), "ball")
    nodes = logic.process(shell)
    assert ("no heart muscle" in " ".join(nodes.result.warnings())) == grave
