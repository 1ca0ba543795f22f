"""The shipped slice recogniser: its files, its answers on real slices, and that it reads only what it should."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.ct.regions.position import position_of_score
from DeepMedLib.ct.regions.scan_fit import MIRRORED, REVERSED, STATED
from DeepMedLib.geometry import Grid, from_sitk
from DeepMedLib.jobs.task import Task, run_here
from DeepMedLib.models.bundles import PACKED, shipped_bundle
from DeepMedLib.models.packed import unpack

RESOURCES = Path(__file__).resolve().parents[2] / "ScanCoverage" / "Resources" / "ScanCoverageModels"


def look(slices: list[np.ndarray]) -> Any:
    from ScanCoverageLib.slice_inference import look_at_slices
    from ScanCoverageLib.slice_model import load_recognizer

    return look_at_slices(load_recognizer(RESOURCES, "cpu"), slices, 1.0)


def read(array: np.ndarray, grid: Grid) -> dict[str, Any]:
    options = {"resources": str(RESOURCES), "device": "cpu", "ijk_to_ras": grid.ijk_to_ras.tolist(), "scan": "scan"}
    return run_here(Task("ScanCoverageLib.coverage_task:run", {"volume": array}, options)).values["result"]


@pytest.fixture(scope="module")
def scan(sharedData: Path) -> tuple[np.ndarray, Grid]:
    import SimpleITK as sitk

    return from_sitk(sitk.ReadImage(str(sharedData / "abdomen" / "trunk_ct_3mm" / "ct.nii.gz")))


def test_the_bundle_is_described_and_pure_weights() -> None:
    bundle = shipped_bundle(RESOURCES, "slices")
    weights = unpack(bundle.read_bytes(PACKED))
    assert all(np.isfinite(value).all() for value in weights.values())
    text = (RESOURCES / "slices" / "docs" / "README.md").read_text(encoding="utf-8")
    for word in ("DeepLesion", "BTCV", "research use", "Fails", "unlearned", "held out"):
        assert word in text
    assert bundle.version


def test_answers_are_the_same_each_time_and_in_any_company() -> None:
    rng = np.random.default_rng(2)
    slices = [np.clip(rng.normal(120, 20, (96, 128)), 60, 255).astype(np.uint8) for _ in range(40)]
    for picture in slices:
        picture[:16], picture[-16:], picture[:, :16], picture[:, -16:] = 0, 0, 0, 0
    first, second, alone = look(slices), look(slices), look(slices[37:38])
    np.testing.assert_array_equal(first.position, second.position)
    np.testing.assert_allclose(first.position[37], alone.position[0], atol=1e-3)
    assert (first.sd > 0).all() and ((first.telling >= 0) & (first.telling <= 1)).all()
    np.testing.assert_allclose(first.turns.sum(1), 1, atol=1e-5)


def test_empty_slices_are_not_seen() -> None:
    answers = look([np.zeros((64, 64), np.uint8), np.full((64, 64), 20, np.uint8)])
    assert not answers.seen.any()


@pytest.mark.data
def test_the_order_of_real_slices_is_found(sharedData: Path) -> None:
    """The shipped network has seen these slices: this proves that file and code fit, not how good it is."""
    from scipy.stats import spearmanr

    folder = sharedData / "bodypart" / "deeplesion_slices"
    with np.load(folder / "slices_256_u8.npz") as stored:
        images = stored["img"]
    rows = list(csv.DictReader((folder / "slices.csv").open(encoding="utf-8")))
    score = np.array([float(row["ssbr_score"]) for row in rows])
    answers = look(list(images))
    found = answers.position[[int(row["row"]) for row in rows]]
    assert spearmanr(found, score)[0] > 0.93
    assert np.median(np.abs(found - position_of_score(score))) < 4


@pytest.mark.data
def test_a_real_scan_and_its_flipped_copies(scan: tuple[np.ndarray, Grid]) -> None:
    array, grid = scan
    right = read(array, grid)
    assert right["status"] == "done" and right["turn"]["in_plane"] == STATED and not right["turn"]["wrong"]
    states = {verdict["name"]: verdict["state"] for verdict in right["verdicts"]}
    assert states["neck"] == "absent" and states["pelvis"] == "cut" and states["abdomen"] != "absent"
    flips = (((2,), MIRRORED, False), ((1,), REVERSED, False), ((0,), STATED, True))
    for axes, in_plane, upside_down in flips:
        turn = read(np.flip(array, axes).copy(), grid)["turn"]
        assert (turn["in_plane"], turn["upside_down"]) == (in_plane, upside_down) and turn["wrong"], axes


@pytest.mark.data
def test_one_file_in_another_order_of_axes_gives_the_same_verdicts(scan: tuple[np.ndarray, Grid]) -> None:
    array, grid = scan
    moved = np.ascontiguousarray(array.transpose(2, 0, 1))
    step = np.eye(4)[:, [1, 2, 0, 3]]
    again = read(moved, Grid(grid.ijk_to_ras @ step, moved.shape))
    expected = read(array, grid)
    assert again["verdicts"] == expected["verdicts"] and again["turn"] == expected["turn"]


@pytest.mark.data
def test_shuffled_slices_are_not_judged(scan: tuple[np.ndarray, Grid]) -> None:
    array, grid = scan
    shuffled = array[np.random.default_rng(4).permutation(len(array))]
    result = read(shuffled, grid)
    assert result["status"] == "abstained" and not result["verdicts"]
