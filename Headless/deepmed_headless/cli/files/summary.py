"""`summary.csv`: one row for every input of a call, those refused as well."""

from __future__ import annotations

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
        from DeepMedLib.results.table import csv_text

        return csv_text(list(self._columns), [[row.get(name) for name in self._columns] for row in self._rows])
