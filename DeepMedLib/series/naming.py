"""How stacks are named for the user who chooses one, and which comes first when nobody does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity, Remark
from DeepMedLib.series.geometry import distances
from DeepMedLib.series.grouping import Stack
from DeepMedLib.series.scan import ScanChoice

_PLANES = ("sagittal", "coronal", "axial")
_LISTED = 6  # scans in a sentence


def in_order(stacks: Sequence[Stack]) -> list[Stack]:
    """Readable before unreadable, axial before others, then by number of slices, series, first instance."""
    return sorted(
        stacks,
        key=lambda stack: (
            bool(stack.fault),
            not stack.axial,
            -len(stack.slices),
            stack.slices[0].series_number or 0,
            min(header.instance or 0 for header in stack.slices),
            stack.slices[0].series,
            str(stack.slices[0].path),
        ),
    )


def name_of(stack: Stack) -> str:
    """For example "series 2 (Thorax), kernel B70f, acquisition 1: 56 slices 6 mm apart"."""
    first = stack.slices[0]
    series = f"series {first.series_number}" if first.series_number is not None else "series without a number"
    description = f" ({first.description})" if first.description else ""
    kernel = first.traits.get("kernel", "")
    labels = [*([f"kernel {kernel}"] if kernel else []), *stack.labels]
    labels = list(dict.fromkeys(labels))
    plane = "" if stack.axial else f"{_plane(stack)} "
    step = float(np.median(np.diff(distances(stack.slices)))) if len(stack.slices) > 1 else 0.0
    apart = f" {step:.1f} mm apart" if step > 0 else ""
    return f"{', '.join([series + description, *labels])}: {len(stack.slices)} {plane}slices{apart}"


def _plane(stack: Stack) -> str:
    cosines = stack.slices[0].orientation
    assert cosines is not None
    return _PLANES[int(np.argmax(np.abs(np.cross(cosines[:3], cosines[3:]))))]


def _pixels(stack: Stack) -> str:
    first = stack.slices[0]
    rows, columns = first.spacing or (0.0, 0.0)
    return f"{first.columns} x {first.rows} pixels of {columns:g} x {rows:g} mm"


def choices_of(stacks: Sequence[Stack]) -> tuple[ScanChoice, ...]:
    """Stacks, in order, as choices; equal names get their pixels' number and size."""
    names = [name_of(stack) for stack in stacks]
    names = [name if names.count(name) == 1 else f"{name}, {_pixels(s)}" for name, s in zip(names, stacks, strict=True)]
    return tuple(
        ScanChoice(
            number,
            name,
            tuple(sorted(stack.paths)),
            stack.slices[0].study,
            tuple(word for word in (stack.slices[0].series, stack.slices[0].description, *stack.labels) if word),
        )
        for number, (stack, name) in enumerate(zip(stacks, names, strict=True), 1)
    )


def choose(choices: Sequence[ScanChoice], choice: str | int) -> int:
    """The place of the scan that a number (from 1) or a part of a name means.

    Raises:
        BadInput: it means none or several.
    """
    listed = "; ".join(f"{one.number}: {one.name}" for one in choices[:_LISTED])
    remedy = f"Choose one by its number or by words of its name. There are {listed}."
    if len(choices) == 1:
        remedy = f"There is only {listed}."
    text = str(choice).strip()
    if text.isdigit() and 1 <= int(text) <= len(choices):
        return int(text) - 1
    exact = [at for at, one in enumerate(choices) if text in (one.name, *one.keys)]
    part = [at for at, one in enumerate(choices) if text and text.casefold() in one.name.casefold()]
    found = exact or ([] if text.isdigit() else part)
    if len(found) == 1:
        return found[0]
    what = "Several scans are meant" if found else "There is no scan"
    raise BadInput(f"{what} by the choice {text!r}.", remedy)


def choice_remark(choices: Sequence[ScanChoice], taken: int, asked: bool) -> list[Remark]:
    """Which of several scans was read and why; nothing where there is one."""
    if len(choices) < 2:
        return []
    others = [one for at, one in enumerate(choices) if at != taken]
    listed = "; ".join(f"{one.number}: {one.name}" for one in others[: _LISTED - 1])
    more = f"; and {len(others) - _LISTED + 1} more" if len(others) >= _LISTED else ""
    why = "as chosen" if asked else "the first by plane and number of slices"
    text = (
        f"There are {len(choices)} CT scans here; read was {choices[taken].number}: {choices[taken].name} ({why}). "
        f"Not read: {listed}{more}. Another is read when it is chosen by its number or name."
    )
    return [Remark(text, Gravity.NOTE if asked else Gravity.WARNING)]
