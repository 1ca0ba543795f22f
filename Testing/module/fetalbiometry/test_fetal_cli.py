"""`deepmed fetal` for every plane and for whole examinations, with a network that knows the phantoms."""

import json
import sys
import types
from pathlib import Path

import pytest
from PIL import Image

from FetalBiometryLib.growth.standards import IG21, standard
from FetalBiometryLib.phantom.examination import WEEKS
from Testing.module.cli_helpers import deepmed, files_of
from Testing.module.fetalbiometry.plane_helpers import PHANTOMS, AnsweringPlanes

COMMON = {"result.json", "measurements.csv", "overlay.png", "report.html", "report.pdf", "scene.mrb"}
OWN = {
    "abdomen": {"AC.mrk.json", "TAD.mrk.json", "APAD.mrk.json", "abdomen.seg.nrrd"},
    "femur": {"FL.mrk.json"},
    "thorax": {
        *("Heart.mrk.json", "Thorax.mrk.json", "Heartlong.mrk.json", "Heartshort.mrk.json", "Thoraxlong.mrk.json"),
        *("Thoraxshort.mrk.json", "CardiacAxis.mrk.json", "Midline.mrk.json", "thorax.seg.nrrd"),
    },
}
SPACING = 0.4


@pytest.fixture
def planes(monkeypatch):
    answering = AnsweringPlanes()
    stub = types.ModuleType("FetalBiometryLib.inference.task")
    stub.run, stub.run_many = answering.run, answering.run_many
    monkeypatch.setitem(sys.modules, "FetalBiometryLib.inference.task", stub)
    return answering


def save(planes, path: Path, plane: str, seed: int = 11, known: bool = True, **size):
    """A phantom as PNG whose pixels are worth SPACING mm."""
    phantom = PHANTOMS[plane](seed, height=270, width=400, **size)
    if known:
        planes.add(plane, phantom)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(phantom.picture).save(path)
    return phantom


def study(planes, folder: Path) -> None:
    """Head, abdomen, femur and thorax, and one picture of nothing."""
    for plane in PHANTOMS:
        save(planes, folder / f"{plane}.png", plane)
    save(planes, folder / "unclear.png", "abdomen", seed=12, known=False)


def read(folder: Path) -> dict:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def names(record: dict) -> set[str]:
    return {m["name"] for m in record["measurements"]}


@pytest.mark.parametrize("plane", ["abdomen", "femur", "thorax"])
def test_each_plane_writes_its_files(planes, tmp_path, plane):
    save(planes, tmp_path / "a.png", plane)
    done = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--spacing", SPACING, "--plane", plane)
    assert done.exit_code == 0, done.stderr
    assert planes.asked == [plane]
    assert files_of(tmp_path / "out" / "a") == COMMON | OWN[plane]
    record = read(tmp_path / "out" / "a")
    assert record["plane"] == plane and record["status"] == "done"
    assert {"abdomen": "AC", "femur": "FL", "thorax": "CTR"}[plane] in names(record)


def test_auto_abstains_when_the_plane_is_not_clear(planes, tmp_path):
    save(planes, tmp_path / "a.png", "abdomen", known=False)
    done = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--spacing", SPACING)
    assert done.exit_code == 3, done.stderr
    record = read(tmp_path / "out" / "a")
    assert record["status"] == "abstained" and "not clear" in record["reason"]
    assert record["measurements"] == []
    assert files_of(tmp_path / "out" / "a") == COMMON


def test_a_proposal_of_an_abstained_plane_gives_no_number_and_no_markup(planes, tmp_path):
    planes.abstains = {"femur"}
    save(planes, tmp_path / "a.png", "femur")
    done = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--spacing", SPACING)
    assert done.exit_code == 3
    record = read(tmp_path / "out" / "a")
    assert record["measurements"] == [] and record["lines_px"]["FL"]
    assert files_of(tmp_path / "out" / "a") == COMMON


def test_a_folder_is_one_examination(planes, tmp_path):
    import slicer

    study(planes, tmp_path / "study")
    visits = tmp_path / "former.csv"
    visits.write_text("ga_weeks,HC_mm,AC_mm,FL_mm\n20.0,175,150,32\n", encoding="utf-8")
    done = deepmed(
        *("fetal", tmp_path / "study", "--out", tmp_path / "out", "--spacing", SPACING, "--ga-weeks", 28.0),
        *("--visits", visits, "--ctr", "circumference", "--weight", "hadlock-hc-ac-fl", "--json"),
    )
    assert done.exit_code == 0, done.stderr
    assert files_of(tmp_path / "out") == {*PHANTOMS, "unclear", "examination", "summary.csv"}
    assert files_of(tmp_path / "out" / "examination") == COMMON
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["plane"] for r in records] == ["abdomen", "femur", "head", "thorax", "other", "examination"]
    whole = read(tmp_path / "out" / "examination")
    assert whole == records[-1]
    assert {"BPD", "HC", "AC", "FL", "GA", "EFW", "CTR", "HeadThoraxRatio", "CardiacAxis", "EFW_centile"} <= names(
        whole
    )
    assert whole["weight_formula"] == "Hadlock 1985 (HC, AC, FL)"
    assert whole["skipped"][0]["picture"] == "unclear.png"
    single = {m["name"]: m["value"] for r in records[:-1] for m in r["measurements"]}
    combined = {m["name"]: m["value"] for m in whole["measurements"]}
    assert combined["AC"] == pytest.approx(single["AC"]) and combined["HC"] == pytest.approx(single["HC"])
    assert combined["HeadThoraxRatio"] == pytest.approx(single["HC"] / single["ThoraxCircumference"])
    try:
        slicer.util.loadScene(str(tmp_path / "out" / "examination" / "scene.mrb"))
        assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLPlotChartNode") >= 4
        assert slicer.mrmlScene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode") == 4
    finally:
        slicer.mrmlScene.Clear(False)


