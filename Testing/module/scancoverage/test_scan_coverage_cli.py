"""`deepmed coverage`: files, summary, exit codes and sentences, with a recogniser that answers what the test says."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from Testing.module.cli_helpers import deepmed, files_of
from Testing.module.scancoverage.coverage_helpers import AnsweringSlices, install_slices, trunk, write_trunk
from Testing.unit.series.series_maker import write_series

FILES = {"result.json", "slices.csv", "overlay.png", "report.html", "report.pdf", "scene.mrb"}


@pytest.fixture
def network(slicerScene: Any, monkeypatch: pytest.MonkeyPatch) -> AnsweringSlices:
    """The scene fixture installs the Qt stand-ins before the command loads the module, for tests that come later."""
    return install_slices(monkeypatch)


def read(folder: Path) -> dict:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open(encoding="utf-8", newline="")))


def test_scans_get_their_folders_and_one_summary(network: AnsweringSlices, tmp_path: Path) -> None:
    first, second = (write_trunk(tmp_path / "in" / name) for name in ("one.nii.gz", "two.nrrd"))
    out = tmp_path / "out"
    result = deepmed("coverage", first, second, "--out", out, "--no-lungs")
    assert result.exit_code == 0, result.output
    assert files_of(out / "one") == FILES == files_of(out / "two")
    record = read(out / "one")
    assert record["command"] == "coverage" and record["status"] == "done"
    assert record["extent"] == "chest (cut: superior), abdomen (cut: inferior)"
    assert {item["name"] for item in record["verdicts"]} == {"neck", "chest", "abdomen", "pelvis", "thigh"}
    slices = rows(out / "one" / "slices.csv")
    assert len(slices) == len(trunk().values)
    assert list(slices[0]) == ["slice", "z_mm", "position", "position_sd", "region", "probability"]
    assert slices[0]["slice"] == str(len(slices) - 1) and slices[0]["region"] == "chest"
    assert float(slices[0]["z_mm"]) > float(slices[-1]["z_mm"])
    summary = rows(out / "summary.csv")
    assert [row["name"] for row in summary] == ["one", "two"]
    assert summary[0]["chest"] == "cut (superior)" and summary[0]["pelvis"] == "absent"


def test_lungs_segmentation_and_telling(network: AnsweringSlices, tmp_path: Path) -> None:
    scan = write_trunk(tmp_path / "ct.nii.gz")
    labels = write_trunk(tmp_path / "labels.nii.gz", trunk().labels)
    out = tmp_path / "out"
    result = deepmed("coverage", scan, "--segmentation", labels, "--telling", "--out", out)
    assert result.exit_code == 0, result.output
    assert files_of(out / "ct") == FILES | {"lungs.seg.nrrd", "telling.png"}
    verdicts = {item["name"]: item for item in read(out / "ct")["verdicts"] if item["kind"] == "organ"}
    assert verdicts["label 1"]["state"] == "complete"
    assert verdicts["label 7"]["state"] == "cut" and verdicts["label 7"]["sides"] == ["superior"]


def test_labels_get_their_names(network: AnsweringSlices, tmp_path: Path) -> None:
    scan = write_trunk(tmp_path / "ct.nii.gz")
    labels = write_trunk(tmp_path / "labels.nii.gz", trunk().labels)
    colors = tmp_path / "organs.ctbl"
    colors.write_text("1 liver 221 130 101 255\n7 lung_right 1 2 3 255\n", encoding="utf-8")
    command = ("coverage", scan, "--segmentation", labels, "--out", tmp_path / "out", "--no-lungs", "--labels")
    result = deepmed(*command, colors)
    assert result.exit_code == 0, result.output
    states = {v["name"]: v["state"] for v in read(tmp_path / "out" / "ct")["verdicts"] if v["kind"] == "organ"}
    assert (states["liver"], states["right lung"]) == ("complete", "cut") and "label 2" in states
    refused = deepmed(*command, tmp_path / "gone.ctbl")
    assert refused.exit_code == 2 and "totalsegmentator" in refused.stderr


def test_a_dicom_folder_is_one_scan(network: AnsweringSlices, tmp_path: Path) -> None:
    folder = write_series(tmp_path / "series", trunk().values[:, ::-1, ::-1], spacing=(6.0, 6.0, 6.0))
    result = deepmed("coverage", folder, "--out", tmp_path / "out", "--no-lungs", "--json")
    assert result.exit_code == 0, result.output
    (line,) = result.stdout.strip().splitlines()
    assert json.loads(line)["status"] == "done" and files_of(tmp_path / "out" / "series") == FILES


def test_lungs_of_a_dicom_series_become_dicom(network: AnsweringSlices, tmp_path: Path) -> None:
    pytest.importorskip("highdicom")
    uids = {"FrameOfReferenceUID": "1.2.3.4", "StudyInstanceUID": "1.2.3.5"}
    folder = write_series(tmp_path / "series", trunk().values[:, ::-1, ::-1], spacing=(6.0, 6.0, 6.0), **uids)
    result = deepmed("coverage", folder, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    out = tmp_path / "out" / "series"
    assert files_of(out) == FILES | {"lungs.seg.nrrd", "segmentation.dcm", "report.dcm"}
    made = pydicom.dcmread(out / "segmentation.dcm")
    masks = read(out)["masks"]
    number = {one.SegmentLabel: one.SegmentNumber for one in made.SegmentSequence}["Right lung"]
    frames = made.pixel_array[
        [
            group.SegmentIdentificationSequence[0].ReferencedSegmentNumber == number
            for group in made.PerFrameFunctionalGroupsSequence
        ]
    ]
    assert frames.sum() * 0.216 == pytest.approx(masks["lung_right_ml"], abs=0.06)
    report = pydicom.dcmread(out / "report.dcm")
    assert report.StudyInstanceUID == made.StudyInstanceUID == uids["StudyInstanceUID"]
    assert "lower bounds" in str(report)


def test_what_keeps_dicom_away_is_said(network: AnsweringSlices, tmp_path: Path) -> None:
    folder = write_series(tmp_path / "series", trunk().values[:, ::-1, ::-1], spacing=(6.0, 6.0, 6.0))
    result = deepmed("coverage", folder, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert files_of(tmp_path / "out" / "series") == FILES | {"lungs.seg.nrrd"}
    assert "series: segmentation.dcm and report.dcm: not written. The slices state no Study" in result.stderr


def test_an_unread_scan_exits_with_3(network: AnsweringSlices, tmp_path: Path) -> None:
    network.shuffled = True
    out = tmp_path / "out"
    result = deepmed("coverage", write_trunk(tmp_path / "ct.nii.gz"), "--out", out, "--no-lungs")
    assert result.exit_code == 3
    record = read(out / "ct")
    assert record["status"] == "abstained" and "follow one another" in record["reason"]
    assert rows(out / "summary.csv")[0]["status"] == "abstained"


def test_bad_scans_do_not_stop_the_others_and_leave_nothing(network: AnsweringSlices, tmp_path: Path) -> None:
    good = write_trunk(tmp_path / "good.nii.gz")
    scaled = write_trunk(tmp_path / "scaled.nii.gz", (trunk().values / 1000.0).astype(np.float32))
    mr = write_series(tmp_path / "mr", trunk().values, Modality="MR")
    (tmp_path / "text.nrrd").write_text("no volume")
    out = tmp_path / "out"
    bad = (scaled, mr, tmp_path / "text.nrrd", tmp_path / "missing.nii.gz")
    result = deepmed("coverage", *bad, good, "--out", out, "--no-lungs", "--json")
    assert result.exit_code == 2
    assert sorted(path.name for path in out.iterdir()) == ["good", "summary.csv"]
    summary = rows(out / "summary.csv")
    assert [row["status"] for row in summary] == ["failed"] * 4 + ["done"]
    assert [row["path"] for row in summary] == [str(path) for path in (*bad, good)]
    assert "is MR, not CT" in summary[1]["reason"] and summary[-1]["extent"].startswith("chest")
    lines = [json.loads(line) for line in result.stdout.strip().splitlines()]
    assert [line["status"] for line in lines].count("failed") == 4 and lines[-1]["status"] == "done"
    for words in ("rescaled", "is MR, not CT", "text.nrrd is no scan", "missing.nii.gz"):
        assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_one_segmentation_goes_with_one_scan(tmp_path: Path) -> None:
    scan, other = write_trunk(tmp_path / "a.nrrd"), write_trunk(tmp_path / "b.nrrd")
    result = deepmed("coverage", scan, other, "--segmentation", scan, "--out", tmp_path / "out")
    assert result.exit_code == 2 and not (tmp_path / "out").exists()


def test_deeplesion_slices_are_evaluated(network: AnsweringSlices, tmp_path: Path) -> None:
    folder = tmp_path / "deeplesion_slices"
    folder.mkdir()
    images = np.full((12, 64, 64), 120, np.uint8)
    np.savez(folder / "slices_256_u8.npz", img=images)
    table = "row,rank_of_100,ssbr_score\n" + "".join(f"{n},{5 * n},{-7.5 + n * 0.2}\n" for n in range(12))
    (folder / "slices.csv").write_text(table)
    out = tmp_path / "out"
    result = deepmed("evaluate", "deeplesion_slices", folder, "--out", out)
    assert result.exit_code == 0, result.output
    cases = rows(out / "per_case.csv")
    assert list(cases[0])[:4] == ["n", "position", "region", "probability"] and len(cases) == 12
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["spearman"] == pytest.approx(1) and metrics["slices"] == 12
    assert deepmed("evaluate", "deeplesion_slices", tmp_path, "--out", out).exit_code == 2
