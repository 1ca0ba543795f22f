"""The whole volume of a cut organ: told with an interval where shapes of complete ones fit, refused elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from DeepMedLib.geometry import Grid
from PancreasSegLib.calibration import UNCALIBRATED, Calibration, Edge
from PancreasSegLib.findings import OrganFinding, organ_findings
from PancreasSegLib.organs import BY_KEY
from PancreasSegLib.whole_volume import (
    LEAST_SHARE,
    MOST_SPREAD,
    Shapes,
    Whole,
    largest_error,
    profile,
    reversed_shapes,
    whole_volume,
)

STEP = 2.0


def ellipsoid(half_mm: float, radius_mm: float) -> np.ndarray:
    """Areas (mm2) of the slices of an ellipsoid, STEP apart; its volume is 4/3 pi half radius^2."""
    z = np.arange(-half_mm + STEP / 2, half_mm, STEP)
    return np.pi * radius_mm**2 * (1 - (z / half_mm) ** 2)


SIZES = {"a": (50, 30), "b": (56, 33), "c": (60, 36), "d": (66, 34), "e": (54, 40)}
ORGANS = [(name, ellipsoid(*size), STEP) for name, size in SIZES.items()]


def shapes() -> Shapes:
    made = [profile(areas, step) for _, areas, step in ORGANS]
    found = Shapes(np.array([one for one, _ in made]), np.array([length for _, length in made]), tuple(SIZES))
    return replace(found, error=largest_error(ORGANS, found))


@pytest.mark.parametrize("turned", [False, True])
def test_an_ellipsoid_cut_at_three_quarters_is_told_within_its_interval(turned: bool) -> None:
    areas = ellipsoid(58, 35)
    known = reversed_shapes(shapes()) if turned else shapes()
    told = whole_volume(areas[:43], STEP, known)
    truth = 4 / 3 * np.pi * 58 * 35**2 / 1000
    assert told is not None
    assert told.ml == pytest.approx(truth, rel=0.08)
    low, high = told.interval()
    assert told.seen_ml <= low <= truth <= high
    assert told.coverage == pytest.approx(5 / 6)


def test_the_interval_follows_from_error_and_missing_share() -> None:
    told = Whole(75.0, 100.0, 0.4, 0.9)
    # 0.4 times the root of a quarter is 0.2.
    assert told.spread == pytest.approx(0.2)
    assert told.interval() == pytest.approx((100 * np.exp(-0.2), 100 * np.exp(0.2)))
    assert Whole(99.0, 100.0, 2.0, 0.9).interval()[0] == 99.0  # never less than is seen


def test_too_little_a_foreign_shape_and_a_useless_interval_are_refused() -> None:
    areas, known = ellipsoid(58, 35), shapes()
    assert whole_volume(areas[:23], STEP, known) is None  # less than half of it
    assert whole_volume(1000 + 400 * np.tile([1.0, -1.0], 20), STEP, replace(known, error=9.0)) is None
    for error, refused in ((MOST_SPREAD - 0.02, False), (MOST_SPREAD + 0.02, True)):
        told = whole_volume(areas[:43], STEP, replace(known, error=0.0))
        assert told is not None and told.seen_ml > LEAST_SHARE * told.ml
        missing = float(np.sqrt(1 - told.seen_ml / told.ml))
        assert (whole_volume(areas[:43], STEP, replace(known, error=error / missing)) is None) is refused
    one = Shapes(known.areas_mm2[:1], known.lengths_mm[:1], ("a",))
    assert whole_volume(areas[:43], STEP, one, left_out="a") is None


def test_shapes_are_read_back_without_names_of_patients() -> None:
    known = shapes()
    again = Shapes.from_json(known.to_json())
    assert again.patients == ("0", "1", "2", "3", "4")
    assert np.allclose(again.areas_mm2, known.areas_mm2, atol=0.5)
    assert again.error == pytest.approx(known.error, abs=1e-3)


GRID = Grid.from_parts((2.0, 2.0, 2.0), (0, 0, 0), np.eye(3), (46, 50, 50))


def cut_kidney(grid: Grid) -> np.ndarray:
    k, j, i = np.indices(grid.shape_kji)
    inside = ((2 * k - 5 - 58) / 58) ** 2 + (((2 * j - 49) ** 2 + (2 * i - 49) ** 2) / 35**2) <= 1
    return np.where(inside, BY_KEY["left_kidney"].label, 0).astype(np.uint8)


def test_a_cut_organ_gets_its_whole_volume_with_an_interval() -> None:
    labels = cut_kidney(GRID)
    calibration = Calibration({"kidneys": Edge(0.5, 6, 3)}, shapes={"kidneys": shapes()})
    (kidney,) = organ_findings(labels, GRID, ["left_kidney"], calibration)
    assert (kidney.state, kidney.sides) == ("cut", ("superior",))
    assert kidney.whole_ml == pytest.approx(4 / 3 * np.pi * 58 * 35**2 / 1000, rel=0.08)
    assert kidney.whole_coverage == pytest.approx(6 / 7 + 5 / 6 - 1, abs=1e-3)
    assert "at least" in kidney.volume_text() and "; whole about " in kidney.volume_text()
    assert OrganFinding.from_dict(kidney.to_dict()) == kidney
    turned = np.ascontiguousarray(labels[::-1])
    (upper,) = organ_findings(turned, GRID, ["left_kidney"], replace(calibration, edges={}))
    assert upper.sides == ("inferior",) and upper.whole_coverage == pytest.approx(5 / 6, abs=1e-3)
    assert upper.whole_ml == pytest.approx(kidney.whole_ml, rel=1e-3)


def test_organs_cut_at_the_side_or_without_shapes_are_refused() -> None:
    labels = cut_kidney(GRID)
    known = Calibration(shapes={"kidneys": shapes()})
    for side, calibration in ((labels[:, :, 20:], known), (labels, UNCALIBRATED)):
        grid = Grid.from_parts((2.0, 2.0, 2.0), (0, 0, 0), np.eye(3), side.shape)
        (kidney,) = organ_findings(np.ascontiguousarray(side), grid, ["left_kidney"], calibration)
        assert kidney.whole_ml is None and kidney.volume_text().endswith("; the whole cannot be told")
