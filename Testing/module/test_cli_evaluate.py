"""`deepmed evaluate`: the rows, the figures, and that the truth is read for figures only."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from FetalBiometryHeadless.evaluate import _head_model as head_model
from FetalBiometryLib.planes.ellipse import Ellipse
from FetalBiometryLib.planes.findings import Finding
from Testing.module.cli_helpers import (
    MODEL,
    REASON,
    SD,
    AnsweringNetwork,
    deepmed,
    files_of,
    install_network,
    save_phantom,
    true_lengths,
)

HC18_COLUMNS = "image BPD_mm OFD_mm HC_mm HC_sd_mm cx cy a_px b_px angle_deg abstained reason".split()


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> AnsweringNetwork:
    return install_network(monkeypatch)


def rows_of(out: Path) -> list[dict[str, str]]:
    with (out / "per_case.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def metrics_of(out: Path) -> dict:
    return json.loads((out / "metrics.json").read_text(encoding="utf-8"))


def write_table(path: Path, header: str, rows: list[str]) -> None:
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def hc18_folder(folder: Path, network: AnsweringNetwork, grow: float = 1.0) -> dict[str, dict[str, float]]:
    """Three heads, one a trimester, laid out as HC18; the network answers ellipses `grow` times too large."""
    truths = {}
    for seed, hc_mm in ((1, 80.0), (2, 180.0), (3, 290.0)):
        stem = f"00{seed}_HC"
        phantom = save_phantom(folder / "images" / f"{stem}.png", seed, hc_mm)
        skull = phantom.skull
        network.add(phantom, replace(skull, a=skull.a * grow, b=skull.b * grow))
        truths[stem] = {**true_lengths(phantom), "spacing": phantom.spacing_mm}
        canvas = np.zeros(phantom.picture.shape, np.uint8)
        column, row = np.round(skull.points(2000)).astype(int).T
        canvas[row, column] = 255
        (folder / "outlines").mkdir(exist_ok=True)
        Image.fromarray(canvas).save(folder / "outlines" / f"{stem}.png")
        ofd, bpd = skull.axis_ends()
        truths[stem]["points"] = ",".join(f"{v:.6f}" for v in (*ofd.ravel(), *bpd.ravel()))  # type: ignore[assignment]
    write_table(
        folder / "pixel_size_and_hc.csv",
        "image,pixel_size_mm,head_circumference_mm",
        [f"{stem}.jpg,{t['spacing']},{t['HC']}" for stem, t in truths.items()],
    )
    write_table(
        folder / "bpd_ofd_landmarks.csv",
        "image_name,ofd_1_x,ofd_1_y,ofd_2_x,ofd_2_y,bpd_1_x,bpd_1_y,bpd_2_x,bpd_2_y,Split",
        [f"{stem}.png,{t['points']},{'Test' if stem == '001_HC' else 'Train'}" for stem, t in truths.items()],
    )
    return truths


def test_hc18_rows_and_figures(network: AnsweringNetwork, tmp_path: Path) -> None:
    truths = hc18_folder(tmp_path / "hc18", network, grow=1.01)
    done = deepmed("evaluate", "hc18", tmp_path / "hc18", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    assert files_of(tmp_path / "out") == {"per_case.csv", "metrics.json"}
    rows = rows_of(tmp_path / "out")
    assert list(rows[0]) == HC18_COLUMNS and len(rows) == 3
    for row in rows:
        truth = truths[Path(row["image"]).stem]
        for name in ("HC", "BPD", "OFD"):
            assert float(row[f"{name}_mm"]) == pytest.approx(1.01 * truth[name], rel=1e-4)
        assert float(row["HC_sd_mm"]) == pytest.approx(SD["HC"] * 1.01 * truth["HC"], rel=1e-4)
        assert (row["abstained"], row["reason"]) == ("0", "")
    metrics = metrics_of(tmp_path / "out")
    errors = [0.01 * t["HC"] for t in truths.values()]
    assert metrics["HC"]["mae_mm"] == pytest.approx(np.mean(errors), rel=1e-3)
    assert metrics["HC"]["bias_mm"] == pytest.approx(np.mean(errors), rel=1e-3)
    assert metrics["HC"]["median_abs_mm"] == pytest.approx(np.median(errors), rel=1e-3)
    assert metrics["HC"]["coverage_95"] == 1.0 and metrics["HC"]["n"] == 3
    assert metrics["OFD"]["mae_mm"] == pytest.approx(np.mean([0.01 * t["OFD"] for t in truths.values()]), rel=1e-2)
    # The area grows by 1.01 squared: Dice = 2 / (1 + 1.01^2).
    assert metrics["dice"]["mean"] == pytest.approx(2 / (1 + 1.01**2), abs=4e-3)
    counts = {key: {n: g["n"] for n, g in metrics[key].items()} for key in ("by_trimester", "by_published_split")}
    assert counts["by_trimester"] == {"first": 1, "second": 1, "third": 1}
    assert counts["by_published_split"] == {"Test": 1, "Train": 2}
    assert metrics["abstained_share"] == 0 and metrics["model"]["sha256"] == MODEL["sha256"]


def test_predictions_do_not_depend_on_the_truth(network: AnsweringNetwork, tmp_path: Path) -> None:
    truths = hc18_folder(tmp_path / "hc18", network)
    deepmed("evaluate", "hc18", tmp_path / "hc18", "--out", tmp_path / "with")
    for name in ("bpd_ofd_landmarks.csv",):
        (tmp_path / "hc18" / name).unlink()
    for path in (tmp_path / "hc18" / "outlines").iterdir():
        path.unlink()
    write_table(
        tmp_path / "hc18" / "pixel_size_and_hc.csv",
        "image,pixel_size_mm",
        [f"{stem}.png,{t['spacing']}" for stem, t in truths.items()],
    )
    assert deepmed("evaluate", "hc18", tmp_path / "hc18", "--out", tmp_path / "without").exit_code == 0
    assert files_of(tmp_path / "without") == {"per_case.csv"}
    assert (tmp_path / "with" / "per_case.csv").read_text() == (tmp_path / "without" / "per_case.csv").read_text()


def test_hc18_keeps_the_rows_of_bad_pictures(network: AnsweringNetwork, tmp_path: Path) -> None:
    hc18_folder(tmp_path / "hc18", network)
    images = tmp_path / "hc18" / "images"
    Image.fromarray(np.zeros((270, 400), np.uint8)).save(images / "004_HC.png")  # blank
    unknown = save_phantom(images / "005_HC.png", 9)  # in no table
    network.add(unknown)
    save_phantom(images / "006_HC.png", 10)  # the network finds nothing
    done = deepmed("evaluate", "hc18", tmp_path / "hc18", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    rows = {row["image"]: row for row in rows_of(tmp_path / "out")}
    assert len(rows) == 6 and "nan" not in (tmp_path / "out" / "per_case.csv").read_text().lower()
    assert rows["004_HC.png"]["HC_mm"] == "" and "blank" in rows["004_HC.png"]["reason"]
    assert rows["004_HC.png"]["abstained"] == "1"
    no_scale = rows["005_HC.png"]
    assert no_scale["HC_mm"] == "" and "pixel size" in no_scale["reason"] and no_scale["abstained"] == "0"
    assert float(no_scale["a_px"]) == pytest.approx(unknown.skull.a, rel=1e-4)
    assert rows["006_HC.png"]["cx"] == "" and rows["006_HC.png"]["abstained"] == "1"
    metrics = metrics_of(tmp_path / "out")
    assert (metrics["pictures"], metrics["answered"], metrics["abstained"], metrics["failed"]) == (6, 4, 1, 1)
    assert metrics["HC"]["n"] == 3


def test_an_abstained_row_keeps_its_raw_ellipse_only(network: AnsweringNetwork, tmp_path: Path) -> None:
    hc18_folder(tmp_path / "hc18", network)
    network.abstains = True
    assert deepmed("evaluate", "hc18", tmp_path / "hc18", "--out", tmp_path / "out", "--limit", 1).exit_code == 0
    (row,) = rows_of(tmp_path / "out")
    assert row["reason"] == REASON and row["abstained"] == "1" and float(row["a_px"]) > 0
    assert all(row[name] == "" for name in ("HC_mm", "BPD_mm", "OFD_mm", "HC_sd_mm"))
    metrics = metrics_of(tmp_path / "out")
    assert metrics["abstained_share"] == 1 and metrics["HC"] is None and metrics["by_trimester"] == {}


def test_a_stale_metrics_file_does_not_stay(network: AnsweringNetwork, tmp_path: Path) -> None:
    save_phantom(tmp_path / "in" / "001_HC.png")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "metrics.json").write_text("{}")
    (tmp_path / "out" / "other.txt").write_text("kept")
    assert deepmed("evaluate", "hc18", tmp_path / "in", "--out", tmp_path / "out").exit_code == 0
    assert files_of(tmp_path / "out") == {"per_case.csv", "other.txt"}


def test_unknown_dataset_lists_those_that_exist(tmp_path: Path) -> None:
    done = deepmed("evaluate", "hc19", tmp_path, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "hc18, head_structures" in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("dataset", ["hc18", "head_structures"])
def test_a_folder_without_pictures_is_bad_input(dataset: str, tmp_path: Path) -> None:
    for folder in (tmp_path / "absent", tmp_path):
        done = deepmed("evaluate", dataset, folder, "--out", tmp_path / "out")
        assert done.exit_code == 2 and "older" in done.stderr
        assert not (tmp_path / "out").exists()


def test_the_dataset_itself_is_no_output_folder(network: AnsweringNetwork, tmp_path: Path) -> None:
    hc18_folder(tmp_path / "hc18", network)
    before = files_of(tmp_path / "hc18")
    assert deepmed("evaluate", "hc18", tmp_path / "hc18", "--out", tmp_path / "hc18").exit_code == 2
    assert files_of(tmp_path / "hc18") == before


def maps_of(mask: np.ndarray, csp: np.ndarray, lv: np.ndarray) -> np.ndarray:
    return np.stack([mask, mask, csp, lv]).astype(np.float32)


def test_head_structures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    phantoms = {f"P{n}": save_phantom(folder / "images" / f"P{n}.png", n) for n in (1, 2)}
    (folder / "masks").mkdir()
    Image.fromarray(phantoms["P1"].structures).save(folder / "masks" / "P1.png")
    only_csp = np.where(phantoms["P2"].structures == 2, 2, 0).astype(np.uint8)
    Image.fromarray(only_csp).save(folder / "masks" / "P2.png")
    (folder / "images" / "P3.png").write_bytes(b"\x89PNG cut short")
    save_phantom(folder / "images" / "P4.png", 4)  # no mask

    def maps(path: Path, device: str) -> tuple[Finding, np.ndarray, dict[str, str]]:
        if path.stem == "P3":
            return head_model.find_head(path, device)  # type: ignore[return-value]
        mask = save_phantom(tmp_path / "again.png", int(path.stem[1])).structures
        odd = path.stem == "P4"
        ellipse = {"HC": Ellipse.make(0, 0, 1, 1, 0)}
        finding = Finding("head", ellipse, {}, SD, {}, (), odd, "Odd." if odd else "")
        return finding, maps_of(mask > 0, mask == 2, mask == 3), MODEL

    monkeypatch.setattr(head_model, "head_maps", maps)
    done = deepmed("evaluate", "head_structures", folder, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    rows = {row["image"]: row for row in rows_of(tmp_path / "out")}
    assert list(rows["P1.png"]) == ["image", "dice_head", "dice_csp", "dice_lv", "reason"]
    assert [float(rows["P1.png"][f"dice_{name}"]) for name in ("head", "csp", "lv")] == [1, 1, 1]
    assert (rows["P2.png"]["dice_head"], rows["P2.png"]["dice_lv"]) == ("", "")  # the truth lacks them
    assert float(rows["P2.png"]["dice_csp"]) == 1
    assert rows["P3.png"]["dice_head"] == "" and rows["P3.png"]["reason"] != ""
    assert rows["P4.png"]["reason"] == "Odd."
    assert files_of(tmp_path / "out" / "masks") >= {"P1.png", "P2.png", "P4.png"}
    with Image.open(tmp_path / "out" / "masks" / "P1.png") as image:
        assert image.mode == "L" and np.array_equal(np.asarray(image), phantoms["P1"].structures)
    metrics = metrics_of(tmp_path / "out")
    assert (metrics["dice_head"]["n"], metrics["dice_csp"]["n"], metrics["with_truth"]) == (1, 2, 2)
    assert files_of(tmp_path / "out") == {"per_case.csv", "metrics.json", "masks"}


def test_csp_and_ventricle_are_drawn_over_the_brain() -> None:
    from FetalBiometryHeadless.evaluate.head_structures import index_mask

    maps = np.zeros((4, 1, 6), np.float32)
    maps[1] = [0.9, 0.9, 0.9, 0.9, 0.1, 0.1]
    maps[2] = [0.0, 0.8, 0.6, 0.2, 0.0, 0.7]
    maps[3] = [0.0, 0.1, 0.7, 0.6, 0.4, 0.2]
    assert index_mask(maps).tolist() == [[1, 2, 3, 3, 0, 2]]


@pytest.fixture
def tiny_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A random network in the form of the shipped bundle."""
    import torch
    from monai.networks.nets import UNet

    from DeepMedLib.models.bundles import write_manifest

    settings = {"spatial_dims": 2, "in_channels": 1, "out_channels": 4, "channels": [4, 8], "strides": [2]}
    torch.manual_seed(0)
    folder = tmp_path / "models" / "head"
    for name in ("configs", "models", "docs"):
        (folder / name).mkdir(parents=True)
    torch.save(UNet(**settings).state_dict(), folder / "models" / "model.pt")
    names = ("HC", "BPD", "OFD")
    calibration = {"scale": dict.fromkeys(names, 1.0), "floor": dict.fromkeys(names, 0.01), "gain": 0.1}
    calibration |= {"max_spread": 0.03, "max_residual": 0.03, "min_certainty": 0.5, "min_inside": 0.6}  # type: ignore[dict-item]
    calibration |= {"min_looks": 4, "shape_range": [0.6, 0.99]}  # type: ignore[dict-item]
    inputs = {"image": {"num_channels": 1}}
    for name, record in (
        ("metadata", {"version": "0.0.1", "network_data_format": {"inputs": inputs}}),
        ("inference", {"network_def": {"_target_": "monai.networks.nets.UNet", **settings}}),
        ("calibration", calibration),
    ):
        (folder / "configs" / f"{name}.json").write_text(json.dumps(record), encoding="utf-8")
    write_manifest(folder.parent)
    monkeypatch.setattr(head_model, "models_folder", lambda module: folder.parent)
    return folder.parent


