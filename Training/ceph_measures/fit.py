"""How two readers of one film differ, all points together: the errors that every measure's uncertainty is drawn from.

    python -m Training.ceph_measures.fit --data ../shared/data

Reads the two readers of ISBI 001-150 and of the 63 Hamedan films trained on (one lacks a point and is left out; the 13
kept out stay out), and the landmark bundle's own calibration; looks at no picture and at no network's answer. Writes
Resources/CephSketcherReaders/point_errors.json in seconds.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np

from CephSketcherLib.landmarks.layout import ISBI19
from Training.ceph_landmarks import data

RESOURCES = Path(__file__).resolve().parents[2] / "CephSketcher" / "Resources"
FITTED = ("train", "inner")
_ABOUT = (
    "Errors of one reader's points as shares of S-N (x along sella-nasion, y up), from the distances between the two "
    "readers of ISBI 001-150 and of the Hamedan films trained on, divided by the root of two. convention: a row a "
    "clinic, the usual offset of its readers; scatter: covariance of the rest, with the network's resolution added; "
    "typical: standard uncertainty that the network usually states; unread: of a point that no reader marked, twice "
    "the largest scatter."
)


def level(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The frame of sella-nasion (x along it, y up): turn (..., 2, 2) to it, and length of S-N.

    Args:
        points: (..., L, 2) of the layout, y down.
    """
    up = points * np.array([1.0, -1.0])
    u = up[..., ISBI19.index("N"), :] - up[..., ISBI19.index("S"), :]
    length = np.linalg.norm(u, axis=-1)
    u = u / length[..., None]
    return np.stack([u, np.stack([-u[..., 1], u[..., 0]], -1)], -2), length


def distances(source: data.Source) -> np.ndarray:
    """(films, 2L) first less second reader, shares of S-N; only films fitted on, with all points."""
    found = data.readings(source)
    split = data.splits(source, list(found))
    rows = []
    for film, readers in found.items():
        if split[film] not in FITTED or not np.isfinite(readers).all():
            continue
        square = readers * np.array(source.points_per_pixel)
        turn, length = level(square.mean(0))
        rows.append(((square[0] - square[1]) * np.array([1.0, -1.0]) @ turn.T / length).reshape(-1))
    return np.array(rows)


def errors_of(pairs: list[np.ndarray], typical: np.ndarray, floor: float) -> dict[str, Any]:
    """Convention and scatter of one reader.

    Args:
        pairs: `distances` of each clinic.
        typical: (L,) as `PointErrors.typical`.
        floor: standard deviation per axis that no point is surer than, share of S-N.
    """
    count = sum(len(rows) for rows in pairs)
    convention = [rows.mean(0) / np.sqrt(2) * np.sqrt(len(rows) / count) for rows in pairs]
    scatter = sum((rows - rows.mean(0)).T @ (rows - rows.mean(0)) for rows in pairs) / (2 * count)
    scatter = scatter + floor**2 * np.eye(len(scatter))
    sds = np.sqrt(np.diag(scatter).reshape(-1, 2).mean(1))
    return {
        "about": _ABOUT,
        "symbols": list(ISBI19.symbols),
        "films": count,
        "typical": typical.round(5).tolist(),
        "unread": round(float(2 * sds.max()), 5),
        "convention": [row.round(6).tolist() for row in convention],
        "scatter": [row.round(8).tolist() for row in scatter],
    }


def network_shares(bundle: Path) -> tuple[np.ndarray, float]:
    """The network's usual uncertainty of each point and its resolution, both as shares of S-N."""
    calibration = json.loads((bundle / "configs" / "calibration.json").read_text(encoding="utf-8"))
    face = np.array(calibration["shape"]["mean"])
    length = float(level(face)[1])
    return np.array(calibration["typical"]) / length, float(np.sqrt(calibration["floor"])) / length


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    folder = parser.parse_args().data
    typical, floor = network_shares(RESOURCES / "CephSketcherModels" / "landmarks_fine")
    record = errors_of([distances(data.isbi(folder)), distances(data.hamedan(folder))], typical, floor)
    rows = [f" {json.dumps(key)}: {_lines(value)}" for key, value in record.items()]
    path = RESOURCES / "CephSketcherReaders" / "point_errors.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    print(f"{path}: {record['films']} films")


def _lines(value: Any) -> str:
    """A matrix with a row a line; anything else in one."""
    if isinstance(value, list) and isinstance(value[0], list):
        return "[\n" + ",\n".join(f"  {json.dumps(row)}" for row in value) + "\n ]"
    return json.dumps(value)


if __name__ == "__main__":
    main()
