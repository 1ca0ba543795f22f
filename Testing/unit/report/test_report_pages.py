"""The written pages: escaped, self-contained, one A4 page, the same numbers in HTML and PDF."""

from __future__ import annotations

import base64
import errno
import io
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from DeepMedLib.errors import BadInput, DependencyMissing, DiskRefused
from DeepMedLib.measurement import Code, Measurement
from DeepMedLib.report import fit, pdf, pdf_canvas
from DeepMedLib.report.files import write_whole
from DeepMedLib.report.html import render_html, write_html
from DeepMedLib.report.model import DISCLAIMER, Chart, ChartPoint, Picture, Report, Section, Series
from DeepMedLib.report.pdf import render_pdf, write_pdf
from DeepMedLib.report.rows import row_of

pytest.importorskip("jinja2")
pytest.importorskip("reportlab")

SOURCE = "fetal_head 1.0, ellipse fit"
HC = Measurement("HC", 204.03, "mm", 2.1, Code("11984-2", "LN", "Head Circumference"), SOURCE, "Head circumference")


def picture(height: int = 30, width: int = 40) -> Picture:
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(pixels, "Head outline and the two axes.")


def report(**changes: Any) -> Report:
    content: dict[str, Any] = {
        "title": "Fetal head biometry",
        "subtitle": "Second-trimester ultrasound",
        "date": "1 August 2026",
        "subject": (("Subject", "ANON-0042"), ("File", "0042_HC.png"), ("Pixel size", "0.134 mm"), ("Plane", "head")),
        "key": (HC, Measurement("GA", 22.41, "weeks", 0.6, label="Gestational age")),
        "pictures": (picture(),),
        "warnings": ("The skull leaves the picture on the left.",),
        "sections": (
            Section(
                "Measurements",
                (
                    HC,
                    Measurement("BPD", 55.21, "mm", 0.83, source="edited by the user"),
                    Measurement("CI", 0.7676, "", 0.016, source=SOURCE, label="Cephalic index"),
                    Measurement("SNA", -81.04, "deg", 1.2),
                    Measurement("AC", None, "mm"),
                ),
            ),
            Section("Quality", header=("Cue", "Finding"), rows=(("Skull closed", "94 %"), ("Residual", "0.31 mm"))),
        ),
        "charts": (
            Chart("HC", "weeks", "mm", (Series((14, 40), (98, 330), "50th"),), points=(ChartPoint(22.4, 204, "204"),)),
        ),
        "notes": ("The 95 % interval is value \u00b1 1.96 SD.",),
        "provenance": {"DeepMed.Model": "fetal_head", "DeepMed.SHA256": "a3" * 32, "DeepMed.Device": "CPU"},
    }
    return Report(**{**content, **changes})


class Reader(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.pieces: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._hidden = tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.pieces.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.pieces).split())


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def drawn(monkeypatch: pytest.MonkeyPatch, content: Report) -> list[str]:
    """Every text that the PDF of a report shows, in the order of drawing, of the last attempt to lay it out."""
    pages: list[list[str]] = []
    outside: list[list[str]] = []
    original_text, original_init = pdf_canvas.Pen.text, pdf_canvas.Pen.__init__

    def begin(pen: pdf_canvas.Pen, *arguments: Any) -> None:
        pages.append([])
        outside.append([])
        original_init(pen, *arguments)

    def text(pen: pdf_canvas.Pen, x: float, y: float, what: str, *more: Any, **named: Any) -> None:
        if not (0 <= x <= pdf_canvas.PAGE_WIDTH and 0 <= y <= pdf_canvas.PAGE_HEIGHT):
            outside[-1].append(what)
        pages[-1].append(pen.legible(what))
        original_text(pen, x, y, what, *more, **named)

    with monkeypatch.context() as patch:
        patch.setattr(pdf_canvas.Pen, "__init__", begin)
        patch.setattr(pdf_canvas.Pen, "text", text)
        render_pdf(content)
    assert outside[-1] == []
    return pages[-1]


FIGURES = re.compile(r"\u2212?\d+(?:\.\d+)?")


def test_html_and_pdf_carry_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    html = read(render_html(report())).text
    page = " ".join(drawn(monkeypatch, report()))
    assert sorted(FIGURES.findall(html)) == sorted(FIGURES.findall(page))
    for text in ("204.0 \u00b1 2.1 mm", "199.9 to 208.1", "\u221281.0 \u00b1 1.2\u00b0", "0.768 \u00b1 0.016"):
        assert text in html
        assert text in page
    assert "not measured" in html and "not measured" in page
    assert html.endswith(DISCLAIMER) and page.endswith(DISCLAIMER)


def test_an_age_stands_without_a_second_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """22.41 weeks are 156.87 days: 22w3d."""
    html, page = read(render_html(report())).text, " ".join(drawn(monkeypatch, report()))
    for text in (html, page):
        assert "22w3d" in text and re.search(r"22w3d\s*weeks", text) is None
        assert "\u00b1 0.6 weeks" in text
    row = row_of(Measurement("GA", 22.41, "weeks", label="Gestational age"))
    assert (row.figure, row.unit_alone) == ("22w3d", "")
    assert row_of(Measurement("GA", 22.41, "weeks", 0.6)).figure == "22w3d \u00b1 0.6 weeks"
    assert row_of(HC).unit_alone == "mm"


