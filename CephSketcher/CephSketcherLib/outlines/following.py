"""Which outlines follow a landmark, so that those which hardly do need no new look at the film when it moves."""

from __future__ import annotations

from functools import cache

import numpy as np

from CephSketcherLib.outlines.model import OutlineModel

FOLLOWS = 0.4
"""An outline follows a landmark when one of its points goes more than this share of the landmark's way along."""


@cache
def followers(model: OutlineModel) -> dict[str, frozenset[str]]:
    """Symbol of a landmark or derived point to the outlines that follow it: those that pass it, and by `FOLLOWS`."""
    found: dict[str, set[str]] = {}
    count = len(model.symbols)
    for name, space in model.spaces.items():
        own = {**space.template.landmarks, **space.template.derived}
        seen = space.covariance[: 2 * count, : 2 * count].copy()
        for index, covariance in enumerate(model.reader_covariance):
            seen[2 * index : 2 * index + 2, 2 * index : 2 * index + 2] += covariance
        gain = np.linalg.solve(seen, space.covariance[: 2 * count, 2 * count :]).T
        blocks = gain.reshape(-1, 2, count, 2).transpose(2, 0, 1, 3)
        share = np.linalg.norm(blocks, 2, axis=(2, 3)).max(axis=1)
        for symbol in {*own, *(s for s, moves in zip(model.symbols, share, strict=True) if moves > FOLLOWS)}:
            found.setdefault(symbol, set()).add(name)
    return {symbol: frozenset(names) for symbol, names in found.items()}
