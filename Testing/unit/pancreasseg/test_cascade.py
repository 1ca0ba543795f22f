"""The way from a CT to labels and back to its own grid, with networks that tell organs by grey value."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Task, run_here
from PancreasSegLib.organs import BY_KEY
from PancreasSegLib.organs_result import OrgansResult
from Testing.unit.pancreasseg.tiny import hu, write_tiny_models

SHAPE, SPACING = (60, 96, 120), (3.0, 3.0, 4.0)  # kji; ijk mm
PLACES = {  # center and radii in voxels, k from the feet, j from back to front, i from the patient's left to the right
    "liver": ((36, 52, 84), (14, 22, 22)),
    "spleen": ((36, 44, 34), (8, 12, 10)),
    "pancreas": ((30, 56, 54), (6, 8, 16)),
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_models(tmp_path_factory.mktemp("resources") / "PancreasSegModels")


BASE = Grid.from_parts(SPACING, (-180, -140, 40), np.eye(3), SHAPE)


def trunk(grid: Grid = BASE) -> tuple[np.ndarray, np.ndarray, Grid]:
    """HU, labels and grid of a trunk in which each organ has its own value, drawn anew on each grid."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in grid.shape_kji), indexing="ij"), -1)[..., ::-1]
    i, j, k = np.moveaxis(BASE.ras_points_to_ijk(grid.ijk_points_to_ras(index)), -1, 0)
    values = np.full(grid.shape_kji, -1000, np.int16)
    body = (abs(k - 29.5) <= 30) & (abs(j - 47.5) <= 40) & (abs(i - 59.5) <= 52)
    values[body] = round(hu(""))
    labels = np.zeros(grid.shape_kji, np.uint8)
    for organ, (center, radii) in PLACES.items():
        inside = sum(((x - c) / r) ** 2 for x, c, r in zip((k, j, i), center, radii, strict=True)) <= 1
        values[inside], labels[inside] = round(hu(organ)), BY_KEY[organ].label
    return values, labels, grid


def segmented(values: np.ndarray, grid: Grid, models: Path, **options: object) -> tuple[np.ndarray, OrgansResult]:
    told = {"resources": str(models), "device": "cpu", "ijk_to_ras": grid.ijk_to_ras.tolist(), **options}
    made = run_here(Task("PancreasSegLib.organs_task:run", {"volume": values}, told))
    return made.arrays["labels"], OrgansResult.from_json(made.values["result"])


def dice(one: np.ndarray, other: np.ndarray, label: int) -> float:
    a, b = one == label, other == label
    return float(2 * (a & b).sum() / (a.sum() + b.sum()))


def test_organs_are_found_with_their_volumes(models: Path) -> None:
    values, truth, grid = trunk()
    labels, result = segmented(values, grid, models, organs=",".join(PLACES))
    for organ in PLACES:
        assert dice(labels, truth, BY_KEY[organ].label) > 0.9, organ
        expected = (truth == BY_KEY[organ].label).sum() * 0.036
        assert result.finding(organ).volume_ml == pytest.approx(expected, rel=0.07)
        assert result.finding(organ).state == "complete"
    assert result.status() == "done"


@pytest.mark.parametrize("axes", list(itertools.permutations(range(3))))
def test_every_order_and_flip_of_the_axes_gives_the_same_mask(models: Path, axes: tuple[int, ...]) -> None:
    values, _, grid = trunk(BASE.with_spacing((4.5, 4.5, 6.0)))
    first, _ = segmented(values, grid, models, organs="pancreas, liver")
    assert first.any()
    for flips in itertools.product((False, True), repeat=3):
        flipped = [axis for axis, flip in enumerate(flips) if flip]
        turned = np.ascontiguousarray(np.flip(values.transpose(axes), flipped))
        # Where voxel (0, 0, 0) of the turned array lies, and its steps, in those of the first.
        matrix = np.zeros((4, 4))
        matrix[3, 3] = 1
        for new, old in enumerate(axes):
            matrix[2 - old, 2 - new] = -1 if flips[new] else 1
            matrix[2 - old, 3] = values.shape[old] - 1 if flips[new] else 0
        labels, _ = segmented(turned, Grid(grid.ijk_to_ras @ matrix, turned.shape), models, organs="pancreas, liver")
        back = np.flip(labels, flipped).transpose(np.argsort(axes))
        assert np.array_equal(back, first)


def test_an_oblique_scan_gives_the_same_organs(models: Path) -> None:
    angle = np.radians(15)
    turn = np.array([[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]])
    size = (90, 130, 120)
    middle = BASE.ijk_points_to_ras((np.array(BASE.size_ijk) - 1) / 2)
    origin = middle - turn @ (np.array([3.0, 3.0, 3.2]) * (np.array(size[::-1]) - 1) / 2)
    values, truth, grid = trunk(Grid.from_parts((3.0, 3.0, 3.2), origin, turn, size))
    labels, result = segmented(values, grid, models, organs="liver, pancreas")
    _, straight = segmented(*trunk()[::2], models, organs="liver, pancreas")
    for organ, least in (("liver", 0.97), ("pancreas", 0.9)):
        assert dice(labels, truth, BY_KEY[organ].label) >= least, organ
        assert result.finding(organ).volume_ml == pytest.approx(straight.finding(organ).volume_ml, rel=0.12)


def test_a_scan_without_the_organ_says_so(models: Path) -> None:
    values, _, grid = trunk()
    values = np.minimum(values, round(hu("stomach")))
    labels, result = segmented(values, grid, models, organs="pancreas")
    assert not labels.any()
    assert result.status() == "abstained"
    assert result.answer() == "no pancreas was found on this scan"


def test_only_the_organs_asked_for_are_labeled(models: Path) -> None:
    values, _, grid = trunk()
    labels, result = segmented(values, grid, models, organs="spleen")
    assert set(np.unique(labels)) == {0, BY_KEY["spleen"].label}
    assert [organ.key for organ in result.organs] == ["spleen"]


def test_uncertainty_is_high_at_the_edge_only(models: Path) -> None:
    values, truth, grid = trunk()
    told = {"resources": str(models), "device": "cpu", "ijk_to_ras": grid.ijk_to_ras.tolist(), "uncertainty": True}
    made = run_here(Task("PancreasSegLib.organs_task:run", {"volume": values}, told))
    doubt = made.arrays["uncertainty"]
    assert doubt.max() <= 100
    assert doubt[36, 52, 84] < 5  # the middle of the liver
    assert doubt[truth > 0].max() > 50


def test_thin_slices_are_averaged_and_labeled_each(models: Path) -> None:
    values, truth, grid = trunk(BASE.with_spacing((3.0, 3.0, 0.8)))
    labels, _ = segmented(values, grid, models, organs="liver")
    assert dice(labels, truth, BY_KEY["liver"].label) > 0.97
