"""Norm sets on disk: the shipped ones, and a user's own as JSON or CSV.

JSON: {"name", "description", "norms": [{"measure", "mean", "sd", "low", "high", "sex", "age_min", "age_max", "at_age",
"per_year", "until_age", "film_mm", "magnification", "source", "checked"}]}. CSV: the same columns, one norm a line.
Only measure and mean must be there. "checked" names what the number was compared with, or says "not checked".
"""

from __future__ import annotations

import csv
import io
import json
import math
from dataclasses import asdict, fields
from functools import cache
from pathlib import Path
from typing import Any

from CephSketcherLib.analysis.measure_definition import MILLIMETER
from CephSketcherLib.analysis.measures import MEASURES
from CephSketcherLib.analysis.norms import ANY, SEXES, Norm, NormSet, joined
from DeepMedLib.errors import BadInput
from DeepMedLib.picture.scale import LARGEST_MAGNIFICATION
from DeepMedLib.report.files import write_whole
from DeepMedLib.results.table import csv_text, read_cell

FOLDER = Path(__file__).resolve().parents[2] / "Resources" / "CephSketcherNorms"
BY_ANALYSIS = "By analysis"
#: Shipped files in the order in which the joined set prefers them.
_SHIPPED = (
    "steiner",
    "downs",
    "tweed",
    "ricketts",
    "jarabak",
    "wits",
    "mcnamara",
    "soft_tissue",
    "kim",
    "eastman",
    "riolo_1974",
)
_NUMBERS = ("mean", "sd", "low", "high", "age_min", "age_max", "at_age", "per_year", "until_age", "magnification")
_COLUMNS = tuple(field.name for field in fields(Norm) if field.name != "family")
_LARGEST = 2_000_000
_REMEDY = "Correct the file; a saved copy of a shipped set shows the form."


def norm_set_names() -> tuple[str, ...]:
    """The shipped sets, the default first."""
    return (BY_ANALYSIS, *(shipped_file(stem).name for stem in _SHIPPED))


@cache
def shipped_file(stem: str) -> NormSet:
    """One shipped file, e.g. "downs"."""
    return read_norm_set(FOLDER / f"{stem}.json")


def norm_set(name: str = BY_ANALYSIS) -> NormSet:
    """A shipped set by name; "By analysis" joins all, each analysis with its own author's norms first.

    Raises:
        BadInput: there is none of that name.
    """
    sets = tuple(shipped_file(stem) for stem in _SHIPPED)
    if name == BY_ANALYSIS:
        return joined(BY_ANALYSIS, "Each analysis with the norms of its own author, else of another.", sets)
    for found in sets:
        if found.name == name:
            return found
    raise BadInput(f"There is no norm set {name}.", f"Choose one of: {', '.join(norm_set_names())}.")


