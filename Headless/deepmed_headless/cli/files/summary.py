"""`summary.csv`: one row for every input of a call, those refused as well."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deepmed_headless.cli.files.folder import replace_file

NAME = "summary.csv"
COLUMNS = ("path", "name", "status", "reason")


class Summary:
    """The rows of one call.

    Args:
        columns: of the command, after those of every command; what a result says beyond them comes last.
    """

    def __init__(self, columns: Sequence[str] = ()) -> None:
        self._columns = dict.fromkeys((*COLUMNS, *columns))
        self._rows: list[dict[str, Any]] = []

    def add(self, path: Path, name: str, status: str, reason: str, numbers: Mapping[str, Any] | None = None) -> None:
        """One input.

        Args:
            path: as it was given.
            name: of its result folder; empty when there is none.
            numbers: what its result says in short.
        """
        row = {"path": str(path), "name": name, "status": status, "reason": reason, **(numbers or {})}
        self._columns |= dict.fromkeys(row)
        self._rows.append(row)

    def write(self, out: Path) -> None:
        """Writes the file at once; nothing when there was no input."""
        if self._rows:
            replace_file(out / NAME, self.text())

    def text(self) -> str:
        """CSV; what is not known is an empty field."""
        stream = io.StringIO(newline="")
        writer = csv.DictWriter(stream, list(self._columns), restval="")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in self._rows)
        return stream.getvalue()


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    text = str(value)
    # A spreadsheet would compute what begins so.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
