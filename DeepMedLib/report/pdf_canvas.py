"""Pen and paper for the PDF: fonts, text that fits, and shapes, from the page's upper left corner, in points."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np

from DeepMedLib.errors import DependencyMissing
from DeepMedLib.report.charts import Dot, Line, Shape, Text
from DeepMedLib.report.png import shrink

PAGE_WIDTH, PAGE_HEIGHT = 595.28, 841.89  # A4
_SPELLED = {
    "\u2192": "->",
    "\u2190": "<-",
    "\u03b1": "alpha",
    "\u03b2": "beta",
    "\u03c3": "sigma",
    "\u03bb": "lambda",
    "\u03bc": "\u00b5",
    "\u03a9": "Ohm",
    "\u2103": "\u00b0C",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2009": " ",
    "\u2011": "-",
    "\t": " ",
    "\n": " ",
}


class Pen:
    """Draws on A4 pages, one after the other.

    Args:
        title, author, subject: metadata of the file.

    Attributes:
        is_trial: set to leave out pictures, for pages that are laid out only to see whether everything fits.

    Raises:
        DependencyMissing: ReportLab is not installed.
    """

    def __init__(self, title: str, author: str, subject: str) -> None:
        try:
            import reportlab
            from reportlab.pdfbase import pdfmetrics
            from reportlab.pdfbase.ttfonts import TTFont
            from reportlab.pdfgen.canvas import Canvas
        except ImportError as error:
            raise DependencyMissing(
                "The PDF report needs the Python package ReportLab.", "Install it: pip install reportlab."
            ) from error
        self.is_trial = False
        folder = Path(reportlab.__file__).parent / "fonts"
        self._widths = pdfmetrics.stringWidth
        self._glyphs: dict[str, Any] = {}
        for name, file in (("DeepMedSans", "Vera.ttf"), ("DeepMedSans-Bold", "VeraBd.ttf")):
            font = TTFont(name, str(folder / file))
            pdfmetrics.registerFont(font)
            self._glyphs[name] = font.face.charToGlyph
        self._buffer = io.BytesIO()
        # invariant: the same report gives the same bytes
        self._canvas = Canvas(
            self._buffer, pagesize=(PAGE_WIDTH, PAGE_HEIGHT), invariant=1, initialFontName="DeepMedSans"
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)
        self._canvas.setSubject(subject)
        self._canvas.setCreator("DeepMed for 3D Slicer")
        self.replaced = False

    def legible(self, text: str, bold: bool = False) -> str:
        """The text in characters the font has: a few are spelled out, others become "?"."""
        glyphs = self._glyphs[self._font(bold)]
        pieces = []
        for character in unicodedata.normalize("NFC", text):
            if character in _SPELLED:
                pieces.append(_SPELLED[character])
            elif ord(character) in glyphs:
                pieces.append(character)
            elif not unicodedata.combining(character):
                self.replaced = True
                pieces.append("?")
        return "".join(pieces)

    @staticmethod
    def _font(bold: bool) -> str:
        return "DeepMedSans-Bold" if bold else "DeepMedSans"

    def width(self, text: str, size: float, bold: bool = False) -> float:
        """Width of a line in points."""
        return float(self._widths(self.legible(text, bold), self._font(bold), size))

    def wrap(self, text: str, size: float, width: float, bold: bool = False) -> list[str]:
        """Lines no wider than ``width``; words longer than a line (hashes, paths) are broken."""
        lines: list[str] = []
        current = ""
        for whole in self.legible(text, bold).split():
            word = whole
            candidate = f"{current} {word}".strip()
            if self.width(candidate, size, bold) <= width:
                current = candidate
                continue
            if current:
                lines.append(current)
            while self.width(word, size, bold) > width and len(word) > 1:
                cut = next(
                    n for n in range(len(word) - 1, 0, -1) if n == 1 or self.width(word[:n], size, bold) <= width
                )
                lines.append(word[:cut])
                word = word[cut:]
            current = word
        return [*lines, current] if current else lines

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        color: str,
        bold: bool = False,
        anchor: str = "start",
        upright: bool = False,
    ) -> None:
        """One line with its baseline at y."""
        canvas = self._canvas
        text = self.legible(text, bold)
        canvas.saveState()
        canvas.setFillColor(color)
        canvas.setFont(self._font(bold), size)
        canvas.translate(x, PAGE_HEIGHT - y)
        if upright:
            canvas.rotate(90)
        draw = {"start": canvas.drawString, "middle": canvas.drawCentredString, "end": canvas.drawRightString}[anchor]
        draw(0, 0, text)
        canvas.restoreState()

    def rule(self, x: float, y: float, width: float, color: str, thickness: float = 0.5) -> None:
        """A horizontal line."""
        self._canvas.setStrokeColor(color)
        self._canvas.setLineWidth(thickness)
        self._canvas.line(x, PAGE_HEIGHT - y, x + width, PAGE_HEIGHT - y)

    def box(self, x: float, y: float, width: float, height: float, color: str) -> None:
        """A filled rectangle; y is its upper edge."""
        self._canvas.setFillColor(color)
        self._canvas.rect(x, PAGE_HEIGHT - y - height, width, height, stroke=0, fill=1)

    def picture(self, x: float, y: float, width: float, height: float, pixels: np.ndarray) -> None:
        """A picture stretched to the rectangle; y is its upper edge."""
        from PIL import Image
        from reportlab import rl_config
        from reportlab.lib.utils import ImageReader

        if self.is_trial:  # only the room that it takes counts
            return
        reader = ImageReader(Image.fromarray(shrink(pixels)))
        # ReportLab would write the pixels as text (ASCII85), in plain Python: most of the time a report takes.
        before, rl_config.useA85 = rl_config.useA85, 0
        try:
            self._canvas.drawImage(reader, x, PAGE_HEIGHT - y - height, width, height)
        finally:
            rl_config.useA85 = before

    def shapes(self, x: float, y: float, shapes: list[Shape]) -> None:
        """A chart with its upper left corner at (x, y)."""
        for shape in shapes:
            if isinstance(shape, Text):
                self.text(
                    x + shape.x,
                    y + shape.y,
                    shape.text,
                    shape.size,
                    shape.color,
                    shape.bold,
                    shape.anchor,
                    shape.upright,
                )
            elif isinstance(shape, Dot):
                self._canvas.setFillColor(shape.fill)
                self._canvas.setStrokeColor("#ffffff")
                self._canvas.setLineWidth(0.8)
                self._canvas.circle(x + shape.x, PAGE_HEIGHT - y - shape.y, shape.radius, stroke=1, fill=1)
            else:
                self._line(x, y, shape)

    def _line(self, x: float, y: float, shape: Line) -> None:
        path = self._canvas.beginPath()
        for index, (px, py) in enumerate(shape.points):
            (path.moveTo if index == 0 else path.lineTo)(x + px, PAGE_HEIGHT - y - py)
        self._canvas.saveState()
        if shape.fill:
            path.close()
            self._canvas.setFillColor(shape.fill)
            self._canvas.drawPath(path, stroke=0, fill=1)
        else:
            self._canvas.setStrokeColor(shape.stroke)
            self._canvas.setLineWidth(shape.width)
            self._canvas.setLineJoin(1)
            if shape.dashed:
                self._canvas.setDash(3, 2)
            self._canvas.drawPath(path, stroke=1, fill=0)
        self._canvas.restoreState()

    def new_page(self) -> None:
        """End the page and begin the next."""
        self._canvas.showPage()
        self.replaced = False

    def finish(self) -> bytes:
        """The file's bytes."""
        self._canvas.showPage()
        self._canvas.save()
        return self._buffer.getvalue()