def test_html_is_self_contained() -> None:
    html = render_html(report(), language="de")
    reader = read(html)
    assert html.startswith("<!DOCTYPE html>")
    assert ("html", {"lang": "de"}) in reader.tags
    names = {tag for tag, _ in reader.tags}
    assert not names & {"script", "link", "iframe", "object", "form"}
    for _tag, attributes in reader.tags:
        assert attributes.get("href") is None
        assert str(attributes.get("src", "data:")).startswith("data:")
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", html)
    assert "@page { size: A4" in html


def test_html_picture_is_the_picture() -> None:
    from PIL import Image

    tags = read(render_html(report())).tags
    image = next(attributes for tag, attributes in tags if tag == "img")
    assert (image["width"], image["height"], image["alt"]) == ("40", "30", "Head outline and the two axes.")
    data = base64.b64decode(str(image["src"]).removeprefix("data:image/png;base64,"))
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), picture().pixels)


HOSTILE = '<script>alert("1")</script> & <b>'


def test_every_text_is_escaped() -> None:
    measurement = Measurement("x", 1.0, HOSTILE, 0.1, Code(HOSTILE, HOSTILE, ""), HOSTILE, HOSTILE)
    content = Report(
        HOSTILE,
        HOSTILE,
        HOSTILE,
        ((HOSTILE, HOSTILE),),
        (measurement,),
        (Picture(np.zeros((2, 2), np.uint8), HOSTILE),),
        (HOSTILE,),
        (Section(HOSTILE, (measurement,), (HOSTILE,), ((HOSTILE,),), HOSTILE),),
        (Chart(HOSTILE, HOSTILE, HOSTILE, points=(ChartPoint(1, 1, HOSTILE),)),),
        (HOSTILE,),
        {HOSTILE: HOSTILE},
        HOSTILE,
    )
    html = render_html(content, language='"><script>')
    assert "<script" not in html
    assert "<b>" not in html
    assert read(html).text.count('alert("1")') >= 18


def test_shared_source_is_printed_once_and_different_ones_on_their_lines() -> None:
    section = report().sections[0]
    assert read(render_html(report())).text.count(SOURCE) == 2
    same = Section("Measurements", tuple(item for item in section.measurements if item.source == SOURCE))
    html = read(render_html(report(sections=(same,)))).text
    assert html.count(SOURCE) == 1
    assert f"Source: {SOURCE}" in html


def test_pdf_is_one_a4_page_with_embedded_fonts() -> None:
    data = render_pdf(report())
    assert data.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b(?!s)", data)) == 1
    assert re.search(rb"/MediaBox \[ 0 0 595\.28 841\.89 \]", data)
    assert data.count(b"/FontFile2") == 2
    assert b"/Helvetica" not in data
    assert render_pdf(report()) == data


def test_pdf_replaces_what_the_font_lacks_visibly(monkeypatch: pytest.MonkeyPatch) -> None:
    page = drawn(monkeypatch, report(title="\u4e2d\u6587 \u03c3 \u2192 J\u00fcrgen"))
    assert page[2] == "?? sigma -> J\u00fcrgen"
    assert pdf.MISSING_GLYPH in page
    assert pdf.MISSING_GLYPH not in drawn(monkeypatch, report())
    assert pdf.MISSING_GLYPH in drawn(monkeypatch, report(provenance={"Device": "\u4e2d"}))


def test_long_reports_shrink_and_too_long_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(count: int) -> Report:
        listed = tuple(Measurement(f"M{number}", float(number), "mm", 1.0) for number in range(count))
        return report(sections=(Section("All", listed),))

    page = drawn(monkeypatch, rows(36))
    assert "35.0 \u00b1 1.0 mm" in page
    assert fit.text_scale(report()) == 1.0
    assert 0.6 <= fit.text_scale(rows(36)) < 1.0
    with pytest.raises(BadInput, match="more than one page"):
        render_pdf(rows(200))
    assert fit.text_scale(rows(200)) == 0.6


@pytest.mark.parametrize(
    "content",
    [
        Report("Only a title"),
        report(pictures=(), key=()),
        report(pictures=(picture(300, 100),) * 5),
        report(charts=report().charts * 3),
        report(sections=(Section("Wide", header=("a", "b", "c", "d"), rows=(("1", "2", "3", "x" * 300),)),)),
        report(pictures=(Picture(np.zeros((1, 1), np.uint8)),), warnings=()),
        report(title="w" * 200, warnings=("word " * 60,) * 2),
    ],
)
def test_odd_reports_still_fit(content: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    page = drawn(monkeypatch, content)
    assert page[-1] == DISCLAIMER
    html = read(render_html(content)).text
    assert sorted(FIGURES.findall(html)) == sorted(FIGURES.findall(" ".join(page)))


def test_files_are_whole_or_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write_html(report(), tmp_path / "report.html").read_text(encoding="utf-8") == render_html(report())
    assert write_pdf(report(), tmp_path / "report.pdf").read_bytes() == render_pdf(report())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.pdf"]

    def fail(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr("DeepMedLib.report.files.os.replace", fail)
    with pytest.raises(DiskRefused, match=r"report\.html is full"):
        write_whole(tmp_path / "report.html", b"half")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.pdf"]
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == render_html(report())


@pytest.mark.parametrize(("package", "render"), [("jinja2", render_html), ("reportlab", render_pdf)])
def test_missing_package_is_named(package: str, render: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DependencyMissing, match=f"pip install {package}"):
        render(report())


def test_importing_the_report_loads_neither_package() -> None:
    import subprocess

    code = (
        "import sys, DeepMedLib.report.html, DeepMedLib.report.pdf;"
        "print([name for name in ('jinja2', 'reportlab', 'PIL') if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[3]
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert run.stdout.strip() == "[]"
