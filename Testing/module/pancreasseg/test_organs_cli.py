"""`deepmed organs`: files, numbers, refusals, DICOM and slice pictures; the network tells organs by gray value."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from deepmed_headless.cli.demo.declaration import DemoRun
from deepmed_headless.cli.demo.jobs import run_demo
from deepmed_headless.cli.terminal.screen import Screen
from deepmed_headless.cli.terminal.streams import Streams
from DeepMedLib.geometry import Reorientation, to_sitk
from PancreasSegHeadless.demo import DEMO
from PancreasSegHeadless.gray_bundle import write_gray_bundle
from PancreasSegLib.organs import BY_KEY, CHANNELS
from PancreasSegLib.phantom import abdomen_phantom
from Testing.module.cli_helpers import deepmed, files_of
from Testing.unit.series.series_maker import write_series

FILES = {"result.json", "organs.csv", "organs.seg.nrrd", "labels.nii.gz", "overlay.png", "report.html", "report.pdf",
         "scene.mrb"}  # fmt: skip
STEP = (5.0, 5.0, 5.0)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_gray_bundle(tmp_path_factory.mktemp("engines") / "gray_values")


def write(path: Path, array: np.ndarray, grid: Any) -> Path:
    sitk.WriteImage(to_sitk(array, grid), str(path))
    return path


def read(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "result.json").read_text(encoding="utf-8"))


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * float((one & other).sum()) / max(1, int(one.sum() + other.sum()))


def test_a_network_of_a_user_outlines_the_drawn_organs(slicerScene: Any, bundle: Path, tmp_path: Path) -> None:
    values, labels, grid = abdomen_phantom(STEP)
    turn = Reorientation(grid, (2, 0, 1), (True, False, True))
    scan = write(tmp_path / "ct.nii.gz", turn.forward(values), turn.target)
    out = tmp_path / "out"
    result = deepmed("organs", scan, "--engine", bundle, "--runs", "2", "--uncertainty", "--out", out)
    assert result.exit_code == 0, result.output
    assert files_of(out / "ct") == FILES | {"uncertainty.nrrd"}
    record = read(out / "ct")
    assert record["engine"].startswith("gray_values") and record["status"] == "done"
    found = sitk.GetArrayFromImage(sitk.ReadImage(str(out / "ct" / "labels.nii.gz")))
    for key in CHANNELS:
        label = BY_KEY[key].label
        assert dice(found == label, turn.forward(labels) == label) > 0.98
        truth = float((labels == label).sum()) * grid.voxel_volume / 1000
        assert record["volumes_ml"][key] == pytest.approx(truth, rel=0.03)
    organs = {organ["key"]: organ for organ in record["organs"]}
    low, high = organs["pancreas"]["interval_ml"]
    assert low < organs["pancreas"]["volume_ml"] < high
    assert "by repeated runs)" in result.output
    assert any("rest on 2 runs" in sentence for sentence in record["warnings"])
    assert organs["aorta"]["state"] == "cut" and record["coverage"]["pancreas"] == "complete"
    rows = list(csv.DictReader((out / "summary.csv").open(encoding="utf-8", newline="")))
    assert float(rows[0]["pancreas_ml"]) == pytest.approx(record["volumes_ml"]["pancreas"])


def test_a_dicom_series_gives_dicom(slicerScene: Any, bundle: Path, tmp_path: Path) -> None:
    pytest.importorskip("highdicom")
    values, labels, _grid = abdomen_phantom(STEP)
    uids = {"FrameOfReferenceUID": "1.2.3.4", "StudyInstanceUID": "1.2.3.5"}
    folder = write_series(tmp_path / "series", values[:, ::-1, ::-1], spacing=STEP, **uids)
    out = tmp_path / "out"
    result = deepmed("organs", folder, "--engine", bundle, "--runs", "1", "--organs", "pancreas,liver", "--out", out)
    assert result.exit_code == 0, result.output
    assert files_of(out / "series") == FILES | {"segmentation.dcm", "report.dcm"}
    made = pydicom.dcmread(out / "series" / "segmentation.dcm")
    assert [one.SegmentLabel for one in made.SegmentSequence] == ["Pancreas", "Liver"]
    truth = int((labels == 1).sum() + (labels == 2).sum())
    assert int(made.pixel_array.sum()) == pytest.approx(truth, rel=0.02)
    report = pydicom.dcmread(out / "series" / "report.dcm")
    assert report.StudyInstanceUID == "1.2.3.5"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--organs", "liver lesion"), "No validated model for liver lesion is shipped"),
        (("--organs", "spine"), "no organ called 'spine'"),
        (("--engine", "nowhere"), "There is no nowhere"),
        (("--engine", "{bundle}", "--organs", "bladder"), "does not find the urinary bladder"),
        (("--engine", "{bundle}", "--windowed"), "takes no slice picture"),
    ],
)
def test_refusals_leave_nothing(
    options: tuple[str, ...], told: str, slicerScene: Any, bundle: Path, tmp_path: Path
) -> None:
    values, _labels, grid = abdomen_phantom((12.0, 12.0, 12.0))
    windowed = "--windowed" in options
    path = tmp_path / ("slice.png" if windowed else "ct.nii.gz")
    if windowed:
        sitk.WriteImage(sitk.GetImageFromArray(np.full((80, 80), 90, np.uint8)), str(path))
    else:
        write(path, values, grid)
    out = tmp_path / "out"
    result = deepmed("organs", path, *(word.format(bundle=bundle) for word in options), "--out", out)
    assert result.exit_code == 2 and told in result.stderr
    assert not (out / path.name.split(".")[0]).exists()


def test_a_slice_picture_is_outlined(slicerScene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PancreasSegLib.framing import WINDOW_HU
    from Testing.unit.pancreasseg.tiny import BACKGROUND, GREYS, write_tiny_models

    models = write_tiny_models(tmp_path / "PancreasSegModels")
    picture = np.full((200, 220), 0, np.uint8)
    picture[20:180, 20:200] = BACKGROUND
    picture[60:120, 40:100] = GREYS["liver"]
    path = tmp_path / "slice.png"
    sitk.WriteImage(sitk.GetImageFromArray(picture), str(path))
    assert WINDOW_HU[0] < WINDOW_HU[1]
    from DeepMedLib.mrml.logic.moduleLogic import ModuleLogic

    monkeypatch.setattr(ModuleLogic, "modelsFolder", lambda self: models)
    out = tmp_path / "out"
    result = deepmed("organs", path, "--windowed", "--out", out)
    assert result.exit_code == 0, result.output
    assert {"labels.png", "result.json", "overlay.png", "report.html"} <= files_of(out / "slice")
    found = sitk.GetArrayFromImage(sitk.ReadImage(str(out / "slice" / "labels.png")))
    assert found.shape == picture.shape
    assert dice(found == BY_KEY["liver"].label, picture == GREYS["liver"]) > 0.9
    assert read(out / "slice")["pixels"]["liver"] == int((found == 2).sum())


def test_the_page_shows_the_drawn_abdomen(slicerScene: Any, tmp_path: Path) -> None:
    screen = Screen(Streams(io.StringIO(), io.StringIO(), None))
    (section,) = run_demo(DEMO, DemoRun(tmp_path, None, True, "cpu", screen))
    (shown,) = section.pictures
    for name in ("Pancreas", "Liver", "Aorta"):
        number = shown.number(name)
        assert number is not None and abs(number.error) < 0.05 * number.truth
    for _label, path in shown.files:
        assert (tmp_path / path).is_file(), path
