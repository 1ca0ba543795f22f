"""Points as CSV: coordinates, activation, voltage, whatever columns there are."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from DeepMedLib.errors import BadInput
from EPMappingLib.exports.axes import to_ras
from EPMappingLib.exports.study import PointTable, known

_AXIS = r"(?:position[ _]*|pos[ _]*|coord[ _]*)?{}(?:[ _]*[\[(]?mm[\])]?)?"
_NAMES = re.compile(r"(point[ _]*)?(id|name|label|number)s?", re.IGNORECASE)


def read_points(path: Path, axes: str, columns: Sequence[str] = ()) -> PointTable:
    """The points of a CSV or TSV file.

    Args:
        axes: how its coordinates lie, see `exports.axes`.
        columns: titles of the three columns of coordinates; found by their names where empty (X, Y, Z or R, A, S).

    Raises:
        BadInput: it cannot be read, or there are no such columns.
    """
    titles, rows = _table(path)
    places = coordinate_columns(titles, columns, path.name)
    cells = {title: _numbers([row[at] for row in rows]) for at, title in enumerate(titles)}
    positions = np.stack([cells[titles[at]] for at in places], axis=1)
    kept = {
        title: values
        for at, (title, values) in enumerate(cells.items())
        if at not in places and (np.isfinite(values).any() or not any(row[at].strip() for row in rows))
    }
    named = next((at for at, title in enumerate(titles) if _NAMES.fullmatch(title)), None)
    names = tuple(
        (row[named].strip() if named is not None else "") or str(number) for number, row in enumerate(rows, 1)
    )
    return PointTable(to_ras(positions, axes), kept, names)


def coordinate_columns(titles: Sequence[str], asked: Sequence[str], name: str) -> tuple[int, int, int]:
    """Where the coordinates stand among titles.

    Raises:
        BadInput: they are not there, or not clear.
    """
    for letters in (asked,) if len(asked) else ("XYZ", "RAS", "LPS"):
        patterns = [re.escape(each) if len(asked) else _AXIS.format(each) for each in letters]
        found = [
            [at for at, title in enumerate(titles) if re.fullmatch(pattern, title.strip(), re.IGNORECASE)]
            for pattern in patterns
        ]
        if len(found) == 3 and all(len(each) == 1 for each in found):
            return found[0][0], found[1][0], found[2][0]
    wanted = ", ".join(asked) if len(asked) else "X, Y and Z"
    raise BadInput(
        f"{name} has no columns {wanted} with coordinates in mm.", f"Name them; there is: {', '.join(titles)}."
    )


def _table(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path.name} cannot be read as text.", "Save the points as comma-separated text.") from error
    lines = text.splitlines()
    delimiter = max(",;\t", key=lines[0].count) if lines else ","
    read = [row for row in csv.reader(lines, delimiter=delimiter) if any(cell.strip() for cell in row)]
    titles = [cell.strip() for cell in read[0]] if read else []
    rows = [[*row, *[""] * (len(titles) - len(row))][: len(titles)] for row in read[1:]]
    if not rows:
        raise BadInput(f"{path.name} holds no points.", "Give a line of titles and a line for each point.")
    if len(set(titles)) < len(titles):
        raise BadInput(f"{path.name} has two columns of the same title.", "Give each column its own.")
    return titles, rows


def _numbers(words: Sequence[str]) -> np.ndarray:
    found = []
    for word in words:
        try:
            found.append(float(word.strip().replace(",", ".")))
        except ValueError:
            found.append(float("nan"))
    return known(np.array(found, float))
