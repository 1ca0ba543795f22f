"""ScanCoverage's Logic on real MRML: nodes, files, and nothing left behind by bad input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.errors import BadInput, DeepMedError
from Testing.module.scancoverage.coverage_helpers import AnsweringSlices, install_slices, trunk, write_trunk
from Testing.unit.series.series_maker import write_series


@pytest.fixture
def module(slicerScene: Any) -> Any:
    from deepmed_headless import load_named

    return load_named("ScanCoverage")


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> AnsweringSlices:
    return install_slices(monkeypatch)


@pytest.fixture
def logic(module: Any) -> Any:
    logic = module.ScanCoverageLogic()
    logic.runInProcess = True
    return logic


def volume(values: np.ndarray | None = None) -> Any:
    from DeepMedLib.mrml.inputs.volumes import volumeFromArray

    made = trunk()
    return volumeFromArray(made.values if values is None else values, made.grid, "trunk")


def states(nodes: Any, kind: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    return {v.name: (v.state, v.sides) for v in nodes.result.verdicts if v.kind == kind}


def test_a_reading_becomes_tables_that_can_be_read_back(module: Any, logic: Any, network: Any) -> None:
    nodes = logic.process(volume(), lungs=False, device="cpu")
    assert states(nodes, "region") == {
        "neck": ("absent", ()),
        "chest": ("cut", ("superior",)),
        "abdomen": ("cut", ("inferior",)),
        "pelvis": ("absent", ()),
        "thigh": ("absent", ()),
    }
    assert nodes.result.headline() == "chest (cut: superior), abdomen (cut: inferior)"
    assert nodes.get("masks") is None and nodes.get("slices").GetNumberOfRows() == len(trunk().values)
    again = logic.readResult(nodes.handle)
    assert again.result == nodes.result and again.get("slices") is nodes.get("slices") and again.volume is nodes.volume
    assert nodes.result.provenance["version"] == "9.9.9"


def test_the_reading_survives_a_saved_scene(module: Any, logic: Any, network: Any, tmp_path: Path) -> None:
    import slicer

    expected = logic.process(volume(), lungs=False, device="cpu").result
    assert slicer.util.saveScene(str(tmp_path / "scene.mrb"))
    slicer.mrmlScene.Clear(0)
    slicer.util.loadScene(str(tmp_path / "scene.mrb"))
    (nodes,) = logic.results.inScene()
    assert nodes.result == expected and logic.pictureOf(nodes) is not None


def test_organs_of_the_phantom_are_judged_exactly(module: Any, logic: Any, network: Any) -> None:
    node, organs = module.trunkPhantom.loadPhantom()
    network.pace /= 2  # its slices lie 3 mm apart
    nodes = logic.process(node, organs, lungs=False, device="cpu")
    assert states(nodes, "organ") == {
        "liver": ("complete", ()),
        "spleen": ("complete", ()),
        "right kidney": ("cut", ("inferior",)),
        "left kidney": ("cut", ("inferior",)),
        "bladder": ("absent", ()),
        "heart": ("complete", ()),
        "right lung": ("cut", ("superior",)),
        "left lung": ("cut", ("superior",)),
        "airways": ("cut", ("superior",)),
    }
    sentences = " ".join(nodes.result.warnings())
    assert "ends inferiorly in the right kidney and the left kidney: their volumes are lower bounds." in sentences
    # The segmentation answers for the liver; the stomach is not in it.
    assert "where the stomach usually lies" in sentences and "where the liver usually lies" not in sentences
    assert nodes.result.headline().endswith("organs: 3 complete, 5 cut, 1 absent")


def test_lungs_and_airways_become_segments_near_the_truth(logic: Any, network: Any) -> None:
    nodes = logic.process(volume(), lungs=True, device="cpu")
    truth = trunk()
    ml = truth.grid.voxel_volume / 1000
    for name, label in (("lung_right_ml", 7), ("lung_left_ml", 8)):
        assert nodes.result.masks[name] == pytest.approx(ml * (truth.labels == label).sum(), rel=0.15)
        assert nodes.result.masks[name.replace("_ml", "_lower_bound")]
        assert 0 < nodes.result.masks[name.replace("_ml", "_sd_ml")] < 0.1 * nodes.result.masks[name]
    cut = "The scan ends superiorly in the right lung, the left lung and the airways: their volumes are lower bounds."
    assert cut in nodes.result.warnings()
    rows = {row[0]: row for row in nodes.result.table("verdicts").rows if row[3]}
    assert rows["right lung"][1:3] == ("cut", "superior") and "lower bound" in rows["right lung"][3]
    assert {v["name"]: v["state"] for v in nodes.result.to_json()["verdicts"]}["left lung"] == "cut"
    from DeepMedLib.mrml.nodes.lungSegments import LUNG_SEGMENTS

    colors = [tuple(round(255 * value) for value in spec.color) for spec in LUNG_SEGMENTS[:2]]
    right, left = (np.all(logic.pictureOf(nodes) == color, axis=2) for color in colors)
    assert right.any() and left.any() and np.argwhere(right)[:, 1].mean() < np.argwhere(left)[:, 1].mean()
    plain = logic.process(volume(), lungs=False, device="cpu")
    assert not np.all(logic.pictureOf(plain) == colors[0], axis=2).any()
    segmentation = nodes.get("masks").GetSegmentation()
    assert {segmentation.GetNthSegmentID(k) for k in range(2)} == {"lung_right", "lung_left"}


def test_what_does_not_run_along_a_body_is_not_judged(logic: Any, network: Any, tmp_path: Path) -> None:
    network.shuffled = True
    nodes = logic.process(volume(), lungs=False, device="cpu")
    assert nodes.result.status() == "abstained" and not nodes.result.verdicts
    assert all(reading.region == "" for reading in nodes.result.slices)
    assert nodes.result.headline().startswith("regions not judged: what the slices look like does not follow")
    files = logic.exportReport(nodes, tmp_path)
    assert [file.name for file in files] == ["report.html", "report.pdf"]
    assert "regions not judged" in files[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("start", "pace", "turn", "words"),
    [(50.0, -0.73, 0, "head and feet exchanged"), (18.0, 0.73, 1, "left and right exchanged")],
)
def test_a_turned_scan_is_said_first(
    logic: Any, network: Any, start: float, pace: float, turn: int, words: str
) -> None:
    network.start, network.pace, network.turn = start, pace, turn
    result = logic.process(volume(), lungs=False, device="cpu").result
    assert words in result.warnings()[0] and result.turn.wrong


def test_many_organs_get_pages_of_their_own(logic: Any, network: Any, tmp_path: Path) -> None:
    made = trunk()
    labels = (np.arange(made.labels.size).reshape(made.labels.shape) % 70).astype(np.uint8)
    node = volume()
    organs = logic.loadOrgans(write_trunk(tmp_path / "labels.nii.gz", labels), node)
    nodes = logic.process(node, organs, lungs=False, device="cpu")
    assert "label 69" in states(nodes, "organ") and states(nodes, "organ")["label 5"][0] == "cut"
    html, pdf = logic.exportReport(nodes, tmp_path)
    assert "label 69" in html.read_text(encoding="utf-8") and pdf.read_bytes().startswith(b"%PDF")


def test_telling_patches_are_drawn(logic: Any, network: Any, tmp_path: Path) -> None:
    from PIL import Image

    nodes = logic.process(volume(), lungs=False, telling=True, device="cpu")
    files = {file.name: file for file in logic.exportFiles(nodes, tmp_path)}
    assert set(files) == {"report.html", "report.pdf", "overlay.png", "telling.png", "slices.csv"}
    pixels = np.asarray(Image.open(files["telling.png"]).convert("RGB")).astype(int)
    assert (pixels[..., 0] - pixels[..., 2]).max() > 40  # warm somewhere
    assert np.abs(pixels[100:180, 100:180, 0] - pixels[100:180, 100:180, 2]).max() < 5  # grey elsewhere


def test_the_picture_shows_the_bar_in_the_regions_colors(logic: Any, network: Any) -> None:
    from ScanCoverageLib.coverage_picture import REGION_COLORS

    picture = logic.pictureOf(logic.process(volume(), lungs=False, device="cpu"))
    for region, there in (("chest", True), ("abdomen", True), ("pelvis", False)):
        assert (np.abs(picture.astype(int) - REGION_COLORS[region]).max(axis=2) < 3).any() == there


def bad_values(kind: str) -> np.ndarray:
    values = trunk().values.astype(np.float32)
    if kind == "nan":
        values[5, 5, 5] = np.nan
    elif kind == "scaled":
        values = (values - values.min()) / (values.max() - values.min())
    elif kind == "eight bit":
        values = np.clip((values + 175) / 450 * 255, 0, 255).astype(np.uint8)
    elif kind == "no offset":
        values = values + 1024
    elif kind == "constant":
        values[:] = 40
    return values


@pytest.mark.parametrize("kind", ["nan", "scaled", "eight bit", "no offset", "constant"])
def test_bad_values_are_refused_and_leave_the_scene(logic: Any, network: Any, kind: str) -> None:
    import slicer

    node = volume(bad_values(kind))
    count = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(BadInput) as caught:
        logic.process(node, lungs=False, device="cpu")
    assert caught.value.remedy and str(caught.value).count("\n") == 0
    assert slicer.mrmlScene.GetNumberOfNodes() == count and network.seen == 0


def test_one_slice_and_no_volume_are_refused(logic: Any, network: Any) -> None:
    import slicer

    with pytest.raises(BadInput, match="one slice"):
        logic.process(slicer.util.addVolumeFromArray(trunk().values[:1]), lungs=False, device="cpu")
    with pytest.raises(BadInput, match="No scan is selected"):
        logic.process(None)


def test_a_failed_computation_leaves_the_scene(logic: Any, network: Any) -> None:
    import slicer

    network.error = RuntimeError("out of luck")
    node = volume()
    count = slicer.mrmlScene.GetNumberOfNodes()
    with pytest.raises(DeepMedError):
        logic.process(node, lungs=False, device="cpu")
    assert slicer.mrmlScene.GetNumberOfNodes() == count


def test_a_dicom_folder_brings_its_remarks(logic: Any, network: Any, tmp_path: Path) -> None:
    made = trunk()
    z = 6.0 * np.arange(len(made.values))
    z[30:] += 12.0
    positions = np.column_stack([np.full(len(z), -150.0), np.full(len(z), -100.0), z])
    folder = write_series(tmp_path / "s", made.values[:, ::-1, ::-1], spacing=(6.0, 6.0, 6.0), positions=positions)
    node = logic.loadScan(folder)
    result = logic.process(node, lungs=False, device="cpu").result
    assert any("2 slices are missing" in sentence for sentence in result.warnings())


def test_files_that_are_no_scan_leave_the_scene(logic: Any, tmp_path: Path) -> None:
    import slicer

    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.nrrd").write_text("no volume")
    (tmp_path / "bad.dcm").write_text("no DICOM")
    count = slicer.mrmlScene.GetNumberOfNodes()
    for name in ("missing.nii.gz", "empty", "bad.nrrd", "bad.dcm"):
        with pytest.raises(BadInput):
            logic.loadScan(tmp_path / name)
    with pytest.raises(BadInput):
        logic.loadOrgans(tmp_path / "bad.nrrd", volume())
    assert slicer.mrmlScene.GetNumberOfNodes() <= count + 3  # the volume with its display and its folder item


def test_process_refuses_a_volume_that_was_removed_meanwhile(logic: Any, network: Any) -> None:
    import slicer

    from DeepMedLib.jobs.task import run_here

    node = volume()
    preparation = logic.prepare(node)
    computed = run_here(preparation.task, None)
    slicer.mrmlScene.RemoveNode(node)
    with pytest.raises(BadInput, match="removed"):
        logic.finish(preparation, computed)
