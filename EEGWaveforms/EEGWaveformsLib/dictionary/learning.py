"""One waveform of a given length that recurs in a channel: from its energetic windows."""

from __future__ import annotations

import numpy as np
from scipy import fft, ndimage

from EEGWaveformsLib.dictionary.pursuit import Events, windows

_WINDOWS = 160  # energetic windows that seeds are tried on
_SEEDS, _PAIRS = (10, 40), 1600  # seeds at least and at most; more where there are few windows to try them on
_FITTING = 0.85  # a seed is renewed from the windows that it fits better than this share of them
_TRIALS = 5
_WEIGHT_LIMIT = 2.0  # medians: a lone giant is no waveform


def learn_atom(
    values: np.ndarray, length: int, threshold: float, rng: np.random.Generator, good: np.ndarray | None = None
) -> np.ndarray | None:
    """A unit-norm waveform of ``length`` samples that recurs in the signal, or None where nothing can be learned.

    Seeds are energetic windows. Each becomes the mean of the windows that it fits best (shift-invariant k-means with
    one mean); the one that explains most of the others' energy is taken.
    """
    centers = energetic(values, length, _WINDOWS, good)
    if len(centers) < 3:
        return None
    wide = windows(values, centers, 2 * length)
    return _best_seed(wide, length, threshold, rng)


def refine(
    atoms: list[np.ndarray], residual: np.ndarray, events: Events, lengths: list[int] | None = None
) -> list[np.ndarray]:
    """Every atom anew: the mean of its events, by amplitude, with the others taken away; as it was where it has none.

    Args:
        residual: the signal without the events.
        lengths: of the new atoms; those of the old where none are given.
    """
    renewed = []
    for k, atom in enumerate(atoms):
        mine, length = events.of(k), len(atom) if lengths is None else lengths[k]
        if len(mine) < 3:
            renewed.append(atom)
            continue
        wide = max(length, len(atom))
        own = np.pad(atom, (wide - len(atom) // 2, 2 * wide))[: 2 * wide]
        segments = windows(residual, mine.at, 2 * wide) + mine.amplitude[:, None] * own
        renewed.append(recentred(_mean(segments, mine.amplitude), length))
    return renewed


def energetic(values: np.ndarray, length: int, most: int, good: np.ndarray | None = None) -> np.ndarray:
    """Middles of the windows of most energy that do not touch, by falling energy."""
    energy = ndimage.uniform_filter1d(values**2, length)
    if good is not None:
        energy = np.where(good, energy, 0.0)
    peaks = np.flatnonzero((energy > 0) & (energy >= ndimage.maximum_filter1d(energy, 2 * length + 1)))
    return peaks[np.argsort(-energy[peaks])][:most]


def recentred(atom: np.ndarray, length: int) -> np.ndarray:
    """The ``length`` samples of most energy of a longer waveform, of unit norm."""
    energy = np.concatenate([[0.0], np.cumsum(atom**2)])
    within = energy[length:] - energy[:-length]
    # Of starts that are about as good the middle one: a short waveform in a long window then stands in its middle.
    good = np.flatnonzero(within >= 0.999 * within.max())
    start = int(good[len(good) // 2])
    cut = atom[start : start + length]
    return cut / max(np.linalg.norm(cut), 1e-300)


def _mean(segments: np.ndarray, amplitude: np.ndarray) -> np.ndarray:
    return np.minimum(amplitude, _WEIGHT_LIMIT * np.median(amplitude)) @ segments


def _best_seed(wide: np.ndarray, length: int, threshold: float, rng: np.random.Generator) -> np.ndarray:
    """Of several seeds the mean that explains most of the windows that it was not begun from.

    Args:
        wide: (m, 2 length) windows.
    """
    count = len(wide)
    seeds = int(np.clip(_PAIRS // count, *_SEEDS))
    chosen = rng.permutation(min(count, 6 * seeds))[:seeds]
    atoms = np.stack([recentred(wide[index], length) for index in chosen])
    size = fft.next_fast_len(3 * length, real=True)
    spectra = fft.rfft(wide, size)
    energy = np.cumsum(np.pad(wide**2, ((0, 0), (1, 0))), axis=1)
    within = np.sqrt(np.maximum(energy[:, length:] - energy[:, :-length], 1e-300))
    padded = np.pad(wide, ((0, 0), (length // 2, length)))
    scores = np.zeros(len(atoms))
    for _ in range(_TRIALS):
        products = fft.irfft(spectra[None] * np.conj(fft.rfft(atoms, size))[:, None], size)[..., : length + 1]
        best = products.argmax(axis=2)
        amplitude = np.take_along_axis(products, best[..., None], axis=2)[..., 0]
        share = amplitude / within[np.arange(count)[None], best]
        above = np.maximum(amplitude**2 - threshold**2, 0)
        above[np.arange(len(atoms)), chosen] = 0  # its own window says nothing about recurrence
        most = _WEIGHT_LIMIT**2 * np.median(amplitude**2, axis=1, keepdims=True)
        scores = np.minimum(above, most).sum(axis=1)
        fitting = share >= np.quantile(share, _FITTING, axis=1, keepdims=True)
        updated = []
        for row in range(len(atoms)):
            mine = np.flatnonzero(fitting[row])
            index = best[row, mine][:, None] + np.arange(length + length // 2)
            updated.append(
                recentred(_mean(np.take_along_axis(padded[mine], index, axis=1), amplitude[row, mine]), length)
            )
        last, atoms = atoms, np.stack(updated)
    return np.asarray(last[int(scores.argmax())])
