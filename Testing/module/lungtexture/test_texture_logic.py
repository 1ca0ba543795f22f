"""Lung Texture in the scene: panel, nodes, numbers beside the drawn truth, and what is withheld."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from DeepMedLib.jobs.task import run_here
from LungTextureLib.phantom import LungPhantom, lung_phantom
from LungTextureLib.texture_result import SIDES

COARSE = (0.98, 0.98, 3.0)


@pytest.fixture(scope="module")
def drawn() -> LungPhantom:
    return lung_phantom(5, COARSE)


@pytest.fixture
def module(slicerScene: Any) -> Any:
    from deepmed_headless import load_named

    return load_named("LungTexture")


@pytest.fixture
def widget(module: Any) -> Iterator[Any]:
    widget = module.LungTextureWidget()
    widget.setup()
    widget.enter()
    yield widget
    widget.cleanup()


def scan(drawn: LungPhantom, values: np.ndarray | None = None) -> Any:
    from DeepMedLib.mrml.inputs.volumes import volumeFromArray

    return volumeFromArray(drawn.values if values is None else values, drawn.grid, "chest")


def read(widget: Any, node: Any, **options: Any) -> Any:
    """What Apply does, in this process; returns the nodes."""
    widget._parameterNode.inputVolume = node
    for name, value in options.items():
        setattr(widget._parameterNode, name, value)
    widget._makeJob()
    widget._onComputed(run_here(widget._preparation.task, None))
    return widget.resultPanel.nodes


def test_the_panel_tells_textures_and_the_drawn_density(widget: Any, drawn: LungPhantom) -> None:
    nodes = read(widget, scan(drawn))
    result = nodes.result
    for zone in SIDES:
        measured = result.density(zone)
        assert measured.laa950 == pytest.approx(drawn.laa950[zone.lung], abs=1.0)
        true = (drawn.lungs == {"right": 1, "left": 2}[zone.lung]).sum() * drawn.grid.voxel_volume / 1000
        assert measured.ml == pytest.approx(true, rel=0.06)
    whole = [item for item in result.shares if item.zone.lung == "both" and item.zone.part == "whole"]
    assert sum(item.percent for item in whole) == pytest.approx(100)
    assert any("resampled" in text for text in result.warnings())
    made = {role for role in nodes.nodes if not role.startswith("airway")}
    assert made == {"densitometry", "lungs", "shares", "textures", "emphysema"}
    segmentation = nodes.get("textures").GetSegmentation()
    assert segmentation.GetNumberOfSegments() >= 1
    assert widget.logic.readResult(nodes.get("textures")).result == result
    picture = widget.logic.pictureOf(nodes, 500)
    assert picture.shape[2] == 3 and len(np.unique(picture.reshape(-1, 3), axis=0)) > 50


def test_density_alone_needs_no_network(widget: Any, drawn: LungPhantom) -> None:
    nodes = read(widget, scan(drawn), textures=False)
    assert nodes.result.status() == "done" and not nodes.result.shares
    assert {role for role in nodes.nodes if not role.startswith("airway")} == {"densitometry", "lungs"}
    assert "LAA-950" in widget.ui.headlineText.plainText


def test_values_in_steps_withhold_all_but_volumes(widget: Any, drawn: LungPhantom) -> None:
    values = (np.rint(drawn.values / 14) * 14).astype(np.int16)
    result = read(widget, scan(drawn, values)).result
    assert result.abstained and "steps of 14 HU" in result.no_texture
    told = [item.name for item in result.measurements() if not item.name.startswith("airway")]
    assert told == ["lung_right_ml", "lung_left_ml"]
    record = result.to_json()["densitometry"][0]
    assert record["laa950"] is None and record["ml"] > 500
    assert type(result).from_json(result.to_json()).to_json() == result.to_json()


def test_airways_are_a_segment_a_surface_and_curves(widget: Any, drawn: LungPhantom) -> None:
    import slicer
    import vtk

    from DeepMedLib.mrml.inputs.volumes import gridFromVolume
    from DeepMedLib.mrml.nodes.markups import LabelledPoint, curvePoints, fiducialNode
    from DeepMedLib.mrml.nodes.segmentations import maskFromSegment

    node = scan(drawn)
    shift = vtk.vtkMatrix4x4()
    shift.SetElement(0, 3, 40.0)
    moved = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    moved.SetMatrixTransformToParent(shift)
    node.SetAndObserveTransformNodeID(moved.GetID())
    places = [LabelledPoint((40.0, -6.0, 520.0), "windpipe"), LabelledPoint((140.0, 70.0, 420.0), "none")]
    nodes = read(widget, node, places=fiducialNode("places", places))
    assert gridFromVolume(nodes.get("emphysema")).same_as(gridFromVolume(node))
    airways = nodes.result.airways
    assert airways.generations >= 1 and len(airways.branches) >= 3
    # Drawn: a windpipe of 105 mm on the scan, 17 mm wide, and two main bronchi of 49 mm.
    assert airways.length_mm > 180
    trachea, none = airways.walls
    assert trachea.lumen_mm == pytest.approx(17.0, abs=1.0) and np.allclose(trachea.place, (40.0, -6.0, 520.0))
    assert not none.middle and "within 10 mm" in none.reason
    curves = nodes.group("airwayLine")
    assert len(curves) == len(airways.branches)
    windpipe = curvePoints(curves["1"])
    assert windpipe.mean(axis=0)[0] == pytest.approx(40.0, abs=1.5)  # world: under the scan's transform
    bounds = np.array(nodes.get("airwaySurface").GetPolyData().GetBounds())
    lumen = np.argwhere(maskFromSegment(nodes.get("airways"), "airways", node))
    low, high = (drawn.grid.ijk_points_to_ras(end[::-1].astype(float)) for end in (lumen.min(0), lumen.max(0)))
    bounds[:2] -= 40.0
    assert np.allclose(bounds[::2], low, atol=2.0) and np.allclose(bounds[1::2], high, atol=2.0)
    assert "airways" in widget.ui.headlineText.plainText
    assert widget.logic.readResult(nodes.get("airways")).result == nodes.result


def test_its_own_tests_pass(module: Any) -> None:
    module.LungTextureTest().test_NoScanIsRefused()
