"""One table of a result: the same cells for the scene, the report and a CSV file."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from DeepMedLib.measurement import Measurement
from DeepMedLib.report.model import Section
from DeepMedLib.report.numbers import code_text, plain

_COMPUTED = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")

Cell = str | float | int | bool | None
"""What a table holds; None is not known, and an empty cell, never 0."""


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        key: its name in files, with the unit where there is one, e.g. "z_mm".
        title: its heading for people, e.g. "z (mm)"; the key where none is given.
        digits: decimals that people see; files hold the whole number.
    """

    key: str
    title: str = ""
    digits: int | None = None

    def text(self, cell: Cell) -> str:
        """A cell as people see it."""
        if isinstance(cell, bool):
            return "yes" if cell else "no"
        if isinstance(cell, float) and self.digits is not None:
            return plain(cell, self.digits)
        return file_text(cell)


@dataclass(frozen=True)
class Table:
    """Rows under columns.

    Attributes:
        name: the file's stem and the node's role, e.g. "slices".
        title: heading for people.
        columns, rows: each row as long as ``columns``.
        in_file: whether ``<name>.csv`` is among the files of the command line.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    in_file: bool = True

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"table {self.name!r}: every row needs {len(self.columns)} cells")

    def titles(self) -> tuple[str, ...]:
        """Headings for people."""
        return tuple(column.title or column.key for column in self.columns)

    def texts(self) -> list[tuple[str, ...]]:
        """The cells as people see them."""
        return [tuple(column.text(cell) for column, cell in zip(self.columns, row, strict=True)) for row in self.rows]

    def section(self, text: str = "") -> Section:
        """The table as a part of a report, with a paragraph below it."""
        return Section(self.title, header=self.titles(), rows=tuple(self.texts()), text=text)

    def csv(self) -> str:
        """The table as CSV, see `csv_text`."""
        return csv_text([column.key for column in self.columns], self.rows)


def file_text(cell: Cell) -> str:
    """A cell as files hold it: numbers whole with a point, True as 1, what is not known or not finite as nothing."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return ""
    if isinstance(cell, bool):
        return str(int(cell))
    return f"{cell:.10g}" if isinstance(cell, float) else str(cell)


def csv_cell(cell: Cell) -> str:
    """As `file_text`; an apostrophe stands before a text that a spreadsheet would compute, such as "=1+1".

    Numbers written as text stay numbers: "-3.2".
    """
    text = file_text(cell)
    computed = isinstance(cell, str) and text[:1] in _COMPUTED and not _NUMBER.fullmatch(text)
    return f"'{text}" if computed else text


def read_cell(text: str) -> str:
    """What `csv_cell` was given, from what it wrote of a text."""
    return text[1:] if text[:1] == "'" and text[1:2] in _COMPUTED and text[1:2] else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """CSV as every file of ours is written: one header line, cells by `csv_cell`, lines ended as RFC 4180 says."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(header)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return stream.getvalue()


_MEASUREMENT_COLUMNS = (
    Column("name"),
    Column("label", "Measure"),
    Column("value", "Value"),
    Column("unit", "Unit"),
    Column("sd", "SD"),
    Column("low_95", "95 % low"),
    Column("high_95", "95 % high"),
    Column("code", "Code"),
    Column("source", "Source"),
)


def measurement_table(measurements: Iterable[Measurement], in_file: bool = True) -> Table:
    """The table "measurements" of any module: a row each, with unit, SD, 95 % interval, code and source."""
    rows = []
    for item in measurements:
        known = item.value is not None and math.isfinite(item.value)
        low, high = (item.interval() if known else None) or (None, None)
        value, sd = (item.value, item.sd) if known else (None, None)
        rows.append((item.name, item.label, value, item.unit, sd, low, high, code_text(item), item.source))
    return Table("measurements", "Measurements", _MEASUREMENT_COLUMNS, tuple(rows), in_file)
