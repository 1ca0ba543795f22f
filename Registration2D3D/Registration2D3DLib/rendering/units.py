"""Hounsfield units as attenuation (numpy)."""

from __future__ import annotations

import numpy as np

MU_WATER = 0.02
"""1/mm, water at about 60 keV; only its order matters: pictures are compared up to contrast."""
BONE_HU = 150.0
_AIR_HU = -1000.0


def attenuation(hounsfield: np.ndarray, bone_only: bool = False) -> np.ndarray:
    """Linear attenuation in 1/mm, float32: ``MU_WATER * (1 + HU / 1000)``, never below 0.

    Args:
        bone_only: what is below `BONE_HU` counts as air, e.g. for bones that were cut out.
    """
    values = np.asarray(hounsfield, np.float32)
    mu = MU_WATER * (1 + np.maximum(values, _AIR_HU) / 1000)
    if bone_only:
        mu = np.where(values < BONE_HU, 0, mu)
    return mu.astype(np.float32)
