"""`--table FILE`: what differs from input to input (pixel size, age, plane ...), one row an input."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepmed_headless.cli.files.inputs import Case, split_name

if TYPE_CHECKING:
    from deepmed_headless.cli.run.declaration import CommandOption

FILE_COLUMNS = ("file", "path", "name", "image", "picture", "film", "scan")
_REMEDY = "Give a CSV file with the column file and a column for each option that differs."


@dataclass(frozen=True)
class Row:
    """One row: the file as it is written there, and the options that it gives."""

    line: int
    file: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class InputTable:
    """A table that was read; relative paths in it are looked for beside it."""

    path: Path
    rows: tuple[Row, ...]

    def values_for(self, cases: Iterable[Case]) -> tuple[dict[Path, Mapping[str, Any]], list[str]]:
        """Path of each case -> the options of its row, and a sentence for rows and inputs that have no partner.

        A row means a case by its path, else by its file name, else by that without its extension.

        Raises:
            BadInput: a name means several inputs, or two rows mean one.
        """
        from DeepMedLib.errors import BadInput

        known = list(dict.fromkeys(case.path for case in cases))
        found: dict[Path, tuple[Row, Mapping[str, Any]]] = {}
        idle = []
        for row in self.rows:
            meant = self._meant(row, known)
            if len(meant) > 1:
                raise BadInput(
                    f"Line {row.line} of {self.path.name}: {row.file} means {len(meant)} inputs.",
                    "Write its path, as far as it tells them apart.",
                )
            if not meant:
                idle.append(row.file)
            elif meant[0] in found:
                raise BadInput(
                    f"Lines {found[meant[0]][0].line} and {row.line} of {self.path.name} mean the same input.",
                    "Take one of them out.",
                )
            else:
                found[meant[0]] = (row, row.values)
        notes = _note(f"{self.path.name} has no row for", [path.name for path in known if path not in found])
        notes += _note(f"No input fits these rows of {self.path.name}:", idle)
        return {path: values for path, (_, values) in found.items()}, notes

    def _meant(self, row: Row, paths: Sequence[Path]) -> list[Path]:
        written = Path(row.file)
        exact = {(self.path.parent / written).resolve(), written.resolve()}
        tests: tuple[Callable[[Path], bool], ...] = (
            lambda path: path.resolve() in exact,
            lambda path: path.resolve().parts[-len(written.parts) :] == written.parts,
            lambda path: split_name(path.name)[0] == row.file,
        )
        for test in tests:
            meant = [path for path in paths if test(path)]
            if meant:
                return meant
        return []


def _note(sentence: str, names: Sequence[str]) -> list[str]:
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return [f"{sentence} {shown}"] if names else []


def read_input_table(path: Path, options: Sequence[CommandOption]) -> InputTable:
    """A CSV file with comma, semicolon or tab; the decimal comma is understood. An empty cell gives nothing.

    Args:
        options: those of the command; a table may give the ones that are ``by_input``.

    Raises:
        BadInput: it cannot be read, has no column of files, an unknown column, or a cell that is not possible.
    """
    from DeepMedLib.errors import BadInput

    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"The table {path.name} cannot be read.", _REMEDY) from None
    lines = text.splitlines()
    head = next((line for line in lines if line.strip()), "")
    delimiter = next((mark for mark in ("\t", ";") if mark in head), ",")
    reader = csv.reader(lines, delimiter=delimiter)
    header = next((cells for cells in reader if any(cell.strip() for cell in cells)), [])
    columns = [_column(name, path, options) for name in header]
    if None not in columns:
        raise BadInput(f"The table {path.name} has no column file.", _REMEDY)
    rows = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            raise BadInput(
                f"Line {reader.line_num} of {path.name} has {len(cells)} cells, not {len(columns)}.", _REMEDY
            )
        rows.append(_row(reader.line_num, cells, columns, path))
    return InputTable(path, tuple(rows))


def _row(line: int, cells: Sequence[str], columns: Sequence[CommandOption | None], path: Path) -> Row:
    from DeepMedLib.errors import BadInput

    file, values = "", {}
    for column, cell in zip(columns, cells, strict=True):
        if column is None:
            file = cell.strip()
        elif cell.strip():
            try:
                values[column.name] = column.value_of(cell)
            except BadInput as error:
                place = f"Line {line} of {path.name}, {column.name}"
                raise BadInput(f"{place}: {error.message}", error.remedy) from None
    if not file:
        raise BadInput(f"Line {line} of {path.name} names no file.", _REMEDY)
    return Row(line, file, values)


def _column(name: str, path: Path, options: Sequence[CommandOption]) -> CommandOption | None:
    """The option that a column gives; None for the column of files."""
    from DeepMedLib.errors import BadInput

    plain = re.sub(r"[\s-]+", "_", name.strip().lower())
    if plain in FILE_COLUMNS:
        return None
    mine = [option for option in options if option.by_input]
    for option in mine:
        if plain in (option.name, *option.columns):
            return option
    known = ", ".join(option.name for option in mine) or "none"
    raise BadInput(f"The column {name.strip()} of {path.name} is not known.", f"Columns beside file: {known}.")
