"""Reports of several pages, and many charts on one."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from DeepMedLib.errors import BadInput
from DeepMedLib.report.fit import chart_columns, chart_rows, chart_size
from DeepMedLib.report.html import render_html
from DeepMedLib.report.model import Chart, Report, Section, Series
from DeepMedLib.report.pdf import render_pdf

pytest.importorskip("jinja2")
pytest.importorskip("reportlab")

CHART = Chart("Growth", "weeks", "mm", (Series((14, 40), (98, 330), "50th"),))


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def rows(count: int) -> Section:
    return Section("Table", header=("a", "b", "c", "d"), rows=tuple((str(n), "x", "y", "z") for n in range(count)))


def test_each_page_is_laid_out_for_itself() -> None:
    last = Report("Third", sections=(rows(50),), more=(Report("never shown"),))
    report = Report("First", more=(Report("Second", charts=(CHART,) * 6), last))
    assert [p.title for p in report.pages] == ["First", "Second", "Third"]
    pdf = render_pdf(report)
    assert pages_of(pdf) == 3 and pdf == render_pdf(report)
    assert pages_of(render_pdf(replace(report, more=()))) == 1
    html = render_html(report)
    assert html.count('<article class="sheet"') == 3 and html.count("<main>") == html.count("</main>") == 1
    assert html.count("<svg") == 6 and "never shown" not in html and html.count("<title>") == 1


def test_a_page_that_is_too_full_is_refused() -> None:
    with pytest.raises(BadInput, match="more than one page"):
        render_pdf(Report("First", more=(Report("Second", sections=(rows(200),)),)))


@pytest.mark.parametrize(
    ("count", "columns", "rows_of"), [(1, 1, 1), (2, 2, 1), (3, 3, 1), (4, 2, 2), (5, 2, 3), (6, 2, 3)]
)
def test_charts_share_the_page(count: int, columns: int, rows_of: int) -> None:
    report = Report("t", charts=(CHART,) * count)
    assert (chart_columns(report), chart_rows(report)) == (columns, rows_of)
    width, height = chart_size(report)
    assert columns * width <= 515.3 and rows_of * height < 600
    assert f"--columns: {columns}" in render_html(report) and pages_of(render_pdf(report)) == 1
