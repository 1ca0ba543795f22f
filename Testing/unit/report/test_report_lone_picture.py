"""A picture with nothing beside it has the whole width of its page."""

from __future__ import annotations

import numpy as np
import pytest

from DeepMedLib.measurement import Measurement
from DeepMedLib.report import pdf_canvas
from DeepMedLib.report.fit import PICTURE_WIDTH, WIDTH, picture_size
from DeepMedLib.report.html import render_html
from DeepMedLib.report.model import Picture, Report, Section
from DeepMedLib.report.pdf import render_pdf

pytest.importorskip("jinja2")
pytest.importorskip("reportlab")

PICTURE = Picture(np.zeros((40, 50), np.uint8), "A chart.")
WIDE = Section("Wide", header=("a", "b", "c", "d"), rows=(("1", "2", "3", "4"),))


def shown_width(report: Report, monkeypatch: pytest.MonkeyPatch) -> float:
    widths: list[float] = []
    original = pdf_canvas.Pen.picture

    def spy(pen: pdf_canvas.Pen, x: float, y: float, width: float, height: float, pixels: np.ndarray) -> None:
        widths.append(width)
        original(pen, x, y, width, height, pixels)

    monkeypatch.setattr(pdf_canvas.Pen, "picture", spy)
    render_pdf(report)
    return max(widths)


@pytest.mark.parametrize(
    ("report", "alone"),
    [
        (Report("t", pictures=(PICTURE,)), True),
        (Report("t", pictures=(PICTURE,), sections=(WIDE,), notes=("n",)), True),
        (Report("t", pictures=(PICTURE,), sections=(Section("Narrow", text="words"),)), False),
        (Report("t", pictures=(PICTURE,), key=(Measurement("BPD", 1.0, "mm"),)), False),
        (Report("t", pictures=(PICTURE, PICTURE)), False),
    ],
)
def test_width_of_the_first_picture(report: Report, alone: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    assert report.picture_alone is alone
    width = WIDTH if alone else PICTURE_WIDTH
    assert picture_size(report)[0] == width
    assert shown_width(report, monkeypatch) == pytest.approx(width)
    assert ('class="main bare alone"' in render_html(report)) is alone
