"""Correction by clicks: what is missing comes, what is too much goes, and nothing changes farther away."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Reorientation
from PancreasSegLib.correction import RADIUS_MM, corrected
from PancreasSegLib.organs import BY_KEY
from PancreasSegLib.phantom import abdomen_phantom

PANCREAS, LIVER = BY_KEY["pancreas"].label, BY_KEY["liver"].label


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * float((one & other).sum()) / float(one.sum() + other.sum())


def missing_tail() -> tuple[np.ndarray, np.ndarray, np.ndarray, object, list[float]]:
    """Values, truth, labels whose pancreas lacks its tail, grid, and a point in the tail (RAS mm)."""
    values, truth, grid = abdomen_phantom(noise=8.0, seed=11)
    labels = truth.copy()
    places = np.argwhere(truth == PANCREAS)
    ras = grid.ijk_points_to_ras(places[:, ::-1].astype(float))
    tail = ras[:, 0] < -48.0
    labels[tuple(places[tail].T)] = 0
    middle = ras[tail][np.argmin(np.linalg.norm(ras[tail] - ras[tail].mean(0), axis=1))]
    return values, truth, labels, grid, middle.tolist()


def test_a_point_inside_brings_back_what_is_missing() -> None:
    values, truth, labels, grid, point = missing_tail()
    before = dice(labels == PANCREAS, truth == PANCREAS)
    found = corrected(values, labels, grid, PANCREAS, [point], [])
    assert dice(found == PANCREAS, truth == PANCREAS) > max(0.97, before + 0.02)
    places = np.argwhere(found != labels)
    away = np.linalg.norm(grid.ijk_points_to_ras(places[:, ::-1].astype(float)) - point, axis=1)
    assert len(places) and away.max() <= RADIUS_MM


def test_a_point_outside_takes_away_what_is_too_much() -> None:
    values, truth, grid = abdomen_phantom(noise=8.0, seed=12)
    labels = truth.copy()
    point = np.argwhere(truth == BY_KEY["gallbladder"].label).mean(0)
    labels[truth == BY_KEY["gallbladder"].label] = LIVER
    ras = grid.ijk_points_to_ras(point[::-1]).tolist()
    found = corrected(values, labels, grid, LIVER, [], [ras])
    wrong = np.argwhere(truth == BY_KEY["gallbladder"].label)
    away = np.linalg.norm(grid.ijk_points_to_ras(wrong[:, ::-1].astype(float)) - ras, axis=1)
    gone = found[tuple(wrong.T)] != LIVER
    assert gone[away < 9].mean() > 0.97 and not gone[away > 16].any()  # one point reaches 12 mm
    assert ((truth == LIVER) & (found != LIVER)).sum() < 0.01 * (truth == LIVER).sum()


def test_a_turned_scan_gives_the_same() -> None:
    values, _truth, labels, grid, point = missing_tail()
    turn = Reorientation(grid, (2, 0, 1), (True, False, True))
    straight = corrected(values, labels, grid, PANCREAS, [point], [])
    turned = corrected(turn.forward(values), turn.forward(labels), turn.target, PANCREAS, [point], [])
    assert dice(turn.forward(straight) == PANCREAS, turned == PANCREAS) > 0.999


def test_no_point_and_a_point_beside_the_scan_are_refused() -> None:
    values, _truth, labels, grid, _point = missing_tail()
    with pytest.raises(BadInput, match="no point"):
        corrected(values, labels, grid, PANCREAS, [], [])
    with pytest.raises(BadInput, match="outside of the scan"):
        corrected(values, labels, grid, PANCREAS, [[0, 0, 9000]], [])
