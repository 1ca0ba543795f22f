"""What a person does to a tracing's nodes becomes its result, whatever is dragged, deleted, renamed or moved."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from CephSketcherLib.outlines.template import TITLES
from DeepMedLib.errors import BadInput
from Testing.module.cephsketcher.ceph_helpers import position, values

OUTLINES = set(TITLES)


def test_dragging_a_landmark_moves_outlines_and_measures(traced: Any, logic: Any, module: Any) -> None:
    before, outline = values(traced), traced.result.outlines["mandible"].points.copy()
    index = traced.result.landmarks.symbols.index("Pog")
    x, y, z = position(traced.handle, index)
    traced.handle.SetNthControlPointPositionWorld(index, x - 3, y, z)  # right of the film is -R
    nodes = logic.follow(traced)
    point = nodes.result.landmarks["Pog"]
    assert point.edited and point.covariance is None and nodes.result.edited
    mandible = nodes.result.outlines["mandible"]
    assert np.abs(mandible.points - outline).max() > 5
    assert mandible.distance(point.xy) < 0.01
    after = values(nodes)
    assert after["SNA"] == before["SNA"] and after["SNPog"] > before["SNPog"] + 0.5
    assert nodes.handle.GetAttribute("DeepMed.Edited") == "true"
    assert "Placed by hand" in nodes.handle.GetNthControlPointDescription(index)
    assert module.cephNodes.movedByHand(nodes) is None


def test_dragging_an_outline_keeps_the_point_where_it_was_put(traced: Any, logic: Any, module: Any) -> None:
    from CephSketcherMrml.curveNodes import handlesOf

    curve, outline = traced.group("outlines")["mandible"], traced.result.outlines["mandible"]
    named = set(outline.at.values())
    index, handle = next((i, h) for i, h in handlesOf(curve).items() if i not in named and i > 3)
    place = np.add(position(curve, handle), (0.0, 2.0, 0.0))
    curve.SetNthControlPointPositionWorld(handle, *place)
    nodes = logic.follow(traced)
    assert set(nodes.result.fixed) == {"mandible"} and set(nodes.result.fixed["mandible"]) == {index}
    np.testing.assert_allclose(position(curve, handle), place, atol=1e-6)
    neighbor = nodes.result.outlines["mandible"].points[index + 1] - outline.points[index + 1]
    assert np.linalg.norm(neighbor) > 1  # the rest follows


def test_dragging_a_handle_on_a_landmark_moves_the_landmark(traced: Any, logic: Any, module: Any) -> None:
    from CephSketcherMrml.curveNodes import handlesOf

    curve, outline = traced.group("outlines")["mandible"], traced.result.outlines["mandible"]
    handle = handlesOf(curve)[outline.at["Me"]]
    curve.SetNthControlPointPositionWorld(handle, *np.add(position(curve, handle), (0.0, 1.5, 0.0)))
    nodes = logic.follow(traced)
    assert nodes.result.landmarks["Me"].edited and not nodes.result.fixed


def test_dragging_a_derived_point_keeps_it(traced: Any, logic: Any, module: Any) -> None:
    symbols = traced.result.points.without(traced.result.landmarks.symbols).symbols
    index = symbols.index("U1A")
    place = np.add(position(traced.get("derived"), index), (1.0, 2.0, 0.0))
    traced.get("derived").SetNthControlPointPositionWorld(index, *place)
    before = values(traced)["U1-SN"]
    nodes = logic.follow(traced)
    assert nodes.result.points["U1A"].edited
    assert values(nodes)["U1-SN"] != before
    np.testing.assert_allclose(position(nodes.get("derived"), index), place, atol=1e-6)


@pytest.mark.parametrize("how", ["deleted", "renamed", "unset"])
def test_a_point_that_is_gone_takes_its_measures_along_and_nothing_else(how: str, traced: Any, logic: Any) -> None:
    """Points are known by their labels: one deletion never turns a measure of the others."""
    before, node = values(traced), traced.handle
    index = traced.result.landmarks.symbols.index("Or")
    if how == "deleted":
        node.SetFixedNumberOfControlPoints(False)
        node.RemoveNthControlPoint(index)
    elif how == "renamed":
        node.SetNthControlPointLabel(index, "something else")
    else:
        node.UnsetNthControlPointPosition(index)
    nodes = logic.follow(traced)
    after = values(nodes)
    assert nodes.result.deleted == ("Or",) and "Or" not in nodes.result.points
    assert "FMA" not in after and "Facial angle" not in after
    for name in ("SNA", "SNB", "ANB", "SN-GoGn", "Jarabak ratio", "S-N"):
        assert after[name] == pytest.approx(before[name], abs=1e-9), name
    assert any("Or is deleted or renamed" in text for text in nodes.result.warnings())
    assert logic.follow(nodes) is nodes and logic.readResult(nodes.handle).result.deleted == ("Or",)
    back = logic.restore(nodes, traced.result)
    assert values(back) == pytest.approx(before) and not back.result.deleted
    assert logic.follow(back) is back


def test_reordered_points_change_nothing(traced: Any, logic: Any) -> None:
    node = traced.handle
    for low, high in ((0, 18), (3, 9)):
        node.SwapControlPoints(low, high)
    assert logic.follow(traced) is traced
    index = next(i for i in range(19) if node.GetNthControlPointLabel(i) == "B")
    x, y, z = position(node, index)
    node.SetNthControlPointPositionWorld(index, x - 2, y, z)
    nodes = logic.follow(traced)
    assert values(nodes)["SNB"] > values(traced)["SNB"] + 0.5 and values(nodes)["SNA"] == values(traced)["SNA"]


def test_a_point_put_back_counts_again(traced: Any, logic: Any) -> None:
    node, index = traced.handle, traced.result.landmarks.symbols.index("Or")
    place = position(node, index)
    node.UnsetNthControlPointPosition(index)
    without = logic.follow(traced)
    node.SetNthControlPointPositionWorld(index, *place)
    again = logic.follow(without)
    assert again.result.landmarks["Or"].edited and not again.result.deleted
    assert values(again)["FMA"] == pytest.approx(values(traced)["FMA"], abs=0.01)


def test_handles_of_a_curve_are_known_by_their_labels(traced: Any, logic: Any) -> None:
    from CephSketcherMrml.curveNodes import handlesOf

    curve, outline = traced.group("outlines")["mandible"], traced.result.outlines["mandible"]
    curve.SetFixedNumberOfControlPoints(False)
    curve.RemoveNthControlPoint(2)
    assert logic.follow(traced) is traced
    named = set(outline.at.values())
    index, handle = next((i, h) for i, h in handlesOf(curve).items() if i not in named and i > 20)
    place = np.add(position(curve, handle), (0.0, 2.0, 0.0))
    curve.SetNthControlPointPositionWorld(handle, *place)
    nodes = logic.follow(traced)
    assert set(nodes.result.fixed["mandible"]) == {index}


def test_a_deleted_list_takes_the_tracing_along(traced: Any) -> None:
    import slicer

    slicer.mrmlScene.RemoveNode(traced.handle)
    for kind in ("vtkMRMLMarkupsFiducialNode", "vtkMRMLMarkupsCurveNode", "vtkMRMLTableNode"):
        assert slicer.mrmlScene.GetNumberOfNodesByClass(kind) == 0


def test_other_nodes_may_be_deleted_and_stay_so(traced: Any, logic: Any) -> None:
    import slicer

    for role in ("analysis", "derived"):
        slicer.mrmlScene.RemoveNode(traced.get(role))
    x, y, z = position(traced.handle, 5)
    traced.handle.SetNthControlPointPositionWorld(5, x - 2, y, z)
    nodes = logic.follow(traced)
    assert values(nodes)["SNB"] > values(traced)["SNB"] and "U1-SN" in values(nodes)
    assert nodes.get("analysis") is None and nodes.get("derived") is None


@pytest.mark.parametrize("how", ["transform", "spacing"])
def test_a_tracing_stays_on_its_film(how: str, traced: Any, logic: Any) -> None:
    """A film that is moved or gets another pixel size takes its tracing along; nobody has dragged a point."""
    import slicer

    from DeepMedLib.mrml.inputs.volumes import pixelToRas

    before = values(traced)
    if how == "transform":
        transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
        transform.SetMatrixTransformToParent(
            slicer.util.vtkMatrixFromArray(np.array([[0, -1.0, 0, 5], [1, 0, 0, 7], [0, 0, 1, 0], [0, 0, 0, 1]]))
        )
        traced.volume.SetAndObserveTransformNodeID(transform.GetID())
    else:
        x, y, z = traced.volume.GetSpacing()
        traced.volume.SetSpacing(2 * x, 2 * y, z)
    nodes = logic.follow(traced)
    assert not nodes.result.edited and values(nodes)["SNA"] == pytest.approx(before["SNA"])
    factor = 1 if how == "transform" else 2
    assert values(nodes)["S-N"] == pytest.approx(factor * before["S-N"])
    np.testing.assert_allclose(position(nodes.handle, 5), pixelToRas(nodes.volume, nodes.result.landmarks["B"].xy))
    if how == "spacing":
        assert "doubtful" in nodes.result.headline() and "confirmed" in " ".join(nodes.result.warnings())
    else:
        traced.volume.HardenTransform()
        assert logic.follow(nodes) is nodes


def test_a_transform_that_bends_space_is_said(traced: Any, logic: Any) -> None:
    import slicer
    import vtk

    spline = vtk.vtkThinPlateSplineTransform()
    grid = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode")
    grid.SetAndObserveTransformToParent(spline)
    traced.volume.SetAndObserveTransformNodeID(grid.GetID())
    with pytest.raises(BadInput, match="bends space"):
        logic.follow(traced)


def test_a_tracing_without_its_film_says_so(traced: Any, logic: Any) -> None:
    import slicer

    slicer.mrmlScene.RemoveNode(traced.volume)
    nodes = logic.readResult(traced.handle)
    with pytest.raises(BadInput, match="film of this tracing was removed"):
        logic.follow(nodes)
    with pytest.raises(BadInput, match="gone"):
        logic.exportFiles(nodes, "unused")


def test_a_deleted_outline_stays_deleted(traced: Any, logic: Any, module: Any) -> None:
    import slicer

    slicer.mrmlScene.RemoveNode(traced.group("outlines")["orbit"])
    x, y, z = position(traced.handle, 5)
    traced.handle.SetNthControlPointPositionWorld(5, x - 2, y, z)
    nodes = logic.follow(traced)
    assert "orbit" not in nodes.group("outlines") and "orbit" in nodes.result.outlines
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLMarkupsCurveNode") == len(OUTLINES) - 1
