"""`deepmed evaluate` on volumes, slice pictures and pairs of label volumes, with networks that tell grey values."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from PIL import Image

from DeepMedLib.geometry import Grid, to_sitk
from DeepMedLib.models import loading
from PancreasSegLib.organs import BY_KEY
from Testing.module.cli_helpers import deepmed
from Testing.unit.pancreasseg.test_cascade import PLACES, trunk
from Testing.unit.pancreasseg.test_windowed import slice_picture
from Testing.unit.pancreasseg.tiny import GREYS, write_tiny_models


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = write_tiny_models(tmp_path / "resources" / "PancreasSegModels")
    for name in ("_slices", "volumes"):
        monkeypatch.setattr(f"PancreasSegHeadless.evaluate.{name}.models_folder", lambda module: folder)
    monkeypatch.setattr(loading, "_loaded", {})
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((path / "per_case.csv").open(encoding="utf-8", newline="")))


def metrics(path: Path) -> dict:
    return json.loads((path / "metrics.json").read_text(encoding="utf-8"))


def write(array: np.ndarray, grid: Grid, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sitk.WriteImage(to_sitk(array, grid), str(path))


def test_volumes_give_a_row_for_each_organ(models: Path, tmp_path: Path) -> None:
    values, labels, grid = trunk()
    data, out = tmp_path / "data", tmp_path / "out"
    write(values, grid, data / "0001" / "ct.nii.gz")
    as_btcv = np.zeros_like(labels)
    for organ in PLACES:
        as_btcv[labels == BY_KEY[organ].label] = BY_KEY[organ].btcv
    write(as_btcv, grid, data / "0001" / "labels.nii.gz")
    write(np.zeros_like(values), grid, data / "0002" / "ct.nii.gz")
    result = deepmed("evaluate", "volumes", data, "--out", out)
    assert result.exit_code == 0, result.output
    found = {row["organ"]: row for row in rows(out) if row["case"] == "0001"}
    assert len(found) == 8
    assert float(found["liver"]["Dice"]) > 0.95
    assert float(found["liver"]["low_ml"]) < float(found["liver"]["volume_ml"]) < float(found["liver"]["high_ml"])
    written = sitk.GetArrayFromImage(sitk.ReadImage(str(out / "labels" / "0001.nii.gz")))
    assert (written == BY_KEY["liver"].label).sum() * grid.voxel_volume / 1000 == pytest.approx(
        float(found["liver"]["volume_ml"]), rel=1e-3
    )
    (refused,) = [row for row in rows(out) if row["case"] == "0002"]
    assert "All voxels hold the same value" in refused["reason"]
    assert metrics(out)["organs"]["liver"]["dice"]["n"] == 1


def test_slices_give_masks_as_the_pictures_lie(models: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    for folder in ("images", "masks"):
        (data / folder).mkdir(parents=True)
    picture = np.flipud(slice_picture())
    Image.fromarray(picture).save(data / "images" / "PANCREAS_0001-1100.png")
    truth = picture == GREYS["liver"]
    Image.fromarray(truth.astype(np.uint8)).save(data / "masks" / "PANCREAS_0001-1100.png")
    result = deepmed("evaluate", "nih_pancreas_slices", data, "--out", out)
    assert result.exit_code == 0, result.output
    (row,) = rows(out)
    assert (row["case"], row["patient"]) == ("PANCREAS_0001-1100", "PANCREAS_0001")
    mask = np.asarray(Image.open(out / "masks" / "PANCREAS_0001-1100.png"))
    assert mask.shape == picture.shape and not mask.any()  # the liver is no pancreas
    assert float(row["Dice"]) == 0
    result = deepmed("evaluate", "ircad_liver_slices", data, "--out", out)
    mask = np.asarray(Image.open(out / "masks" / "PANCREAS_0001-1100.png"))
    assert set(np.unique(mask)) == {0, 255}
    assert float(rows(out)[0]["Dice"]) > 0.95


def test_subfolders_keep_their_names_in_the_cases(models: Path, tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    for kind in ("crop0", "crop1"):
        (data / kind / "images").mkdir(parents=True)
        Image.fromarray(np.flipud(slice_picture())).save(data / kind / "images" / "PANCREAS_0001-1100.png")
    result = deepmed("evaluate", "nih_pancreas_slices2", data, "--out", out)
    assert result.exit_code == 0, result.output
    assert [row["case"] for row in rows(out)] == ["crop0_PANCREAS_0001-1100", "crop1_PANCREAS_0001-1100"]
    assert not (out / "metrics.json").exists()


def test_two_label_volumes_are_compared(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    grid = Grid.from_parts((3.0, 3.0, 3.0), (0, 0, 0), np.eye(3), (20, 24, 28))
    reference = np.zeros(grid.shape_kji, np.uint8)
    reference[5:15, 5:15, 5:15] = 3
    prediction = np.roll(reference, 1, 0)
    prediction[0, 0, 0] = 7
    write(prediction, grid, data / "a" / "prediction.nii.gz")
    write(reference, grid, data / "a" / "reference.nii.gz")
    write(prediction, grid, data / "b" / "prediction.nii.gz")
    write(reference[1:], grid.cropped((1, 0, 0), (20, 24, 28)), data / "b" / "reference.nii.gz")
    result = deepmed("evaluate", "label_volumes", data, "--out", out)
    assert result.exit_code == 0, result.output
    three, seven, other = rows(out)
    assert float(three["Dice"]) == pytest.approx(0.9)
    assert float(three["HD95_mm"]) == pytest.approx(3.0)
    assert float(three["volume_ml"]) == float(three["reference_ml"]) == pytest.approx(27.0)
    assert (seven["label"], float(seven["Dice"]), seven["HD95_mm"]) == ("7", 0.0, "")
    assert "lie on different grids" in other["reason"]
    assert metrics(out)["surface"] == "weighed by area in mm2; NSD within 3 mm"
