"""The names of a label file's values: from a set that is known, or from a table in any of the usual forms."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from DeepMedLib.ct.totalsegmentator import LABELS
from DeepMedLib.errors import BadInput

KNOWN_SETS: dict[str, Mapping[int, str]] = {"totalsegmentator": LABELS}
"""Sets that need no file."""
_REMEDY = (
    "Give a color table of 3D Slicer (.ctbl, .txt, .csv) or ITK-SNAP, a JSON file with names by value, or "
    f"{' or '.join(KNOWN_SETS)}."
)
_NUMBER_COLUMNS = ("labelvalue", "label", "index", "id", "value", "key")
_NAME_COLUMNS = ("name", "labelname", "structure", "organ", "text")


def label_names(source: str | Path) -> dict[int, str]:
    """Value -> name for people ("right kidney"), without the background.

    Args:
        source: a name of `KNOWN_SETS`, or a file: a color table of 3D Slicer or ITK-SNAP, a CSV file with a column of
            values and one of names, or JSON: names by value, values by name, a list of objects, or nnU-Net's
            dataset.json.

    Raises:
        BadInput: it is neither, cannot be read, or names a value twice.
    """
    known = KNOWN_SETS.get(str(source).lower())
    pairs = list(known.items()) if known is not None else _read(Path(source))
    names: dict[int, str] = {}
    for value, name in pairs:
        if value in names and names[value] != spoken(name):
            raise BadInput(f"{Path(source).name} names the value {value} twice.", "Take one of the names out.")
        if value != 0:
            names[value] = spoken(name)
    if not names:
        raise BadInput(f"{Path(source).name} names no label.", _REMEDY)
    return names


def spoken(name: str) -> str:
    """A label's name as people say it: ``kidney_right`` is "right kidney", ``rib_left_3`` "left rib 3"."""
    words = re.sub(r"[\s_]+", " ", name).strip()
    found = re.fullmatch(r"(.+?) (left|right)( \d+)?", words, re.IGNORECASE)
    return f"{found[2].lower()} {found[1]}{found[3] or ''}" if found else words


def _read(path: Path) -> list[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadInput(f"There is no set and no file of label names {path}.", _REMEDY) from None
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"{path.name} cannot be read as a table of label names.", _REMEDY) from None
    try:
        if path.suffix.lower() == ".json":
            return _from_json(json.loads(text))
        return _from_csv(text) if path.suffix.lower() in (".csv", ".tsv") else _from_color_table(text)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise BadInput(f"{path.name} is no table of label names.", _REMEDY) from None


def _from_json(record: Any) -> list[tuple[int, str]]:
    if isinstance(record, Mapping) and isinstance(record.get("labels"), (Mapping, list)):
        record = record["labels"]
    if isinstance(record, list):
        rows = [{str(key).lower(): value for key, value in item.items()} for item in record]
        return [(int(_first(row, _NUMBER_COLUMNS)), str(_first(row, _NAME_COLUMNS))) for row in rows]
    if all(isinstance(value, int) for value in record.values()):
        return [(value, str(name)) for name, value in record.items()]
    return [(int(value), str(name)) for value, name in record.items()]


def _from_csv(text: str) -> list[tuple[int, str]]:
    head = text.splitlines()[0]
    delimiter = next((mark for mark in ("\t", ";") if mark in head), ",")
    rows = [
        {re.sub(r"[\s_]+", "", (key or "").lower()): value for key, value in row.items()}
        for row in csv.DictReader(text.splitlines(), delimiter=delimiter)
    ]
    return [(int(_first(row, _NUMBER_COLUMNS)), _first(row, _NAME_COLUMNS)) for row in rows]


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return row[next((name for name in names if name in row), names[0])]


def _from_color_table(text: str) -> list[tuple[int, str]]:
    """3D Slicer: value, name without spaces, four numbers. ITK-SNAP: value, six numbers, name in quotes."""
    pairs = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        quoted = re.fullmatch(r'\s*(\d+)(?:\s+[\d.]+){6}\s+"(.*)"\s*', line)
        plain = re.fullmatch(r"\s*(\d+)\s+(\S.*?)((?:\s+[\d.]+){3,4})\s*", line)
        found = quoted or plain
        if found is None:
            raise ValueError(line)
        pairs.append((int(found[1]), found[2]))
    return pairs
