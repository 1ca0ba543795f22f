"""Fusion and what-if on nodes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from vtk.util.numpy_support import vtk_to_numpy

from DeepMedLib.errors import BadInput
from EPMappingLib.exports.study import AblationSites, ChamberMap, Study
from EPMappingLib.phantom.atrium import atrium
from EPMappingLib.phantom.shells import sphere, sphere_distance


@pytest.fixture
def logic(slicerScene: Any) -> Any:
    from deepmed_headless import load_named

    made = load_named("EPMapping").EPMappingLogic()
    made.runInProcess = True
    return made


def marks(points: np.ndarray, name: str) -> Any:
    from DeepMedLib.mrml.nodes.markups import LabelledPoint, fiducialNode

    return fiducialNode(name, [LabelledPoint(tuple(place), str(n)) for n, place in enumerate(points.tolist())])


def test_shell_map_and_ablation_sites_follow_the_fusion(logic: Any) -> None:
    """The wall lies 60 mm away: afterwards everything does, points on the shell stay on it, and again from there."""
    import slicer

    from DeepMedLib.mrml.nodes.markups import curvePoints
    from EPMappingMrml.studyNodes import SITES, shellNode, shellOfStudy

    surface = atrium(3.0).surface
    lat = surface.vertices[:, 0] / 0.6
    sites = AblationSites(surface.vertices[:2], ("a", "b"))
    shell = shellOfStudy(Study("x", (ChamberMap("x", surface, {"LAT": lat}),), sites))
    ablations = shell.GetNodeReference(SITES)
    nodes = logic.process(shell, None, ablations)
    away = np.array([60.0, -20.0, 10.0])
    wall = shellNode(ChamberMap("wall", type(surface)(surface.vertices + away, surface.faces)), "wall")
    at = surface.vertices[[0, 300, 600, 900]]
    transform, fusion = logic.fuse(shell, wall, marks(at, "shell"), marks(at + away, "image"))
    assert fusion.mean_mm < 0.1
    np.testing.assert_allclose(curvePoints(ablations), surface.vertices[:2] + away, atol=0.2)
    assert nodes.get("map").GetTransformNodeID() == transform.GetID() == nodes.get("siteMarks").GetTransformNodeID()
    assert nodes.change() == ""
    count = slicer.mrmlScene.GetNumberOfNodes()
    again, fusion = logic.fuse(shell, wall, marks(at + away, "world"), marks(at + away, "image"))
    assert again is transform and fusion.mean_mm < 0.1 and slicer.mrmlScene.GetNumberOfNodes() == count + 4
    with pytest.raises(BadInput, match="Only one side"):
        logic.fuse(shell, wall, marks(at, "one"))


def test_a_wave_is_predicted_from_another_site(logic: Any) -> None:
    """A ball mapped at 0.6 m/s from one pole, paced at the other: the same speed, running back."""
    from EPMappingMrml import whatIfNodes
    from EPMappingMrml.studyNodes import shellOfStudy

    surface = sphere(4)
    lat = sphere_distance(surface, 0) / 0.6
    nodes = logic.process(shellOfStudy(Study("x", (ChamberMap("x", surface, {"LAT": lat}),))))
    node, told = logic.predict(nodes, marks(-surface.vertices[:1], "pacing"))
    arrived = vtk_to_numpy(node.GetPolyData().GetPointData().GetArray(whatIfNodes.PREDICTED))
    expected = np.pi * 25 / 0.6 - lat
    error = np.abs(arrived - expected)
    assert np.median(error) < 0.005 * expected.max()
    assert error.max() < 0.02 * expected.max()  # at the first site, where triangles have no velocity of their own
    assert "correlation -1.00" in told
    assert logic.readResult(nodes.handle).get(whatIfNodes.ROLE) is node
    with pytest.raises(BadInput, match="off the shell"):
        logic.predict(nodes, marks(np.array([[80.0, 0, 0]]), "far"))
    with pytest.raises(BadInput, match="pacing site is missing"):
        logic.predict(nodes, None)


def test_three_maps_of_a_shell_tell_its_fibers(logic: Any) -> None:
    """A drawn atrium paced from three sites: directions within 8 degrees (median), a ratio near the drawn 2."""
    from EPMappingLib.phantom.atrium import PACING
    from EPMappingMrml import fiberNodes
    from EPMappingMrml.studyNodes import shellOfStudy

    made = atrium(3.0)
    arrays = {f"lat {number}": made.activation(site) for number, site in enumerate(PACING)}
    shell = shellOfStudy(Study("x", (ChamberMap("x", made.surface, arrays),)))
    maps = [logic.process(shell, lat=name) for name in arrays]
    node, told = logic.fibersOf(maps)
    found = vtk_to_numpy(node.GetPolyData().GetCellData().GetArray(fiberNodes.FIBER))
    known = np.isfinite(found[:, 0])
    cosine = np.abs((found[known] * made.fibers[known]).sum(1))
    assert known.mean() > 0.85 and np.degrees(np.arccos(min(np.median(cosine), 1.0))) < 8
    ratio = float(told.split("ratio ")[1].split()[0])
    assert 1.6 < ratio < 2.2
    with pytest.raises(BadInput, match="two maps"):
        logic.fibersOf(maps[:1])
    other = logic.process(
        shellOfStudy(Study("y", (ChamberMap("y", sphere(3), {"LAT": sphere_distance(sphere(3), 0)}),)))
    )
    with pytest.raises(BadInput, match="different shells"):
        logic.fibersOf([maps[0], other])
