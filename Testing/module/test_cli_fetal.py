"""`deepmed fetal` through the real Logic of the module, with a network that answers what the test says."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from DeepMedLib.errors import DeepMedError
from Testing.module.cli_helpers import (
    REASON,
    SD,
    AnsweringNetwork,
    deepmed,
    files_of,
    install_network,
    save_phantom,
    true_lengths,
)

MEASURED = {
    "result.json",
    "head.seg.nrrd",
    "HC.mrk.json",
    "OFD.mrk.json",
    "BPD.mrk.json",
    "measurements.csv",
    "overlay.png",
    "report.html",
    "report.pdf",
    "scene.mrb",
}


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> AnsweringNetwork:
    return install_network(monkeypatch)


def read(folder: Path) -> dict:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def value(record: dict, name: str) -> float:
    return next(m["value"] for m in record["measurements"] if m["name"] == name)


def test_writes_the_files_of_the_contract(network: AnsweringNetwork, tmp_path: Path) -> None:
    phantom = save_phantom(tmp_path / "kopf ü.png")
    network.add(phantom)
    done = deepmed("fetal", tmp_path / "kopf ü.png", "--out", tmp_path / "out", "--spacing", phantom.spacing_mm)
    assert done.exit_code == 0, done.stderr
    assert files_of(tmp_path / "out") == {"kopf ü", "summary.csv"}
    folder = tmp_path / "out" / "kopf ü"
    assert files_of(folder) == MEASURED
    assert all((folder / name).stat().st_size > 0 for name in MEASURED)
    record = read(folder)
    assert set(record["files"]) == MEASURED
    assert record["status"] == "done" and record["frame"] == 0
    for name, true in true_lengths(phantom).items():
        assert value(record, name) == pytest.approx(true, rel=1e-4)
        item = next(m for m in record["measurements"] if m["name"] == name)
        assert item["sd"] == pytest.approx(SD[name] * true, rel=1e-3)
        assert item["unit"] == "mm" and set(item) == {"name", "value", "unit", "sd", "code", "source"}
    with (folder / "measurements.csv").open(newline="", encoding="utf-8") as stream:
        rows = {row["name"]: row for row in csv.DictReader(stream)}
    assert float(rows["HC"]["value"]) == pytest.approx(value(record, "HC"), rel=1e-5)
    assert float(rows["HC"]["low_95"]) < float(rows["HC"]["value"]) < float(rows["HC"]["high_95"])


def test_a_relative_out_is_relative_to_where_we_are(
    network: AnsweringNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phantom = save_phantom(tmp_path / "head.png")
    network.add(phantom)
    monkeypatch.chdir(tmp_path)
    for _ in range(2):  # the second time there is an older result to replace
        done = deepmed("fetal", "head.png", "--out", "some/out", "--spacing", phantom.spacing_mm)
        assert done.exit_code == 0, done.stderr
        assert files_of(tmp_path / "some" / "out" / "head") == MEASURED


def test_markups_hold_the_circumference_in_mm(network: AnsweringNetwork, tmp_path: Path) -> None:
    phantom = save_phantom(tmp_path / "a.png")
    network.add(phantom)
    deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--spacing", phantom.spacing_mm)
    line = json.loads((tmp_path / "out" / "a" / "OFD.mrk.json").read_text(encoding="utf-8"))["markups"][0]
    (x1, y1, _), (x2, y2, _) = (point["position"] for point in line["controlPoints"])
    assert ((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5 == pytest.approx(true_lengths(phantom)["OFD"], rel=1e-4)
    assert line["type"] == "Line"


def test_the_saved_scene_opens_again(network: AnsweringNetwork, tmp_path: Path) -> None:
    import slicer

    phantom = save_phantom(tmp_path / "a.png")
    network.add(phantom)
    deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--spacing", phantom.spacing_mm)
    assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLMarkupsNode") == 0  # the command cleaned up
    try:
        slicer.util.loadScene(str(tmp_path / "out" / "a" / "scene.mrb"))  # raises when it cannot
        curve = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLMarkupsClosedCurveNode")
        assert curve is not None and curve.GetLocked()
        volume = slicer.mrmlScene.GetFirstNodeByClass("vtkMRMLScalarVolumeNode")
        assert volume.GetSpacing()[0] == pytest.approx(phantom.spacing_mm)
        red = slicer.mrmlScene.GetSingletonNode("Red", "vtkMRMLSliceCompositeNode")
        assert red.GetBackgroundVolumeID() == volume.GetID()
    finally:
        slicer.mrmlScene.Clear(False)


def test_without_a_scale_lengths_stay_in_pixels_and_a_ruler_is_only_proposed(
    network: AnsweringNetwork, tmp_path: Path
) -> None:
    phantom = save_phantom(tmp_path / "a.png", ruler=True)
    network.add(phantom)
    assert deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out").exit_code == 0
    record = read(tmp_path / "out" / "a")
    assert record["scale"] is None
    assert {m["unit"] for m in record["measurements"]} == {"px", "%"}
    proposal = record["ruler_proposal"]
    assert proposal["pitch_px"] == pytest.approx(5 / phantom.spacing_mm, rel=0.01)
    confirmed = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--accept-ruler", 5)
    assert confirmed.exit_code == 0, confirmed.stderr
    record = read(tmp_path / "out" / "a")
    assert value(record, "HC") == pytest.approx(true_lengths(phantom)["HC"], rel=0.01)
    assert record["scale"]["confirmed"] and "ruler_proposal" not in record


def test_a_ruler_that_is_not_there_cannot_be_accepted(network: AnsweringNetwork, tmp_path: Path) -> None:
    network.add(save_phantom(tmp_path / "a.png", ruler=False))
    done = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--accept-ruler", 5)
    assert done.exit_code == 2
    assert "ruler" in done.stderr and "--spacing" in done.stderr
    assert files_of(tmp_path / "out") == {"summary.csv"}


def test_abstaining_is_code_3_and_no_markup_passes_for_a_measurement(network: AnsweringNetwork, tmp_path: Path) -> None:
    phantom = save_phantom(tmp_path / "a.png")
    network.add(phantom)
    network.abstains = True
    done = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--spacing", 0.2)
    assert done.exit_code == 3
    record = read(tmp_path / "out" / "a")
    assert record["status"] == "abstained" and record["reason"] == REASON and record["measurements"] == []
    files = files_of(tmp_path / "out" / "a")
    assert {"overlay.png", "report.html", "report.pdf", "scene.mrb", "measurements.csv"} <= files
    assert not {name for name in files if name.endswith((".mrk.json", ".seg.nrrd", ".dcm"))}


def test_nothing_found_is_code_3(network: AnsweringNetwork, tmp_path: Path) -> None:
    save_phantom(tmp_path / "a.png")
    done = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--spacing", 0.2)
    assert done.exit_code == 3
    record = read(tmp_path / "out" / "a")
    assert record["ellipses_px"] == {} and "No fetal head" in record["reason"]


def test_json_is_one_object_a_line_and_all_inputs_run(network: AnsweringNetwork, tmp_path: Path) -> None:
    first, second = save_phantom(tmp_path / "one" / "a.png", 1), save_phantom(tmp_path / "two" / "a.png", 2)
    network.add(first)
    network.add(second)
    (tmp_path / "blank.png").write_bytes(b"\x89PNG cut short")
    inputs = (tmp_path / "one" / "a.png", tmp_path / "blank.png", tmp_path / "two", tmp_path / "absent.png")
    done = deepmed("fetal", *inputs, "--out", tmp_path / "out", "--spacing", 0.2, "--json")
    assert done.exit_code == 2, done.stderr
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["status"] for r in records].count("done") == 2
    assert {r["input"] for r in records if r["status"] == "failed"} == {"blank.png", "absent.png"}
    assert all(r["error"]["remedy"] for r in records if r["status"] == "failed")
    assert files_of(tmp_path / "out") == {"one_a", "two_a", "summary.csv"}
    assert read(tmp_path / "out" / "one_a") in records
    assert "Traceback" not in done.stderr and "noise" not in done.stderr


@pytest.mark.parametrize(
    "options",
    [
        ("--spacing", "0"),
        ("--spacing", "-1"),
        ("--spacing", "nan"),
        ("--accept-ruler", "0"),
        ("--ga-weeks", "99"),
        ("--ga-weeks", "nan"),
    ],
)
def test_impossible_numbers_are_refused_before_anything_is_read(
    options: tuple[str, str], network: AnsweringNetwork, tmp_path: Path
) -> None:
    save_phantom(tmp_path / "a.png")
    done = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", *options)
    assert done.exit_code == 2
    assert "not possible" in done.stderr or "is no" in done.stderr
    assert network.seen == 0 and not (tmp_path / "out").exists()


def test_an_internal_error_is_code_4_and_keeps_the_older_result(network: AnsweringNetwork, tmp_path: Path) -> None:
    phantom = save_phantom(tmp_path / "a.png")
    network.add(phantom)
    command = ("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--spacing", phantom.spacing_mm)
    assert deepmed(*command).exit_code == 0
    before = read(tmp_path / "out" / "a")
    (tmp_path / "out" / "a" / "my notes.txt").write_text("mine")
    network.error = ZeroDivisionError("division by zero")
    done = deepmed(*command)
    assert done.exit_code == 4
    assert "ZeroDivisionError" in done.stderr and "Traceback" not in done.stderr
    log = Path(done.stderr.strip().rsplit("full report is in ", 1)[1].rstrip("."))
    assert "Traceback" in log.read_text(encoding="utf-8")
    log.unlink()
    assert read(tmp_path / "out" / "a") == before
    assert files_of(tmp_path / "out") == {"a", "summary.csv"}
    network.error = None
    assert deepmed(*command).exit_code == 0
    assert files_of(tmp_path / "out" / "a") == MEASURED | {"my notes.txt"}


def test_a_typed_error_has_its_own_words(network: AnsweringNetwork, tmp_path: Path) -> None:
    save_phantom(tmp_path / "a.png")
    network.error = DeepMedError("It broke.", "Mend it.")
    done = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--debug")
    assert done.exit_code == 4
    assert "a.png: It broke. Mend it." in done.stderr
    assert files_of(tmp_path / "out") == {"summary.csv"}


def test_ctrl_c_leaves_nothing_behind(network: AnsweringNetwork, tmp_path: Path) -> None:
    save_phantom(tmp_path / "a.png")
    network.error = KeyboardInterrupt()  # type: ignore[assignment]
    done = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out")
    assert done.exit_code == 130
    assert "Stopped" in done.stderr and not (tmp_path / "out").exists()


def test_a_frame_of_a_cine_gets_a_structured_report(network: AnsweringNetwork, tmp_path: Path) -> None:
    from FetalBiometryLib.phantom.head import head_phantom
    from FetalBiometryLib.phantom.ultrasound_file import write_ultrasound

    phantom = head_phantom(3, height=270, width=400, hc_mm=150)
    network.add(phantom)
    (tmp_path / "cine").mkdir()
    path = tmp_path / "cine" / "IM0001.dcm"
    write_ultrasound(phantom.picture, phantom.spacing_mm, path, frames=3, shown=2)
    path = tmp_path / "cine"
    refused = deepmed("fetal", path, "--out", tmp_path / "out")
    assert refused.exit_code == 2 and "3 frames" in refused.stderr
    done = deepmed("fetal", path, "--out", tmp_path / "out", "--frame", 2, "--bpd", "outer-inner")
    assert done.exit_code == 0, done.stderr
    folder = tmp_path / "out" / "cine"
    assert files_of(folder) == MEASURED | {"report.dcm"}
    record = read(folder)
    assert record["frame"] == 1 and record["frame_count"] == 3
    assert record["options"]["bpd_convention"] == "outer-inner"
    assert value(record, "HC") == pytest.approx(true_lengths(phantom)["HC"], rel=1e-3)
    assert value(record, "BPD") < true_lengths(phantom)["BPD"]
    assert deepmed("fetal", path, "--out", tmp_path / "out", "--frame", 4).exit_code == 2


@pytest.mark.parametrize("kind", ["file", "below a file"])
def test_out_must_be_a_folder(kind: str, network: AnsweringNetwork, tmp_path: Path) -> None:
    save_phantom(tmp_path / "a.png")
    (tmp_path / "taken").write_text("")
    out = tmp_path / "taken" if kind == "file" else tmp_path / "taken" / "deeper"
    done = deepmed("fetal", tmp_path / "a.png", "--out", out)
    assert done.exit_code == 2
    assert "folder" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_folder_without_pictures(network: AnsweringNetwork, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = deepmed("fetal", tmp_path / "empty", "--out", tmp_path / "out")
    assert done.exit_code == 2 and "holds no picture" in done.stderr
    assert files_of(tmp_path / "out") == {"summary.csv"}


def test_known_age_gives_centiles_and_an_unknown_standard_lists_the_known(
    network: AnsweringNetwork, tmp_path: Path
) -> None:
    phantom = save_phantom(tmp_path / "a.png", hc_mm=205.0)
    network.add(phantom)
    command = ("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--spacing", phantom.spacing_mm)
    refused = deepmed(*command, "--ga-weeks", 23, "--standard", "Nobody 1900")
    assert refused.exit_code == 2 and "INTERGROWTH-21st" in refused.stderr
    assert deepmed(*command, "--ga-weeks", 23, "--standard", "INTERGROWTH-21st").exit_code == 0
    record = read(tmp_path / "out" / "a")
    assert record["options"]["ga_weeks"] == 23
    assert 1 < value(record, "HC_centile") < 99
    assert 18 < value(record, "GA") < 28
