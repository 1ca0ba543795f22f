"""From slices of any number of series to stacks that are one volume each: never a mixture of two.

Slices belong together by series, size, pixel size and direction within what headers are rounded to, and kernel. What
lies twice at one place is a copy, a phase or a second reconstruction; blocks far apart are scans of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np

from DeepMedLib.remark import Gravity, Remark
from DeepMedLib.series.geometry import SAME_MM, axes_of, distances, judge_steps
from DeepMedLib.series.headers import SliceHeader
from DeepMedLib.series.phases import part_phases

_DIRECTION = np.cos(np.radians(0.5))
_SPACING = 1e-3  # of the pixel size
_BLOCKS_MM = 100.0  # a gap as long as an organ


@dataclass(frozen=True, eq=False)
class Stack:
    """Slices that may be one volume.

    Attributes:
        slices: in order along their normal, no two at one place.
        labels: what tells it from the other stacks of its series, e.g. "acquisition 2".
        remarks: about copies and what was joined or parted.
        paths: all its files, copies too.
        fault: why it cannot be read; "" where it can.
    """

    slices: tuple[SliceHeader, ...]
    labels: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    paths: frozenset[Path] = field(default_factory=frozenset)
    fault: str = ""

    @property
    def axial(self) -> bool:
        """Whether its slices lie across the body's long axis."""
        return bool(abs(axes_of(self.slices)[2, 2]) > 0.7)


def stacks_of(slices: Sequence[SliceHeader]) -> list[Stack]:
    """Stacks of slices that all have position, direction and pixel size, in no particular order."""
    stacks: list[Stack] = []
    for members, remarks in _families(slices):
        paths = frozenset(header.path for header in members)
        for part in part_phases(members):
            ordered = sorted(part.slices, key=_along(part.slices))
            for block, label in _blocks(ordered):
                labels = (*part.labels, label) if label else part.labels
                stacks.append(Stack(tuple(block), labels, (*remarks, *part.remarks), paths, part.fault))
    return [
        Stack(
            stack.slices,
            stack.labels,
            stack.remarks,
            frozenset(header.path for header in stack.slices) | (stack.paths - _others(stack, stacks)),
            stack.fault,
        )
        for stack in stacks
    ]


def _others(stack: Stack, stacks: Sequence[Stack]) -> set[Path]:
    return {header.path for other in stacks if other is not stack for header in other.slices}


def _along(slices: Sequence[SliceHeader]) -> Callable[[SliceHeader], float]:
    places = {id(header): float(place) for header, place in zip(slices, distances(slices), strict=True)}
    return lambda header: places[id(header)]


def _families(slices: Sequence[SliceHeader]) -> list[tuple[list[SliceHeader], tuple[Remark, ...]]]:
    """Slices of one series that are alike; series of one slice each are joined where they are alike."""
    families: list[tuple[list[SliceHeader], tuple[Remark, ...]]] = []
    lonely: list[SliceHeader] = []
    by_series = _by(slices, lambda header: header.series)
    for members in by_series.values():
        alike = _alike(members)
        if len(members) == 1:
            lonely += members
        else:
            families += [(group, ()) for group in alike]
    for group in _joined(lonely):
        joined: tuple[Remark, ...] = ()
        if len(group) > 1:
            text = f"Each of the {len(group)} slices states a series of its own; they were joined by where they lie."
            joined = (Remark(text, Gravity.WARNING),)
        families.append((group, joined))
    return families


def _joined(lonely: Sequence[SliceHeader]) -> list[list[SliceHeader]]:
    """Slices with a series each, joined where they share a study or frame of reference, or form an even stack."""
    groups: list[list[SliceHeader]] = []
    rest = list(lonely)
    for key in (_study, _frame_of_reference, _nothing):
        left: list[SliceHeader] = []
        for shared, members in _by(rest, key).items():
            for group in _alike(members):
                told = bool(shared) or _is_even(group)
                if len(group) > 2 and told:
                    groups.append(group)
                else:
                    left += group
        rest = left
    return groups + [[header] for header in rest]


def _study(header: SliceHeader) -> str:
    return header.study


def _frame_of_reference(header: SliceHeader) -> str:
    return header.frame_of_reference


def _nothing(header: SliceHeader) -> str:
    return ""


def _is_even(slices: Sequence[SliceHeader]) -> bool:
    """Whether slices lie at equal distances, as those of unlike patients do not."""
    steps = np.diff(np.sort(distances(slices)))
    return bool(len(steps) > 1 and steps.min() > SAME_MM and not judge_steps(steps)[1])


def _alike(slices: Sequence[SliceHeader]) -> list[list[SliceHeader]]:
    """Groups of one size, pixel size, direction and kernel."""
    groups: list[list[SliceHeader]] = []
    keys = _by(slices, lambda header: (header.rows, header.columns, header.traits.get("kernel", "")))
    for members in keys.values():
        found: list[list[SliceHeader]] = []
        for header in members:
            for group in found:
                if _same_geometry(group[0], header):
                    group.append(header)
                    break
            else:
                found.append([header])
        groups += found
    return groups


def _same_geometry(one: SliceHeader, other: SliceHeader) -> bool:
    assert one.orientation is not None and other.orientation is not None
    if not np.allclose(one.spacing, other.spacing, rtol=_SPACING):  # type: ignore[arg-type]
        return False
    rows, columns = float(one.orientation[:3] @ other.orientation[:3]), one.orientation[3:] @ other.orientation[3:]
    return bool(min(rows, columns) > _DIRECTION * 0.999)


def _by(slices: Sequence[SliceHeader], key: Callable[[SliceHeader], Hashable]) -> dict[Hashable, list[SliceHeader]]:
    groups: dict[Hashable, list[SliceHeader]] = {}
    for header in slices:
        groups.setdefault(key(header), []).append(header)
    return groups


def _blocks(ordered: Sequence[SliceHeader]) -> list[tuple[Sequence[SliceHeader], str]]:
    """Parts between gaps of more than `_BLOCKS_MM`, with where they lie; one without a name where there is no gap."""
    if len(ordered) < 3:
        return [(ordered, "")]
    along = distances(ordered)
    steps = np.diff(along)
    # Thick or sparse stacks have long steps of their own.
    usual = float(np.median(steps[steps > SAME_MM])) if (steps > SAME_MM).any() else 0.0
    cuts = np.flatnonzero(steps > max(_BLOCKS_MM, 10 * usual))
    if not len(cuts):
        return [(ordered, "")]
    edges = [0, *(int(cut) + 1 for cut in cuts), len(ordered)]
    parts = pairwise(edges)
    return [(ordered[a:b], f"from {along[a]:.0f} to {along[b - 1]:.0f} mm along the stack") for a, b in parts]
