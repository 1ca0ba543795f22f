"""Dice, HD95, ASSD and surface Dice weighted by area."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from DeepMedLib.ct.agreement import agreement


def box(shape: tuple[int, int, int], low: tuple[int, int, int], high: tuple[int, int, int]) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = True
    return mask


def test_the_published_figures_of_a_shifted_liver(sharedData: Path) -> None:
    # DeepMind's surface-distance 0.1 gave 0.791 and HD95 6.0 mm on these masks; MONAI's voxel count gave 0.607.
    path = sharedData / "abdomen" / "trunk_ct_3mm" / "labels_totalsegmentator_v2.nii.gz"
    liver = sitk.GetArrayFromImage(sitk.ReadImage(str(path))) == 5
    shifted = np.zeros_like(liver)
    shifted[:, :, 2:] = liver[:, :, :-2]
    found = agreement(shifted, liver, (3.0, 3.0, 3.0), 3.0)
    assert found.nsd == pytest.approx(0.791, abs=0.0005)
    assert found.hd95_mm == pytest.approx(6.0)
    assert found.dice == pytest.approx(2 * (liver & shifted).sum() / (2 * liver.sum()))


def test_equal_masks_agree_wholly() -> None:
    mask = box((12, 14, 16), (3, 3, 3), (8, 9, 10))
    found = agreement(mask, mask, (2.0, 1.0, 1.0), 0.0)
    assert (found.dice, found.hd95_mm, found.assd_mm, found.nsd) == (1.0, 0.0, 0.0, 1.0)


def test_a_plate_moved_by_a_slice_is_off_by_the_slice_thickness() -> None:
    # Wide and thin: nearly all of the surface lies above and below, so that distances are those of the slices.
    a, b = box((12, 64, 64), (4, 2, 2), (7, 62, 62)), box((12, 64, 64), (5, 2, 2), (8, 62, 62))
    found = agreement(a, b, (5.0, 1.0, 1.0), 4.9)
    assert found.hd95_mm == pytest.approx(5.0)
    assert found.dice == pytest.approx(2 / 3)
    # Two faces of 60 x 60 mm2 are off by 5 mm; of a rim 15 mm high, 4 x 60 x 15 mm2, two thirds lie on one another.
    assert found.assd_mm == pytest.approx(5 * 7200 / 10800, rel=0.05)
    # Within are the rim and a band of the faces that comes near to the other's rim.
    assert 2400 / 10800 < (found.nsd or 0) < (3600 + 2 * 4 * 60 * 4.9) / 10800
    assert agreement(a, b, (5.0, 1.0, 1.0), 5.0).nsd == 1.0


def test_area_counts_not_voxels() -> None:
    # The same masks in thin slices: the rim has less area, so the share that agrees falls.
    a, b = box((12, 64, 64), (4, 2, 2), (7, 62, 62)), box((12, 64, 64), (5, 2, 2), (8, 62, 62))
    thick, thin = agreement(a, b, (5.0, 1.0, 1.0), 4.9), agreement(a, b, (1.0, 1.0, 1.0), 0.9)
    assert thin.nsd is not None and thick.nsd is not None
    assert thin.nsd < thick.nsd / 2


def test_empty_masks() -> None:
    nothing, mask = np.zeros((6, 6, 6), bool), box((6, 6, 6), (2, 2, 2), (4, 4, 4))
    both = agreement(nothing, nothing, (1.0, 1.0, 1.0), 1.0)
    assert (both.dice, both.hd95_mm, both.assd_mm, both.nsd) == (None, None, None, None)
    for one, other in ((nothing, mask), (mask, nothing)):
        found = agreement(one, other, (1.0, 1.0, 1.0), 1.0)
        assert (found.dice, found.hd95_mm, found.nsd) == (0.0, None, 0.0)
