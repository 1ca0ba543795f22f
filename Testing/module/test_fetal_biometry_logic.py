"""The module's Logic on real MRML: pictures in, editable heads out, and nothing left behind by bad input."""

import json
from pathlib import Path

import numpy as np
import pytest
import vtk
from PIL import Image

from DeepMedLib.errors import BadInput
from DeepMedLib.picture.scale import Scale
from FetalBiometryLib.phantom.head import head_phantom
from FetalBiometryLib.picture.ultrasound import typed_scale
from FetalBiometryLib.planes.findings import Finding

MODELS = Path(__file__).resolve().parents[2] / "FetalBiometry" / "Resources" / "FetalBiometryModels"


@pytest.fixture(scope="module")
def phantom():
    return head_phantom(11)


@pytest.fixture
def module(slicerScene):
    from deepmed_headless import load_named

    return load_named("FetalBiometry")


@pytest.fixture
def logic(module):
    logic = module.FetalBiometryLogic()
    logic.runInProcess = True
    return logic


def computed(module, phantom, abstained=False):
    """What the worker would return for the phantom, were it perfect."""
    sds = {"HC": 0.01, "BPD": 0.01, "OFD": 0.01}
    finding = Finding("head", {"HC": phantom.skull}, {}, sds, {}, (), abstained, "Why not." * abstained)
    keys = ("model", "version", "sha256", "device", "engine")
    height, width = phantom.picture.shape
    labels = (phantom.skull.mask(height, width) > 0).astype(np.uint8)
    labels[phantom.structures == 2] = 2
    return module.TaskResult(
        {"labels": labels}, {"finding": finding.to_dict(), "guess": None} | dict.fromkeys(keys, "x")
    )


def values(nodes):
    return {m.name: m.value for m in nodes.result.lengths()}


def test_the_network_measures_the_phantom(logic, module, phantom):
    node = module.samples.loadPhantom(11)
    nodes = logic.process(node, device="cpu", plane="head")
    true = phantom.skull.perimeter * phantom.spacing_mm
    assert nodes.result.status() == "done"
    assert values(nodes)["HC"] == pytest.approx(true, rel=0.03)
    assert {m.name for m in nodes.result.measurements()} >= {"BPD", "OFD", "HC", "CI", "GA"}
    assert all(m.sd is not None and m.sd > 0 for m in nodes.result.lengths())
    assert nodes.curve.GetAttribute("DeepMed.SHA256") == nodes.result.provenance["sha256"]
    again = logic.process(node, device="cpu", plane="head")
    assert values(again) == values(nodes)  # the same picture gives the same numbers


def test_lines_curve_segments_and_table_agree(logic, module, phantom):
    node = module.samples.loadPhantom(11)
    nodes = logic.finish(logic.prepare(node, plane="head"), computed(module, phantom))
    v = values(nodes)
    assert nodes.lines["OFD"].GetLineLengthWorld() == pytest.approx(v["OFD"], rel=1e-6)
    assert nodes.lines["BPD"].GetLineLengthWorld() == pytest.approx(v["BPD"], rel=1e-6)
    assert nodes.curve.GetCurveLengthWorld() == pytest.approx(v["HC"], rel=2e-3)  # a polygon, slightly shorter
    assert nodes.curve.GetLocked()
    assert v["HC"] == pytest.approx(phantom.skull.perimeter * phantom.spacing_mm)
    from DeepMedLib.mrml.nodes.segmentations import maskFromSegment
    from DeepMedLib.mrml.nodes.tables import rowsFromTable

    head = maskFromSegment(nodes.segmentation, "head", node)
    assert head.sum() == pytest.approx(phantom.skull.area - (phantom.structures == 2).sum(), rel=0.01)
    assert maskFromSegment(nodes.segmentation, "csp", node)[0].sum() == (phantom.structures == 2).sum()
    assert [row[0] for row in rowsFromTable(nodes.table)][1:3] == ["OFD", "HC"]


