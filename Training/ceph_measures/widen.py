"""Do the drawn uncertainties hold what two readers of one film differ by? A factor for every measure where they do not.

    python -m Training.ceph_measures.widen --data ../shared/data

Traces both readers' points of the films that `fit` takes (ISBI 001-150, 62 Hamedan films), each point as sure as is
usual for the network, and divides the distance between the two measures by the root of two and by the drawn standard
deviation. The 95 % quantile of that (with the correction for a finite sample, as in split conformal prediction), over
1.96, is the factor; below 1 it is left out. No film that judges and no network's answer is looked at. Writes
Resources/CephSketcherReaders/measure_factors.json; some minutes.
"""

from __future__ import annotations

import argparse
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from CephSketcherLib.analysis.analyses import CephMeasure
from CephSketcherLib.analysis.measure_definition import DEGREE
from CephSketcherLib.analysis.plane_geometry import looks_right
from CephSketcherLib.analysis.point_errors import point_errors
from CephSketcherLib.analysis.widening import widening
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.tracing.result import CephOptions, CephResult
from CephSketcherLib.tracing.solve import solve
from Training.ceph_landmarks import data

from .fit import FITTED, RESOURCES

Z95 = 1.96
_ABOUT = (
    "Factors on the drawn standard uncertainty of measures: 95 % quantile of the distance between the two readers of "
    "ISBI 001-150 and of the Hamedan films trained on, over root two and the drawn one, over 1.96; where above 1."
)


def usual_points(xy: np.ndarray) -> LandmarkSet:
    """A reader's points, (L, 2) of the layout, each with the uncertainty that the network usually states."""
    unit = float(np.linalg.norm(xy[ISBI19.index("N")] - xy[ISBI19.index("S")]))
    known = zip(ISBI19.symbols, xy, point_errors().typical, strict=True)
    return LandmarkSet(
        tuple(
            LandmarkPoint(symbol, float(x), float(y), (((unit * t) ** 2, 0.0), (0.0, (unit * t) ** 2)))
            for symbol, (x, y), t in known
        )
    )


def tracings(source: data.Source) -> Iterator[list[CephResult]]:
    """Both readers' tracings of each film fitted on that has all points of both."""
    found = data.readings(source)
    split = data.splits(source, list(found))
    scale = source.scale()
    for film, readers in found.items():
        if split[film] not in FITTED or not np.isfinite(readers).all():
            continue
        picture = data.read_film(source.folder / "images" / f"{film}.jpg")
        height, width = picture.shape
        pair = []
        for xy in readers:
            points = usual_points(xy)
            facing = "right" if looks_right({point.symbol: point.xy for point in points}) else "left"
            pair.append(solve(CephResult(film, width, height, facing, points, scale, CephOptions()), picture))
        yield pair


def shares(first: Sequence[CephMeasure], second: Sequence[CephMeasure]) -> dict[str, float]:
    """Each measure's distance between two readers, over root two, in drawn standard deviations of one."""
    other = {measure.name: measure for measure in second}
    found = {}
    for one in first:
        two = other.get(one.name)
        if two is None or not one.sd or not two.sd:
            continue
        apart = abs(one.value - two.value)
        apart = min(apart, 360 - apart) if one.unit == DEGREE else apart
        drawn = math.sqrt(0.5 * (one.sd**2 + two.sd**2)) / widening(one.name)
        found[one.name] = apart / math.sqrt(2) / drawn
    return found


def factors(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The factor of each measure, where it is above 1 and there are films enough to tell (19)."""
    values = defaultdict(list)
    for row in rows:
        for name, share in row.items():
            values[name].append(share)
    found = {name: quantile_95(shares) / Z95 for name, shares in values.items()}
    return {name: math.ceil(100 * factor) / 100 for name, factor in found.items() if factor > 1}


def quantile_95(values: Sequence[float]) -> float:
    """The value that a further one stays below in at least 95 % of cases; 0 where there are too few to tell."""
    rank = math.ceil(0.95 * (len(values) + 1))
    return float(np.sort(values)[rank - 1]) if rank <= len(values) else 0.0


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    folder = parser.parse_args().data
    rows = [
        shares(pair[0].measures, pair[1].measures)
        for source in (data.isbi(folder), data.hamedan(folder))
        for pair in tracings(source)
    ]
    found = factors(rows)
    path = RESOURCES / "CephSketcherReaders" / "measure_factors.json"
    record = {"about": _ABOUT, "films": len(rows), "factors": dict(sorted(found.items()))}
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(f"{path}: {len(found)} of {len({name for row in rows for name in row})} measures")


if __name__ == "__main__":
    main()
