"""Make both bundles from the trained state: weights, calibration, figures, model card, manifest.

python -m Training.ceph_landmarks.finish --data ../shared/data --work build/ceph_landmarks
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.landmarks import task
from CephSketcherLib.landmarks.calibration import Calibration
from CephSketcherLib.landmarks.landmark_set import LandmarkSet
from CephSketcherLib.landmarks.scores import film_figures
from DeepMedLib.models.bundles import write_manifest
from Training.bundle_files import write_json

from . import data
from .bundle import RESOURCES, metadata, write_bundle
from .calibrate import calibrate
from .card import card
from .drift import reader_drift
from .judge import READERS, stage_tools
from .looks import records
from .robustness import answer, frontal_pictures, made_pictures, other_pictures, refusals, stability
from .train import COARSE, FINE, STAGES

_SHORT = """# {title}

{role} The networks are only used together: figures, data and limits are in the card of `landmarks_fine`.
Trained on challenge films whose licence is not stated; research use only.
"""
SHORT_CARD = {
    task.COARSE_BUNDLE: _SHORT.format(
        title="Coarse landmarks of lateral cephalograms", role="Looks at the whole film and finds the face."
    ),
    task.SPECIALIST_BUNDLE: _SHORT.format(
        title="Fine landmarks of lateral cephalograms, one clinic",
        role="Trained on ISBI films 001-150 alone; averaged in where it agrees with `landmarks_fine` about the film.",
    ),
}


@dataclass(frozen=True)
class Answered:
    """The shipped task's answer for one film."""

    film: str
    points: np.ndarray
    covariances: np.ndarray
    flagged: np.ndarray
    readers: np.ndarray


def answers(source: data.Source, split: str, limit: int | None = None) -> list[Answered]:
    """The films of a split, through the task itself; nan where it abstained."""
    found = data.readings(source)
    splits = data.splits(source, list(found))
    result = []
    for film in [film for film in found if splits[film] == split][:limit]:
        values = answer(data.read_film(source.folder / "images" / f"{film}.jpg"))
        landmarks = LandmarkSet.from_dict(values["landmarks"])
        count = len(source.layout)
        points, covariances = np.full((count, 2), np.nan), np.full((count, 2, 2), np.nan)
        flagged = np.zeros(count, bool)
        for k, symbol in enumerate(source.layout.symbols):
            if symbol in landmarks:
                points[k], covariances[k] = landmarks[symbol].xy, np.array(landmarks[symbol].covariance)
                flagged[k] = landmarks[symbol].flagged
        result.append(Answered(film, points, covariances, flagged, found[film]))
    return result


def figures_of(found: list[Answered], source: data.Source) -> dict[str, Any]:
    """All figures of answered films."""
    mm = np.tile(np.array(source.points_per_pixel) * source.mm_per_px, (len(found), 1))
    return film_figures(
        np.stack([a.points for a in found]),
        np.stack([a.readers for a in found]),
        mm,
        READERS[source.name],
        source.layout,
        np.stack([a.covariances for a in found]),
    )


def errors_mm(found: list[Answered], source: data.Source) -> np.ndarray:
    """(n, L) distance from the mean of the readers."""
    mm = np.array(source.points_per_pixel) * source.mm_per_px
    return np.stack([np.linalg.norm((a.points - np.nanmean(a.readers, 0)) * mm, axis=1) for a in found])


def flag_figures(found: list[Answered], source: data.Source) -> dict[str, float]:
    """What flagging finds."""
    errors, flagged = errors_mm(found, source), np.stack([a.flagged for a in found])
    known = np.isfinite(errors)
    return {
        "share": float(flagged[known].mean()),
        "mre_flagged": float(errors[known & flagged].mean()) if (known & flagged).any() else 0.0,
        "mre_rest": float(errors[known & ~flagged].mean()),
    }


