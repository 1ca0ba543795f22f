"""Work of a few seconds that is no job: the window is painted meanwhile, so that it does not look frozen."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

import qt
import slicer

_EVERY_S = 0.03

Made = TypeVar("Made")


def whilePainting(make: Callable[[], Made]) -> Made:
    """What a function returns that runs beside the painting; what a person does meanwhile waits until it is done.

    Args:
        make: touches neither the scene nor a widget.

    Raises:
        Exception: what the function raises.
    """
    with ThreadPoolExecutor(1) as worker:
        made = worker.submit(make)
        while not made.done():
            slicer.app.processEvents(qt.QEventLoop.ExcludeUserInputEvents)
            wait([made], timeout=_EVERY_S)
    return made.result()
