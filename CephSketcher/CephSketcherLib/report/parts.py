"""The report of one film: tracing and reading, the wiggle chart, all tables; and the report of two superimposed films.

Plain data in, `DeepMedLib.report` pages out; how a page is drawn is decided there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from CephSketcherLib.analysis.analyses import ANALYSES, CephMeasure
from CephSketcherLib.comparison.changes import Change, Displacement
from CephSketcherLib.report.wiggle import draw_wiggle, wiggle_rows
from DeepMedLib.report.model import Picture, Report, Section

_UNITS = {"deg": "\u00b0", "mm": " mm", "%": " %"}
_KEY = ("ANB", "FMA", "Jarabak ratio")
#: Rows that one page holds legibly.
_ROWS_A_PAGE = 54
NOTES = (
    (
        "Deviation: value less mean of the norm, over the norm's SD. Norms differ between authors and peoples; the "
        "tables name the set of each. A question mark behind a norm: not checked against any source, whole or in part."
    ),
    (
        "\u00b1 is the standard uncertainty that the points' uncertainty brings to a measure, errors of different "
        "points taken as independent; a point placed by hand counts with the spread of one human reader."
    ),
    "* from outlines: uses a root apex, molar cusp, nose tip or condyle that was read off an outline, not a landmark.",
)


def ceph_report(
    picture: np.ndarray,
    measures: Sequence[CephMeasure],
    readings: Sequence[tuple[str, str]],
    unavailable: Sequence[tuple[str, str]] = (),
    *,
    tracing: np.ndarray | None = None,
    title: str = "Lateral cephalogram",
    subtitle: str = "Automatic proposal, to be checked by a person",
    date: str = "",
    subject: Sequence[tuple[str, str]] = (),
    warnings: Sequence[str] = (),
    notes: Sequence[str] = (),
    provenance: Mapping[str, str] | None = None,
    pixel_aspect: float = 1.0,
) -> Report:
    """Describe a traced film.

    Args:
        picture: (H, W, 3) uint8, the film with outlines and landmarks on it.
        measures: as `analyses.analyse` gives them.
        readings: (topic, sentence) as `reading.read_measures` gives them.
        unavailable: (title, reason) as `analyses.unavailable` gives them.
        tracing: (H, W, 3) uint8, the line drawing with reference planes (`tracing.draw_tracings`).
        pixel_aspect: height of a film pixel over its width.
    """
    by_name = {m.name: m for m in measures}
    sections = []
    if readings:
        rows = tuple((topic, _without_topic(topic, sentence)) for topic, sentence in readings)
        sections.append(Section("Reading", header=("", "What the measures say"), rows=rows))
    pictures = [Picture(picture, "The film with outlines, landmarks and their 95 % regions.", pixel_aspect)]
    pages = [*_wiggle_page(measures, title, subtitle, date), *_table_pages(measures, title, subtitle, date)]
    pages += _tracing_page(tracing, unavailable, title, subtitle, date)
    return Report(
        title=title,
        subtitle=subtitle,
        date=date,
        subject=tuple(subject),
        key=tuple(by_name[name].measurement() for name in _KEY if name in by_name),
        pictures=tuple(pictures),
        warnings=tuple(warnings),
        sections=tuple(sections),
        notes=tuple(notes),
        provenance=dict(provenance or {}),
        more=tuple(pages),
    )


def _without_topic(topic: str, sentence: str) -> str:
    """A reading without the words that repeat its heading."""
    head, colon, rest = sentence.partition(": ")
    if colon and head.lower().startswith(topic.lower()):
        return rest[:1].upper() + rest[1:]
    return sentence


def _wiggle_page(measures: Sequence[CephMeasure], title: str, subtitle: str, date: str) -> list[Report]:
    rows = wiggle_rows(measures)
    if not rows:
        return []
    caption = "Dots: the film; bars: 95 % interval; shading: 1, 2 and 3 SD of the norm; orange: beyond 2 SD."
    wiggle = Picture(draw_wiggle(rows), caption)
    return [Report(f"{title}: deviations", subtitle, date, pictures=(wiggle,), notes=NOTES)]


def _tracing_page(
    tracing: np.ndarray | None, unavailable: Sequence[tuple[str, str]], title: str, subtitle: str, date: str
) -> list[Report]:
    """The line drawing, and what could not be measured with the reasons."""
    if tracing is None and not unavailable:
        return []
    caption = "Tracing with sella-nasion, Frankfort, palatal, occlusal, mandibular and facial plane."
    pictures = () if tracing is None else (Picture(tracing, caption),)
    sections = (
        (Section("Not measured", header=("Measures", "Reason"), rows=_grouped(unavailable)),) if unavailable else ()
    )
    return [Report(f"{title}: tracing", subtitle, date, pictures=pictures, sections=sections)]


def _table_pages(measures: Sequence[CephMeasure], title: str, subtitle: str, date: str) -> list[Report]:
    """Tables of all measures; an analysis is never split."""
    pages: list[list[Section]] = [[]]
    used = 0
    for analysis in ANALYSES:
        rows = tuple(measure_row(m) for m in measures if m.analysis == analysis)
        if not rows:
            continue
        if used and used + len(rows) + 3 > _ROWS_A_PAGE:
            pages.append([])
            used = 0
        pages[-1].append(Section(analysis, header=_HEADER, rows=rows))
        used += len(rows) + 3
    return [Report(f"{title}: measures", subtitle, date, sections=tuple(page)) for page in pages if page]


_HEADER = ("Measure", "Value", "95 % interval", "Norm", "Deviation", "Norm set")


def measure_row(m: CephMeasure) -> tuple[str, str, str, str, str, str]:
    """Title, value with SD, interval, norm, deviation and norm set as printed."""
    spread = "" if m.sd is None else f" \u00b1 {m.sd:.1f}"
    interval = "not known" if m.interval is None else f"{m.interval[0]:.1f} to {m.interval[1]:.1f}"
    deviation = "" if m.deviation_sd is None else f"{m.deviation_sd:+.1f} SD"
    cells = (f"{m.value:.1f}{spread}{_UNITS[m.unit]}", interval, m.norm_text, deviation)
    value, low_high, norm, away = (cell.replace("-", "\u2212") for cell in cells)
    return m.title + (" *" if m.from_outlines else ""), value, low_high, norm, away, m.norm_set


def _grouped(missing: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What is missing, those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for name, reason in missing:
        reasons.setdefault(reason, []).append(name)
    return tuple((", ".join(dict.fromkeys(names)), reason) for reason, names in reasons.items())


def change_report(
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
        overlay: (H, W, 3) uint8, both tracings on each other (`tracing.draw_tracings`).
        moves: as `film_changes.displacements` gives them; changes: as `film_changes.changes`.
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
            sections=(Section("", header=header, rows=tuple(listed[start : start + _ROWS_A_PAGE])),),
        )
        for start in range(0, len(listed), _ROWS_A_PAGE)
    ]
    return replace(first, more=tuple(pages))


def _move_row(d: Displacement) -> tuple[str, str, str]:
    parts = []
    for value, sd in ((d.forward, d.sd_forward), (d.up, d.sd_up)):
        parts.append(f"{value:+.1f}" + ("" if sd is None else f" \u00b1 {sd:.1f}"))
    return d.symbol, ", ".join(parts).replace("-", "\u2212"), _yes(d.significant)


def _change_row(c: Change) -> tuple[str, str, str, str, str, str]:
    unit = _UNITS[c.unit]
    spread = "" if c.sd is None else f" \u00b1 {c.sd:.1f}"
    cells = (f"{c.first:.1f}{unit}", f"{c.second:.1f}{unit}", f"{c.difference:+.1f}{spread}{unit}", c.usual_text)
    before, after, change, usual = (cell.replace("-", "\u2212") for cell in cells)
    return c.title, before, after, change, _yes(c.significant), usual


def _yes(flag: bool | None) -> str:
    return "not known" if flag is None else "yes" if flag else "no"
