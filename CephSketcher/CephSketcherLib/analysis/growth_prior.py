"""What is usual in growing patients: where points lie, measures by age, change between visits.

The numbers are statistics of landmark tables (see Training/ceph_growth): a cross-section of one city's patients and
three longitudinal studies without ages. They show what is usual there; they are no norms and no forecast for a person.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.analysis.measure_definition import MILLIMETER
from CephSketcherLib.analysis.measures import MEASURES
from CephSketcherLib.analysis.plane_geometry import looks_right
from CephSketcherLib.analysis.shape_fit import left_out
from CephSketcherLib.landmarks.landmark_set import LandmarkSet

_FILE = Path(__file__).resolve().parents[2] / "Resources" / "CephSketcherGrowth" / "growth_prior.json"
#: Mahalanobis distance beyond which a point is called unusual; a few faces in a hundred reach it as well.
UNUSUAL = 5.0
_FEWEST = 6


@dataclass(frozen=True)
class Misplaced:
    """A point far from where the others let it be expected.

    Attributes:
        distance_sd: Mahalanobis distance from the expected place.
        expected: (x, y) in the film's pixels.
    """

    symbol: str
    distance_sd: float
    expected: tuple[float, float]

    @property
    def sentence(self) -> str:
        """For people."""
        return (
            f"{self.symbol} lies {self.distance_sd:.1f} SD from where the other points let it be expected; "
            "check it, although a rare face does the same."
        )


@dataclass(frozen=True)
class Usual:
    """Mean and spread of a statistic with its count.

    Attributes:
        unit: "deg", "%" ...
        about: whom it describes.
    """

    mean: float
    sd: float
    n: int
    unit: str
    about: str


@cache
def _prior() -> dict[str, Any]:
    return dict(json.loads(_FILE.read_text(encoding="utf-8")))


def unusual_points(points: LandmarkSet, limit: float = UNUSUAL) -> list[Misplaced]:
    """Points that lie far from where the others let them be expected, the farthest first.

    A single misplaced point pulls the expectations of the others with it, so the list names the worst, takes it out and
    looks again. Points without a place in the prior are not judged; fewer than six points are not judged at all.
    """
    shape = _prior()["shape"]
    right = looks_right({p.symbol: p.xy for p in points})
    if right is None:
        return []
    symbols = [s for s in shape["symbols"] if s in points]
    flip = np.array([1.0 if right else -1.0, 1.0])
    found: list[Misplaced] = []
    while len(symbols) >= _FEWEST:
        rows = [shape["symbols"].index(s) for s in symbols]
        mean = np.array(shape["mean"])[rows]
        xy = points.array(symbols) * flip
        expected, misfits = left_out(xy, mean)
        covariances = np.array(shape["covariance"])[rows]
        distances = np.sqrt(np.einsum("ni,nij,nj->n", misfits, np.linalg.inv(covariances), misfits))
        worst = int(np.argmax(distances))
        if distances[worst] <= limit:
            break
        x, y = expected[worst] * flip
        found.append(Misplaced(symbols[worst], float(distances[worst]), (float(x), float(y))))
        symbols.pop(worst)
    return found


def usual_at_age(measure: str, age: float | None) -> Usual | None:
    """A measure in patients of about this age; None outside 6 to 19 years or where it was not measured."""
    if age is None or not 6 <= age < 20:
        return None
    group = int(age) // 2 * 2
    row = _prior()["by_age"].get(str(group), {}).get(measure)
    if row is None:
        return None
    about = f"orthodontic patients of one city aged {group} to {group + 1}, both sexes, not a norm"
    return Usual(row["mean"], row["sd"], row["n"], MEASURES[measure].unit, about)


def usual_change(measure: str) -> Usual | None:
    """Change between two visits of growing people: degrees or percent points, lengths in percent of the earlier one."""
    row = _prior()["per_visit"].get(measure)
    if row is None:
        return None
    unit = "% of length" if MEASURES[measure].unit == MILLIMETER else MEASURES[measure].unit
    return Usual(row["mean"], row["sd"], row["n"], unit, "growing subjects between two visits, interval not recorded")
