"""What of a channel can be used: gaps, flat and saturated stretches are found, said and left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity, Remark
from EEGWaveformsLib.records.record import Record

FLAT_S = 0.5
"""A value that stays the same for so long was not recorded."""
SATURATED_SAMPLES = 4
"""So many samples in a row at the channel's greatest or least value are its limit."""
AROUND_S = 0.1
"""Around what cannot be used nothing is looked for either: filters ring there."""
_LEAST_STRETCHES = 3  # at the limit: one plateau is a wave, not a limit
SHORTEST_S = 10.0
MOST_LOST = 0.9


@dataclass(frozen=True)
class Channel:
    """A channel to search.

    Attributes:
        label, unit: as in the record.
        values: (n,) float64, finite: what was not recorded is a line between its neighbors.
        good: (n,) what can be used.
        remarks: what cannot be used, and how much of it.
    """

    label: str
    unit: str
    values: np.ndarray
    good: np.ndarray
    remarks: tuple[Remark, ...]


def is_flat(values: np.ndarray) -> bool:
    """Whether a channel holds no signal: nothing finite, or one value."""
    finite = values[np.isfinite(values)]
    return len(finite) < 2 or not np.ptp(finite) > 0


def channel_of(record: Record, label: str = "") -> Channel:
    """One channel of a record, with what can be used of it.

    Args:
        label: its name; "" takes the first that is not flat.

    Raises:
        BadInput: there is no such channel, it holds no signal, or too little of it.
    """
    if record.duration_s < SHORTEST_S:
        samples = record.values.shape[1]
        raise BadInput(
            f"{record.name} is {record.duration_s:.3g} s long ({samples} sample{'s' * (samples != 1)}).",
            f"Recurrence needs {SHORTEST_S:.0f} s and more; give a longer record.",
        )
    if label.strip():
        row = record.index(label)
    else:
        row = next((row for row, values in enumerate(record.values) if not is_flat(values)), 0)
    values, name = np.asarray(record.values[row], float), record.labels[row]
    if not np.isfinite(values).any():
        raise BadInput(f"Channel {name} holds no number.", "Choose another channel.")
    if is_flat(values):
        raise BadInput(f"Channel {name} is flat: it holds one value only.", "Choose another channel.")
    missing, flat, saturated = ~np.isfinite(values), flat_stretches(values, record.rate_hz), saturation(values)
    lost = missing | flat | saturated
    if lost.mean() > MOST_LOST:
        raise BadInput(
            f"{100 * lost.mean():.0f} % of channel {name} is missing, flat or saturated.", "Choose another channel."
        )
    reach = round(AROUND_S * record.rate_hz)
    good = ~ndimage.binary_dilation(lost, iterations=reach) if reach and lost.any() else ~lost
    kept = np.flatnonzero(~(missing | flat))
    filled = np.interp(np.arange(len(values)), kept, values[kept])
    kinds = (("not recorded", missing), ("flat", flat & ~missing), ("saturated", saturated))
    remarks = tuple(remark for kind, mask in kinds if (remark := _said(name, kind, mask, record.rate_hz)) is not None)
    return Channel(name, record.units[row], filled, good, remarks)


def flat_stretches(values: np.ndarray, rate_hz: float) -> np.ndarray:
    """(n,) where the value stays the same for `FLAT_S` or longer."""
    same = np.concatenate([[False], np.diff(values) == 0])
    return _runs(same, max(round(FLAT_S * rate_hz), 3)) > 0


def saturation(values: np.ndarray) -> np.ndarray:
    """(n,) where the channel stays at its greatest or least value, several times, as an amplifier at its limit does."""
    found = np.zeros(len(values), bool)
    finite = values[np.isfinite(values)]
    for limit in (finite.max(), finite.min()):
        labels = _runs(values == limit, SATURATED_SAMPLES)
        if labels.max() >= _LEAST_STRETCHES:
            found |= labels > 0
    return found


def _runs(mask: np.ndarray, least: int) -> np.ndarray:
    """(n,) the number of the run that a sample belongs to, of runs of at least so many; 0 elsewhere."""
    labels, _count = ndimage.label(mask)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    kept = np.flatnonzero(sizes >= least)
    renumbered = np.zeros(len(sizes), int)
    renumbered[kept] = np.arange(1, len(kept) + 1)
    return np.asarray(renumbered[labels])


def _said(name: str, kind: str, mask: np.ndarray, rate_hz: float) -> Remark | None:
    if not mask.any():
        return None
    _labels, count = ndimage.label(mask)
    first = float(np.flatnonzero(mask)[0] / rate_hz)
    share = 100 * float(mask.mean())
    text = (
        f"{mask.sum() / rate_hz:.1f} s ({share:.2g} %) of channel {name} are {kind}, in {count} "
        f"stretch{'es' * (count > 1)}, the first at {first:.1f} s; nothing is looked for there."
    )
    return Remark(text, Gravity.WARNING if share > 1 else Gravity.NOTE)