def test_two_folders_are_two_examinations(planes, tmp_path):
    for name, seed in (("one", 11), ("two", 12)):
        save(planes, tmp_path / name / "abdomen.png", "abdomen", seed)
        save(planes, tmp_path / name / "femur.png", "femur", seed)
    done = deepmed("fetal", tmp_path / "one", tmp_path / "two", "--out", tmp_path / "out", "--spacing", SPACING)
    assert done.exit_code == 0, done.stderr
    out = files_of(tmp_path / "out")
    assert {"one_examination", "two_examination", "one_abdomen", "two_femur"} <= out
    assert read(tmp_path / "out" / "one_examination")["input"] == "one"


def test_pictures_that_are_not_vouched_for_leave_the_code_to_the_examination(planes, tmp_path):
    planes.abstains = {"femur", "abdomen"}
    save(planes, tmp_path / "s" / "abdomen.png", "abdomen")
    save(planes, tmp_path / "s" / "femur.png", "femur")
    done = deepmed("fetal", tmp_path / "s", "--out", tmp_path / "out", "--spacing", SPACING)
    assert done.exit_code == 3
    assert read(tmp_path / "out" / "examination")["status"] == "abstained"
    save(planes, tmp_path / "s" / "head.png", "head")
    done = deepmed("fetal", tmp_path / "s", "--out", tmp_path / "out", "--spacing", SPACING)
    assert done.exit_code == 0, done.stderr


def test_a_broken_picture_does_not_stop_an_examination_but_is_told(planes, tmp_path):
    study(planes, tmp_path / "s")
    (tmp_path / "s" / "broken.png").write_bytes(b"\x89PNG cut short")
    done = deepmed("fetal", tmp_path / "s", "--out", tmp_path / "out", "--spacing", SPACING)
    assert done.exit_code == 2
    assert "broken.png" in done.stderr and len(done.stderr.strip().splitlines()) == 1
    whole = read(tmp_path / "out" / "examination")
    assert "AC" in names(whole) and "broken.png" in {s["picture"] for s in whole["skipped"]}


def test_a_dicom_study_gets_one_structured_report_and_its_loops_are_sampled(planes, tmp_path):
    from pydicom.uid import generate_uid

    from FetalBiometryLib.phantom.ultrasound_file import write_ultrasound
    from FetalBiometryLib.structured_report.reader import read_sr

    folder = tmp_path / "study"
    folder.mkdir()
    study_uid = generate_uid()
    for plane in ("abdomen", "femur"):
        phantom = planes.add(plane, PHANTOMS[plane](11, height=270, width=400))
        frames = 1 if plane == "femur" else 3
        path = folder / f"{plane}.dcm"
        write_ultrasound(phantom.picture, phantom.spacing_mm, path, frames=frames, study_uid=study_uid)
    done = deepmed("fetal", folder, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    out = files_of(tmp_path / "out")
    assert {"femur", "abdomen_frame1", "abdomen_frame2", "abdomen_frame3", "examination", "summary.csv"} == out
    assert "report.dcm" in files_of(tmp_path / "out" / "examination")
    report = read_sr(tmp_path / "out" / "examination" / "report.dcm")
    assert {"AC", "FL"} <= {entry.measurement.name for entry in report.entries}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--visits", "none.csv"), "former visits"),
        (("--weight", "guess"), "no weight formula"),
        (("--crl", "500"), "not possible"),
        (("--dating", "Naegele"), "no dating formula"),
        (("--growth-table", "none.csv"), "growth table"),
        (("--examined", "yesterday"), "no date"),
    ],
)
def test_settings_that_cannot_be_met_are_told_before_anything_is_read(planes, tmp_path, options, words):
    study(planes, tmp_path / "s")
    done = deepmed("fetal", tmp_path / "s", "--out", tmp_path / "out", *options)
    assert done.exit_code == 2
    assert words in done.stderr and len(done.stderr.strip().splitlines()) == 1
    assert planes.asked == [] and not (tmp_path / "out").exists()


def test_former_visits_need_a_folder(planes, tmp_path):
    save(planes, tmp_path / "a.png", "femur")
    visits = tmp_path / "former.csv"
    visits.write_text("ga_weeks,FL_mm\n20.0,32\n", encoding="utf-8")
    done = deepmed("fetal", tmp_path / "a.png", "--out", tmp_path / "out", "--visits", visits)
    assert done.exit_code == 2 and "examination" in done.stderr


def test_crown_rump_length_dates_an_examination(planes, tmp_path):
    save(planes, tmp_path / "s" / "femur.png", "femur")
    save(planes, tmp_path / "s" / "femur2.png", "femur", 12)
    done = deepmed("fetal", tmp_path / "s", "--out", tmp_path / "out", "--spacing", SPACING, "--crl", 84)
    assert done.exit_code == 0, done.stderr
    known = read(tmp_path / "out" / "examination")["known_age"]
    assert known["weeks"] == pytest.approx(98.88 / 7, abs=0.01) and "Robinson" in known["source"]


def test_the_phantom_examination_has_median_sizes():
    from FetalBiometryLib.phantom.examination import examination_phantom

    truth = {name: v for picture in examination_phantom(3) for name, v in picture.truth.items()}
    for name in ("HC", "AC", "FL"):
        assert standard(IG21).centile(name, WEEKS, truth[name]) == pytest.approx(50, abs=0.5)
