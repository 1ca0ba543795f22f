"""`deepmed texture` and its dataset: files, exit codes and sentences."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK as sitk

from DeepMedLib.ct.ct_phantom import trunk_phantom
from DeepMedLib.geometry import Grid, to_sitk
from LungTextureLib.classes import KEYS
from LungTextureLib.phantom import lung_phantom
from Testing.module.cli_helpers import deepmed, files_of

DENSITY = {"result.json", "densitometry.csv", "lungs.seg.nrrd", "overlay.png", "report.html", "report.pdf", "scene.mrb"}


AIRWAYS = {"airway_branches.csv", "airways.seg.nrrd", "airways.stl", "airway_lines.mrk.json"}


def write(path: Path, values: np.ndarray, grid: Grid) -> Path:
    sitk.WriteImage(to_sitk(values, grid), str(path))
    return path


def read(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "result.json").read_text(encoding="utf-8")))


def test_a_chest_gets_its_files(slicerScene: Any, tmp_path: Path) -> None:
    made = lung_phantom(6, (0.98, 0.98, 3.0))
    scan = write(tmp_path / "ct.nii.gz", made.values, made.grid)
    places = ("--wall-at", "0,-6,520", "--wall-at", "-140,70,420")
    result = deepmed("texture", scan, "--out", tmp_path / "out", "--device", "cpu", *places)
    assert result.exit_code == 0, result.output
    textures = {"shares.csv", "texture.seg.nrrd", "emphysema.nrrd"}
    assert files_of(tmp_path / "out" / "ct") == DENSITY | textures | AIRWAYS | {"airway_walls.csv"}
    rows = list(csv.DictReader((tmp_path / "out" / "ct" / "airway_walls.csv").open(encoding="utf-8", newline="")))
    assert float(rows[0]["lumen_mm"]) == pytest.approx(17.0, abs=1.0)
    assert rows[1]["lumen_mm"] == "" and "within 10 mm" in rows[1]["reason"]
    record = read(tmp_path / "out" / "ct")
    assert {item["class"] for item in record["shares"]} == {*KEYS, "not sure"}
    assert {"lung", "zone", "class", "share", "sd"} <= set(record["shares"][0])
    percent = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "out" / "ct" / "emphysema.nrrd")))
    assert percent.shape == made.values.shape and percent.max() <= 100


def test_an_abdomen_is_told_apart(slicerScene: Any, tmp_path: Path) -> None:
    made = trunk_phantom((3.0, 3.0, 3.0), (60.0, 250.0), seed=4)
    scan = write(tmp_path / "belly.nii.gz", made.values, made.grid)
    result = deepmed("texture", scan, "--out", tmp_path / "out")
    assert result.exit_code == 3
    record = read(tmp_path / "out" / "belly")
    assert record["status"] == "abstained" and "chest CT" in record["reason"]
    assert record["shares"] == [] and record["measurements"] == []


def test_thick_slices_tell_volumes_alone(slicerScene: Any, tmp_path: Path) -> None:
    made = trunk_phantom((2.0, 2.0, 5.0), (380.0, 580.0), seed=4)
    scan = write(tmp_path / "thick.nii.gz", made.values, made.grid)
    result = deepmed("texture", scan, "--out", tmp_path / "out")
    assert result.exit_code == 3
    record = read(tmp_path / "out" / "thick")
    assert "5.0 mm apart" in record["no_density"]
    told = [item["name"] for item in record["measurements"] if not item["name"].startswith("airway")]
    assert told == ["lung_right_ml", "lung_left_ml"]


@pytest.mark.parametrize("place", ["windpipe", "1,2", "1,2,nan"])
def test_no_place_is_refused_in_one_sentence(place: str, slicerScene: Any, tmp_path: Path) -> None:
    made = trunk_phantom((3.0, 3.0, 3.0), (395.0, 500.0), seed=4)
    scan = write(tmp_path / "ct.nii.gz", made.values, made.grid)
    result = deepmed("texture", scan, "--out", tmp_path / "out", "--wall-at", place)
    assert result.exit_code == 2 and not (tmp_path / "out" / "ct").exists()
    assert "R,A,S" in result.output and place in result.output


def test_an_mr_is_refused_in_one_sentence(slicerScene: Any, tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(20, 900, (20, 40, 40)).astype(np.int16)
    scan = write(tmp_path / "mr.nii.gz", values, Grid.from_parts(np.ones(3), np.zeros(3), np.eye(3), values.shape))
    result = deepmed("texture", scan, "--out", tmp_path / "out")
    assert result.exit_code == 2 and not (tmp_path / "out" / "mr").exists()
    assert "not a CT in HU" in result.output


def test_patches_have_a_row_each_and_figures(tmp_path: Path) -> None:
    images = np.full((3, 31, 31), -850, np.int16)
    images[2] = -985
    np.savez(tmp_path / "patches_31x31_hu.npz", img=images, label=np.array(["NT", "NT", "PL"]))
    result = deepmed("evaluate", "emphysema_patches_cip", tmp_path, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader((tmp_path / "out" / "per_case.csv").open(encoding="utf-8", newline="")))
    assert [row["n"] for row in rows] == ["0", "1", "2"] and list(rows[0])[:3] == ["n", "label", "p_NT"]
    for row in rows:
        assert sum(float(row[f"p_{key}"]) for key in KEYS) == pytest.approx(1, abs=1e-4)
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["patches"] == 3


@pytest.mark.parametrize("shape", [None, (3, 30, 31)])
def test_a_folder_without_patches_is_refused(shape: tuple[int, ...] | None, tmp_path: Path) -> None:
    if shape is not None:
        np.savez(tmp_path / "patches_31x31_hu.npz", img=np.zeros(shape, np.int16))
    result = deepmed("evaluate", "emphysema_patches_cip", tmp_path, "--out", tmp_path / "out")
    assert result.exit_code == 2 and "patches_31x31_hu.npz" in result.output
