"""How large charts and text are on the page, in points; HTML and PDF agree on it."""

from __future__ import annotations

import math

from DeepMedLib.report.model import Report, Section
from DeepMedLib.report.rows import row_of, rows_of

WIDTH = 515.28  # of the text block: A4 less two margins of 40 points
PICTURE_WIDTH = 294.0
GAP = 17.0
SMALLEST = 0.6


def picture_size(report: Report) -> tuple[float, float]:
    """Width and largest height of the first picture: the whole page where nothing stands beside it."""
    return (WIDTH, 680.0) if report.picture_alone else (PICTURE_WIDTH, 360.0)


def chart_size(report: Report) -> tuple[float, float]:
    """Width and height of each chart."""
    if report.charts_beside:
        return PICTURE_WIDTH, 132.0 if len(report.charts) == 2 else 165.0
    count = chart_columns(report)
    return (WIDTH - GAP * (count - 1)) / count, 165.0 if count == 1 else 150.0


def chart_columns(report: Report) -> int:
    """How many charts stand side by side across the page: up to three, more of them two to a row."""
    count = max(len(report.charts), 1)
    return count if count <= 3 else 2


def chart_rows(report: Report) -> int:
    """Rows of charts across the page."""
    return -(-len(report.charts) // chart_columns(report))


def text_scale(report: Report) -> float:
    """Factor on the text size of the HTML page, 0.6 to 1, at which the estimated content fills one printed page.

    The PDF measures its text exactly; a browser cannot be asked, so lines are counted with some reserve.
    """
    scale = 1.0
    while scale > SMALLEST and _estimated_height(report, scale) > 842.0:
        scale -= 0.04
    return round(max(scale, SMALLEST), 2)


def _lines(text: str, width: float, size: float) -> int:
    """Lines that a paragraph takes, at 0.53 of the text size per character."""
    return math.ceil(len(text) * 0.53 * size / width)


def _section_height(section: Section, width: float, size: float) -> float:
    height = 3.2 * size
    if section.measurements:
        _, shared = rows_of(section.measurements)
        height += 2.0 * size + (1.6 * size if shared else 0.0)
        for measurement in section.measurements:
            remark = row_of(measurement).remark(with_source=not shared)
            label = _lines(measurement.label or measurement.name, 0.3 * width, size)
            height += (0.65 + 1.4 * max(label, 1) + 1.15 * _lines(remark, 0.4 * width, 0.85 * size)) * size
    if section.header:
        cell = width / len(section.header)
        height += 2.0 * size
        height += sum((0.8 + 1.35 * max(_lines(text, cell, size) or 1 for text in row)) * size for row in section.rows)
    return height + _lines(section.text, width, size) * 1.35 * size


def _estimated_height(report: Report, scale: float) -> float:
    size = 8.6 * scale
    head = 92.0 + 3.0 * size * -(-len(report.subject) // 4)
    head += sum(_lines(warning, WIDTH - 20, size) for warning in report.warnings) * 1.5 * size
    foot = 40.0 + 1.3 * size * -(-len(report.provenance) // 3)
    foot += sum(_lines(note, WIDTH, 0.9 * size) for note in report.notes) * 1.3 * size
    foot += sum(_section_height(section, WIDTH, size) for section in report.sections if section.wide)
    width = WIDTH - PICTURE_WIDTH - GAP if report.pictures else WIDTH
    right = 5.8 * size * len(report.key)
    right += sum(_section_height(section, width, size) for section in report.sections if not section.wide)
    left = 0.0
    for index, picture in enumerate(report.pictures):
        if index == 0:
            wide, tall = picture_size(report)
            left += min(wide * picture.aspect, tall) + 2 * size
        elif index % 3 == 1:
            left += min(92.0 * picture.aspect, 91.0) + 3 * size
    charts = len(report.charts) * (chart_size(report)[1] + 10)
    if report.charts_beside:
        left += charts
    elif report.charts:
        foot += chart_rows(report) * (chart_size(report)[1] + 6)
    return head + max(left, right) + foot