def read_norm_set(path: str | Path) -> NormSet:
    """Read a set from JSON or CSV, by the file's ending.

    Raises:
        BadInput: the file cannot be read, or a norm in it makes no sense; the sentence names the line.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _LARGEST:
            raise BadInput(f"{path.name} is too large for a norm set.", "Choose a file of norms.")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The norm set {path.name} cannot be read.", "Choose a JSON or CSV file in UTF-8.") from error
    if path.suffix.lower() == ".csv":
        return _from_csv(text, path)
    return _from_json(text, path)


def _from_json(text: str, path: Path) -> NormSet:
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path.name} is not valid JSON.", _REMEDY) from error
    if not isinstance(record, dict) or not isinstance(record.get("norms"), list):
        raise BadInput(f"{path.name} holds no list of norms.", _REMEDY)
    name = record.get("name", path.stem)
    if not isinstance(name, str) or not name.strip():
        raise BadInput(f"{path.name} has no name for its norms.", _REMEDY)
    rows = [_norm(row, f"{path.name}, norm {i + 1}", name) for i, row in enumerate(record["norms"])]
    return _checked(NormSet(name, str(record.get("description", "")), tuple(rows)), path)


def _from_csv(text: str, path: Path) -> NormSet:
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        lines = list(reader)
    except csv.Error as error:
        raise BadInput(f"{path.name} is not a valid CSV file.", _REMEDY) from error
    if "measure" not in (reader.fieldnames or ()) or "mean" not in (reader.fieldnames or ()):
        raise BadInput(f"{path.name} has no columns measure and mean.", _REMEDY)
    rows = []
    for i, line in enumerate(lines):
        if None in line:
            raise BadInput(f"{path.name}, line {i + 2}, has more cells than the first line.", _REMEDY)
        rows.append(
            _norm(
                {k: read_cell(v) for k, v in line.items() if v not in ("", None)},
                f"{path.name}, line {i + 2}",
                path.stem,
            )
        )
    return _checked(NormSet(path.stem, "", tuple(rows)), path)


def _norm(row: Any, where: str, family: str) -> Norm:
    if not isinstance(row, dict):
        raise BadInput(f"{where}, is not a norm.", _REMEDY)
    unknown = sorted(set(map(str, row)) - set(_COLUMNS))
    if unknown:
        raise BadInput(f"{where}, has an unknown entry {unknown[0]!r}.", f"Known are: {', '.join(_COLUMNS)}.")
    measure = str(row.get("measure", "")).strip()
    if measure not in MEASURES:
        raise BadInput(f"{where}, names an unknown measure {measure!r}.", f"Known are: {', '.join(sorted(MEASURES))}.")
    values: dict[str, Any] = {"measure": measure, "family": family}
    values |= {key: str(row.get(key, "")) for key in ("source", "checked")}
    for key in _NUMBERS:
        if row.get(key) is not None:
            values[key] = _number(row[key], key, where, measure)
    if "mean" not in values:
        raise BadInput(f"{where}, {measure}, has no mean.", _REMEDY)
    values["sex"] = str(row.get("sex", ANY)).strip().lower()
    if values["sex"] not in SEXES:
        raise BadInput(f"{where}, {measure}: sex is {row['sex']!r}.", f"Write one of: {', '.join(SEXES)}.")
    flag = str(row.get("film_mm", False)).strip().lower()
    if flag not in ("true", "false", "1", "0"):
        raise BadInput(f"{where}, {measure}: film_mm is {row['film_mm']!r}.", "Write true or false.")
    norm = Norm(**values, film_mm=flag in ("true", "1"))
    _plausible(norm, where)
    return norm


def _number(value: Any, key: str, where: str, measure: str) -> float:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or abs(number) > 1e4:
        raise BadInput(f"{where}, {measure}: {key} is not a number that makes sense.", _REMEDY)
    return number


def _plausible(norm: Norm, where: str) -> None:
    if norm.sd is not None and norm.sd <= 0:
        raise BadInput(f"{where}, {norm.measure}: sd is not greater than zero.", "Leave it empty where it is unknown.")
    if (norm.low is None) != (norm.high is None) or (
        norm.low is not None and norm.high is not None and not norm.low <= norm.mean <= norm.high
    ):
        raise BadInput(f"{where}, {norm.measure}: low, mean and high are not in order.", _REMEDY)
    if norm.age_min is not None and norm.age_max is not None and not norm.age_min < norm.age_max:
        raise BadInput(f"{where}, {norm.measure}: age_min is not below age_max.", _REMEDY)
    if norm.per_year and norm.at_age is None:
        raise BadInput(f"{where}, {norm.measure}: per_year needs at_age.", _REMEDY)
    if norm.film_mm and MEASURES[norm.measure].unit != MILLIMETER:
        raise BadInput(f"{where}, {norm.measure}: film_mm goes with lengths only.", "Leave it out.")
    if norm.magnification is not None and not (norm.film_mm and 1.0 <= norm.magnification <= LARGEST_MAGNIFICATION):
        raise BadInput(
            f"{where}, {norm.measure}: magnification {norm.magnification:g} makes no sense.",
            f"Give the factor of that study's films, 1 to {LARGEST_MAGNIFICATION:g}, and only where film_mm is true.",
        )


def _checked(norm_set_: NormSet, path: Path) -> NormSet:
    if not norm_set_.norms:
        raise BadInput(f"{path.name} holds no norm.", _REMEDY)
    seen = set()
    for norm in norm_set_.norms:
        key = (norm.measure, norm.sex, norm.age_min, norm.age_max, norm.film_mm)
        if key in seen:
            raise BadInput(f"{path.name} holds two norms of {norm.measure} for the same people.", "Remove one of them.")
        seen.add(key)
    return norm_set_


def write_norm_set(norms: NormSet, path: str | Path) -> Path:
    """Save a set as JSON or CSV (by the ending), whole or not at all; `read_norm_set` reads it back.

    Raises:
        DiskRefused: the file cannot be written.
    """
    rows = []
    for norm in norms.norms:
        row = asdict(norm)
        row.pop("family")
        rows.append(
            {k: v for k, v in row.items() if v not in (None, "", 0.0) or k == "mean" or (v == 0 and k in _ZERO)}
        )
    if Path(path).suffix.lower() == ".csv":
        text = csv_text(_COLUMNS, [[row.get(column) for column in _COLUMNS] for row in rows])
        return write_whole(path, text.encode("utf-8"))
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    name, description = (json.dumps(text, ensure_ascii=False) for text in (norms.name, norms.description))
    text = f'{{\n "name": {name},\n "description": {description},\n "norms": [\n{lines}\n ]\n}}\n'
    return write_whole(path, text.encode("utf-8"))


#: Where a zero says something.
_ZERO = ("low", "high", "age_min", "at_age")
