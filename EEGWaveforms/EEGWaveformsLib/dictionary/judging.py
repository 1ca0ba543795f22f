"""How much of a channel a waveform explains, told on the half that it was not learned from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from EEGWaveformsLib.dictionary.conditioning import Conditioned
from EEGWaveformsLib.dictionary.learning import learn_atom
from EEGWaveformsLib.dictionary.pursuit import correlations

_BLOCK_S = 15.0  # of the record, by turns for learning and for judging
SCORED_FROM = 3.0
"""Standard deviations of the background from which a correlation counts for the score."""


@dataclass(frozen=True)
class Half:
    """Every other block of a channel, joined; an event may not have its middle near a joint (``good``)."""

    values: np.ndarray
    good: np.ndarray


def halves(conditioned: Conditioned, longest: int) -> tuple[Half, Half]:
    """The two halves of a channel, in blocks by turns, so that both see all of the record."""
    count = len(conditioned.values)
    block = max(min(round(_BLOCK_S * conditioned.rate_hz), count // 8), 2 * longest)
    number = np.arange(count) // block
    near = np.zeros(count, bool)
    for joint in range(0, count + 1, block):
        near[max(joint - longest // 2, 0) : joint + longest // 2] = True
    good = conditioned.good & ~near
    first, second = (Half(conditioned.values[number % 2 == part], good[number % 2 == part]) for part in (0, 1))
    return first, second


def peaks_of(half: Half, atom: np.ndarray) -> np.ndarray:
    """Correlations with an atom that are the greatest within half its length, of those above `SCORED_FROM`."""
    size = np.where(half.good, correlations(half.values, [atom])[0], 0.0)
    return size[(size > SCORED_FROM) & (size >= ndimage.maximum_filter1d(size, 2 * (len(atom) // 2) + 1))]


def score(half: Half, atom: np.ndarray) -> float:
    """How far the correlations with an atom go beyond the background: mean over samples of peak**2 - 3**2."""
    return float((peaks_of(half, atom) ** 2 - SCORED_FROM**2).sum() / max(half.good.sum(), 1))


def candidates(half: Half, lengths: Sequence[int], threshold: float, rng: np.random.Generator) -> list[np.ndarray]:
    """The best waveform of each length, as far as something can be learned at all."""
    found = [learn_atom(half.values, length, threshold, rng, half.good) for length in lengths]
    return [atom for atom in found if atom is not None]


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """The greatest correlation of two unit-norm waveforms over all shifts."""
    return float(np.correlate(one, other, "full").max())
