"""`deepmed evaluate fetal_planes` and `focus_four_chamber`: rows, figures, and truth read for figures only."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from FetalBiometryHeadless.evaluate import fetal_planes, focus_four_chamber
from FetalBiometryLib.phantom.abdomen import abdomen_phantom
from FetalBiometryLib.phantom.femur import femur_phantom
from FetalBiometryLib.phantom.head import head_phantom
from FetalBiometryLib.phantom.thorax import thorax_phantom
from FetalBiometryLib.planes.ellipse import Ellipse
from Testing.module.cli_helpers import deepmed


def rows_of(out: Path) -> list[dict[str, str]]:
    with (out / "per_case.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def save(picture: np.ndarray, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def planes_folder(folder: Path) -> None:
    """One phantom a plane, laid out as fetal_planes."""
    names = {"head": "Fetal brain", "abdomen": "Fetal abdomen", "femur": "Fetal femur", "thorax": "Fetal thorax"}
    abdomen, femur = abdomen_phantom(21), femur_phantom(21)
    pictures = {"head": head_phantom(21), "abdomen": abdomen, "femur": femur, "thorax": thorax_phantom(21)}
    lines = ["Image_name,Patient_num,Plane,Brain_plane,Operator,US_Machine,Train "]
    for i, (plane, phantom) in enumerate(pictures.items()):
        save(phantom.picture, folder / "images" / f"{plane}.png")
        lines.append(f"{plane},{i},{names[plane]},Not A Brain,Other,Aloka,1")
    (folder / "planes.csv").write_text("\n".join(lines) + "\n")
    ends = [str(v) for line in (abdomen.tad, abdomen.apad) for point in line for v in point]
    header = ",".join(f"{n}_{e}_{a}" for n in ("tad", "apad") for e in (1, 2) for a in "xy")
    (folder / "landmarks_abdomen.csv").write_text(f"image_name,{header}\nabdomen.png,{','.join(ends)}\n")
    ends = [str(v) for point in femur.ends for v in point]
    (folder / "landmarks_femur.csv").write_text(f"image_name,fl_1_x,fl_1_y,fl_2_x,fl_2_y\nfemur.png,{','.join(ends)}\n")


def test_fetal_planes_rows_and_figures(tmp_path: Path) -> None:
    planes_folder(tmp_path / "in")
    assert deepmed("evaluate", "fetal_planes", tmp_path / "in", "--out", tmp_path / "out").exit_code == 0
    rows = {row["image"]: row for row in rows_of(tmp_path / "out")}
    assert set(rows) == {"head.png", "abdomen.png", "femur.png", "thorax.png"}
    for row in rows.values():
        assert sum(float(row[f"p_{p}"]) for p in fetal_planes.PLANES) == pytest.approx(1, abs=1e-3)
        assert row["plane"] == max(fetal_planes.PLANES, key=lambda p: float(row[f"p_{p}"]))
        assert (row["length_px"] == "") == (row["abstained"] == "1" or row["plane"] in ("thorax", "other"))
        assert row["reason"] or row["abstained"] == "0"
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    table = metrics["plane"]["truth_to_found"]
    assert sum(sum(t.values()) for t in table.values()) == 4
    assert metrics["lengths"]["AC"]["with_truth"] == metrics["lengths"]["FL"]["with_truth"] == 1


def test_predictions_do_not_read_the_tables(tmp_path: Path) -> None:
    planes_folder(tmp_path / "in")
    deepmed("evaluate", "fetal_planes", tmp_path / "in", "--out", tmp_path / "with")
    for table in (tmp_path / "in").glob("*.csv"):
        table.unlink()
    assert deepmed("evaluate", "fetal_planes", tmp_path / "in", "--out", tmp_path / "without").exit_code == 0
    truth = ("truth_plane", "truth_length_px", "error_percent")
    plain = [
        [{k: v for k, v in row.items() if k not in truth} for row in rows_of(tmp_path / d)] for d in ("with", "without")
    ]
    assert plain[0] == plain[1]
    assert not (tmp_path / "without" / "metrics.json").exists()


def test_measured_points_of_a_finding() -> None:
    finding = {"ellipses": {}, "lines": {"FL": [[1.0, 2.0], [4.0, 6.0]]}, "relative_sd": {"FL": 0.03}}
    row = fetal_planes.measured("femur", finding)
    assert row == {"fl_1_x": 1, "fl_1_y": 2, "fl_2_x": 4, "fl_2_y": 6, "length_px": 5, "relative_sd": 0.03}
    ellipse = Ellipse.make(50, 40, 20, 10, 0)
    head = {"ellipses": {"HC": vars(ellipse)}, "relative_sd": {"HC": 0.01}}
    row = fetal_planes.measured("head", head)
    assert (row["ofd_1_x"], row["ofd_2_x"], row["bpd_1_y"], row["bpd_2_y"]) == pytest.approx((30, 70, 30, 50))
    assert row["length_px"] == pytest.approx(ellipse.perimeter)


def test_balanced_accuracy_counts_planes_alike() -> None:
    rows = [{"truth_plane": "head", "plane": "head", "certain": 1}] * 9
    rows += [{"truth_plane": "femur", "plane": "other", "certain": 1}]
    figures = fetal_planes.plane_figures(rows)
    assert figures is not None and figures["balanced_accuracy"] == pytest.approx(0.5)
    assert figures["truth_to_found"]["femur"]["other"] == 1


def test_squeezed_squares_and_back() -> None:
    ellipse = Ellipse.make(300, 200, 90, 50, 30)
    squeezed = focus_four_chamber.to_file(ellipse, (661, 959), (512, 512))
    back = focus_four_chamber.to_file(squeezed, (512, 512), (661, 959))
    assert [getattr(back, n) for n in ("cx", "cy", "a", "b", "angle")] == pytest.approx([300, 200, 90, 50, 30])
    # Area ratios survive the squeeze, pixel edges meet pixel edges.
    assert squeezed.area / ellipse.area == pytest.approx(512 * 512 / (661 * 959))
    assert focus_four_chamber.unsqueezed(np.zeros((512, 512), np.uint8)).shape == (661, 959)
    assert focus_four_chamber.unsqueezed(np.zeros((400, 600), np.uint8)).shape == (400, 600)


def test_focus_rows_and_dice(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    phantom = thorax_phantom(21, height=661, width=959)
    mask = phantom.heart.mask(661, 959) > 0
    square = (512, 512)
    save(np.asarray(Image.fromarray(phantom.picture).resize(square)), folder / "images" / "testing_001.png")
    save(
        np.asarray(Image.fromarray(mask.astype(np.uint8)).resize(square)), folder / "cardiac_masks" / "testing_001.png"
    )
    outline = phantom.thorax.points(80).tolist()
    parts = [{"label": label, "type": "polygon", "points": outline} for label in ("RB", "RB", "LL", "SP")]
    entry = {"width": 959, "height": 661, "annotations": parts}
    (folder / "cvat_chamber_annotations.json").write_text(json.dumps({"testing": {"001.png": entry}}))
    assert deepmed("evaluate", "focus_four_chamber", folder, "--out", tmp_path / "out").exit_code == 0
    (row,) = rows_of(tmp_path / "out")
    assert float(row["d1"]) <= float(row["d2"])
    truth = phantom.thorax.scaled(512 / 959, 512 / 661)
    assert float(row["thorax_cx"]) == pytest.approx(truth.cx, abs=12)
    assert float(row["dice_thorax"]) > 0.9 and float(row["dice_heart"]) > 0.7
    assert float(row["area_ratio_truth"]) == pytest.approx(phantom.heart.area / phantom.thorax.area, rel=0.02)
    metrics = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert metrics["pictures"] == 1 and "testing" in metrics["by_part"]


def test_a_bad_picture_keeps_its_row(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "images"
    folder.mkdir(parents=True)
    (folder / "broken.png").write_bytes(b"no picture")
    for dataset in ("fetal_planes", "focus_four_chamber"):
        assert deepmed("evaluate", dataset, tmp_path / "in", "--out", tmp_path / dataset).exit_code == 0
        (row,) = rows_of(tmp_path / dataset)
        assert row["abstained"] == "1" and row["reason"]
