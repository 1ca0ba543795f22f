"""By how much the drawn uncertainty of a measure falls short of its 95 % interval, as the readers of one film show.

Errors of points are drawn from normal distributions; those of readers have heavier tails, which some measures feel. A
factor makes the interval of one reader's measure hold that of another on 95 % of the films of `Training.ceph_measures`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_FILE = Path(__file__).resolve().parents[2] / "Resources" / "CephSketcherReaders" / "measure_factors.json"


@cache
def _factors() -> dict[str, float]:
    return {name: float(factor) for name, factor in json.loads(_FILE.read_text(encoding="utf-8"))["factors"].items()}


def widening(name: str) -> float:
    """The factor on a measure's standard uncertainty, 1 or more; 1 where the drawn one is wide enough."""
    return _factors().get(name, 1.0)
