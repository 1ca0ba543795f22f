"""Matching pursuit: when each waveform of a dictionary occurs in a channel, and how large it is.

Mallat and Zhang (1993), over shift-invariant atoms as in Brockmeier and Principe (2016). Many events are taken in one
round: those that are the greatest within a waveform's length of themselves do not touch one another, so that taking
them together equals taking them one by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

_ROUNDS = 12
LEAST_SHARE = 0.5
"""An event within another must be this large beside it: what remains of a varying waveform is not a second one."""


@dataclass(frozen=True)
class Events:
    """Events of a channel, by time.

    Attributes:
        at: (e,) sample of the waveform's middle.
        atom: (e,) which waveform.
        amplitude: (e,) above 0, in units of the signal for a waveform of unit energy.
    """

    at: np.ndarray
    atom: np.ndarray
    amplitude: np.ndarray

    @classmethod
    def none(cls) -> Events:
        """Nothing was found."""
        return cls(np.zeros(0, int), np.zeros(0, int), np.zeros(0))

    def of(self, atom: int) -> Events:
        """Those of one waveform."""
        return self.where(self.atom == atom)

    def where(self, kept: np.ndarray) -> Events:
        """Those that a mask or an index keeps."""
        return Events(self.at[kept], self.atom[kept], self.amplitude[kept])

    def __len__(self) -> int:
        return len(self.at)


def correlations(values: np.ndarray, atoms: Sequence[np.ndarray]) -> np.ndarray:
    """(K, n) inner products of every atom with the signal around every sample (the atom's middle there)."""
    longest = max(len(atom) for atom in atoms)
    length = fft.next_fast_len(len(values) + longest, real=True)
    spectrum = fft.rfft(values, length)
    found = np.empty((len(atoms), len(values)))
    for row, atom in zip(found, atoms, strict=True):
        lagged = fft.irfft(spectrum * np.conj(fft.rfft(atom, length)), length)
        row[:] = np.roll(lagged, len(atom) // 2)[: len(values)]
    return found


def pursue(
    values: np.ndarray,
    atoms: Sequence[np.ndarray],
    threshold: float,
    good: np.ndarray | None = None,
    refractory: float = 0.5,
) -> tuple[Events, np.ndarray]:
    """Explain a signal by few shifted waveforms.

    Args:
        values: (n,) conditioned signal.
        atoms: unit-norm waveforms.
        threshold: least amplitude of an event, above 0.
        good: (n,) samples at which an event may have its middle.
        refractory: least time between two events of one waveform, as a share of its `extent`.

    Returns:
        The events, and the residual: the signal without them.
    """
    count, longest = len(values), max(len(atom) for atom in atoms)
    residual = np.array(values, float)
    free = np.ones((len(atoms), count), bool) if good is None else np.tile(np.asarray(good, bool), (len(atoms), 1))
    least = np.zeros((len(atoms), count))
    taken: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for _ in range(_ROUNDS):
        products = correlations(residual, atoms)
        size = np.where(free & (products >= least), products, 0.0)
        best = size.max(axis=0)
        peaks = np.flatnonzero((best >= threshold) & (best >= ndimage.maximum_filter1d(best, 2 * longest + 1)))
        if not len(peaks):
            break
        peaks = peaks[np.concatenate([[True], np.diff(peaks) > longest])]  # equal neighbors are one event
        which = size[:, peaks].argmax(axis=0)
        amplitude = products[which, peaks]
        # Beside a blocked event its shoulder is the greatest that is left, and no event.
        beside = np.maximum(
            products[which, np.maximum(peaks - 1, 0)], products[which, np.minimum(peaks + 1, count - 1)]
        )
        shoulder = beside > amplitude
        free[which[shoulder], peaks[shoulder]] = False
        peaks, which, amplitude = peaks[~shoulder], which[~shoulder], amplitude[~shoulder]
        for k, atom in enumerate(atoms):
            mine = which == k
            _subtract(residual, atom, peaks[mine], amplitude[mine])
            _block(free[k], peaks[mine], round(refractory * extent(atom)))
        for at, k, size_there in zip(peaks, which, amplitude, strict=True):
            reach = len(atoms[k]) // 2
            around = slice(max(at - reach, 0), at + reach + 1)
            least[:, around] = np.maximum(least[:, around], LEAST_SHARE * size_there)
        taken.append((peaks, which, amplitude))
    if not taken:
        return Events.none(), residual
    at, atom_of, amplitudes = (np.concatenate(parts) for parts in zip(*taken, strict=True))
    order = np.argsort(at, kind="stable")
    return Events(at[order], atom_of[order], amplitudes[order]), residual


def extent(atom: np.ndarray) -> int:
    """Samples that hold the middle nine tenths of a waveform's energy; its window may be much longer."""
    energy = np.cumsum(atom**2)
    first, last = np.searchsorted(energy, [0.05 * energy[-1], 0.95 * energy[-1]])
    return int(last - first) + 1


def windows(values: np.ndarray, at: np.ndarray, length: int) -> np.ndarray:
    """(e, length) samples around each of ``at``, zeros beyond the ends."""
    padded = np.pad(values, length)
    return np.lib.stride_tricks.sliding_window_view(padded, length)[np.asarray(at) - length // 2 + length]


def _subtract(residual: np.ndarray, atom: np.ndarray, at: np.ndarray, amplitude: np.ndarray) -> None:
    """Take events of one atom, none of which touches another, from the signal."""
    if not len(at):
        return
    index = at[:, None] - len(atom) // 2 + np.arange(len(atom))
    inside = (index >= 0) & (index < len(residual))
    np.subtract.at(residual, index[inside], (amplitude[:, None] * atom)[inside])


def _block(free: np.ndarray, at: np.ndarray, reach: int) -> None:
    for each in at:
        free[max(each - reach, 0) : each + reach + 1] = False
