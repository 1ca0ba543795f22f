"""One undo for a drag: the states of a tracing before each thing that a person did to it."""

from __future__ import annotations

from CephSketcherLib.tracing.result import CephResult

LONGEST = 50


class History:
    """Former states; changes of the same points without letting go between them are one."""

    def __init__(self) -> None:
        self._states: list[CephResult] = []
        self._last: frozenset[str] = frozenset()

    def clear(self) -> None:
        """Forget everything, e.g. because another tracing is shown."""
        self._states, self._last = [], frozenset()

    def remember(self, before: CephResult, after: CephResult) -> None:
        """Keep the state before a change of points or handles; other changes are none of a person's edits."""
        changed = changes_between(before, after)
        if changed and changed != self._last:
            self._states = [*self._states[1 - LONGEST :], before]
        if changed:
            self._last = changed

    def end(self) -> None:
        """The hand let go: the next change is another one, also of the same point."""
        self._last = frozenset()

    def back(self) -> CephResult | None:
        """The state before the last change, which is forgotten; None where there is none."""
        self._last = frozenset()
        return self._states.pop() if self._states else None

    def __len__(self) -> int:
        return len(self._states)


def changes_between(before: CephResult, after: CephResult) -> frozenset[str]:
    """Names of the points and handles that differ between two states."""
    places = [_places(result) for result in (before, after)]
    moved = {symbol for symbol, _ in set(places[0].items()) ^ set(places[1].items())}
    moved |= set(before.deleted) ^ set(after.deleted)
    for name in {*before.fixed, *after.fixed}:
        old, new = before.fixed.get(name, {}), after.fixed.get(name, {})
        moved |= {f"{name} {index}" for index in {*old, *new} if old.get(index) != new.get(index)}
    return frozenset(moved)


def _places(result: CephResult) -> dict[str, tuple[float, float, bool]]:
    return {p.symbol: (p.x, p.y, p.edited) for p in result.placed.with_points(result.unplaced)}
