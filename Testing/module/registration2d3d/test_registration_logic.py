"""The module: X-rays and CT through the registration into nodes and files; panel and command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from Registration2D3DLib.phantom.cases import phantom_case, write_case
from Testing.module.cli_helpers import deepmed


@pytest.fixture
def module(slicerScene: Any) -> Any:
    from deepmed_headless import load_named

    return load_named("Registration2D3D")


@pytest.fixture
def logic(module: Any) -> Any:
    made = module.Registration2D3DLogic()
    made.runInProcess = True
    return made


def test_pose_sources_and_drr_stand_in_the_scene(logic: Any, tmp_path: Path) -> None:
    from Registration2D3DMrml import phantomNodes
    from Registration2D3DMrml.xrayNodes import geometryOf

    xrays, volume, start = phantomNodes.loadPhantom()
    nodes = logic.process(*xrays, ct=volume, start=start, device="cpu")
    assert nodes.result.trusted and volume.GetTransformNodeID() == nodes.get("pose").GetID()
    view = geometryOf(xrays[0])
    assert np.allclose(nodes.get("sources").GetNthControlPointPositionWorld(0), view.source, atol=1e-3)
    assert logic.readResult(nodes.handle).result == nodes.result
    names = {path.name for path in logic.exportFiles(nodes, tmp_path)}
    assert {"ct_to_world.tfm", "drr.png", "blend.png", "overlay.png", "report.pdf", "pose.csv"} <= names


def test_what_is_missing_gets_a_sentence(logic: Any) -> None:
    import slicer

    from Registration2D3DMrml import phantomNodes

    xrays, volume, _start = phantomNodes.loadPhantom()
    plain = slicer.util.addVolumeFromArray(np.arange(64 * 64, dtype=np.uint8).reshape(1, 64, 64))
    for inputs, words in (
        ((None, None, volume), "No X-ray"),
        ((xrays[0], None, None), "Neither"),
        ((xrays[0], xrays[0], volume), "twice"),
        ((plain, None, volume), "no geometry"),
    ):
        with pytest.raises(BadInput, match=words):
            logic.prepare(*inputs)


def test_a_geometry_of_another_picture_is_refused(logic: Any, tmp_path: Path) -> None:
    from Registration2D3DMrml import phantomNodes

    xray = phantomNodes.loadPhantom()[0][0]
    record = phantom_case(1).views[0].to_dict() | {"width": 99}
    (tmp_path / "geometry.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(BadInput, match="99"):
        logic.setGeometry(xray, tmp_path / "geometry.json")


def test_the_panel_offers_the_phantom_and_registers(module: Any) -> None:
    widget = module.Registration2D3DWidget()
    widget.setup()
    widget.enter()
    assert not widget.ui.applyButton.enabled and not widget.geometryButton.enabled
    widget.onSample()
    assert widget.ui.applyButton.enabled and widget._parameterNode.second is not None
    widget.cleanup()


def test_the_panel_takes_an_xray_in_color(module: Any, tmp_path: Path) -> None:
    from PIL import Image

    Image.new("RGB", (64, 48), (90, 80, 70)).save(tmp_path / "film.png")
    widget = module.Registration2D3DWidget()
    widget.setup()
    widget.enter()
    node = widget.logic.loadXray(tmp_path / "film.png")
    assert node.IsA("vtkMRMLVectorVolumeNode")
    widget._parameterNode.xray = node
    assert widget._parameterNode.xray is node and widget.geometryButton.enabled
    widget.cleanup()


def test_a_network_brings_the_start_near(logic: Any) -> None:
    from Registration2D3DMrml import phantomNodes

    xrays, volume, start = phantomNodes.loadPhantom()
    nodes = logic.process(*xrays, ct=volume, start=start, device="cpu", first_stage="network")
    assert nodes.result.trusted and "network" in nodes.result.found_by
    assert "displacements" in nodes.result.provenance["model"]


def test_a_command_writes_the_contract(tmp_path: Path) -> None:
    write_case(phantom_case(2), tmp_path / "case")
    case, out = tmp_path / "case", tmp_path / "out"
    words = ["register", "--ct", case / "ct.nii.gz", "--xray", case / "xray.png", "--init", case / "init.json"]
    done = deepmed(*map(str, words), "--geometry", str(case / "geometry.json"), "--out", str(out))
    assert done.exit_code == 0, done.output + done.stderr
    record = json.loads((out / "xray" / "result.json").read_text(encoding="utf-8"))
    assert np.array(record["matrix_ras"]).shape == (4, 4) and record["trusted"] is True
    assert {"ct_to_world.tfm", "drr.png", "blend.png", "scene.mrb"} <= set(record["files"])
    missing = deepmed(*map(str, words), "--out", str(tmp_path / "other"))
    assert missing.exit_code == 2 and "no geometry" in " ".join((missing.output + missing.stderr).split())


def test_case_folders_are_evaluated(tmp_path: Path) -> None:
    write_case(phantom_case(2), tmp_path / "cases" / "one")
    done = deepmed("evaluate", "registration", str(tmp_path / "cases"), "--out", str(tmp_path / "out"))
    assert done.exit_code == 0, done.output + done.stderr
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["success_2_mm"] == 1.0
