"""What a network that segments a CT is to a module, whatever it is made of."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Progress


@dataclass(frozen=True, eq=False)
class EngineAnswer:
    """What an engine found.

    Attributes:
        labels: (k, j, i) uint8 or uint16 on the grid of the array; 0 is background.
        names: of the labels by value, as the network's author wrote them.
        about: the keys of `DeepMedLib.provenance.MADE_WITH`.
    """

    labels: np.ndarray
    names: Mapping[int, str]
    about: Mapping[str, str]


class Engine(Protocol):
    """A network that segments CT.

    Attributes:
        name: for people.
        names: of the labels by value, without the background.
    """

    @property
    def name(self) -> str: ...

    @property
    def names(self) -> Mapping[int, str]: ...

    def segment(self, array: np.ndarray, grid: Grid, progress: Progress) -> EngineAnswer:
        """Label a CT.

        Args:
            array: (k, j, i) HU.
            grid: where it lies, in any orientation, its axes at right angles.
            progress: told the share done and what is being done, with the time left.

        Raises:
            DeepMedError: the network cannot be run.
        """


class Windows:
    """Tells the progress of a computation in equal parts, and from the first ones the time that is left.

    Args:
        total: number of parts.
        progress: told a share from ``start`` to ``end``.
    """

    def __init__(self, total: int, progress: Progress, start: float = 0.05, end: float = 0.9) -> None:
        self._total, self._progress = max(1, total), progress
        self._start, self._end = start, end
        self._done, self._began = 0, time.monotonic()

    def done(self, parts: int = 1) -> None:
        """Some parts more are done."""
        self._done = min(self._total, self._done + parts)
        share = self._done / self._total
        left = (time.monotonic() - self._began) / self._done * (self._total - self._done)
        self._progress(self._start + share * (self._end - self._start), f"Running the network, {time_left(left)}")


def time_left(seconds: float) -> str:
    """E.g. "about 40 s left", "about 3 min left"."""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    return f"about {round(seconds / 60)} min left"
