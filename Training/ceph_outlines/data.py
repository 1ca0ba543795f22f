"""Films, readers and tables that the outlines learn from and are measured on."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from CephSketcherLib.landmarks.layout import ISBI19

#: Original pixels to those of the stored films.
SHRINK = np.array([1935 / 968, 2.0])
TRAIN = tuple(f"{number:03d}" for number in range(1, 151))
TEST = tuple(f"{number:03d}" for number in range(151, 301))

AAOF = {
    "S": "SELLA", "N": "NASION", "Or": "ORBITALE", "Po": "PORION", "A": "POINT A", "B": "POINT B",
    "Pog": "POGONION", "Me": "MENTON", "PNS": "PNS", "ANS": "ANS", "Ar": "ARTICULAR",
    "LI": "L I EDGE", "UI": "U I EDGE", "U1A": "U I APEX", "L1A": "L I APEX",
    "U6": "U 6 CUSP", "U6A": "U 6 APEX", "L6": "L 6 CUSP", "L6A": "L 6 APEX", "Co": "CONDYLE", "Ba": "BASION",
}  # fmt: skip
DERIVED = ("U1A", "L1A", "U6", "U6A", "L6", "L6A", "Co", "Ba")
TEHRAN = {
    "S": 1, "N": 2, "Or": 3, "Po": 4, "A": 5, "B": 6, "Pog": 7, "Me": 8, "Go": 10, "LI": 11, "UI": 12,
    "L1A": 13, "U1A": 15, "PNS": 17, "ANS": 18, "Ar": 19,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Readers:
    """Both readers' points of all films, (19, 2) by film number, in pixels of the stored films."""

    senior: dict[str, np.ndarray]
    junior: dict[str, np.ndarray]

    def mean(self, film: str) -> np.ndarray:
        """Midway between both."""
        return 0.5 * (self.senior[film] + self.junior[film])


def read_readers(folder: Path) -> Readers:
    """The challenge's tables in ``folder`` (isbi2015)."""

    def read(name: str) -> dict[str, np.ndarray]:
        with open(folder / f"landmarks_{name}_px.csv", newline="") as stream:
            rows = list(csv.reader(stream))[1:]
        return {row[0]: np.array(row[1:], float).reshape(len(ISBI19), 2) / SHRINK for row in rows}

    return Readers(read("senior"), read("junior"))


def read_film(folder: Path, film: str) -> np.ndarray:
    """(1200, 968) uint8."""
    return np.asarray(Image.open(folder / "images" / f"{film}.jpg").convert("L"))


def read_aaof(folder: Path) -> list[tuple[str, dict[str, np.ndarray]]]:
    """Growth study records: subject and its points, y turned to point down."""
    found: dict[tuple[str, str, str], dict[str, np.ndarray]] = {}
    with open(folder / "landmarks_mm.csv", newline="") as stream:
        for row in csv.DictReader(stream):
            key = (row["series"], row["subject"], row["timepoint"])
            found.setdefault(key, {})[row["landmark"]] = np.array([float(row["x_mm"]), -float(row["y_mm"])])
    records = []
    for (series, subject, _), points in found.items():
        record = {symbol: points[name] for symbol, name in AAOF.items() if name in points}
        sides = [points[name] for name in ("MID GONION", "GONION L", "GONION U") if name in points]
        if "MID GONION" in points:
            sides = sides[:1]
        if sides:
            record["Go"] = np.mean(sides, axis=0)
        records.append((f"{series} {subject}", record))
    return records


def read_tehran(folder: Path) -> list[tuple[str, dict[str, np.ndarray]]]:
    """Tehran records: id and points."""
    with open(folder / "points.csv", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return [
        (row["id"], {s: np.array([float(row[f"p{i}_x"]), float(row[f"p{i}_y"])]) for s, i in TEHRAN.items()})
        for row in rows
    ]
