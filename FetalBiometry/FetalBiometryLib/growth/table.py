"""A growth standard from a table that the user gives, e.g. NICHD (four charts by race: offered, never a default)."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from FetalBiometryLib.growth.standards import EFW, QuantileStandard

_MEASURES = {
    "abdominal circ": "AC",
    "biparietal diam": "BPD",
    "femur len": "FL",
    "head circ": "HC",
    "occipit": "OFD",
    "estimated fetal w": EFW,
}
_SHORT = ("AC", "BPD", "FL", "HC", "OFD", EFW)


def read_growth_table(path: str | Path, group: str | None = None, name: str | None = None) -> QuantileStandard:
    """Read a table with one row an age and measure.

    Columns, separated by tabs or commas: ``Gestational Age (weeks)``, ``Measure`` (AC, BPD, FL, HC, OFD, EFW or their
    full names), one column a centile (``3rd Percentile`` ...), and, where the table holds several groups, ``Race`` or
    ``Group``. Lengths in mm, weight in g. Ages are read to the day; between rows the logarithm of the value is
    interpolated.

    Args:
        group: the group to use; needed when there are several.
        name: name of the standard; the file's name when None.

    Raises:
        BadInput: the file cannot be read, lacks a column, has text for numbers or falling centiles, or lacks the group.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadInput(
            f"The growth table {path.name} cannot be read.", "Give a text file with tabs or commas."
        ) from None
    lines = text.splitlines()
    reader = csv.DictReader(lines, delimiter="\t" if lines and "\t" in lines[0] else ",")
    columns = list(reader.fieldnames or ())
    weeks_column = next((c for c in columns if "weeks" in c.lower()), None)
    measure_column = next((c for c in columns if c.strip().lower() == "measure"), None)
    group_column = next((c for c in columns if c.strip().lower() in ("race", "group")), None)
    found = [
        (c, re.fullmatch(r"\s*(\d+(?:\.\d+)?)(?:st|nd|rd|th)?\s+(?:percentile|centile)\s*", c, re.I)) for c in columns
    ]
    centiles = sorted((float(m[1]) / 100, c) for c, m in found if m)
    if weeks_column is None or measure_column is None or len(centiles) < 3:
        raise BadInput(
            f"The growth table {path.name} lacks a column.",
            "It needs the columns Gestational Age (weeks), Measure and at least three of the form 10th Percentile.",
        )
    rows = list(reader)
    groups = sorted({r[group_column] for r in rows}) if group_column else []
    if group_column and (group not in groups if group is not None else len(groups) > 1):
        raise BadInput(f"Choose a group of {path.name}.", f"It holds: {', '.join(groups)}.")
    table: dict[str, dict[int, list[float]]] = {}
    for number, row in enumerate(rows, start=2):
        if group_column and group is not None and row[group_column] != group:
            continue
        try:
            values = [float(row[c]) for _, c in centiles]
            days = round(7 * float(row[weeks_column]))
            measure = _measure(row[measure_column])
        except (TypeError, ValueError):
            raise BadInput(
                f"Line {number} of {path.name} cannot be read.", "Correct the numbers of that line."
            ) from None
        if not all(math.isfinite(v) and v > 0 for v in values) or np.any(np.diff(values) <= 0):
            raise BadInput(f"Line {number} of {path.name} has centiles that do not rise.", "Correct that line.")
        table.setdefault(measure, {})[days] = values
    if not table or any(len(rows_of) < 2 for rows_of in table.values()):
        raise BadInput(f"The growth table {path.name} holds too few rows.", "Give at least two ages a measure.")
    label = name or path.stem
    levels = tuple(level for level, _ in centiles)
    return QuantileStandard(
        f"{label} ({group})" if group else label,
        f"table {path.name}",
        dict.fromkeys(table, levels),
        {measure: _interpolate(ages) for measure, ages in table.items()},
        {measure: (min(ages) / 7, max(ages) / 7) for measure, ages in table.items()},
    )


def _measure(text: str) -> str:
    plain = text.strip().lower()
    for short in _SHORT:
        if plain == short.lower():
            return short
    for start, short in _MEASURES.items():
        if plain.startswith(start):
            return short
    raise ValueError(text)


def _interpolate(ages: dict[int, list[float]]) -> Callable[[float], np.ndarray]:
    days = np.array(sorted(ages), float)
    logs = np.log([ages[int(d)] for d in days])
    return lambda weeks: np.exp([np.interp(7 * weeks, days, logs[:, i]) for i in range(logs.shape[1])])
