"""The pages about one film: tracing and reading, the wiggle chart, all tables.

Plain data in, `DeepMedLib.report` pages out; how a page is drawn is decided there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from CephSketcherLib.analysis.analyses import ANALYSES, CephMeasure
from CephSketcherLib.report.wiggle import draw_wiggle, wiggle_rows
from DeepMedLib.report.model import Picture, Report, Section

UNITS = {"deg": "\u00b0", "mm": " mm", "%": " %"}
_KEY = ("ANB", "FMA", "Jarabak ratio")
#: Rows that one page holds legibly.
ROWS_A_PAGE = 54
NOTES = (
    (
        "Deviation: value less mean of the norm, over the norm's SD. Norms differ between authors and peoples; the "
        "tables name the set of each. A question mark behind a norm: not checked against any source, whole or in part."
    ),
    (
        "\u00b1 is the standard uncertainty of a measure, the 95 % interval 1.96 times as wide to each side: as far as "
        "one reader's points stray, all together, widened where the network is less sure. Points read off outlines "
        "count on their own."
    ),
    "* from outlines: uses a root apex, molar cusp, nose tip or condyle that was read off an outline, not a landmark.",
)


def film_pages(
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
        readings: (topic, sentence) of what `interpretation.read` gives.
        unavailable: (title, reason) as `analyses.unavailable` gives them.
        tracing: (H, W, 3) uint8, the line drawing with reference planes (`line_drawing.draw_tracings`).
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
        if used and used + len(rows) + 3 > ROWS_A_PAGE:
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
    cells = (f"{m.value:.1f}{spread}{UNITS[m.unit]}", interval, m.norm_text, deviation)
    value, low_high, norm, away = (cell.replace("-", "\u2212") for cell in cells)
    return m.title + (" *" if m.from_outlines else ""), value, low_high, norm, away, m.norm_set


def _grouped(missing: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What is missing, those with the same reason together."""
    reasons: dict[str, list[str]] = {}
    for name, reason in missing:
        reasons.setdefault(reason, []).append(name)
    return tuple((", ".join(dict.fromkeys(names)), reason) for reason, names in reasons.items())
