"""Former visits of the same fetus, from a table (CSV) or a JSON file, for growth charts and growth velocity."""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from DeepMedLib import option_words
from DeepMedLib.errors import BadInput
from FetalBiometryLib.growth.bpd import OUTER_INNER, outer_bpd_mm
from FetalBiometryLib.growth.standards import EFW, IG21, WHO, standard

MEASURES = ("BPD", "OFD", "HC", "AC", "FL", EFW)
_REMEDY = (
    "Give a table with the columns ga_weeks (28.4 or 28w3d), and of BPD_mm, OFD_mm, HC_mm, AC_mm, FL_mm, EFW_g those "
    "that were measured; date (2026-01-31) and HC_sd and so on may be added."
)
_AGE_NAMES = ("ga_weeks", "ga", "weeks", "gestational_age", "gestational_age_weeks", "gestationalage")
_IGNORED = ("", "note", "notes", "comment", "remark", "visit")


@dataclass(frozen=True)
class Visit:
    """One former visit.

    Attributes:
        weeks: gestational age then.
        measures: BPD (outer-outer), OFD, HC, AC, FL in mm, EFW in g, as far as measured.
        sds: standard uncertainty of each, where known.
        date: ISO 8601, empty when not given.
    """

    weeks: float
    measures: dict[str, float]
    sds: dict[str, float] = field(default_factory=dict)
    date: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.weeks) and 4 <= self.weeks <= 43):
            raise BadInput(f"A gestational age of {self.weeks:g} weeks is not possible.", "Correct the former visit.")
        for name, value in self.measures.items():
            if name not in MEASURES:
                raise BadInput(f"Former visits hold no measure {name}.", _REMEDY)
            if not (math.isfinite(value) and value > 0):
                raise BadInput(f"{name} of a former visit is not a positive number.", "Correct it.")
            _check_size(name, value, self.weeks)

    def sd(self, name: str) -> float | None:
        """Standard uncertainty of a measure; None when unknown."""
        return self.sds.get(name)

    def title(self) -> str:
        """For tables: date, or age."""
        age = f"{self.weeks:.1f} weeks"
        return f"{self.date} ({age})" if self.date else age

    def to_dict(self) -> dict[str, Any]:
        """The form that `visit_of` reads."""
        return {"ga_weeks": self.weeks, "date": self.date, "measures": dict(self.measures), "sds": dict(self.sds)}


