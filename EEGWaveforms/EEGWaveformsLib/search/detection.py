"""The events of a finished dictionary: from which size on, at which time to a fraction of a sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from EEGWaveformsLib.dictionary.pursuit import Events, correlations
from EEGWaveformsLib.noise.null import Null

LEAST_THRESHOLD = 3.5
"""No event is smaller, in standard deviations of the background."""
FALSE_SHARE = 0.03
"""Share of a waveform's events that noise may be expected to give."""
_STEP = 0.05


def threshold_of(amplitude: np.ndarray, length: int, samples: int, null: Null) -> float:
    """The size from which events of a waveform count: as low as the events that noise gives allow.

    Args:
        amplitude: of the events above `LEAST_THRESHOLD`.
        samples: that were searched.
    """
    threshold = LEAST_THRESHOLD
    while threshold < 8.0:
        count = int((amplitude >= threshold).sum())
        if null.expected(length, samples, threshold) <= FALSE_SHARE * count:
            break
        threshold += _STEP
    return threshold


def fine_times(values: np.ndarray, atoms: Sequence[np.ndarray], events: Events) -> np.ndarray:
    """(e,) times in samples, to a fraction: the top of the parabola through the correlation around each event."""
    fine = events.at.astype(float)
    products = correlations(values, atoms)
    for k in range(len(atoms)):
        mine = np.flatnonzero((events.atom == k) & (events.at > 0) & (events.at < len(values) - 1))
        left, here, right = (products[k, events.at[mine] + step] for step in (-1, 0, 1))
        bend = left - 2 * here + right
        shift = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1), 0.0)
        fine[mine] += np.clip(shift, -0.5, 0.5)
    return fine
