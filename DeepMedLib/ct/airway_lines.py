"""Centre lines of an airway tree's branches, from the waves in which they were grown."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.airway_growth import Branch
from DeepMedLib.geometry import Grid

POINT_MM = 2.0
"""Length of the piece of a branch that one point of its line stands for."""


def centre_lines(branches: Sequence[Branch], grid: Grid) -> tuple[np.ndarray, ...]:
    """A line for each branch: middles of consecutive pieces of its waves, begun at its parent's last middle.

    Args:
        branches: of one tree, parents before their children.
        grid: of the cubes in which they grew, without the border that `Growth` adds.

    Returns:
        (n, 3) RAS mm each, at least two points; a branch of one piece without a parent repeats its point.
    """
    padded = tuple(length + 2 for length in grid.shape_kji)
    lines: list[np.ndarray] = []
    for branch in branches:
        kji = np.column_stack(np.unravel_index(branch.voxels, padded)).astype(float) - 1
        pieces = np.array_split(kji, max(1, round(branch.length_mm / POINT_MM)))
        middles = np.array([piece.mean(axis=0) for piece in pieces if len(piece)])
        if len(middles) > 3:
            middles = ndimage.gaussian_filter1d(middles, 0.7, axis=0, mode="nearest")
        line = grid.ijk_points_to_ras(middles[:, ::-1])
        start = lines[branch.parent][-1:] if 0 <= branch.parent < len(lines) else line[:1]
        lines.append(np.vstack([start, line]) if branch.parent >= 0 or len(line) < 2 else line)
    return tuple(lines)


def line_length(line: np.ndarray) -> float:
    """mm along a line (n, 3)."""
    return float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
