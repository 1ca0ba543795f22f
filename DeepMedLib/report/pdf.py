"""The report as A4 pages of PDF with embedded fonts, the numbers identical to the HTML's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from DeepMedLib.errors import BadInput
from DeepMedLib.report import style
from DeepMedLib.report.charts import chart_shapes
from DeepMedLib.report.files import write_whole
from DeepMedLib.report.fit import GAP, PICTURE_WIDTH, WIDTH, chart_columns, chart_rows, chart_size, picture_size
from DeepMedLib.report.model import Picture, Report
from DeepMedLib.report.pdf_blocks import section_block
from DeepMedLib.report.pdf_canvas import PAGE_HEIGHT, PAGE_WIDTH, Pen
from DeepMedLib.report.rows import provenance_items, row_of, spread_text

LEFT = 40.0
TOP = 34.0
BOTTOM = PAGE_HEIGHT - 24.0
MISSING_GLYPH = "? stands for a character that this PDF's font lacks; the HTML report shows it."


def render_pdf(report: Report) -> bytes:
    """The report as the bytes of a PDF, one A4 page for each of its pages; the same report gives the same bytes.

    Text shrinks, to 60 % at most, until everything fits on the page.

    Raises:
        BadInput: there is more than a page can hold.
        DependencyMissing: ReportLab is not installed.
    """
    scales = [_fitting_scale(page) for page in report.pages]
    pen = Pen(report.title, "DeepMed for 3D Slicer", report.subtitle)
    for index, page in enumerate(report.pages):
        if index:
            pen.new_page()
        _Page(page, scales[index], pen).draw()
    return pen.finish()


def _fitting_scale(report: Report) -> float:
    """The largest text scale at which a page holds everything, found by drawing it on paper that is thrown away."""
    scale = 1.0
    while True:
        trial = Pen(report.title, "", "")
        trial.is_trial = True
        if _Page(report, scale, trial).draw():
            return scale
        scale -= 0.04
        if scale < 0.6:
            raise BadInput(
                "The report holds more than one page can show.",
                "Leave out rows, notes or charts, or use the HTML report.",
            )


def write_pdf(report: Report, path: str | Path) -> Path:
    """Write the report as a PDF of A4 pages, whole or not at all.

    Raises:
        BadInput: there is more than a page can hold.
        DependencyMissing: ReportLab is not installed.
        OSError: the file cannot be written.
    """
    return write_whole(path, render_pdf(report))


class _Page:
    """One attempt at laying out the page with text scaled by ``scale``."""

    def __init__(self, report: Report, scale: float, pen: Pen) -> None:
        self.report = report
        self.scale = scale
        self.pen = pen

    def draw(self) -> bool:
        """Draw everything; False when it does not fit (the page is then to be thrown away)."""
        y = self._head(TOP)
        y = self._subject(y)
        y = self._warnings(y)
        foot = self._foot_blocks()
        foot_height = sum(height for height, _ in foot)
        beside = self.report.charts_beside
        charts_height = 0.0 if beside else self._charts_height()
        wide = [section for section in self.report.sections if section.wide]
        wide_heights = [section_block(self.pen, section, 0, 0, WIDTH, self.scale, draw=False) for section in wide]
        room = BOTTOM - foot_height - charts_height - sum(wide_heights) - y
        used = self._main(y + 13, room - 13)
        if used is None:
            return False
        y = used
        for section, height in zip(wide, wide_heights, strict=True):
            section_block(self.pen, section, LEFT, y, WIDTH, self.scale, draw=True)
            y += height
        if not beside:
            self._charts(y)
        y = BOTTOM - foot_height
        for height, block in foot:
            block(y)
            y += height
        return True

    def _head(self, y: float) -> float:
        pen = self.pen
        pen.box(0, 0, PAGE_WIDTH, 4.5, style.ACCENT)
        right = LEFT + WIDTH
        pen.text(right, y + 12, "DeepMed for 3D Slicer", 8, style.ACCENT, bold=True, anchor="end")
        if self.report.date:
            pen.text(right, y + 23, self.report.date, 8, style.SOFT, anchor="end")
        for line in pen.wrap(self.report.title, 16, WIDTH - 130, bold=True):
            pen.text(LEFT, y + 15, line, 16, style.INK, bold=True)
            y += 19
        for line in pen.wrap(self.report.subtitle, 9, WIDTH - 130):
            pen.text(LEFT, y + 9, line, 9, style.SOFT)
            y += 12
        return y + 4

    def _subject(self, y: float) -> float:
        items = self.report.subject
        if not items:
            self.pen.rule(LEFT, y + 5, WIDTH, style.HAIRLINE)
            return y + 5
        pen, columns, size = self.pen, 4, 8.2 * self.scale
        cell = WIDTH / columns
        pen.rule(LEFT, y + 5, WIDTH, style.HAIRLINE)
        y += 11
        for start in range(0, len(items), columns):
            deepest = 0.0
            for column, (label, value) in enumerate(items[start : start + columns]):
                x = LEFT + column * cell
                pen.text(x, y + size * 0.8, label, size * 0.8, style.SOFT)
                lines = pen.wrap(value, size, cell - 10)
                for index, line in enumerate(lines):
                    pen.text(x, y + size * (2.0 + 1.2 * index), line, size, style.INK)
                deepest = max(deepest, size * (1.3 + 1.2 * max(len(lines), 1)))
            y += deepest
        pen.rule(LEFT, y + 1, WIDTH, style.HAIRLINE)
        return y + 1

    def _warnings(self, y: float) -> float:
        if not self.report.warnings:
            return y
        pen, size = self.pen, 8.2 * self.scale
        lines = [pen.wrap(warning, size, WIDTH - 22) for warning in self.report.warnings]
        height = sum(len(block) for block in lines) * size * 1.35 + (len(lines) - 1) * 2 + 10
        y += 8
        pen.box(LEFT, y, WIDTH, height, style.WARNING_FILL)
        pen.box(LEFT, y, 3, height, style.WARNING_EDGE)
        inner = y + 5
        for block in lines:
            for line in block:
                pen.text(LEFT + 11, inner + size, line, size, style.WARNING_INK)
                inner += size * 1.35
            inner += 2
        return y + height

    def _main(self, y: float, room: float) -> float | None:
        """Pictures left, figures and tables right; the y below both, or None when they need more room."""
        x = LEFT + PICTURE_WIDTH + GAP if self.report.pictures else LEFT
        width = LEFT + WIDTH - x
        bottom = self._key(x, y, width)
        for section in self.report.sections:
            if not section.wide:
                bottom += section_block(self.pen, section, x, bottom, width, self.scale, draw=True)
        if bottom > y + room:
            return None
        if not self.report.pictures:
            return bottom
        pictures = self._pictures(y, room)
        return None if pictures is None else max(bottom, pictures + 10)

    def _key(self, x: float, y: float, width: float) -> float:
        pen, scale = self.pen, self.scale
        for measurement in self.report.key:
            row = row_of(measurement)
            pen.text(x, y + 7.5 * scale, row.label, 7.5 * scale, style.SOFT)
            if row.unmeasured:
                pen.text(x, y + 20 * scale, row.value, 9 * scale, style.SOFT)
                y += 30 * scale
                continue
            size = 19 * scale
            pen.text(x, y + 27 * scale, row.value, size, style.ACCENT, bold=True)
            if row.unit_alone:
                shift = pen.width(row.value, size, bold=True) + (0 if row.unit_alone == "\u00b0" else 4 * scale)
                pen.text(x + shift, y + 27 * scale, row.unit_alone, 10 * scale, style.ACCENT)
            for line in pen.wrap(spread_text(row), 8 * scale, width):
                pen.text(x, y + 38.5 * scale, line, 8 * scale, style.INK)
                y += 10.5 * scale
            y += 38 * scale
        return y + (4 if self.report.key else 0)

    def _pictures(self, y: float, room: float) -> float | None:
        """The first picture large, the others three to a row below; the y below them."""
        first, rest = self.report.pictures[0], self.report.pictures[1:]
        small = (PICTURE_WIDTH - 2 * 8) / 3
        rows = [rest[start : start + 3] for start in range(0, len(rest), 3)]
        rest_height = sum(max(self._figure_height(picture, small, 90) for picture in row) + 8 for row in rows)
        _, chart_height = chart_size(self.report)
        chart_count = len(self.report.charts) if self.report.charts_beside else 0
        rest_height += chart_count * (chart_height + 10)
        wide, tall = picture_size(self.report)
        limit = min(room - rest_height - self._caption_height(first, wide), tall)
        if limit < 90:
            return None
        y += self._figure(first, LEFT, y, wide, limit)
        for row in rows:
            y += 8
            for column, picture in enumerate(row):
                self._figure(picture, LEFT + column * (small + 8), y, small, 90)
            y += max(self._figure_height(picture, small, 90) for picture in row)
        for chart in self.report.charts[:chart_count]:
            self.pen.shapes(LEFT, y + 10, chart_shapes(chart, PICTURE_WIDTH, chart_height))
            y += chart_height + 10
        return y

    def _caption_height(self, picture: Picture, width: float) -> float:
        size = 7.2 * self.scale
        return len(self.pen.wrap(picture.caption, size, width)) * size * 1.3 + 3

    def _figure_height(self, picture: Picture, width: float, limit: float) -> float:
        return min(width * picture.aspect, limit) + self._caption_height(picture, width)

    def _figure(self, picture: Picture, x: float, y: float, width: float, limit: float) -> float:
        height = width * picture.aspect
        shown = width
        if height > limit:
            height, shown = limit, limit / picture.aspect
        self.pen.picture(x, y, shown, height, picture.pixels)
        size = 7.2 * self.scale
        for index, line in enumerate(self.pen.wrap(picture.caption, size, width)):
            self.pen.text(x, y + height + 3 + size * (1 + 1.3 * index), line, size, style.SOFT)
        return height + self._caption_height(picture, width)

    def _charts_height(self) -> float:
        return chart_rows(self.report) * (chart_size(self.report)[1] + 6) if self.report.charts else 0.0

    def _charts(self, y: float) -> None:
        """All charts across the page, row by row."""
        width, height = chart_size(self.report)
        for index, chart in enumerate(self.report.charts):
            row, column = divmod(index, chart_columns(self.report))
            self.pen.shapes(LEFT + column * (width + GAP), y + row * (height + 6), chart_shapes(chart, width, height))

    def _foot_blocks(self) -> list[tuple[float, Callable[[float], None]]]:
        """Notes, provenance and disclaimer with their heights, drawn from a given y."""
        pen, scale = self.pen, self.scale
        blocks: list[tuple[float, Callable[[float], None]]] = []
        size = 7.2 * scale
        notes = [pen.wrap(note, size, WIDTH - 10) for note in self.report.notes]
        items = provenance_items(self.report.provenance)
        if pen.replaced or any(pen.legible(value) and pen.replaced for _, value in items):
            notes.append(pen.wrap(MISSING_GLYPH, size, WIDTH - 10))
        if notes:
            height = sum(len(lines) for lines in notes) * size * 1.35 + 8

            def draw_notes(y: float) -> None:
                y += 4
                for lines in notes:
                    pen.text(LEFT, y + size, "\u2022", size, style.SOFT)
                    for line in lines:
                        pen.text(LEFT + 9, y + size, line, size, style.INK)
                        y += size * 1.35

            blocks.append((height, draw_notes))
        if items:
            blocks.append(self._provenance(items, 6.4 * scale))

        def draw_disclaimer(y: float) -> None:
            pen.rule(LEFT, y + 3, WIDTH, style.HAIRLINE)
            pen.text(LEFT, y + 14, self.report.disclaimer, 7.2, style.INK, bold=True)

        blocks.append((18.0, draw_disclaimer))
        return blocks

    def _provenance(self, items: list[tuple[str, str]], size: float) -> tuple[float, Callable[[float], None]]:
        pen, columns = self.pen, 3
        cell = WIDTH / columns
        cells = []
        for label, value in items:
            indent = pen.width(label + "  ", size)
            cells.append((label, indent, pen.wrap(value, size, max(cell - indent - 8, 30))))
        rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
        heights = [max(len(lines) or 1 for _, _, lines in row) * size * 1.35 for row in rows]

        def draw(y: float) -> None:
            pen.rule(LEFT, y + 3, WIDTH, style.HAIRLINE)
            y += 7
            for row, height in zip(rows, heights, strict=True):
                for column, (label, indent, lines) in enumerate(row):
                    x = LEFT + column * cell
                    pen.text(x, y + size, label, size, style.SOFT)
                    for index, line in enumerate(lines):
                        pen.text(x + indent, y + size * (1 + 1.35 * index), line, size, style.INK)
                y += height

        return sum(heights) + 10, draw