def worst(found: list[Answered], source: data.Source, count: int = 8) -> list[dict[str, Any]]:
    """The largest distances from the mean of the readers."""
    errors = np.nan_to_num(errors_mm(found, source))
    order = np.dstack(np.unravel_index(np.argsort(-errors, axis=None), errors.shape))[0][:count]
    return [
        {
            "film": found[i].film,
            "landmark": source.layout.symbols[k],
            "error_mm": float(errors[i, k]),
            "flagged": bool(found[i].flagged[k]),
        }
        for i, k in order
    ]


def bundle_jobs(stage: str) -> dict[str, str]:
    """Bundle -> the job whose weights it holds."""
    coarse, general, special = STAGES[stage]
    names = (task.COARSE_BUNDLE, task.FINE_BUNDLE, task.SPECIALIST_BUNDLE)
    return dict(zip(names, (coarse, *general, special), strict=True))


def make_bundles(folder: Path, work: Path, stage: str) -> Calibration:
    """Weights, configurations and the calibration, with a manifest, so that the task runs.

    The calibration is always that of stage B: its networks have not learned from the films that it is made on.
    """
    coarse, fine, model, sources = stage_tools(folder, work, "b")
    inner = records(coarse, fine, model, sources[0], ["inner"])
    calibration = calibrate(inner, model, sources[0].layout.name)
    for name, job in bundle_jobs(stage).items():
        write_bundle(name, job, work, sources[0].layout.symbols)
    write_json(RESOURCES / task.FINE_BUNDLE / "configs" / "calibration.json", calibration.to_dict())
    for name, text in SHORT_CARD.items():
        (RESOURCES / name / "docs" / "README.md").write_text(text, encoding="utf-8")
    write_manifest(RESOURCES)
    return calibration


def finish(folder: Path, work: Path, stage: str) -> None:
    calibration = make_bundles(folder, work, stage)
    isbi, hamedan = data.isbi(folder), data.hamedan(folder)
    test, held = answers(isbi, "test"), answers(hamedan, "held")
    some = [data.read_film(isbi.folder / "images" / f"{a.film}.jpg") for a in test[::15]]
    others = [data.read_film(hamedan.folder / "images" / f"{a.film}.jpg") for a in held[::3]]
    films = [(film, 0.2) for film in some] + [(film, hamedan.mm_per_px) for film in others]
    figures: dict[str, Any] = {
        "isbi_151_300": figures_of(test, isbi),
        "hamedan_kept_out": figures_of(held, hamedan),
        "drift": reader_drift(isbi, "A"),
        "flags": flag_figures(test, isbi),
        "stability": stability(films),
        "refusals": refusals(chain(other_pictures(folder), made_pictures(some, seed=77), frontal_pictures())),
        "worst": worst(test, isbi),
    }
    stage_a = work / "figures_a.json"
    if stage_a.exists():
        figures["isbi_alone"] = json.loads(stage_a.read_text(encoding="utf-8"))
    write_json(work / "figures_shipped.json", figures)
    write_cards(figures, calibration, isbi.layout.symbols, len(films))
    for name in ("isbi_151_300", "hamedan_kept_out"):
        print(name, {k: v for k, v in figures[name]["against_mean"].items() if k != "per_landmark"})


def write_cards(figures: dict[str, Any], calibration: Calibration, symbols: tuple[str, ...], films: int) -> None:
    """Figures into the metadata and the cards, and the manifest over all."""
    for name in bundle_jobs("c"):
        kind, main = (COARSE if name == task.COARSE_BUNDLE else FINE), name == task.FINE_BUNDLE
        write_json(RESOURCES / name / "configs" / "metadata.json", metadata(kind, symbols, figures if main else {}))
    text = card(figures, calibration, symbols, films)
    (RESOURCES / "landmarks_fine" / "docs" / "README.md").write_text(text, encoding="utf-8")
    write_manifest(RESOURCES)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/ceph_landmarks"))
    parser.add_argument("--stage", choices=("b", "c"), default="c")
    parser.add_argument("--quick", action="store_true", help="only the bundles, without figures and card")
    arguments = parser.parse_args()
    if arguments.quick:
        make_bundles(arguments.data, arguments.work, arguments.stage)
        write_manifest(RESOURCES)
    else:
        finish(arguments.data, arguments.work, arguments.stage)


if __name__ == "__main__":
    main()
