"""Calling slots as PythonQt does: surplus arguments are dropped, an exception never reaches the emitter."""

from __future__ import annotations

import logging
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

_collectors: list[list[BaseException]] = []
_uncollected: list[BaseException] = []


def accepted_arguments(slot: Callable[..., Any]) -> int | None:
    """How many positional arguments a Python function or method takes; None where all can be passed."""
    function, bound = slot, 0
    if isinstance(slot, types.MethodType):
        function, bound = slot.__func__, 1
    code = getattr(function, "__code__", None)
    if code is None or code.co_flags & 0x04:  # a builtin or partial, or *args
        return None
    return max(int(code.co_argcount) - bound, 0)


def relay_to(slot: Callable[..., Any], limit: int | None = None) -> Callable[..., None]:
    """A function that calls `slot` with no more arguments than it, or the signature connected to, takes.

    Args:
        slot: any callable.
        limit: number of arguments in the signature connected to, None for all.
    """
    accepted = accepted_arguments(slot)
    counts = [count for count in (accepted, limit) if count is not None]
    count = min(counts) if counts else None

    def relay(*arguments: Any) -> None:
        try:
            slot(*(arguments if count is None else arguments[:count]))
        except Exception as error:  # as in Slicer, a failing slot is reported and the emitter goes on
            logging.exception("A slot failed: %s", getattr(slot, "__qualname__", slot))
            (_collectors[-1] if _collectors else _uncollected).append(error)

    return relay


@contextmanager
def slot_errors() -> Iterator[list[BaseException]]:
    """Collects the exceptions that slots raise inside the block, for a test that expects one.

    Yields:
        the list of exceptions, filled as they happen.
    """
    errors: list[BaseException] = []
    _collectors.append(errors)
    try:
        yield errors
    finally:
        _collectors.remove(errors)


def take_slot_errors() -> list[BaseException]:
    """Exceptions raised by slots outside `slot_errors()` since the last call; a fixture fails the test on any."""
    errors = list(_uncollected)
    _uncollected.clear()
    return errors
