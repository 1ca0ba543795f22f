"""Shell onto surface: a known motion is found again, and what cannot be is refused or said."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity
from EPMappingLib.fusion.registration import by_landmarks, fuse, moved
from EPMappingLib.phantom.atrium import atrium
from EPMappingLib.phantom.shells import sphere
from EPMappingLib.surface.mesh import Surface


def _motion(scale: float = 1.0) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = scale * Rotation.from_euler("xyz", [25, -40, 70], degrees=True).as_matrix()
    matrix[:3, 3] = [40, -90, 15]
    return matrix


@pytest.mark.parametrize(("scale", "scaled"), [(1.0, False), (1.07, True)])
def test_a_motion_is_found_from_rough_landmarks(scale: float, scaled: bool) -> None:
    """Landmarks 4 mm off bring the shell near; its surface then to half a millimeter."""
    shell, motion = atrium(3.0).surface, _motion(scale)
    wall = Surface(moved(shell.vertices, motion), shell.faces)
    at = shell.vertices[[0, 400, 800, 1200]]
    noise = np.random.default_rng(1).normal(0, 4.0, (4, 3))
    found = fuse(shell, wall, at, moved(at, motion) + noise, scaled)
    error = np.linalg.norm(moved(shell.vertices, found.matrix) - wall.vertices, axis=1)
    assert np.median(error) < 0.5 and found.mean_mm < 0.3 and found.mean_mm <= found.q95_mm
    assert found.landmarks_mm is not None and found.landmarks_mm > found.mean_mm
    assert found.scale == pytest.approx(scale, abs=0.01) and not found.remarks
    assert "95 % within" in found.sentence() and ("Scale" in found.sentence()) == scaled


def test_two_that_do_not_fit_are_said() -> None:
    """A ball of 25 mm against one of 40 mm, rigidly: some 15 mm stay."""
    found = fuse(sphere(3, 25.0), sphere(3, 40.0))
    assert found.mean_mm > 5 and found.remarks[0].gravity is Gravity.GRAVE and found.landmarks_mm is None


def test_the_residual_is_that_of_the_moved_shell() -> None:
    """Concentric balls of 25 and 27 mm, landmarks in place: 2 mm everywhere."""
    at = np.array([[25.0, 0, 0], [0, 25, 0], [0, 0, 25], [-25, 0, 0]])
    found = fuse(sphere(4, 25.0), sphere(4, 27.0), at, at)
    assert found.mean_mm == pytest.approx(2.0, abs=0.1) and found.q95_mm == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize(
    ("source", "target", "words"),
    [
        (np.eye(3)[:2], np.eye(3)[:2], "2 landmarks"),
        (30 * np.eye(3), np.eye(3)[:2], "3 landmarks on the shell and 2"),
        (np.outer(np.arange(4.0), [9, 0, 0]), 30 * np.eye(4)[:, :3], "on a line"),
    ],
)
def test_landmarks_that_tell_too_little_are_refused(source: np.ndarray, target: np.ndarray, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        by_landmarks(source, target, False)
