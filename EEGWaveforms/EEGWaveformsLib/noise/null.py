"""What the same search finds in noise of the same spectrum: how well the best waveform scores, how often it occurs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from EEGWaveformsLib.dictionary.conditioning import Conditioned
from EEGWaveformsLib.dictionary.judging import SCORED_FROM, candidates, halves, peaks_of
from EEGWaveformsLib.noise.surrogates import surrogate

SURROGATES, FURTHER_SURROGATES = 20, 12
"""Searched beside every record, and again for every waveform after the first."""
_EULER = 0.5772156649015329
_THREADS = 2  # numpy lets go of the interpreter in its transforms


@dataclass(frozen=True)
class Null:
    """Scores and events of the best waveform of each length in surrogates.

    Attributes:
        lengths: (L,) samples of the waveforms.
        scores: (S, L), see `dictionary.judging.score`.
        rates: (S, L) events for each sample, at the threshold of the search.
        threshold: in standard deviations of the background.
    """

    lengths: tuple[int, ...]
    scores: np.ndarray
    rates: np.ndarray
    threshold: float

    def excess(self, length: int, score: float) -> float:
        """What of a score noise does not explain."""
        return score - float(self.scores[:, self.lengths.index(length)].mean())

    def z(self, length: int, score: float) -> float:
        """How many standard deviations a score lies beyond the mean of noise."""
        column = self.scores[:, self.lengths.index(length)]
        return (score - float(column.mean())) / max(float(column.std(ddof=1)), 1e-12)

    def p(self, z: float) -> float:
        """The chance that the best waveform of noise, of any length, lies as far beyond noise as ``z``.

        A Gumbel distribution, that of greatest values, is fitted to the surrogates by its moments; each is measured
        against the others.
        """
        count = len(self.scores)
        best = np.empty(count)
        for row in range(count):
            others = np.delete(self.scores, row, axis=0)
            spread = np.maximum(others.std(axis=0, ddof=1), 1e-12)
            best[row] = ((self.scores[row] - others.mean(axis=0)) / spread).max()
        scale = max(float(best.std(ddof=1)), 1e-6) * np.sqrt(6) / np.pi
        place = float(best.mean()) - _EULER * scale
        return float(-np.expm1(-np.exp(np.clip(-(z - place) / scale, -700, 700))))

    def expected(self, length: int, samples: int, threshold: float | None = None) -> float:
        """Events that the best waveform of noise has in so many samples.

        Args:
            threshold: a higher one than that of the search; Gaussian peaks then fall off as exp(-u**2 / 2).
        """
        events = float(self.rates[:, self.lengths.index(length)].mean()) * samples
        if threshold is None:
            return events
        return events * float(np.exp((self.threshold**2 - threshold**2) / 2))


def null_of(
    conditioned: Conditioned,
    lengths: Sequence[int],
    threshold: float,
    seed: Sequence[int],
    surrogates: int = SURROGATES,
    done: Callable[[], None] = lambda: None,
) -> Null:
    """Search surrogates of a channel as the channel itself is searched.

    Args:
        lengths: samples of the waveforms.
        done: called after each surrogate, in any thread's turn; raises to end.
    """

    def one(number: int) -> tuple[list[float], list[float]]:
        rng = np.random.default_rng([*seed, number])
        first, second = halves(surrogate(conditioned, rng), max(lengths))
        scores, rates = dict.fromkeys(lengths, 0.0), dict.fromkeys(lengths, 0.0)
        for atom in candidates(first, lengths, threshold, rng):
            peaks, samples = peaks_of(second, atom), max(int(second.good.sum()), 1)
            scores[len(atom)] = float((peaks**2 - SCORED_FROM**2).sum()) / samples
            rates[len(atom)] = float((peaks >= threshold).sum()) / samples
        return list(scores.values()), list(rates.values())

    rows = []
    with ThreadPoolExecutor(_THREADS) as pool:
        for row in pool.map(one, range(surrogates)):
            rows.append(row)
            done()
    return Null(tuple(lengths), np.array([row[0] for row in rows]), np.array([row[1] for row in rows]), threshold)
