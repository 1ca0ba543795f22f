"""Measures, changes and displacements as CSV text (UTF-8, one header line, a point as decimal sign)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from CephSketcherLib.analysis.analyses import CephMeasure
from CephSketcherLib.comparison.changes import Change, Displacement

MEASURE_COLUMNS = (
    *("name", "title", "analysis", "value", "unit", "sd", "low_95", "high_95", "norm_mean", "norm_sd", "norm_low"),
    *("norm_high", "deviation_sd", "norm_set", "norm_source", "from_outlines", "uses", "note"),
)
CHANGE_COLUMNS = (
    *(
        "name",
        "title",
        "unit",
        "first",
        "second",
        "difference",
        "sd",
        "low_95",
        "high_95",
        "significant",
        "usual_change",
    ),
)
DISPLACEMENT_COLUMNS = ("landmark", "forward", "up", "length", "unit", "sd_forward", "sd_up", "significant")


def measures_csv(measures: Sequence[CephMeasure]) -> str:
    """One row a measure; empty cells where something is unknown."""
    return _table(
        MEASURE_COLUMNS,
        (
            (
                *(m.name, m.title, m.analysis, _number(m.value), m.unit, _number(m.sd), *_pair(m.interval)),
                *(_number(m.norm_mean), _number(m.norm_sd), *_pair(m.norm_range), _number(m.deviation_sd)),
                *(m.norm_set, m.norm_source, int(m.from_outlines), " ".join(m.uses), m.note),
            )
            for m in measures
        ),
    )


def changes_csv(changes: Sequence[Change]) -> str:
    """One row a measure that both films have."""
    return _table(
        CHANGE_COLUMNS,
        (
            (
                *(c.name, c.title, c.unit, _number(c.first), _number(c.second), _number(c.difference), _number(c.sd)),
                *(*_pair(c.interval), _flag(c.significant), c.usual_text),
            )
            for c in changes
        ),
    )


def displacements_csv(moves: Sequence[Displacement]) -> str:
    """One row a landmark that both films have."""
    return _table(
        DISPLACEMENT_COLUMNS,
        (
            (
                *(d.symbol, _number(d.forward), _number(d.up), _number(d.length), d.unit),
                *(_number(d.sd_forward), _number(d.sd_up), _flag(d.significant)),
            )
            for d in moves
        ),
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _pair(pair: tuple[float, float] | None) -> tuple[str, str]:
    return ("", "") if pair is None else (_number(pair[0]), _number(pair[1]))


def _flag(flag: bool | None) -> str:
    return "" if flag is None else str(int(flag))
