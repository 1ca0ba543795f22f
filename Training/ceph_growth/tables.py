"""Reading the landmark tables: points by symbol in each table's own unit, x right, y down, the face looking right."""

from __future__ import annotations

import csv
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

Points = dict[str, np.ndarray]

#: Tehran's points that the mean shape confirms; 13 to 16 (apices, occlusal points) are left out as unsure.
TEHRAN = {
    **{i + 1: s for i, s in enumerate(("S", "N", "Or", "Po", "A", "B", "Pog", "Me", "Gn", "Go"))},
    **{11: "LI", 12: "UI", 17: "PNS", 18: "ANS", 19: "Ar"},
}
AAOF = {
    "SELLA": "S",
    "NASION": "N",
    "ORBITALE": "Or",
    "PORION": "Po",
    "POINT A": "A",
    "POINT B": "B",
    "POGONION": "Pog",
    "MENTON": "Me",
    "MID GONION": "Go",
    "GONION L": "GoL",
    "GONION U": "GoU",
    "L I EDGE": "LI",
    "U I EDGE": "UI",
    "L I APEX": "L1A",
    "U I APEX": "U1A",
    "U 6 CUSP": "U6",
    "L 6 CUSP": "L6",
    "PNS": "PNS",
    "ANS": "ANS",
    "ARTICULAR": "Ar",
    "CONDYLE": "Co",
    "BASION": "Ba",
}


def tehran(path: Path) -> Iterator[tuple[float, Points]]:
    """(age, points) of each film with a plausible age."""
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            points = {s: np.array([float(row[f"p{i}_x"]), float(row[f"p{i}_y"])]) for i, s in TEHRAN.items()}
            yield float(row["age_years"]), points


def aaof(path: Path) -> dict[tuple[str, str], list[tuple[int, Points]]]:
    """Visits in order by (series, subject); gonion is the middle of its two sides where the table lacks it."""
    found: dict[tuple[str, str], dict[int, Points]] = defaultdict(lambda: defaultdict(dict))
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            symbol = AAOF.get(row["landmark"])
            if symbol:
                point = np.array([float(row["x_mm"]), -float(row["y_mm"])])
                found[row["series"], row["subject"]][int(row["timepoint"])][symbol] = point
    for visits in found.values():
        for points in visits.values():
            if "Go" not in points and "GoL" in points and "GoU" in points:
                points["Go"] = 0.5 * (points["GoL"] + points["GoU"])
    return {key: sorted(visits.items()) for key, visits in found.items()}


def sheet(path: Path) -> list[dict[str, str]]:
    """Rows of the first sheet of an .xlsx file by the first row's titles, with the standard library alone."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(path) as archive:
        texts = [
            "".join(t.text or "" for t in item.iter(f"{{{space['m']}}}t"))
            for item in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        ]
        root = ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    rows = []
    for line in root.iter(f"{{{space['m']}}}row"):
        cells = {}
        for cell in line:
            value = cell.find("m:v", space)
            column = re.match("[A-Z]+", cell.get("r", ""))
            if value is not None and value.text is not None and column:
                cells[column.group()] = texts[int(value.text)] if cell.get("t") == "s" else value.text
        rows.append(cells)
    titles = rows[0]
    return [{titles[key]: value for key, value in row.items() if key in titles} for row in rows[1:]]
