"""How far a pose found for a phantom is from the true one."""

from __future__ import annotations

from typing import Any

import numpy as np

from Registration2D3DLib.geometry.accuracy import mean_error_mm, projected_error_mm, targets
from Registration2D3DLib.geometry.rotations import angle_of
from Registration2D3DLib.phantom.cases import PhantomCase


def errors_mm(case: PhantomCase, matrix: Any) -> tuple[float, float]:
    """mTREproj in the first view, and mTRE, of a pose (4x4, object to world)."""
    points = targets(np.zeros(3), np.array(case.grid.size_ijk) * case.grid.spacing)
    pose = np.asarray(matrix, float)
    return projected_error_mm(pose, case.true, points, case.views[0].source), mean_error_mm(pose, case.true, points)


def way_home(case: PhantomCase) -> tuple[float, float]:
    """Degrees and mm (of the object's center) from the start to the true pose."""
    turn = angle_of(case.true[:3, :3] @ case.start[:3, :3].T)
    return float(np.degrees(turn)), float(np.linalg.norm(case.true[:3, 3] - case.start[:3, 3]))
