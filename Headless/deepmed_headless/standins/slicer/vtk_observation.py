"""VTK observers that neither keep a widget alive nor call one whose Qt half is gone."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

import shiboken6


class Observations:
    """The observers of one widget.

    Args:
        owner: the widget; only a weak reference is kept.
    """

    def __init__(self, owner: Any) -> None:
        self._owner = weakref.ref(owner)
        self._tags: list[tuple[Any, int]] = []

    def add(self, subject: Any, event: int, method: Callable[[Any], None]) -> None:
        """Calls `method(owner)` at each `event` of `subject`; `method` is a plain function of the owner's class."""

        def called(*_: Any) -> None:
            owner = self._owner()
            if owner is not None and shiboken6.isValid(owner):
                method(owner)
            else:
                self.clear()

        self._tags.append((subject, subject.AddObserver(event, called)))

    def clear(self) -> None:
        """Removes all observers."""
        tags, self._tags = self._tags, []
        for subject, tag in tags:
            subject.RemoveObserver(tag)
