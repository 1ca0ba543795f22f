"""Do the intervals of measures hold, and are readings borne out? On films that nothing was fitted on.

    python -m Training.ceph_measures.check --data ../shared/data

Traces ISBI 151-300 and the 13 Hamedan films kept out with the shipped networks (a second a film; kept in --work) and
compares every measure with the mean of the two readers' own, whose points are traced on the same film: the share of the
95 % intervals that hold it, of readings that say a word, and of those whose words hold the readers' word (where the
readers' own measures agree on one). Writes
``figures.json`` in the work folder. A measure that uses points of outlines is compared with the outlines drawn from the
readers' landmarks; no reader marked those points, so such figures tell whether landmarks are found, not whether apices
are.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.analysis.analyses import CephMeasure
from CephSketcherLib.analysis.interpretation import read
from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet
from CephSketcherLib.landmarks.layout import ISBI19
from CephSketcherLib.tracing.result import CephOptions, CephResult
from CephSketcherLib.tracing.solve import solve
from Training.ceph_landmarks import data

from .fit import RESOURCES

JUDGED = {"isbi": "test", "hamedan": "held"}


def predicted(film: Path, picture: np.ndarray, work: Path) -> dict[str, Any]:
    """The shipped networks' answer, kept in the work folder."""
    kept = work / f"{film.parents[1].name}_{film.stem}.json"
    if not kept.exists():
        from CephSketcherLib.landmarks import task

        options = {"resources": str(RESOURCES / "CephSketcherModels"), "device": "cpu"}
        values = task.run({"film": picture}, options, lambda *_: None).values
        kept.write_text(json.dumps(values, default=float), encoding="utf-8")
    return dict(json.loads(kept.read_text(encoding="utf-8")))


def judged(source: data.Source, work: Path) -> Iterator[tuple[str, CephResult, list[CephResult]]]:
    """Film, its tracing, and the tracings of both readers' points."""
    found = data.readings(source)
    split = data.splits(source, list(found))
    for film, readers in found.items():
        if split[film] != JUDGED[source.name]:
            continue
        path = source.folder / "images" / f"{film}.jpg"
        picture = data.read_film(path)
        values = predicted(path, picture, work)
        if values["abstained"]:
            continue
        height, width = picture.shape
        empty = CephResult(film, width, height, values["facing"], LandmarkSet(), source.scale(), CephOptions())
        found_points = LandmarkSet.from_dict(values["landmarks"])
        tracing = solve(replace(empty, landmarks=found_points), picture)
        yield film, tracing, [solve(replace(empty, landmarks=_points(xy)), picture) for xy in readers]


def _points(xy: np.ndarray) -> LandmarkSet:
    known = zip(ISBI19.symbols, xy, strict=True)
    return LandmarkSet(tuple(LandmarkPoint(s, float(x), float(y)) for s, (x, y) in known if np.isfinite([x, y]).all()))


def readers_mean(readers: list[CephResult]) -> dict[str, CephMeasure]:
    """Each measure that both readers' points give, with the mean of both and no uncertainty."""
    first, second = ({m.name: m for m in result.measures} for result in readers)
    return {
        name: replace(measure, value=0.5 * (measure.value + second[name].value), sd=0.0)
        for name, measure in first.items()
        if name in second
    }


def figures(source: data.Source, work: Path) -> dict[str, Any]:
    """All figures of one clinic's films."""
    held: dict[str, list[bool]] = defaultdict(list)
    gaps: dict[str, list[float]] = defaultdict(list)
    sds: dict[str, list[float]] = defaultdict(list)
    outlines: set[str] = set()
    readings: dict[str, list[tuple[int, bool | None]]] = defaultdict(list)
    count = 0
    for _, tracing, readers in judged(source, work):
        count += 1
        truth = readers_mean(readers)
        for measure in tracing.measures:
            if measure.name in truth and measure.interval is not None and measure.sd is not None:
                low, high = measure.interval
                held[measure.name].append(low <= truth[measure.name].value <= high)
                gaps[measure.name].append(measure.value - truth[measure.name].value)
                sds[measure.name].append(measure.sd)
                if measure.from_outlines:
                    outlines.add(measure.name)
        true = {reading.topic: reading for reading in read(list(truth.values()))}
        for reading in tracing.readings:
            words = true[reading.topic].words if reading.topic in true else ()
            right = bool(set(words) & set(reading.words)) if words and reading.words else None
            readings[reading.topic].append((len(reading.words), right))
    every = [hit for name, hits in held.items() if name not in outlines for hit in hits]
    said = [one for topic in readings.values() for one in topic]
    known = [right for _, right in said if right is not None]
    single = [right for words, right in said if words == 1 and right is not None]
    return {
        "films": count,
        "intervals_hold": float(np.mean(every)),
        "intervals_hold_with_outlines": float(np.mean([hit for hits in held.values() for hit in hits])),
        "readings_spoken": float(np.mean([words > 0 for words, _ in said])),
        "spoken_borne_out": float(np.mean(known)),
        "readings_in_one_word": float(np.mean([words == 1 for words, _ in said])),
        "one_word_borne_out": float(np.mean(single)),
        "measures": {
            name: {
                "holds": float(np.mean(held[name])),
                "sd": float(np.median(sds[name])),
                "mean_abs": float(np.mean(np.abs(gaps[name]))),
                "bias": float(np.mean(gaps[name])),
            }
            for name in held
        },
        "topics": {
            topic: {
                "spoken": float(np.mean([words > 0 for words, _ in rows])),
                "borne_out": _share([right for _, right in rows if right is not None]),
            }
            for topic, rows in readings.items()
        },
    }


def _share(hits: list[bool]) -> float:
    """nan of an empty list."""
    return float(np.mean(hits)) if hits else float("nan")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--work", type=Path, default=Path("build/ceph_measures"))
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    found = {
        source.name: figures(source, arguments.work)
        for source in (data.hamedan(arguments.data), data.isbi(arguments.data))
    }
    (arguments.work / "figures.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, part in found.items():
        print(name, {key: value for key, value in part.items() if not isinstance(value, dict)})


if __name__ == "__main__":
    main()