@pytest.mark.parametrize("turn", [0, 35])
@pytest.mark.parametrize("signs", [(-1, -1), (1, -1), (-1, 1), (1, 1)])
def test_any_placement_of_the_picture_gives_the_same_numbers(logic, module, phantom, signs, turn):
    """Flipped, turned, moved, under a transform: the head stays on its pixels, its numbers stay the same."""
    import slicer

    node = module.samples.loadPhantom(11)
    spacing = phantom.spacing_mm
    t = np.deg2rad(turn)
    turned = np.array([[np.cos(t), 0, np.sin(t)], [0, 1, 0], [-np.sin(t), 0, np.cos(t)]])
    matrix = np.eye(4)
    matrix[:3, :3] = turned @ np.diag([signs[0] * spacing, signs[1] * spacing, 1])
    matrix[:3, 3] = [10, -20, 30]
    node.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(matrix))
    transform = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    moved = vtk.vtkTransform()
    moved.RotateWXYZ(25, 1, 2, 3)
    moved.Translate(5, 6, 7)
    transform.SetMatrixTransformToParent(moved.GetMatrix())
    node.SetAndObserveTransformNodeID(transform.GetID())
    nodes = logic.finish(logic.prepare(node, plane="head"), computed(module, phantom))
    assert values(nodes)["HC"] == pytest.approx(phantom.skull.perimeter * spacing)
    assert nodes.lines["OFD"].GetLineLengthWorld() == pytest.approx(values(nodes)["OFD"], rel=1e-6)
    from DeepMedLib.mrml.inputs.volumes import rasToPixel
    from DeepMedLib.mrml.nodes.markups import curvePoints

    pixels = rasToPixel(node, curvePoints(nodes.curve))
    assert np.abs(phantom.skull.radial_distance(pixels[:, :2])).max() < 1e-3
    refreshed = module.planeNodes.refreshPlane(nodes)
    assert values(refreshed)["HC"] == pytest.approx(values(nodes)["HC"], rel=1e-6)


