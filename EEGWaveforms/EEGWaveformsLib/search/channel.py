"""The whole search of one channel: its recurrent waveforms, their events, and what noise would give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from DeepMedLib.errors import BadInput
from EEGWaveformsLib.dictionary.conditioning import Conditioned, band_pass, condition
from EEGWaveformsLib.dictionary.judging import Half, halves, likeness
from EEGWaveformsLib.dictionary.learning import refine
from EEGWaveformsLib.dictionary.pursuit import extent, pursue, windows
from EEGWaveformsLib.noise.null import FURTHER_SURROGATES, SURROGATES, Null, null_of
from EEGWaveformsLib.search.detection import LEAST_THRESHOLD, fine_times, threshold_of
from EEGWaveformsLib.search.growth import BEYOND_NOISE, Growth, grow
from EEGWaveformsLib.search.shape import Shape, mean_shape

SCALES_S = (0.25, 0.5, 1.0)
"""Lengths that are tried where none is given, in records of at least forty times as long."""
THRESHOLD = 4.0
"""Of an event while waveforms are learned, in standard deviations of the background."""
STABLE = 0.7
"""Least correlation of a waveform with that of the other half, and of another seed, to be stable."""
SHORTEST_S = 10.0
"""Less of a record says nothing about recurrence."""
_FINAL = 2  # rounds on all of the channel


@dataclass(frozen=True)
class FoundWaveform:
    """A recurrent waveform of a channel.

    Attributes:
        atom: its unit-norm form in the conditioned channel.
        shape: its mean in the band, with spread, in the channel's unit.
        time_s: (e,) times of its greatest deflection.
        size: (e,) peak to peak, in the channel's unit.
        size_sd: (e,) the same in standard deviations of the background.
        p: the chance that noise gives a waveform that explains as much of held-out data.
        expected: events that the same search finds in noise of the same spectrum.
        threshold_sd: least event, in standard deviations of the background.
        stable_halves, stable_seeds: correlation with the waveform that is learned from the other half of the record,
            and with another seed.
    """

    atom: np.ndarray
    shape: Shape
    time_s: np.ndarray
    size: np.ndarray
    size_sd: np.ndarray
    p: float
    expected: float
    threshold_sd: float
    stable_halves: float
    stable_seeds: float

    @property
    def beyond_noise(self) -> bool:
        """Whether noise does not explain it: it scores beyond noise, and is learned again from other data."""
        more = len(self.time_s) > max(5.0, 3 * self.expected)
        return self.p < BEYOND_NOISE and more and min(self.stable_halves, self.stable_seeds) >= STABLE


@dataclass(frozen=True)
class Found:
    """What a search gives.

    Attributes:
        waveforms: those beyond noise first, then by how much they explain.
        explained: share of the held-out energy that 0, 1, 2 ... waveforms explain, in the order in which they were
            added.
        conditioned: the channel as it was searched.
        explained_part: (n,) the part of ``conditioned.values`` that the events explain.
    """

    waveforms: tuple[FoundWaveform, ...]
    explained: tuple[float, ...]
    conditioned: Conditioned
    explained_part: np.ndarray


def search(
    values: np.ndarray,
    good: np.ndarray,
    rate_hz: float,
    band_hz: tuple[float, float],
    lengths_s: Sequence[float] = (),
    most: int = 6,
    refractory: float = 0.5,
    seed: int = 0,
    progress: Callable[[float, str], None] = lambda fraction, message: None,
) -> Found:
    """Find the recurrent waveforms of a channel.

    Args:
        values: (n,) finite samples; where ``good`` is False they are not looked at.
        lengths_s: lengths of the waveforms; none tries `SCALES_S`.
        most: waveforms at most.
        refractory: least time between two events of one waveform, as a share of its length.

    Raises:
        BadInput: too little of the channel can be used.
    """
    progress(0.0, "Filtering")
    ready = condition(values, good, rate_hz, band_hz)
    lengths = _lengths(lengths_s, ready)
    usable_s = float(ready.good.sum()) / ready.rate_hz
    if usable_s < max(SHORTEST_S, 8 * max(lengths) / ready.rate_hz):
        raise BadInput(
            f"Only {usable_s:.0f} s of the channel can be used; recurrence needs {SHORTEST_S:.0f} s and eight lengths.",
            "Give a longer record, another channel or a shorter waveform length.",
        )
    first, second = halves(ready, max(lengths))
    count = [0]

    def surrogate_done() -> None:
        count[0] += 1
        progress(min(0.05 + 0.7 * count[0] / (SURROGATES * (most + 1)), 0.75), "Searching noise of the same spectrum")

    def null_at(step: int, rest: np.ndarray, left: np.ndarray) -> Null:
        source = ready
        if step:
            joined, good_there = np.concatenate([rest, left]), np.concatenate([first.good, second.good])
            source = Conditioned(joined, good_there, ready.rate_hz, ready.band_hz)
        number = FURTHER_SURROGATES if step else SURROGATES
        return null_of(source, lengths, THRESHOLD, (seed, step), number, surrogate_done)

    grown = grow(first, second, lengths, THRESHOLD, most, null_at, np.random.default_rng([seed, 1]))
    if not grown.atoms:
        raise BadInput("Nothing in the channel recurs often enough to be learned.", "Give a longer record.")
    progress(0.8, "Learning from the other half, and with another seed")
    again = [
        _again(second, first, lengths, most, grown, np.random.default_rng([seed, 2])),
        _again(first, second, lengths, most, grown, np.random.default_rng([seed, 3])),
    ]
    progress(0.9, "Finding the events")
    return _finished(values, rate_hz, ready, grown, again, refractory)


def count_in(found: Found, values: np.ndarray, good: np.ndarray, rate_hz: float, refractory: float = 0.5) -> np.ndarray:
    """(K,) events of each waveform in another channel of the record, of the size that counts in its own.

    What that channel has of its own may resemble a waveform a little: an event must explain at least half of what
    stands out of the background where it lies.
    """
    ready = condition(values, good, rate_hz, found.conditioned.band_hz)
    atoms = [waveform.atom for waveform in found.waveforms]
    events, _rest = pursue(ready.values, atoms, LEAST_THRESHOLD, ready.good, refractory)
    limits = np.array([waveform.threshold_sd for waveform in found.waveforms])
    kept = events.where(events.amplitude >= limits[events.atom])
    counts = np.zeros(len(atoms), int)
    background = min(2 * (ready.band_hz[1] - ready.band_hz[0]) / ready.rate_hz, 1.0)  # variance of a sample
    for k, atom in enumerate(atoms):
        mine, reach = kept.of(k), extent(atom)
        around = (windows(ready.values, mine.at, reach) ** 2).sum(axis=1)
        counts[k] = int((around - background * reach <= 2 * mine.amplitude**2).sum())
    return counts


def _lengths(lengths_s: Sequence[float], ready: Conditioned) -> tuple[int, ...]:
    duration = len(ready.values) / ready.rate_hz
    scales = [length for length in (lengths_s or SCALES_S) if lengths_s or length <= duration / 40] or [SCALES_S[0]]
    return tuple(sorted({max(round(length * ready.rate_hz), 4) for length in scales}))


def _again(
    learned_from: Half, judged_on: Half, lengths: Sequence[int], most: int, grown: Growth, rng: np.random.Generator
) -> Growth:
    nulls = grown.nulls
    return grow(
        learned_from, judged_on, lengths, THRESHOLD, most, lambda step, *_: nulls[min(step, len(nulls) - 1)], rng
    )


def _finished(
    values: np.ndarray, rate_hz: float, ready: Conditioned, grown: Growth, again: list[Growth], refractory: float
) -> Found:
    """Waveforms renewed on all of the channel, their events, and the verdict on each."""
    atoms = list(grown.atoms)
    for _ in range(_FINAL):
        events, rest = pursue(ready.values, atoms, THRESHOLD, ready.good, refractory)
        atoms = refine(atoms, rest, events)
    events, _rest = pursue(ready.values, atoms, LEAST_THRESHOLD, ready.good, refractory)
    samples, passed = int(ready.good.sum()), band_pass(values, rate_hz, ready.band_hz)
    nulls = [grown.nulls[min(k, len(grown.nulls) - 1)] for k in range(len(atoms))]
    limits = np.array(
        [threshold_of(events.of(k).amplitude, _near(nulls[k], atom), samples, nulls[k]) for k, atom in enumerate(atoms)]
    )
    events = events.where(events.amplitude >= limits[events.atom])
    times = fine_times(ready.values, atoms, events) / ready.rate_hz
    found, part = [], np.zeros_like(ready.values)
    for k, atom in enumerate(atoms):
        mine = events.atom == k
        if not mine.any():
            continue
        _add(part, atom, events.at[mine], events.amplitude[mine])
        shape, size = mean_shape(passed, rate_hz, times[mine], events.amplitude[mine], len(atom) / ready.rate_hz)
        expected = nulls[k].expected(_near(nulls[k], atom), samples, float(limits[k]))
        stable = [max(likeness(atom, other) for other in each.atoms) if each.atoms else 0.0 for each in again]
        found.append(
            FoundWaveform(
                atom,
                shape,
                times[mine] + shape.peak_s,
                size,
                events.amplitude[mine],
                grown.p[k],
                expected,
                float(limits[k]),
                *stable,
            )
        )
    found.sort(key=lambda each: (not each.beyond_noise, -float((each.size_sd**2).sum())))
    return Found(tuple(found), grown.explained, ready, part)


def _near(null: Null, atom: np.ndarray) -> int:
    return min(null.lengths, key=lambda length: abs(length - len(atom)))


def _add(part: np.ndarray, atom: np.ndarray, at: np.ndarray, amplitude: np.ndarray) -> None:
    index = at[:, None] - len(atom) // 2 + np.arange(len(atom))
    inside = (index >= 0) & (index < len(part))
    np.add.at(part, index[inside], (amplitude[:, None] * atom)[inside])
