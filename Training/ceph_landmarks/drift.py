"""How far both readers' habit moved between the films trained on and those that judge, seen without any network.

    python -m Training.ceph_landmarks.drift --data ../shared/data

Each landmark is predicted from the readers' own other points by a ridge regression fitted on ISBI 001-150. What that
misses by on average on 151-300 is a habit that changed (or faces that differ), and no method trained on 001-150 can
know it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from CephSketcherLib.landmarks.face_frame import fit_similarity

from . import data

RIDGE = 30.0  # mm^2, on the others' coordinates


def reader_drift(source: data.Source, symbol: str) -> dict[str, float]:
    """Mean miss on the test films of a landmark predicted from the other ones, nominal mm, face looking right.

    Returns:
        ``forward_mm``, ``down_mm`` and ``standard_error_mm`` of either.
    """
    found = data.readings(source)
    split = data.splits(source, list(found))
    test = np.array([split[film] == "test" for film in found])
    faces = np.stack([np.nanmean(points, 0) for points in found.values()])
    faces = faces * np.array(source.points_per_pixel) * source.mm_per_px
    index = source.layout.index(symbol)
    others = [k for k in range(len(source.layout)) if k != index]
    mean = faces[~test][:, others].mean(0)
    faces = np.stack([fit_similarity(face[others], mean)(face) for face in faces])
    known, wanted = faces[:, others].reshape(len(faces), -1), faces[:, index]
    center, level = known[~test].mean(0), wanted[~test].mean(0)
    fitted = known[~test] - center
    weights = np.linalg.solve(fitted.T @ fitted + RIDGE * np.eye(fitted.shape[1]), fitted.T @ (wanted[~test] - level))
    miss = (wanted - level - (known - center) @ weights)[test]
    forward, down = miss.mean(0)
    error = float(miss.std(0).max() / np.sqrt(len(miss)))
    return {"forward_mm": float(forward), "down_mm": float(down), "standard_error_mm": error}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    source = data.isbi(parser.parse_args().data)
    for symbol in source.layout.symbols:
        print(symbol, {key: round(value, 2) for key, value in reader_drift(source, symbol).items()})


if __name__ == "__main__":
    main()