def test_a_real_network_runs_through_both_datasets(tiny_bundle: Path, tmp_path: Path) -> None:
    """Needs no shipped bundle; what a random network answers is not judged, only that every row is written."""
    save_phantom(tmp_path / "in" / "images" / "001_HC.png")
    for dataset in ("hc18", "head_structures"):
        done = deepmed("evaluate", dataset, tmp_path / "in", "--out", tmp_path / dataset, "--device", "cpu")
        assert done.exit_code == 0, done.stderr
        assert len(rows_of(tmp_path / dataset)) == 1
    with Image.open(tmp_path / "head_structures" / "masks" / "001_HC.png") as mask:
        assert mask.size == (400, 270) and set(np.unique(np.asarray(mask))) <= {0, 1, 2, 3}


def test_a_changed_model_is_refused_before_any_row(tiny_bundle: Path, tmp_path: Path) -> None:
    (tiny_bundle / "head" / "configs" / "calibration.json").write_text("{}", encoding="utf-8")
    save_phantom(tmp_path / "in" / "001_HC.png")
    done = deepmed("evaluate", "hc18", tmp_path / "in", "--out", tmp_path / "out", "--device", "cpu")
    assert done.exit_code == 2 and "changed" in done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.data
def test_the_published_tables_are_read(sharedData: Path) -> None:
    """Truth of the real HC18: points and outlines agree with the published circumference."""
    from FetalBiometryHeadless.evaluate.hc18 import pixel_sizes, read_truth

    folder = sharedData / "fetal" / "hc18"
    sizes = pixel_sizes(folder)
    assert len(sizes) == 804
    pictures = sorted((folder / "images").glob("*.jpg"))[:12]
    truths = read_truth(folder, pictures, sizes)
    assert len(truths) == 12
    for path, truth in truths.items():
        assert truth.outline is not None and truth.split in ("Train", "Test")
        drawn = truth.outline.scaled(sizes[path.stem])
        assert drawn.perimeter == pytest.approx(truth.lengths["HC"], abs=0.3)
        assert 2 * drawn.a == pytest.approx(truth.lengths["OFD"], abs=0.6)
        assert 2 * drawn.b == pytest.approx(truth.lengths["BPD"], abs=0.6)
