"""The candidate patches of LUNA16 and their split by blocks of rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

BLOCKS, FOLDS = 20, 5
GAP_ROWS = 1500
"""Rows of the candidates' list between training and judging, more than two scans (551,065 rows in 888 scans)."""

FILE = Path("chest") / "luna16_candidate_patches" / "patches_50x50_u8.npz"


@dataclass(frozen=True)
class Patches:
    """Patches (n, 50, 50) uint8 with labels (n,) 0/1 and rows (n,) of the candidates' list."""

    pictures: np.ndarray
    label: np.ndarray
    row: np.ndarray

    def take(self, of: np.ndarray) -> Patches:
        """Some of them."""
        return Patches(self.pictures[of], self.label[of], self.row[of])


def load_patches(data: Path) -> Patches:
    """All patches, sorted by row."""
    with np.load(data / FILE) as stored:
        return Patches(stored["img"], stored["label"], stored["row"])


def split(row: np.ndarray, fold: int) -> tuple[np.ndarray, np.ndarray]:
    """(n,) masks of the patches to train on and to judge on.

    Twenty blocks of neighboring rows are dealt to five folds. Rows closer to a judged row than `GAP_ROWS` train
    nothing, so that no scan (and no nodule listed twice) stands on both sides.
    """
    judged = np.arange(len(row)) * BLOCKS // len(row) % FOLDS == fold
    tested = np.sort(row[judged])
    place = np.searchsorted(tested, row)
    before = row - tested[np.maximum(place - 1, 0)]
    after = tested[np.minimum(place, len(tested) - 1)] - row
    near = ((place > 0) & (before < GAP_ROWS)) | ((place < len(tested)) & (after < GAP_ROWS))
    return ~judged & ~near, judged
