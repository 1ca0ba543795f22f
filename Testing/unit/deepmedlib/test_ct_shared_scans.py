"""Lungs, airway and checks on the real scans of ../shared/data."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.ct.checks import check_ct
from DeepMedLib.ct.coverage import organ_coverage
from DeepMedLib.ct.lungs import lung_mask
from DeepMedLib.ct.padding import find_padding
from DeepMedLib.geometry import Grid, from_sitk, ras_to_lps

pytestmark = pytest.mark.data
CHESTS = ("chest/ct/LIDC-IDRI-0001", "chest/ct/CPTAC-C3N-00247", "registration/chest_ct/ct")


def scan(path: Path) -> tuple[np.ndarray, Grid]:
    import SimpleITK as sitk

    return from_sitk(sitk.ReadImage(str(path)))


@pytest.mark.slow
@pytest.mark.parametrize("name", CHESTS)
def test_chest_scans(sharedData: Path, name: str) -> None:
    array, grid = scan(sharedData / f"{name}.nii.gz")
    assert check_ct(array, grid).good
    found = lung_mask(array, grid)
    assert found.report.warnings == ()
    assert found.report.cut == ()
    assert 1000 < found.report.left_ml < found.report.right_ml < 3500
    centers = [np.argwhere(found.labels == side)[:, 2].mean() for side in (1, 2)]
    world = grid.ijk_points_to_ras(np.array([[centers[0], 0, 0], [centers[1], 0, 0]]))
    assert world[0, 0] > world[1, 0] + 80  # the right lung lies to the right
    assert found.airway.leak_checked
    assert found.airway.generations >= 3
    assert 15 < found.airway.volume_ml < 60
    if "LIDC" not in name:
        return
    with open(sharedData / "chest" / "ct" / "nodules.csv", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["scan"] == "LIDC-IDRI-0001"]
    assert rows
    for row in rows:
        center = ras_to_lps(np.array([float(row[f"coord{axis}"]) for axis in "XYZ"]))
        i, j, k = grid.ras_points_to_ijk(center)
        kk, jj, ii = np.indices(array.shape, sparse=True)
        si, sj, sk = grid.spacing
        apart = np.sqrt(((kk - k) * sk) ** 2 + ((jj - j) * sj) ** 2 + ((ii - i) * si) ** 2)
        assert (found.labels[apart <= float(row["diameter_mm"]) / 2] > 0).all()


def test_trunk_scan(sharedData: Path) -> None:
    folder = sharedData / "abdomen" / "trunk_ct_3mm"
    array, grid = scan(folder / "ct.nii.gz")
    labels, _ = scan(folder / "labels_totalsegmentator_v2.nii.gz")
    names = {1: "spleen", 2: "right kidney", 3: "left kidney", 5: "liver", 7: "pancreas", 21: "bladder"}
    found = {item.id: item for item in organ_coverage(labels, grid, find_padding(array), names)}
    assert found[1].sides == found[5].sides == ("superior",)
    assert [found[number].state for number in (2, 3, 7, 21)] == ["complete"] * 4
    lungs = lung_mask(array, grid)
    assert lungs.report.cut == ("superior",)
    assert lungs.report.right_ml > 50 and lungs.report.left_ml > 30
    assert not lungs.airway.found


def test_scans_saved_in_a_window_are_named(sharedData: Path) -> None:
    array, grid = scan(sharedData / "abdomen" / "btcv_ct" / "0028" / "ct.nii.gz")
    assert any("saved window" in line for line in check_ct(array, grid).problems)
    report = lung_mask(array, grid).report
    assert report.right_ml > 300 and report.left_ml > 200
    assert any("cut off" in line for line in report.warnings)


def test_a_masked_pelvis_is_named(sharedData: Path) -> None:
    array, grid = scan(sharedData / "registration" / "pelvis_2d3dtool" / "onlyHemipelvis.mha")
    assert any("exactly 0" in line for line in check_ct(array, grid).problems)
