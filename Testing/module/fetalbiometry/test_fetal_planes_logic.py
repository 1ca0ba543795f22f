"""Abdomen, femur, thorax and long bones on real MRML: editable, honest about doubt, and the same after a round trip."""

import json
import sys
import types

import numpy as np
import pytest
from PIL import Image

from DeepMedLib.errors import BadInput
from DeepMedLib.picture.scale import Scale, factor_of
from FetalBiometryLib.phantom.examination import abdomen_picture, femur_picture, thorax_picture
from FetalBiometryLib.picture.ultrasound import typed_scale
from Testing.module.fetalbiometry.plane_helpers import PHANTOMS, REASON, AnsweringPlanes

TRUTH = {"abdomen": abdomen_picture, "femur": femur_picture, "thorax": thorax_picture}
MAIN = {"abdomen": "AC", "femur": "FL", "thorax": "CTR"}


@pytest.fixture
def module(slicerScene):
    from deepmed_headless import load_named

    return load_named("FetalBiometry")


@pytest.fixture
def planes(monkeypatch):
    answering = AnsweringPlanes()
    stub = types.ModuleType("FetalBiometryLib.inference.task")
    stub.run, stub.run_many = answering.run, answering.run_many
    monkeypatch.setitem(sys.modules, "FetalBiometryLib.inference.task", stub)
    return answering


@pytest.fixture
def logic(module, planes):
    logic = module.FetalBiometryLogic()
    logic.runInProcess = True
    return logic


def loaded(module, planes, plane, seed=11):
    """A calibrated picture of a phantom that the stand-in network knows."""
    phantom = planes.add(plane, PHANTOMS[plane](seed, height=270, width=400))
    from DeepMedLib.mrml.inputs.volumes import volumeFromPicture

    node = volumeFromPicture(phantom.picture, (phantom.spacing_mm, phantom.spacing_mm), plane)
    module.pictureNodes.setScale(node, typed_scale(phantom.spacing_mm))
    return node, phantom


def saved_phantom(planes, folder, plane, seed=11):
    """A phantom as a picture file, which states no pixel size."""
    phantom = planes.add(plane, PHANTOMS[plane](seed, height=270, width=400))
    Image.fromarray(phantom.picture).save(folder / f"{plane}.png")
    return folder / f"{plane}.png"


def values(nodes):
    return {m.name: m.value for m in nodes.result.lengths()}


def drag(line, factor=1.1):
    """Move the second end of a line as a person would."""
    start, end = (np.array(line.GetNthControlPointPositionWorld(i)) for i in (0, 1))
    line.SetNthControlPointPositionWorld(1, *(start + factor * (end - start)))


@pytest.mark.parametrize("plane", ["abdomen", "femur", "thorax"])
def test_a_true_finding_gives_the_true_numbers(module, planes, logic, plane):
    node, phantom = loaded(module, planes, plane)
    nodes = logic.process(node)
    truth = TRUTH[plane](phantom).truth
    assert nodes.result.plane == plane
    assert nodes.result.guess["plane"] == plane
    for name, true in truth.items():
        assert values(nodes)[name] == pytest.approx(true, rel=1e-3), name
    assert all(m.sd is not None and m.sd > 0 for m in nodes.result.lengths())
    assert nodes.table.GetName().startswith(nodes.result.shape.title.removeprefix("Fetal ").capitalize())


@pytest.mark.parametrize(("plane", "line"), [("abdomen", "TAD"), ("femur", "FL"), ("thorax", "Heart long")])
def test_a_dragged_line_moves_its_numbers_and_no_others(module, planes, logic, plane, line):
    node, _ = loaded(module, planes, plane)
    before = logic.process(node)
    old = values(before)
    drag(before.lines[line])
    after = module.planeNodes.refreshPlane(before)
    new = values(after)
    assert after.result.edited
    assert after.result.edited_lines == (line,)
    if plane == "femur":
        assert new["FL"] == pytest.approx(1.1 * old["FL"], rel=1e-6)
    elif plane == "abdomen":
        assert new["TAD"] == pytest.approx(1.1 * old["TAD"], rel=1e-6)
        assert new["APAD"] == pytest.approx(old["APAD"], rel=1e-6)
        assert old["AC"] < new["AC"] < 1.1 * old["AC"]
    else:
        assert new["HeartArea"] == pytest.approx(1.1 * old["HeartArea"], rel=1e-6)
        assert new["CTR"] == pytest.approx(1.1 * old["CTR"], rel=1e-6)
        assert new["ThoraxArea"] == pytest.approx(old["ThoraxArea"], rel=1e-9)
        by_name = {m.name: m for m in after.result.lengths()}
        assert by_name["HeartArea"].sd is None
        assert by_name["ThoraxArea"].sd is not None  # nobody touched the thorax
        assert "9.9.9" in by_name["ThoraxArea"].source
    assert line in {m.name for m in after.result.lengths()} | {"Heart long"}


