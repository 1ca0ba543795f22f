"""Figures of a stage's networks on films never trained on.

    python -m Training.ceph_landmarks.judge --data ../shared/data --work build/ceph_landmarks --stage a

Stage a: ISBI 151-300, and all Hamedan films (a clinic never seen). Stage b: ISBI 151-300, and the Hamedan films that
were kept out. Written to ``figures_<stage>.json`` in the work folder. Choices are made on the split `inner` only.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.landmarks.inference import FineNetworks
from CephSketcherLib.landmarks.scores import film_figures
from CephSketcherLib.landmarks.shape_model import ShapeModel

from . import data
from .calibrate import calibrate
from .looks import Record, records, shape_model, trained
from .train import STAGES, canonical

READERS = {"isbi": ("senior", "junior"), "hamedan": ("readerA", "readerB")}


def figures_of(found: list[Record], source: data.Source, calibration: Any = None) -> dict[str, Any]:
    """All figures of the records of one source."""
    missing = np.full((len(source.layout), 2), np.nan)
    points = np.stack([missing if r.fine is None else r.fine.points for r in found])
    covariances = None
    if calibration is not None:
        covariances = np.stack(
            [
                np.full((len(source.layout), 2, 2), np.nan)
                if r.fine is None
                else calibration.covariance(r.fine.covariances, r.fine.to_face.scale)
                for r in found
            ]
        )
    readers = np.stack([r.readers for r in found])
    mm = np.stack([r.mm_per_px for r in found])
    return film_figures(points, readers, mm, READERS[source.name], source.layout, covariances)


def stage_tools(folder: Path, work: Path, stage: str) -> tuple[Any, FineNetworks, ShapeModel, list[data.Source]]:
    """Coarse and fine networks, the shape model, and the sources."""
    sources = [data.isbi(folder), data.hamedan(folder)]
    shape = canonical(folder, work)
    model = shape_model(sources[:1] if stage == "a" else sources, shape)
    coarse, general, special = STAGES[stage]
    networks = tuple(trained(work, job, len(shape)) for job in general)
    specialist = trained(work, special, len(shape)) if special else None
    return trained(work, coarse, len(shape)), FineNetworks(networks, specialist), model, sources


def judge(folder: Path, work: Path, stage: str) -> dict[str, Any]:
    """Figures on the films that judge, with the calibration of the films kept out for that."""
    coarse, fine, model, (isbi, hamedan) = stage_tools(folder, work, stage)
    inner = records(coarse, fine, model, isbi, ["inner"])
    calibration = calibrate(inner, model, isbi.layout.name)
    fine = replace(fine, agreement=calibration.agreement)
    aside = records(coarse, fine, model, hamedan, ["held"]) if stage == "b" else []
    others = aside or records(coarse, fine, model, hamedan, ["train", "held"])
    return {
        "isbi_inner": figures_of(inner, isbi, calibration),
        "isbi_151_300": figures_of(records(coarse, fine, model, isbi, ["test"]), isbi, calibration),
        ("hamedan_kept_out" if aside else "hamedan_never_seen"): figures_of(others, hamedan, calibration),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/ceph_landmarks"))
    parser.add_argument("--stage", choices=("a", "b"), default="a")
    arguments = parser.parse_args()
    figures = judge(arguments.data, arguments.work, arguments.stage)
    path = arguments.work / f"figures_{arguments.stage}.json"
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    for name, part in figures.items():
        print(name, {k: round(v, 3) for k, v in part["against_mean"].items() if k != "per_landmark"})


if __name__ == "__main__":
    main()
