"""Shares of the texture classes in the zones of the lungs, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from LungTextureLib.zones import ZONES, Zone, members

NOT_SURE = "not sure"
LEAST_PLACES = 30
"""Zones with fewer places judged have no shares."""


@dataclass(frozen=True)
class Share:
    """Share of one class in one zone.

    Attributes:
        zone: where.
        key: of the class, or `NOT_SURE`.
        percent: of the places judged.
        sd: standard uncertainty; None for `NOT_SURE`, which is a count.
        places: judged in the zone.
    """

    zone: Zone
    key: str
    percent: float
    sd: float | None
    places: int


def labels_of(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """Most likely class of each place; the number of classes ("not sure") where it is less likely than a threshold.

    Args:
        probabilities: (n, classes).
    """
    best = probabilities.argmax(1)
    return np.where(probabilities.max(1) >= threshold, best, probabilities.shape[1])


def zone_shares(
    label: np.ndarray, code: np.ndarray, block: np.ndarray, keys: Sequence[str], model_sd: Sequence[float]
) -> list[Share]:
    """Shares in every zone that holds enough places.

    The variance of a share adds what the classifier's mistakes make of it (``model_sd``, measured on lungs put together
    of patches kept aside) to the sampling variance, taken from the scatter between slices because neighboring places
    share pixels.

    Args:
        label: (n,) as `labels_of`.
        code: (n,) smallest part, 0 to 11.
        block: (n,) slice of each place.
        keys: of the classes.
        model_sd: percentage points, one a class.
    """
    found = []
    for zone in ZONES:
        inside = np.isin(code, members(zone))
        count = int(inside.sum())
        if count < LEAST_PLACES:
            continue
        for number, key in enumerate((*keys, NOT_SURE)):
            hit = (label[inside] == number).astype(float)
            percent = 100 * float(hit.mean())
            sd = None
            if number < len(keys):
                sd = float(np.hypot(model_sd[number], 100 * _sampling_sd(hit, block[inside])))
            found.append(Share(zone, key, percent, sd, count))
    return found


def _sampling_sd(hit: np.ndarray, block: np.ndarray) -> float:
    """Standard error of a mean whose blocks are independent (ratio estimator over blocks)."""
    _, number = np.unique(block, return_inverse=True)
    blocks = int(number.max()) + 1
    if blocks < 2:
        return float(np.sqrt(hit.mean() * (1 - hit.mean())))
    residual = np.bincount(number, hit - hit.mean())
    return float(np.sqrt(blocks / (blocks - 1) * (residual**2).sum()) / len(hit))