def test_nothing_jumps_when_a_diameter_that_is_no_axis_is_taken_up(module, planes, logic):
    """TAD and APAD follow the spine, not the ellipse's axes; the first small drag changes AC by little."""
    from dataclasses import replace

    from FetalBiometryLib.planes.abdomen import axis_lines
    from FetalBiometryLib.planes.ellipse import Ellipse
    from FetalBiometryLib.planes.findings import Finding

    node, _ = loaded(module, planes, "abdomen")
    nodes = logic.process(node)
    skin = Ellipse.make(200, 135, 100, 70, 25)
    finding = Finding("abdomen", {"AC": skin}, axis_lines(skin, np.array([0.0, 1.0])), {}, {}, (), False, "")
    from FetalBiometryLib.planes.lines import lines_of

    scale = Scale(0.3, 0.3, "typed", True)
    result = replace(nodes.result, finding=finding, lines_px=lines_of(finding, factor_of(scale)), scale=scale)
    ac = {m.name: m.value for m in result.lengths()}["AC"]
    assert ac == pytest.approx(skin.perimeter * 0.3, rel=1e-6)
    moved = result.with_lines({"TAD": result.lines_px["TAD"] + [[0, 0], [0.01, 0]]})
    assert {m.name: m.value for m in moved.lengths()}["AC"] == pytest.approx(ac, rel=1e-3)


@pytest.mark.parametrize("plane", ["abdomen", "femur", "thorax"])
def test_an_abstained_picture_is_a_proposal_without_numbers(module, planes, logic, plane):
    from DeepMedLib.mrml.nodes.tables import rowsFromTable

    planes.abstains = {plane}
    node, _ = loaded(module, planes, plane)
    nodes = logic.process(node)
    assert nodes.result.status() == "abstained"
    assert nodes.result.to_json()["measurements"] == []
    assert rowsFromTable(nodes.table) == []
    assert nodes.segmentation is None
    assert all("proposal" in line.GetName() for line in nodes.lines.values())
    assert any(REASON in sentence for sentence in nodes.result.warnings())
    main = next(iter(nodes.lines))
    drag(nodes.lines[main])
    after = module.planeNodes.refreshPlane(nodes)
    assert after.result.status() == "done"
    assert all(m.sd is None for m in after.result.lengths())
    if plane == "thorax":  # a heart placed by hand does not vouch for the thorax
        assert set(values(after)) == {"HeartCircumference", "HeartArea"}


def test_a_proposal_can_be_accepted(module, planes, logic):
    from dataclasses import replace

    planes.abstains = {"thorax"}
    node, _ = loaded(module, planes, "thorax")
    nodes = logic.process(node)
    nodes = module.planeNodes.changePlane(nodes, replace(nodes.result, accepted=True))
    assert {"CTR", "CardiacAxis"} <= set(values(nodes))
    assert {m.source for m in nodes.result.lengths()} == {"accepted by the user"}
    assert all(m.sd is None for m in nodes.result.lengths())


def test_the_ratio_and_the_axis_follow_the_settings(module, planes, logic):
    node, phantom = loaded(module, planes, "thorax")
    by_area = logic.process(node, ctr="area")
    by_circumference = logic.process(node, ctr="circumference", fetal_left="right hand")
    assert values(by_area)["CTR"] == pytest.approx(phantom.heart.area / phantom.thorax.area, rel=1e-6)
    true = phantom.heart.perimeter / phantom.thorax.perimeter
    assert values(by_circumference)["CTR"] == pytest.approx(true, rel=1e-6)
    labels = {m.name: m.label for m in by_area.result.lengths()}
    assert "side not known" in labels["CardiacAxis"]
    told = {m.name: m.label for m in by_circumference.result.lengths()}["CardiacAxis"]
    opposite = logic.process(node, fetal_left="left hand")
    other = {m.name: m.label for m in opposite.result.lengths()}["CardiacAxis"]
    assert {told, other} == {"Cardiac axis to the left", "Cardiac axis to the right"}


