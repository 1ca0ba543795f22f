"""Slices that lie at one place twice: copies, phases or reconstructions. Copies are dropped, the others parted.

What parts them is, in this order: an element of the header that puts slices of one place into different groups (see
`headers.TRAITS`), the numbers of the instances where they run through the body once for each phase. Where neither
does, nothing is read: a mixture of two phases looks like one scan.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from DeepMedLib.remark import Gravity, Remark
from DeepMedLib.series.geometry import SAME_MM, distances
from DeepMedLib.series.headers import TRAITS, SliceHeader
from DeepMedLib.series.pixels import stored_bytes


@dataclass(frozen=True, eq=False)
class Part:
    """One phase or reconstruction.

    Attributes:
        slices: no two at one place, unless there is a fault.
        labels: what tells it from the others; empty when there are none.
        remarks: about copies that were left out.
        fault: why the slices could not be parted; "" where they could.
    """

    slices: tuple[SliceHeader, ...]
    labels: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    fault: str = ""


def part_phases(slices: Sequence[SliceHeader]) -> list[Part]:
    """The phases of slices that are alike in size, pixel size, direction and kernel."""
    kept, remarks = _without_copies(slices)
    if len(kept) > 1 and len(set(_places(kept))) == 1:
        return [Part(tuple(kept), (), remarks, "All slices of the series lie at one place.")]
    return [Part(part.slices, part.labels, remarks, part.fault) for part in _parted(kept, ())]


def _places(slices: Sequence[SliceHeader]) -> list[int]:
    """A number for each slice, the same for slices that lie at one place."""
    along = distances(slices)
    order = np.argsort(along, kind="stable")
    numbers = np.concatenate([[0], np.cumsum(np.diff(along[order]) > SAME_MM)])
    places = np.empty(len(slices), int)
    places[order] = numbers
    return places.tolist()


def _most(slices: Sequence[SliceHeader]) -> int:
    """The greatest number of slices at one place."""
    return max(Counter(_places(slices)).values())


def _without_copies(slices: Sequence[SliceHeader]) -> tuple[list[SliceHeader], tuple[Remark, ...]]:
    """One of each set of slices that lie at one place and hold the same pixels."""
    counts = Counter(places := _places(slices))
    kept: list[SliceHeader] = []
    seen: set[Hashable] = set()
    for header, place in zip(slices, places, strict=True):
        if counts[place] > 1:
            stored = hashlib.sha256(stored_bytes(header)).digest()
            key = (place, stored, header.slope, header.intercept)
            if key in seen:
                continue
            seen.add(key)
        kept.append(header)
    dropped = len(slices) - len(kept)
    if not dropped:
        return kept, ()
    text = f"{dropped} slice{'s are copies' if dropped > 1 else ' is a copy'} of others; each was read once."
    return kept, (Remark(text, Gravity.NOTE),)


def _parted(slices: Sequence[SliceHeader], labels: tuple[str, ...]) -> list[Part]:
    most = _most(slices)
    for name in TRAITS:
        groups: dict[str, list[SliceHeader]] = {}
        for header in slices:
            groups.setdefault(header.traits.get(name, ""), []).append(header)
        if 1 < len(groups) and _parts_well(slices, list(groups.values()), most):
            named = {value: f"{name} {value.replace(chr(92), '/') or 'not stated'}" for value in groups}
            return [part for value, group in groups.items() for part in _parted(group, (*labels, named[value]))]
    if most == 1:
        return [Part(tuple(slices), labels)]
    runs = _runs(slices, most)
    if runs is None:
        doubled = len(slices) - len(set(_places(slices)))
        fault = (
            f"{doubled} slice{'s lie' if doubled > 1 else ' lies'} where another one lies already, with other content, "
            "and nothing in the headers tells them apart."
        )
        return [Part(tuple(slices), labels, (), fault)]
    return [Part(tuple(run), (*labels, _numbers(run))) for run in runs]


def _parts_well(slices: Sequence[SliceHeader], groups: list[list[SliceHeader]], most: int) -> bool:
    """Whether groups are stacks that pass through one another, rather than slices or blocks one after another."""
    if most > 1:
        # As many groups as lie at one place, or a few more where phases do not cover the same part of the body.
        return len(groups) <= most + 2 and max(_most(group) for group in groups) < most
    if min(len(group) for group in groups) < 3 or len(groups) > 20:
        return False
    number = {id(header): index for index, group in enumerate(groups) for header in group}
    order = np.argsort(distances(slices), kind="stable")
    along = [number[id(slices[place])] for place in order]
    changes = 1 + sum(one != other for one, other in pairwise(along))
    return changes > 3 * len(groups) and changes > len(slices) // 3


def _runs(slices: Sequence[SliceHeader], most: int) -> list[list[SliceHeader]] | None:
    """Phases by the numbers of instances (of frames, within a file); None where they do not tell."""
    keys = [(header.instance if header.instance is not None else -1, header.frame) for header in slices]
    if len(set(keys)) < len(keys):
        return None
    places = dict(zip(map(id, slices), _places(slices), strict=True))
    ordered = [slices[index] for index in sorted(range(len(slices)), key=keys.__getitem__)]
    runs: list[list[SliceHeader]] = [[]]
    taken: set[int] = set()
    for header in ordered:
        if places[id(header)] in taken:
            runs.append([])
            taken = set()
        taken.add(places[id(header)])
        runs[-1].append(header)
    if len(runs) == most:
        return runs
    if set(Counter(places.values()).values()) != {most}:
        return None
    ranks: list[list[SliceHeader]] = [[] for _ in range(most)]
    passed: Counter[int] = Counter()
    for header in ordered:
        ranks[passed[places[id(header)]]].append(header)
        passed[places[id(header)]] += 1
    return ranks


def _numbers(run: Sequence[SliceHeader]) -> str:
    frames = len({header.path for header in run}) == 1 and len(run) > 1
    numbers = [header.frame + 1 if frames else header.instance or 0 for header in run]
    return f"{'frames' if frames else 'instances'} {min(numbers)} to {max(numbers)}"
