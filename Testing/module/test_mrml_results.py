"""Markups, tables, provenance, transforms and the scene transaction."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("slicer")

import slicer

from DeepMedLib.errors import BadInput
from DeepMedLib.measurement import Code, Measurement
from DeepMedLib.mrml.inputs import volumes
from DeepMedLib.mrml.nodes import markups, tables, transforms
from DeepMedLib.mrml.results import provenance, transaction
from DeepMedLib.provenance import Provenance

pytestmark = pytest.mark.usefixtures("slicerScene")


def node_names() -> list[str]:
    scene = slicer.mrmlScene
    return sorted(scene.GetNthNode(index).GetID() for index in range(scene.GetNumberOfNodes()))


def test_line() -> None:
    line = markups.lineNode("BPD", [0, 0, 0], [3, 4, 0])
    assert line.GetName() == "BPD"
    assert line.GetLineLengthWorld() == pytest.approx(5.0)
    assert not line.GetLocked()
    assert line.GetFixedNumberOfControlPoints()
    markups.updateLine(line, [0, 0, 0], [0, 0, 7])
    np.testing.assert_allclose(markups.lineEnds(line), [[0, 0, 0], [0, 0, 7]])
    assert line.GetNumberOfControlPoints() == 2
    assert markups.lineNode("x", [1, 1, 1], [2, 2, 2], locked=True, node=line) is line
    assert line.GetLocked()
    unfinished = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLMarkupsLineNode")
    assert markups.lineEnds(unfinished) is None


def test_line_under_a_transform_keeps_its_world_points() -> None:
    line = markups.lineNode("OFD", [0, 0, 0], [1, 0, 0])
    shift = np.eye(4)
    shift[:3, 3] = [10, 20, 30]
    line.SetAndObserveTransformNodeID(transforms.linearTransformNode(shift, "t").GetID())
    markups.updateLine(line, [1, 2, 3], [4, 5, 6])
    np.testing.assert_allclose(markups.lineEnds(line), [[1, 2, 3], [4, 5, 6]], atol=1e-12)


def test_closed_curve_is_locked_and_has_the_ellipse_length() -> None:
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)
    points = np.column_stack([50 * np.cos(angles), 38 * np.sin(angles), np.zeros(64)])
    curve = markups.closedCurveNode("Head", points)
    assert curve.GetLocked()
    assert curve.GetCurveLengthWorld() == pytest.approx(277.747, abs=0.01)  # Ramanujan's second formula
    np.testing.assert_allclose(markups.curvePoints(curve), points, atol=1e-9)
    markups.updateCurve(curve, points[:20])
    assert curve.GetNumberOfControlPoints() == 20


def test_points_with_labels() -> None:
    points = [markups.LabelledPoint((1, 2, 3), "S", "Sella"), markups.LabelledPoint((4, 5, 6), "N")]
    node = markups.fiducialNode("Landmarks", points)
    assert [node.GetNthControlPointLabel(n) for n in range(2)] == ["S", "N"]
    assert node.GetNthControlPointDescription(0) == "Sella"
    markups.fiducialNode("Landmarks", points[1:], node=node)
    assert node.GetNumberOfControlPoints() == 1
    assert (node.GetNthControlPointLabel(0), node.GetNthControlPointDescription(0)) == ("N", "")


@pytest.mark.parametrize("points", [np.zeros((3, 2)), np.array([[0.0, np.nan, 0.0]])])
def test_points_must_be_finite_and_three_dimensional(points: np.ndarray) -> None:
    curve = markups.closedCurveNode("c", np.eye(3))
    with pytest.raises(ValueError, match="finite"):
        markups.updateCurve(curve, points)


def test_observer_reports_the_user_once_and_not_itself() -> None:
    line, other = (markups.lineNode(name, [0, 0, 0], [1, 0, 0]) for name in ("BPD", "OFD"))
    seen: list[str] = []

    def correct(node: slicer.vtkMRMLMarkupsNode) -> None:
        seen.append(node.GetName())
        markups.updateLine(other if node is line else line, [0, 0, 0], [0, 5, 0])

    observer = markups.MarkupsObserver([line, other], correct)
    line.SetNthControlPointPositionWorld(1, [2, 0, 0])
    assert seen == ["BPD"]
    np.testing.assert_allclose(markups.lineEnds(other), [[0, 0, 0], [0, 5, 0]])
    with observer.paused():
        markups.updateLine(line, [0, 0, 0], [3, 0, 0])
    assert seen == ["BPD"]
    other.SetNthControlPointPositionWorld(1, [0, 9, 0])
    assert seen == ["BPD", "OFD"]
    observer.stop()
    observer.stop()
    line.SetNthControlPointPositionWorld(1, [7, 0, 0])
    assert seen == ["BPD", "OFD"]


def test_observer_survives_an_error_in_the_callback() -> None:
    line = markups.lineNode("BPD", [0, 0, 0], [1, 0, 0])
    ended: list[str] = []
    observer = markups.MarkupsObserver([line], lambda node: None, onEnd=lambda node: ended.append(node.GetName()))
    with pytest.raises(RuntimeError), observer.paused():
        raise RuntimeError
    line.InvokeEvent(slicer.vtkMRMLMarkupsNode.PointEndInteractionEvent)
    assert ended == ["BPD"]


def test_static_measurement_is_replaced_not_repeated() -> None:
    curve = markups.closedCurveNode("Head", np.eye(3))

    def numbers() -> list[tuple[float, str]]:
        found = [curve.GetNthMeasurement(index) for index in range(curve.GetNumberOfMeasurements())]
        return [(item.GetValue(), item.GetUnits()) for item in found if item.GetName() == "HC"]

    markups.setStaticMeasurement(curve, "HC", 300.0, "mm")
    markups.setStaticMeasurement(curve, "HC", 301.5, "mm")
    assert numbers() == [(301.5, "mm")]
    markups.removeStaticMeasurement(curve, "HC")
    assert numbers() == []


def test_table_says_what_is_known() -> None:
    measurements = [
        Measurement("HC", 174.2, "mm", 1.6, Code("11984-2", "LN", "Head Circumference"), "fetal_head 1.0", "HC"),
        Measurement("CI", 0.7712, "", 0.016, label="Cephalic index"),
        Measurement("GA", 19.96, "weeks", source="INTERGROWTH-21st"),
        Measurement("AC", None, "mm"),
    ]
    node = tables.tableFromMeasurements(measurements)
    table = node.GetTable()
    header = [table.GetColumnName(column) for column in range(table.GetNumberOfColumns())]
    assert header == ["Measure", "Value", "SD", "95 % low", "95 % high", "Unit", "Code", "Source"]
    assert tables.rowsFromTable(node) == [
        ("HC", "174.2", "1.6", "171.1", "177.3", "mm", "LN 11984-2", "fetal_head 1.0"),
        ("Cephalic index", "0.771", "0.016", "0.740", "0.803", "", "", ""),
        ("GA", "20w0d", "", "", "", "weeks", "", "INTERGROWTH-21st"),
        ("AC", "", "", "", "", "mm", "", ""),
    ]
    assert tables.tableFromMeasurements(measurements[:1], node=node) is node
    assert len(tables.rowsFromTable(node)) == 1


def test_provenance_travels_with_the_node() -> None:
    line = markups.lineNode("BPD", [0, 0, 0], [1, 0, 0])
    line.SetAttribute("Other", "x")
    made = Provenance("fetal_head", "1.0.0", "ab" * 32, "CPU", "torch 2.13.0", date="2026-08-01T10:00:00+00:00")
    provenance.setProvenance(line, made)
    assert provenance.provenanceOf(line) == made.to_attributes()
    assert Provenance.from_attributes(provenance.provenanceOf(line)) == made
    other = markups.lineNode("OFD", [0, 0, 0], [1, 0, 0])
    provenance.copyProvenance(line, other)
    assert provenance.provenanceOf(other)["DeepMed.Model"] == "fetal_head"
    provenance.setProvenance(other, {"Plane": "head"})
    assert other.GetAttribute("DeepMed.Plane") == "head"


def test_failed_transaction_leaves_the_scene_as_it_was() -> None:
    kept = markups.lineNode("kept", [0, 0, 0], [1, 0, 0])
    before = node_names()
    with pytest.raises(BadInput, match="not usable"), transaction.sceneTransaction():
        markups.lineNode("half", [0, 0, 0], [1, 0, 0])
        volumes.volumeFromPicture(np.zeros((4, 4, 3), np.uint8), None, "half")
        tables.tableFromMeasurements([Measurement("HC", 1.0, "mm")])
        slicer.util.addVolumeFromArray(np.zeros((2, 2, 2)), name="half")
        raise BadInput("The picture is not usable.")
    assert node_names() == before
    tree = slicer.mrmlScene.GetSubjectHierarchyNode()
    assert tree.GetItemByName("half") == 0
    assert kept.GetScene() is not None


def test_good_transaction_keeps_its_nodes() -> None:
    with transaction.sceneTransaction():
        markups.lineNode("whole", [0, 0, 0], [1, 0, 0])
    assert slicer.mrmlScene.GetFirstNodeByName("whole") is not None


@pytest.mark.parametrize("matrix", [np.eye(3), np.full((4, 4), np.nan), np.diag([1.0, 1.0, 0.0, 1.0]), np.ones((4, 4))])
def test_what_is_no_transform_is_refused(matrix: np.ndarray) -> None:
    before = node_names()
    with pytest.raises(ValueError, match="transform"):
        transforms.linearTransformNode(matrix, "t")
    assert node_names() == before