def read_visits(path: str | Path) -> tuple[Visit, ...]:
    """Former visits in the order of age.

    Args:
        path: a CSV file (comma, semicolon or tab; decimal comma in the latter two) or a JSON file: a list of objects
            with the same names as the columns, or the ``result.json`` of a former examination of this module.

    Raises:
        BadInput: the file cannot be read, a column is unknown, an age is missing, or a number is not possible.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"The former visits {path.name} cannot be read.", _REMEDY) from None
    found = _from_json(text, path.name) if text.lstrip()[:1] in ("[", "{") else _from_csv(text, path.name)
    if not found:
        raise BadInput(f"{path.name} holds no former visit.", _REMEDY)
    return tuple(sorted(found, key=lambda v: v.weeks))


def visit_of(record: Mapping[str, Any], where: str) -> Visit:
    """A visit from one row or object; ``where`` names it in errors.

    Raises:
        BadInput: an unknown name, no age, or a number that is none.
    """
    if "measurements" in record:
        return _from_result(record, where)
    flat = dict(record)
    for group, suffix in (("measures", ""), ("sds", "_sd")):
        inner = flat.pop(group, None)
        if isinstance(inner, Mapping):
            flat.update({f"{name}{suffix}": value for name, value in inner.items()})
    weeks: float | None = None
    date = ""
    measures: dict[str, float] = {}
    sds: dict[str, float] = {}
    for column, value in flat.items():
        name = re.sub(r"[\s()\[\]-]+", "_", str(column)).strip("_")
        shown = "" if value is None else str(value).strip()
        if name.lower() in _AGE_NAMES:
            try:
                weeks = option_words.weeks(shown) if shown else None
            except BadInput as error:
                raise BadInput(f"{where}: {error.message}", error.remedy) from None
        elif name.lower() == "date":
            date = _date(shown, where)
        elif name.lower() in _IGNORED:
            continue
        else:
            _one_number(name, shown, where, measures, sds)
    if weeks is None:
        raise BadInput(f"{where} has no gestational age.", "Fill in ga_weeks.")
    if not measures:
        raise BadInput(f"{where} has no measure.", _REMEDY)
    try:
        return Visit(weeks, measures, {n: s for n, s in sds.items() if n in measures}, date)
    except BadInput as problem:
        raise BadInput(f"{where}: {problem.message}", problem.remedy) from None


def _one_number(name: str, shown: str, where: str, measures: dict[str, float], sds: dict[str, float]) -> None:
    found = re.fullmatch(r"([A-Za-z]+)(?:_(mm|cm|g|kg))?(_sd)?(?:_(mm|cm|g|kg))?", name)
    measure = found[1].upper() if found else ""
    if found is None or measure not in MEASURES:
        raise BadInput(f"{where}: the column {name} is not known.", _REMEDY)
    if not shown:
        return
    unit = found[2] or found[4] or ("g" if measure == EFW else "mm")
    if (unit in ("g", "kg")) != (measure == EFW):
        raise BadInput(f"{where}: {measure} cannot be in {unit}.", _REMEDY)
    try:
        number = float(shown.replace(",", ".")) * {"mm": 1, "cm": 10, "g": 1, "kg": 1000}[unit]
    except ValueError:
        raise BadInput(f"{where}: {shown} in the column {name} is no number.", "Correct it.") from None
    if not (math.isfinite(number) and number > 0):
        raise BadInput(f"{where}: {name} is not a positive number.", "Correct it, or leave it empty.")
    (sds if found[3] else measures)[measure] = number


def _check_size(name: str, value: float, weeks: float) -> None:
    """Refuses centimetres given as millimetres and the like: a measure far from any fetus of its age."""
    chart = standard(WHO if name == EFW else IG21)
    if not chart.covers(name, weeks):
        return
    usual = chart.value_at(name, weeks, 50)
    low, high = (0.2, 3.0) if name == EFW else (0.4, 1.8)
    if not low * usual < value < high * usual:
        unit = "g" if name == EFW else "mm"
        raise BadInput(
            f"{name} {value:g} {unit} is far from any fetus of {weeks:.1f} weeks (usual {usual:.0f} {unit}).",
            f"Check the number and its unit: {unit} is expected.",
        )


def _date(text: str, where: str) -> str:
    if not text:
        return ""
    try:
        return dt.date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise BadInput(f"{where}: {text} is no date.", "Write it as 2026-01-31.") from None


def _from_csv(text: str, name: str) -> list[Visit]:
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return []
    delimiter = next((mark for mark in ("\t", ";") if mark in lines[0]), ",")
    rows = csv.DictReader(lines, delimiter=delimiter)
    visits = []
    for number, row in enumerate(rows, start=2):
        if None in row or None in row.values():
            raise BadInput(f"Line {number} of {name} has not as many cells as the first line.", "Correct that line.")
        visits.append(visit_of(row, f"Line {number} of {name}"))
    return visits


def _from_json(text: str, name: str) -> list[Visit]:
    try:
        record = json.loads(text)
    except ValueError:
        raise BadInput(f"{name} is no JSON file.", _REMEDY) from None
    if isinstance(record, Mapping) and "measurements" not in record and isinstance(record.get("visits"), Sequence):
        record = record["visits"]
    records = [record] if isinstance(record, Mapping) else record
    if not all(isinstance(r, Mapping) for r in records):
        raise BadInput(f"{name} holds no list of visits.", _REMEDY)
    return [visit_of(r, f"Visit {number} of {name}") for number, r in enumerate(records, start=1)]


def _from_result(record: Mapping[str, Any], where: str) -> Visit:
    """A former ``result.json`` of this module; the age is the known one, never that of its own biometry."""
    options = record.get("options") or {}
    known = record.get("known_age") or {}
    weeks = known.get("weeks") if isinstance(known, Mapping) else None
    weeks = weeks if weeks is not None else options.get("ga_weeks") if isinstance(options, Mapping) else None
    if not isinstance(weeks, int | float):
        raise BadInput(
            f"{where}: that examination was made without a known gestational age.",
            "Write a table with ga_weeks and its measures instead.",
        )
    measures: dict[str, float] = {}
    sds: dict[str, float] = {}
    for item in record["measurements"]:
        name, value = item.get("name"), item.get("value")
        if name not in MEASURES or value is None or item.get("unit") not in ("mm", "g"):
            continue
        inner = name == "BPD" and isinstance(options, Mapping) and options.get("bpd_convention") == OUTER_INNER
        measures[name] = outer_bpd_mm(float(value)) if inner else float(value)
        if item.get("sd") is not None:
            sds[name] = float(item["sd"])
    if not measures:
        raise BadInput(f"{where}: that examination measured nothing in millimetres.", _REMEDY)
    return Visit(float(weeks), measures, sds, _date(str(record.get("examined") or ""), where))