def test_dragging_after_saving_and_loading_the_scene(logic, module, phantom, tmp_path):
    import slicer

    node = module.samples.loadPhantom(11)
    nodes = logic.finish(logic.prepare(node, plane="head"), computed(module, phantom))
    before = values(nodes)
    slicer.util.saveScene(str(tmp_path / "head.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "head.mrb"))
    nodes = module.planeNodes.readPlane(slicer.util.getNode("HC"))
    assert values(nodes) == pytest.approx(before)
    end = np.array(nodes.lines["OFD"].GetNthControlPointPositionWorld(1))
    start = np.array(nodes.lines["OFD"].GetNthControlPointPositionWorld(0))
    nodes.lines["OFD"].SetNthControlPointPositionWorld(1, *(start + 0.9 * (end - start)))
    nodes = module.planeNodes.refreshPlane(nodes)
    assert values(nodes)["OFD"] == pytest.approx(0.9 * before["OFD"], rel=1e-6)
    assert nodes.result.edited
    assert all(m.sd is None for m in nodes.result.lengths())


def test_abstained_offers_a_proposal_without_numbers(logic, module, phantom):
    from DeepMedLib.mrml.nodes.tables import rowsFromTable

    node = module.samples.loadPhantom(11)
    nodes = logic.finish(logic.prepare(node, plane="head"), computed(module, phantom, abstained=True))
    assert nodes.result.status() == "abstained"
    assert nodes.segmentation is None
    assert rowsFromTable(nodes.table) == []
    assert "proposal" in nodes.lines["OFD"].GetName()
    assert nodes.lines["OFD"].GetNthControlPointLabel(0) == "OFD?"


def test_png_has_no_scale_until_it_is_set(logic, module, phantom, tmp_path):
    file = tmp_path / "kopf_äöü 頭.png"
    Image.fromarray(phantom.picture).save(file)
    node = logic.loadPicture(file)
    nodes = logic.finish(logic.prepare(node, plane="head"), computed(module, phantom))
    assert nodes.result.unit == "px"
    assert not any(m.unit == "mm" for m in nodes.result.measurements())
    scaled = logic.rescale(nodes, typed_scale(phantom.spacing_mm))
    assert values(scaled)["HC"] == pytest.approx(phantom.skull.perimeter * phantom.spacing_mm)
    assert scaled.lines["OFD"].GetLineLengthWorld() == pytest.approx(values(scaled)["OFD"], rel=1e-6)
    assert node.GetSpacing()[0] == pytest.approx(phantom.spacing_mm)


def test_the_frame_of_a_cine_loop_stays_with_the_measurement(logic, module, phantom):
    import slicer

    stack = np.stack([np.roll(phantom.picture, 3 * k, axis=1) for k in range(3)])
    node = slicer.util.addVolumeFromArray(stack, ijkToRAS=np.diag([-1.0, -1.0, 1.0, 1.0]), name="cine")
    asked = logic.prepare(node, frame=2, scale=Scale(0.1, 0.1, "typed", True), plane="head")
    nodes = logic.finish(asked, computed(module, phantom))
    assert nodes.result.frame == 2
    assert nodes.result.to_json()["frame"] == 2
    z = {round(nodes.curve.GetNthControlPointPositionWorld(i)[2], 3) for i in range(5)}
    assert z == {2.0}
    with pytest.raises(BadInput, match="frame"):
        logic.prepare(node, frame=3, plane="head")


def bad_volumes():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (1, 300, 400)).astype(np.uint8)
    nan = head_phantom(11).picture[None].astype(np.float32)
    nan[0, 5, 5] = np.nan
    return {
        "blank": np.zeros((1, 300, 400), np.uint8),
        "noise": noise,
        "tiny": np.full((1, 1, 1), 7, np.uint8),
        "nan": nan,
    }


@pytest.mark.parametrize("name", ["blank", "noise", "tiny", "nan"])
def test_bad_volumes_leave_the_scene_as_it_was(logic, name):
    import slicer

    node = slicer.util.addVolumeFromArray(bad_volumes()[name], name=name)
    before = [slicer.mrmlScene.GetNthNode(i).GetID() for i in range(slicer.mrmlScene.GetNumberOfNodes())]
    with pytest.raises(BadInput) as caught:
        logic.process(node, plane="head")
    assert caught.value.message.endswith(".")
    assert caught.value.remedy.endswith(".")
    after = [slicer.mrmlScene.GetNthNode(i).GetID() for i in range(slicer.mrmlScene.GetNumberOfNodes())]
    assert after == before


def test_no_volume_and_a_missing_file_are_sentences(logic, tmp_path):
    with pytest.raises(BadInput, match="No picture"):
        logic.process(None)
    with pytest.raises(BadInput, match="no file"):
        logic.loadPicture(tmp_path / "none.png")


def test_reports_carry_the_numbers(logic, module, phantom, tmp_path):
    node = module.samples.loadPhantom(11)
    nodes = logic.finish(logic.prepare(node, plane="head"), computed(module, phantom))
    files = logic.exportReport(nodes, tmp_path)
    assert [f.name for f in files] == ["report.html", "report.pdf"]
    html = files[0].read_text(encoding="utf-8")
    assert f"{values(nodes)['HC']:.1f}" in html
    assert files[1].read_bytes().startswith(b"%PDF")


def test_result_json_is_the_contract(logic, module, phantom):
    node = module.samples.loadPhantom(11)
    record = json.loads(
        json.dumps(logic.finish(logic.prepare(node, plane="head"), computed(module, phantom)).result.to_json())
    )
    assert {"name", "value", "unit", "sd", "code", "source"} == set(record["measurements"][0])
    assert [m["name"] for m in record["measurements"]][:4] == ["BPD", "OFD", "HC", "CI"]
    assert record["measurements"][2]["code"] == "LN 11984-2"


def test_the_modules_own_test_passes(module):
    suite = module.FetalBiometryTest()
    suite.runTest()
