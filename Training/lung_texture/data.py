"""The patches, their folds, and the chest wall in them.

The source orders the patches of each class by subject and gives no subject's name. Folds are therefore blocks of that
order within each class; a block's edge may cut through one subject. The last block stands for later subjects.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import ndimage

from LungTextureLib.classes import KEYS

FOLDS = 5
LATER = FOLDS - 1
"""The fold of the last patches of each class."""
_WALL_HU, _WALL_PIXELS = -500.0, 40


@dataclass(frozen=True)
class Patches:
    """Attributes:
    hu: (n, 31, 31) float32.
    label: (n,) index into `CLASSES`.
    fold: (n,) 0..FOLDS - 1.
    lung: (n, 31, 31) bool, False on the chest wall.
    """

    hu: np.ndarray
    label: np.ndarray
    fold: np.ndarray
    lung: np.ndarray

    def of(self, which: np.ndarray) -> Patches:
        """A part of them."""
        return Patches(self.hu[which], self.label[which], self.fold[which], self.lung[which])


def load(data: Path) -> Patches:
    """All patches of the shared folder."""
    with np.load(data / "chest" / "emphysema_patches_cip" / "patches_31x31_hu.npz", allow_pickle=False) as stored:
        hu, names, index = stored["img"].astype(np.float32), stored["label"], stored["index"]
    label = np.array([KEYS.index(name) for name in names])
    fold = np.zeros(len(label), int)
    for number in range(len(KEYS)):
        of = np.flatnonzero(label == number)
        fold[of[np.argsort(index[of])]] = np.arange(len(of)) * FOLDS // len(of)
    return Patches(hu, label, fold, np.stack([lung_of(patch) for patch in hu]))


def lung_of(patch: np.ndarray) -> np.ndarray:
    """(31, 31) bool: all but large tissue that reaches the patch's edge, which is wall or mediastinum."""
    tissue, count = ndimage.label(ndimage.gaussian_filter(patch, 0.7) > _WALL_HU)
    wall = np.zeros(patch.shape, bool)
    for number in range(1, count + 1):
        part = tissue == number
        edge = part[0].sum() + part[-1].sum() + part[:, 0].sum() + part[:, -1].sum()
        wall |= part if edge >= 8 and part.sum() >= _WALL_PIXELS else False
    return ~wall
