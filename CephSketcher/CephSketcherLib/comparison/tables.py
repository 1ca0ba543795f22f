"""Changes and displacements between two films as tables for files."""

from __future__ import annotations

from collections.abc import Sequence

from CephSketcherLib.comparison.changes import Change, Displacement
from DeepMedLib.results.table import Column, Table

_CHANGE_COLUMNS = tuple(
    Column(key)
    for key in (
        *("name", "label", "unit", "first", "second", "difference", "sd", "low_95", "high_95", "significant"),
        "usual_change",
    )
)
_DISPLACEMENT_COLUMNS = tuple(
    Column(key) for key in ("landmark", "forward", "up", "length", "unit", "sd_forward", "sd_up", "significant")
)


def changes_table(changes: Sequence[Change]) -> Table:
    """A row a measure that both films have."""
    rows = tuple(
        (
            *(c.name, c.title, c.unit, c.first, c.second, c.difference, c.sd, *(c.interval or (None, None))),
            *(c.significant, c.usual_text),
        )
        for c in changes
    )
    return Table("changes", "Changes of measures", _CHANGE_COLUMNS, rows)


def displacements_table(moves: Sequence[Displacement]) -> Table:
    """A row a landmark that both films have."""
    rows = tuple((d.symbol, d.forward, d.up, d.length, d.unit, d.sd_forward, d.sd_up, d.significant) for d in moves)
    return Table("displacements", "Displacements of landmarks", _DISPLACEMENT_COLUMNS, rows)
