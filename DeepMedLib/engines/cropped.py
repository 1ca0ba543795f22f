"""An engine on a part of a scan, there and back; several times where the agreement is to tell how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from DeepMedLib.engines.engine import Engine, EngineAnswer
from DeepMedLib.geometry import Grid
from DeepMedLib.jobs.task import Progress

Box = tuple[tuple[int, int, int], tuple[int, int, int]]
"""First and end index along k, j, i."""
_STEP = 3  # voxels by which the frame moves from one run to the next


@dataclass(frozen=True, eq=False)
class Repeated:
    """What an engine found when it was asked several times.

    Attributes:
        answer: of the first run, on the whole grid.
        sd_ml: by label: standard deviation of its volume over the runs; empty after a single one.
        agreement: (k, j, i) uint8, 0 to 100: share of the runs that gave the first run's label, where that or another
            run's is not background; None after a single run.
    """

    answer: EngineAnswer
    sd_ml: Mapping[int, float]
    agreement: np.ndarray | None


def body_box(array: np.ndarray, margin: int = 4) -> Box:
    """The part of a CT (k, j, i) that is not air, with a margin; all of it where nothing is denser than -500 HU."""
    start, stop = [], []
    dense = array > -500
    for axis in range(3):
        found = np.flatnonzero(dense.any(axis=tuple(other for other in range(3) if other != axis)))
        size = array.shape[axis]
        start.append(max(0, int(found[0]) - margin) if len(found) else 0)
        stop.append(min(size, int(found[-1]) + 1 + margin) if len(found) else size)
    return (start[0], start[1], start[2]), (stop[0], stop[1], stop[2])


def segment_part(engine: Engine, array: np.ndarray, grid: Grid, box: Box, progress: Progress) -> EngineAnswer:
    """The engine's labels of a part, on the whole grid.

    Args:
        array: (k, j, i) HU on ``grid``.
        box: the part.
    """
    (start, stop), whole = box, np.zeros(array.shape, np.uint16)
    part = tuple(slice(low, high) for low, high in zip(start, stop, strict=True))
    answer = engine.segment(np.ascontiguousarray(array[part]), grid.cropped(start, stop), progress)
    whole[part] = answer.labels
    return EngineAnswer(whole, answer.names, answer.about)


def segment_repeatedly(
    engine: Engine, array: np.ndarray, grid: Grid, box: Box, runs: int, progress: Progress
) -> Repeated:
    """The engine's labels of a part, asked ``runs`` times with the part's frame moved a little each time.

    A frame that moves changes where windows and resampled voxels fall, as another scan of the patient would; what
    depends on that is not to be trusted further. It is no test of what the network always gets wrong.
    """
    first: EngineAnswer | None = None
    volumes: list[np.ndarray] = []
    same: np.ndarray | None = None
    for run in range(max(1, runs)):

        def told(share: float, what: str, run: int = run) -> None:
            progress((run + share) / runs, what)

        answer = segment_part(engine, array, grid, _moved(box, run, array.shape), told)
        counts = np.bincount(answer.labels.ravel(), minlength=max(engine.names, default=0) + 1)
        volumes.append(counts * grid.voxel_volume / 1000)
        if first is None:
            first = answer
            same = np.ones(array.shape, np.uint8) if runs > 1 else None
        elif same is not None:
            same += answer.labels == first.labels
    assert first is not None
    if same is None:
        return Repeated(first, {}, None)
    spread = np.std(np.array(volumes), axis=0, ddof=1)
    agreement = np.rint(100.0 * same / runs).astype(np.uint8)
    return Repeated(first, {label: float(spread[label]) for label in engine.names}, agreement)


def _moved(box: Box, run: int, shape: tuple[int, ...]) -> Box:
    """A frame that reaches further at one end of each axis, the other in turn; it stays on the scan."""
    start, stop = np.array(box[0]), np.array(box[1])
    reach = _STEP * ((run + 1) // 2)
    if run % 2:
        start = start - reach
    elif run:
        stop = stop + reach
    start, stop = np.maximum(start, 0), np.minimum(stop, shape)
    return (int(start[0]), int(start[1]), int(start[2])), (int(stop[0]), int(stop[1]), int(stop[2]))
