"""The pages about two superimposed films: both tracings, displacements of landmarks, changes of measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from CephSketcherLib.comparison.changes import Change, Displacement
from CephSketcherLib.report.film_pages import ROWS_A_PAGE, UNITS
from DeepMedLib.report.model import Picture, Report, Section


def change_pages(
    overlay: np.ndarray,
    moves: Sequence[Displacement],
    changes: Sequence[Change],
    method: str,
    note: str,
    *,
    subject: Sequence[tuple[str, str]] = (),
    date: str = "",
    warnings: Sequence[str] = (),
    provenance: Mapping[str, str] | None = None,
) -> Report:
    """Describe what changed between two superimposed films.

    Args:
        overlay: (H, W, 3) uint8, both tracings on each other (`line_drawing.draw_tracings`).
        moves: as `changes.displacements` gives them; changes: as `changes.changes`.
        method, note: of the superimposition.
    """
    rows = tuple(_move_row(d) for d in moves)
    unit = moves[0].unit if moves else "mm"
    table = Section(f"Displacement of landmarks, {unit}", header=("Landmark", "Forward, up", "Beyond error"), rows=rows)
    first = Report(
        title="Superimposition of two films",
        subtitle=f"By {method}",
        date=date,
        subject=tuple(subject),
        pictures=(Picture(overlay, "First film green, second film orange."),),
        warnings=tuple(warnings),
        sections=(table,),
        notes=(
            note,
            (
                "Beyond error: the change is larger than the uncertainty of the points explains, at 95 %, one test a "
                "row; one in twenty rows passes by chance."
            ),
            (
                "Usual in growth: growing subjects of three longitudinal studies between two visits, interval and age "
                "not recorded; it is no forecast."
            ),
        ),
        provenance=dict(provenance or {}),
    )
    header = ("Measure", "First", "Second", "Change", "Beyond error", "Usual in growth")
    listed = [_change_row(c) for c in changes]
    pages = [
        Report(
            "Superimposition of two films: change of measures",
            f"By {method}",
            date,
            sections=(Section("", header=header, rows=tuple(listed[start : start + ROWS_A_PAGE])),),
        )
        for start in range(0, len(listed), ROWS_A_PAGE)
    ]
    return replace(first, more=tuple(pages))


def _move_row(d: Displacement) -> tuple[str, str, str]:
    parts = []
    for value, sd in ((d.forward, d.sd_forward), (d.up, d.sd_up)):
        parts.append(f"{value:+.1f}" + ("" if sd is None else f" \u00b1 {sd:.1f}"))
    return d.symbol, ", ".join(parts).replace("-", "\u2212"), _yes(d.significant)


def _change_row(c: Change) -> tuple[str, str, str, str, str, str]:
    unit = UNITS[c.unit]
    spread = "" if c.sd is None else f" \u00b1 {c.sd:.1f}"
    cells = (f"{c.first:.1f}{unit}", f"{c.second:.1f}{unit}", f"{c.difference:+.1f}{spread}{unit}", c.usual_text)
    before, after, change, usual = (cell.replace("-", "\u2212") for cell in cells)
    return c.title, before, after, change, _yes(c.significant), usual


def _yes(flag: bool | None) -> str:
    return "not known" if flag is None else "yes" if flag else "no"
