"""The dictionary of a channel, one waveform after another, for as long as held-out data gain by it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from EEGWaveformsLib.dictionary.judging import Half, candidates, likeness, score
from EEGWaveformsLib.dictionary.learning import refine
from EEGWaveformsLib.dictionary.pursuit import Events, pursue, windows
from EEGWaveformsLib.noise.null import Null

LEAST_GAIN = 0.05
"""A further waveform must add this share to what the former ones explain of held-out data."""
BEYOND_NOISE = 0.01
"""A waveform is noise unless fewer of the surrogates' best ones than this share would score as it does."""
ALIKE = 0.85
"""Waveforms that correlate so closely are one that varies."""
_ROUNDS = 4  # of pursuit and renewal after each waveform that is added
_LEAST_PART = 0.1  # of a waveform's events, to be split off as a second one

NullOf = Callable[[int, np.ndarray, np.ndarray], Null]
"""(number of waveforms so far, what they leave of either half) -> what noise like that would give."""


@dataclass(frozen=True)
class Growth:
    """A dictionary while it grows.

    Attributes:
        atoms: unit-norm waveforms.
        p: of each, when it was added: the chance that noise gives one that scores as well on held-out data.
        explained: share of the held-out energy that is explained with 0, 1, 2 ... waveforms.
        nulls: what noise gave at each step; a last one may belong to a waveform that was not added.
    """

    atoms: tuple[np.ndarray, ...] = ()
    p: tuple[float, ...] = ()
    explained: tuple[float, ...] = (0.0,)
    nulls: tuple[Null, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class _Fit:
    """A dictionary on both halves: what each is left with, and the share explained of the second."""

    atoms: list[np.ndarray]
    events: Events
    rest: np.ndarray
    left: np.ndarray
    explained: float


def grow(
    learned_from: Half,
    judged_on: Half,
    lengths: Sequence[int],
    threshold: float,
    most: int,
    null_of: NullOf,
    rng: np.random.Generator,
) -> Growth:
    """Add waveforms until the next scores no more than noise does, or adds too little to what is explained.

    The first waveform is kept in any case: its p says whether noise explains it.

    Args:
        lengths: samples that a waveform may have.
        threshold: least amplitude of an event in standard deviations of the background.
        most: waveforms at most.
    """
    grown, fit = Growth(), _Fit([], Events.none(), learned_from.values, judged_on.values, 0.0)
    while len(grown.atoms) < most:
        null = null_of(len(grown.atoms), fit.rest, fit.left)
        grown = replace(grown, nulls=(*grown.nulls, null))
        rest, left = Half(fit.rest, learned_from.good), Half(fit.left, judged_on.good)
        found = _next_atom(rest, left, lengths, threshold, null, rng)
        if found is None or (grown.atoms and found[1] >= BEYOND_NOISE):
            break
        tried = _fitted([*fit.atoms, found[0]], learned_from, judged_on, threshold)
        if grown.atoms and not _worth(tried, fit.explained):
            break
        fit = tried
        grown = replace(
            grown, p=(*grown.p, found[1]), explained=(*grown.explained, fit.explained), atoms=tuple(fit.atoms)
        )
    while len(grown.atoms) < most and grown.atoms and grown.p[0] < BEYOND_NOISE:
        split = _split(fit, learned_from, judged_on, threshold)
        if split is None:
            break
        fit, parent = split
        grown = replace(
            grown, p=(*grown.p, grown.p[parent]), explained=(*grown.explained, fit.explained), atoms=tuple(fit.atoms)
        )
    return grown


def _next_atom(
    rest: Half, left: Half, lengths: Sequence[int], threshold: float, null: Null, rng: np.random.Generator
) -> tuple[np.ndarray, float] | None:
    """The waveform, of the length that explains most beyond noise, and the chance that noise gives one as good."""
    found = candidates(rest, lengths, threshold, rng)
    if not found:
        return None
    scored = [(score(left, atom), atom) for atom in found]
    p = null.p(max(null.z(len(atom), value) for value, atom in scored))
    value, atom = max(scored, key=lambda pair: null.excess(len(pair[1]), pair[0]))
    # Its events with another length: a window that is too short has found them as well, but not all of their shape.
    events, residual = pursue(rest.values, [atom], threshold, rest.good)
    for other in (refine([atom], residual, events, [length])[0] for length in lengths):
        if null.excess(len(other), score(left, other)) > null.excess(len(atom), value):
            value, atom = score(left, other), other
    return atom, p


def _fitted(atoms: list[np.ndarray], learned_from: Half, judged_on: Half, threshold: float) -> _Fit:
    for _ in range(_ROUNDS):
        events, rest = pursue(learned_from.values, atoms, threshold, learned_from.good)
        atoms = refine(atoms, rest, events)
    events, rest = pursue(learned_from.values, atoms, threshold, learned_from.good)
    _events, left = pursue(judged_on.values, atoms, threshold, judged_on.good)
    before, after = (float((values[judged_on.good] ** 2).sum()) for values in (judged_on.values, left))
    return _Fit(atoms, events, rest, left, 1 - after / before if before > 0 else 0.0)


def _worth(tried: _Fit, explained: float) -> bool:
    """Whether a dictionary explains enough more than ``explained``, with waveforms that differ."""
    *former, last = tried.atoms
    gain = tried.explained - explained >= LEAST_GAIN * max(explained, 1e-12)
    return gain and all(likeness(last, other) < ALIKE for other in former)


def _split(fit: _Fit, learned_from: Half, judged_on: Half, threshold: float) -> tuple[_Fit, int] | None:
    """The dictionary with one waveform parted into two, where held-out data gain most by it, and which one it was."""
    best: tuple[_Fit, int] | None = None
    for k, atom in enumerate(fit.atoms):
        mine = fit.events.of(k)
        if len(mine) < 10:
            continue
        segments = windows(fit.rest, mine.at, len(atom)) / mine.amplitude[:, None] + atom
        varied = segments - (segments @ atom)[:, None] * atom
        varied -= varied.mean(axis=0)
        side = np.linalg.svd(varied, full_matrices=False)[0][:, 0] > 0
        if not _LEAST_PART <= side.mean() <= 1 - _LEAST_PART:
            continue
        parts = [segments[chosen].mean(axis=0) for chosen in (side, ~side)]
        one, other = (part / max(float(np.linalg.norm(part)), 1e-300) for part in parts)
        tried = _fitted([*fit.atoms[:k], one, *fit.atoms[k + 1 :], other], learned_from, judged_on, threshold)
        better = best is None or tried.explained > best[0].explained
        if _worth(tried, fit.explained) and better:
            best = tried, k
    return best
