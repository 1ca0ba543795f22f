"""Lesions of the liver: planted ones of known size in a drawn liver, and what lies outside of it."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.ct.checks import check_ct
from DeepMedLib.geometry import Grid, Reorientation
from PancreasSegLib.calibration import UNCALIBRATED
from PancreasSegLib.findings import OrganFinding, organ_findings
from PancreasSegLib.lesions import Lesion, burden, inside_liver, liver_lesions
from PancreasSegLib.organs import BY_KEY
from PancreasSegLib.organs_report import organs_report
from PancreasSegLib.organs_result import OrgansResult
from PancreasSegLib.organs_task import finish

LIVER, LESION = BY_KEY["liver"].label, BY_KEY["liver_lesion"].label
GRID = Grid.from_parts((2.0, 2.0, 2.0), (-100, -100, 0), np.eye(3), (50, 60, 60))
BALLS = (((25, 20, 20), 12.0), ((25, 40, 40), 9.0))
"""Centers (k, j, i) and radii in mm."""


def ball(center: tuple[int, int, int], radius_mm: float) -> np.ndarray:
    away = np.moveaxis(np.indices(GRID.shape_kji), 0, -1) - np.array(center)
    return np.linalg.norm(2.0 * away, axis=-1) <= radius_mm


def planted() -> np.ndarray:
    labels = np.zeros(GRID.shape_kji, np.uint8)
    labels[5:45, 5:55, 5:55] = LIVER
    for center, radius in BALLS:
        labels[ball(center, radius)] = LESION
    return labels


def test_planted_lesions_have_their_size_and_place() -> None:
    found = liver_lesions(planted(), GRID)
    assert [one.number for one in found] == [1, 2]
    for one, (center, radius) in zip(found, BALLS, strict=True):
        assert one.volume_ml == pytest.approx(4 / 3 * np.pi * radius**3 / 1000, rel=0.05)
        assert one.diameter_mm == pytest.approx(2 * radius, abs=2.0)  # a voxel
        assert one.center_ras == pytest.approx(GRID.ijk_points_to_ras(np.array(center[::-1], float)), abs=0.5)
        assert Lesion.from_dict(one.to_dict()) == one


def test_a_turned_scan_has_the_same_lesions() -> None:
    turn = Reorientation(GRID, (2, 0, 1), (True, False, True))
    straight, turned = liver_lesions(planted(), GRID), liver_lesions(turn.forward(planted()), turn.target)
    assert [(one.volume_ml, one.diameter_mm) for one in turned] == [
        (one.volume_ml, one.diameter_mm) for one in straight
    ]


def test_the_burden_is_the_lesions_share_of_the_liver() -> None:
    labels = planted()
    lesion = int((labels == LESION).sum())
    assert burden(labels) == pytest.approx(lesion / (40 * 50 * 50))
    assert burden(np.zeros((3, 3, 3), np.uint8)) is None


def test_only_what_lies_in_the_liver_is_a_lesion() -> None:
    labels = planted()
    labels[47:49, 56:58, 56:58] = LESION  # free
    labels[44:47, 20:23, 20:23] = LESION  # at the edge: one of three layers inside, less than half of it surrounded
    kept = inside_liver(labels)
    assert np.array_equal(kept == LESION, planted() == LESION)
    labels = planted()
    labels[42:45, 20:23, 20:23] = LESION  # under the surface: five of its six faces touch the liver
    assert (inside_liver(labels) == LESION).sum() == (planted() == LESION).sum() + 27


def test_a_result_lists_lesions_with_units_and_is_read_back() -> None:
    labels = planted()
    values = np.where(labels > 0, 60, -1000).astype(np.int16)
    report = check_ct(values, GRID)
    result = finish("scan", values, GRID, labels, ["liver", "liver_lesion"], UNCALIBRATED, report, "x")
    assert result.tumor_burden == burden(labels)
    assert [row[0] for row in result.table("lesions").rows] == [1, 2]
    assert OrgansResult.from_json(result.to_json()) == result
    (section,) = [
        one for one in organs_report(result, np.zeros((4, 4, 3), np.uint8)).sections if "lesions" in one.title
    ]
    assert section.rows[0][1].endswith(" ml") and section.rows[0][2].endswith(" mm")
    assert "% of the liver" in section.text


def test_the_bladder_is_told_by_voxels_and_as_an_ellipsoid() -> None:
    labels = np.where(ball((25, 30, 30), 20.0), BY_KEY["bladder"].label, 0).astype(np.uint8)
    (bladder,) = organ_findings(labels, GRID, ["bladder"], UNCALIBRATED)
    assert bladder.ellipsoid_mm == (42.0, 42.0, 42.0)  # 21 voxels of 2 mm
    assert bladder.ellipsoid_ml == pytest.approx(np.pi / 6 * 42**3 / 1000, abs=1e-3)
    assert f"as an ellipsoid of 42 x 42 x 42 mm {bladder.ellipsoid_ml:.1f} ml" in bladder.volume_text()
    assert OrganFinding.from_dict(bladder.to_dict()) == bladder
    (liver,) = organ_findings(planted(), GRID, ["liver"], UNCALIBRATED)
    assert liver.ellipsoid_ml is None