def test_a_plane_that_is_not_clear_is_not_measured(module, planes, logic):
    phantom = PHANTOMS["abdomen"](12, height=270, width=400)  # unknown to the stand-in
    from DeepMedLib.mrml.inputs.volumes import volumeFromPicture

    node = volumeFromPicture(phantom.picture, (0.3, 0.3), "unclear")
    nodes = logic.process(node)
    assert nodes.table is None
    assert nodes.result.plane == "other"
    record = nodes.result.to_json()
    assert record["status"] == "abstained"
    assert "not clear" in record["reason"]
    assert record["plane_guess"]["probabilities"]["abdomen"] == pytest.approx(0.45)


def test_a_scene_keeps_every_plane_editable(module, planes, logic, tmp_path):
    import slicer

    expected = {}
    for plane in ("abdomen", "femur", "thorax"):
        node, _ = loaded(module, planes, plane)
        expected[plane] = values(logic.process(node))
    slicer.util.saveScene(str(tmp_path / "all.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "all.mrb"))
    found = [module.planeNodes.readPlane(t) for t in slicer.util.getNodesByClass("vtkMRMLTableNode")]
    assert {n.result.plane: values(n) for n in found if n} == {k: pytest.approx(v) for k, v in expected.items()}
    femur = module.planeNodes.readPlane(slicer.util.getNode("FL"))
    drag(femur.lines["FL"], 0.9)
    assert values(module.planeNodes.refreshPlane(femur))["FL"] == pytest.approx(0.9 * expected["femur"]["FL"], rel=1e-5)


def test_one_result_is_shown_at_a_time(module, planes, logic):
    first = logic.process(loaded(module, planes, "abdomen")[0])
    second = logic.process(loaded(module, planes, "femur")[0])
    module.planeNodes.RESULTS.showOnly(first)
    assert first.lines["TAD"].GetDisplayVisibility() and first.curves["AC"].GetDisplayVisibility()
    assert not second.lines["FL"].GetDisplayVisibility()
    module.planeNodes.RESULTS.showOnly(second)
    assert second.lines["FL"].GetDisplayVisibility() and not first.curves["AC"].GetDisplayVisibility()


@pytest.mark.parametrize("bone", ["HL", "TL", "FibL", "RL", "UL"])
def test_any_long_bone_is_a_line_drawn_by_hand(module, planes, logic, bone):
    node, _ = loaded(module, planes, "femur")
    nodes = logic.drawByHand(node, bone)
    assert values(nodes) == {}  # nothing is measured where nobody has looked
    assert nodes.lines[bone].GetNthControlPointLabel(0) == f"{bone}?"
    line = nodes.lines[bone]
    line.SetNthControlPointPositionWorld(0, -10.0, -20.0, 0.0)
    line.SetNthControlPointPositionWorld(1, -40.0, -60.0, 0.0)
    nodes = module.planeNodes.refreshPlane(nodes)
    measured = nodes.result.lengths()[0]
    assert measured.value == pytest.approx(50.0, rel=1e-6)
    assert (measured.name, measured.sd, measured.source) == (bone, None, "drawn by the user")
    assert measured.code.scheme == "LN"


def test_there_is_nothing_to_draw_for_an_unknown_plane(module, planes, logic):
    node, _ = loaded(module, planes, "femur")
    with pytest.raises(BadInput, match="nothing to draw"):
        logic.drawByHand(node, "other")
    with pytest.raises(BadInput, match="no plane"):
        logic.prepare(node, plane="knee")


def test_without_a_scale_there_are_pixels_and_ratios_only(module, planes, logic):
    phantom = planes.add("thorax", PHANTOMS["thorax"](13, height=270, width=400))
    from DeepMedLib.mrml.inputs.volumes import volumeFromPicture

    node = volumeFromPicture(phantom.picture, None, "screen")
    nodes = logic.process(node)
    assert {m.unit for m in nodes.result.measurements()} == {"px", "px2", "", "deg"}
    scaled = logic.rescale(nodes, typed_scale(0.25))
    assert {m.unit for m in scaled.result.measurements()} == {"mm", "mm2", "", "deg"}
    assert values(scaled)["CTR"] == pytest.approx(values(nodes)["CTR"], rel=1e-9)


def test_known_age_gives_centiles_of_the_chosen_standard(module, planes, logic):
    node, _ = loaded(module, planes, "abdomen")
    intergrowth = logic.process(node, ga_weeks=28.0)
    who = logic.process(node, ga_weeks=28.0, standard="WHO 2017")
    one, two = ({m.name: m for m in n.result.measurements()}["AC_centile"] for n in (intergrowth, who))
    assert one.value != two.value
    assert "WHO 2017" in two.source


@pytest.mark.parametrize("plane", ["abdomen", "femur", "thorax"])
def test_overlay_report_and_json(module, planes, logic, plane, tmp_path):
    node, _ = loaded(module, planes, plane)
    nodes = logic.process(node, ga_weeks=28.0)
    overlay = logic.pictureOf(nodes)
    grey = overlay.astype(int).std(axis=2) > 10
    assert 0.001 < grey.mean() < 0.1  # colored, and not covered
    files = logic.exportReport(nodes, tmp_path)
    text = files[0].read_text(encoding="utf-8")
    assert MAIN[plane] in text or "Heart/thorax" in text
    record = json.loads(json.dumps(nodes.result.to_json()))
    assert set(record["measurements"][0]) == {"name", "value", "unit", "sd", "code", "source"}
    from FetalBiometryLib.planes.result import PictureResult

    again = PictureResult.from_json(record)
    assert [m.to_dict() for m in again.measurements()] == [m.to_dict() for m in nodes.result.measurements()]


def test_no_millimetre_in_the_files_of_an_unscaled_picture(module, planes, logic, tmp_path):
    node = logic.loadPicture(saved_phantom(planes, tmp_path, "head"))
    nodes = logic.process(node)
    assert nodes.result.scale is None and nodes.result.vouched
    files = {path.name: path for path in logic.exportFiles(nodes, tmp_path / "out")}
    assert {"HC.mrk.json", "BPD.mrk.json", "OFD.mrk.json", "measurements.csv", "overlay.png"} <= set(files)
    for name in ("HC.mrk.json", "BPD.mrk.json", "OFD.mrk.json"):
        for markup in json.loads(files[name].read_text())["markups"]:
            assert not [m for m in markup["measurements"] if m["enabled"] or "value" in m]
    assert ",mm," not in files["measurements.csv"].read_text()
    scaled = logic.rescale(nodes, Scale(0.2, 0.2, "typed", True))
    written = {path.name: path for path in logic.exportFiles(scaled, tmp_path / "scaled")}
    length = json.loads(written["BPD.mrk.json"].read_text())["markups"][0]["measurements"][0]
    assert length["value"] == pytest.approx(values(scaled)["BPD"], rel=1e-4)


def test_a_deleted_line_takes_its_numbers_along_and_says_so(module, planes, logic):
    import slicer

    node, _ = loaded(module, planes, "thorax")
    nodes = logic.process(node)
    assert "CardiacAxis" in values(nodes) and "HeartArea" in values(nodes)
    slicer.mrmlScene.RemoveNode(nodes.lines["Midline"])
    again = module.planeNodes.refreshPlane(module.planeNodes.readPlane(nodes.table))
    assert "CardiacAxis" not in values(again) and "HeartArea" in values(again)
    assert again.result.headline().startswith("Midline: deleted")
    slicer.mrmlScene.RemoveNode(nodes.curves["Heart"])  # a drawing only: the numbers stay
    assert "HeartArea" in values(module.planeNodes.refreshPlane(module.planeNodes.readPlane(nodes.table)))


def test_a_deleted_table_takes_lines_curves_and_segments_along(module, planes, logic):
    import slicer

    node, _ = loaded(module, planes, "abdomen")
    nodes = logic.process(node)
    others = [n.GetID() for n in nodes.all() if n is not nodes.table]
    assert len(others) == 4
    slicer.mrmlScene.RemoveNode(nodes.table)
    assert [slicer.mrmlScene.GetNodeByID(i) for i in others] == [None] * 4


def test_another_spacing_of_the_volume_moves_the_numbers_and_is_told(module, planes, logic):
    node, _ = loaded(module, planes, "femur")
    nodes = logic.process(node)
    before, spacing = values(nodes)["FL"], node.GetSpacing()[0]
    pixels = nodes.result.lines()["FL"]
    node.SetSpacing(2 * spacing, 2 * spacing, 1.0)
    module.planeNodes.updateLine(nodes.lines["FL"], *module.planeNodes._ras(node, pixels, 0))
    after = module.planeNodes.refreshPlane(nodes)
    assert values(after)["FL"] == pytest.approx(2 * before, rel=1e-6)
    assert any("spacing of the volume" in sentence for sentence in after.result.warnings())


def test_a_scale_set_later_moves_the_segments_along(module, planes, logic, tmp_path):
    node = logic.loadPicture(saved_phantom(planes, tmp_path, "abdomen"))
    nodes = logic.process(node)
    nodes = logic.rescale(nodes, Scale(0.25, 0.25, "typed", True))
    segment = nodes.segmentation.GetSegmentation().GetNthSegment(0)
    image = segment.GetRepresentation("Binary labelmap")
    assert image.GetSpacing()[:2] == pytest.approx((0.25, 0.25))
