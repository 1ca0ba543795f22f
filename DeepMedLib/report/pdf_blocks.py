"""Sections of the PDF page: heading, measurement table, plain table, paragraph."""

from __future__ import annotations

from DeepMedLib.report import style
from DeepMedLib.report.model import Section
from DeepMedLib.report.numbers import is_number
from DeepMedLib.report.pdf_canvas import Pen
from DeepMedLib.report.rows import Row, rows_of


def section_block(pen: Pen, section: Section, x: float, y: float, width: float, scale: float, draw: bool) -> float:
    """Draw a section (or only measure it) and return its height in points."""
    block = _Block(pen, x, y, width, 8.0 * scale, draw)
    if section.title:
        block.lines(section.title, block.size * 1.12, style.INK, bold=True)
        block.y += 2
    rows, source = rows_of(section.measurements)
    if rows:
        _measurements(block, rows, with_source=not source)
        if source:
            block.y += 1
            block.lines(f"Source: {source}", block.size * 0.84, style.SOFT)
    if section.header:
        _plain_table(block, section)
    if section.text:
        block.y += 2
        block.lines(section.text, block.size, style.INK)
    return block.y - y + 9


class _Block:
    """A column of text that grows downwards."""

    def __init__(self, pen: Pen, x: float, y: float, width: float, size: float, draw: bool) -> None:
        self.pen, self.x, self.y, self.width, self.size, self.draws = pen, x, y, width, size, draw

    def put(
        self, x: float, y: float, text: str, size: float, color: str, bold: bool = False, right: bool = False
    ) -> None:
        if self.draws:
            self.pen.text(x, y, text, size, color, bold, "end" if right else "start")

    def rule(self, color: str, thickness: float) -> None:
        if self.draws:
            self.pen.rule(self.x, self.y, self.width, color, thickness)

    def lines(self, text: str, size: float, color: str, bold: bool = False) -> None:
        for line in self.pen.wrap(text, size, self.width, bold):
            self.put(self.x, self.y + size, line, size, color, bold)
            self.y += size * 1.32


def _measurements(block: _Block, rows: list[Row], with_source: bool) -> None:
    pen, size, small = block.pen, block.size, block.size * 0.84
    right = block.x + block.width
    interval_width = max([pen.width(row.interval, size) for row in rows] + [pen.width("95 % interval", small)])
    middle = right - interval_width - 9
    figure_width = max([pen.width(row.figure, size) for row in rows] + [pen.width("Value", small)])
    name_width = max(middle - figure_width - 8 - block.x, 30)
    block.put(block.x, block.y + small, "Measure", small, style.SOFT)
    block.put(middle, block.y + small, "Value", small, style.SOFT, right=True)
    block.put(right, block.y + small, "95 % interval", small, style.SOFT, right=True)
    block.y += small * 1.5
    block.rule(style.INK, 0.7)
    for row in rows:
        block.y += 2.4
        base = block.y + size
        color = style.SOFT if row.unmeasured else style.INK
        block.put(middle, base, row.figure, size, color, right=True)
        block.put(right, base, row.interval, size, style.INK, right=True)
        for index, line in enumerate(pen.wrap(row.label, size, name_width, bold=True) or [""]):
            block.put(block.x, base + index * size * 1.2, line, size, style.INK, bold=True)
            block.y += size * 1.2
        for line in pen.wrap(row.remark(with_source), small, block.width):
            block.put(block.x, block.y + small, line, small, style.SOFT)
            block.y += small * 1.25
        block.y += 2.0
        block.rule(style.HAIRLINE, 0.4)


def _plain_table(block: _Block, section: Section) -> None:
    pen, size, small = block.pen, block.size, block.size * 0.84
    columns = len(section.header)
    numeric = [is_number(cells) for cells in zip(*section.rows, strict=True)] or [False] * columns
    wanted = [
        max([pen.width(row[column], size) for row in section.rows] + [pen.width(section.header[column], small)]) + 9
        for column in range(columns)
    ]
    # Wide columns give way first: each gets what it wants up to an equal share of what the others leave.
    widths = _shares(wanted, block.width)
    edges = [block.x + sum(widths[:column]) for column in range(columns + 1)]

    def cell(column: int, y: float, text: str, height: float, color: str) -> None:
        if numeric[column]:
            block.put(edges[column + 1] - (9 if column + 1 < columns else 0), y, text, height, color, right=True)
        else:
            block.put(edges[column], y, text, height, color)

    for column, title in enumerate(section.header):
        cell(column, block.y + small, title, small, style.SOFT)
    block.y += small * 1.5
    block.rule(style.INK, 0.7)
    for row in section.rows:
        block.y += 2.4
        wrapped = [pen.wrap(text, size, widths[column] - 8) or [""] for column, text in enumerate(row)]
        for column, lines in enumerate(wrapped):
            for index, line in enumerate(lines):
                cell(column, block.y + size * (1 + 1.2 * index), line, size, style.INK)
        block.y += size * 1.2 * max(len(lines) for lines in wrapped) + 2.0
        block.rule(style.HAIRLINE, 0.4)


def _shares(wanted: list[float], width: float) -> list[float]:
    """Column widths that fill ``width``: narrow columns as wanted, the rest shared by the wide ones."""
    total = sum(wanted)
    if total <= width:
        return [share * width / total for share in wanted]
    widths = [0.0] * len(wanted)
    left, open_columns = width, sorted(range(len(wanted)), key=lambda column: wanted[column])
    while open_columns:
        share = left / len(open_columns)
        column = open_columns.pop(0)
        widths[column] = min(wanted[column], share)
        left -= widths[column]
    return widths
