"""A sheet with the shell from six sides and the scale of its colors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from DeepMedLib.report.charts import nice_ticks, tick_text
from EPMappingLib.report.colors import UNKNOWN, table
from EPMappingLib.report.shell_drawing import SIDES, Dot, Polyline, draw_side

WIDTH = 1200
_COLUMNS = 3
_OVER = 2  # drawn so many times larger, then brought down: smooth edges
_INK, _SOFT, _PAPER = (34, 40, 49), (110, 120, 132), (255, 255, 255)


def sheet(
    vertices: np.ndarray,
    faces: np.ndarray,
    colors: np.ndarray,
    title: str,
    span: tuple[float, float],
    lines: Sequence[Polyline] = (),
    dots: Sequence[Dot] = (),
    width: int = WIDTH,
    legend: str = "",
) -> np.ndarray:
    """(H, W, 3) uint8.

    Args:
        vertices, faces: the shell, RAS mm.
        colors: (F, 3) uint8 of the triangles.
        title: what the colors mean, with the unit.
        span: of the scale.
        legend: how the line below goes on: what lines and dots are.
    """
    from PIL import Image, ImageDraw

    size = max(round(width / 75), 9)
    head, foot, label = round(2.2 * size), round(6.4 * size), round(1.7 * size)
    cell = width // _COLUMNS
    rows = -(-len(SIDES) // _COLUMNS)
    sheet_ = Image.new("RGB", (width, head + rows * (cell + label) + foot), _PAPER)
    draw = ImageDraw.Draw(sheet_)
    draw.text((size, head / 2), title, fill=_INK, font=_font(round(1.15 * size)), anchor="lm")
    corners = vertices[faces]
    low, high = vertices[np.unique(faces)].min(0), vertices[np.unique(faces)].max(0)
    scale = 0.9 * _OVER * cell / float((high - low).max())
    thick = [Polyline(line.points, line.color, line.width * _OVER * width / WIDTH) for line in lines]
    for number, side in enumerate(SIDES):
        row, column = divmod(number, _COLUMNS)
        part = Image.new("RGB", (_OVER * cell, _OVER * cell), _PAPER)
        draw_side(part, side, scale, (low + high) / 2, corners, colors, thick, dots)
        top = head + row * (cell + label)
        sheet_.paste(part.resize((cell, cell), Image.Resampling.LANCZOS), (column * cell, top))
        draw.text(
            (column * cell + cell / 2, top + cell + label / 2), side.name, fill=_SOFT, font=_font(size), anchor="mm"
        )
    _bar(draw, (2 * size, head + rows * (cell + label) + size // 2, width // 2, size), span, size)
    words = "gray: nothing measured nearby" + legend
    draw.text((size, head + rows * (cell + label) + 5 * size), words, fill=_SOFT, font=_font(size), anchor="lm")
    return np.asarray(sheet_)


def _bar(draw: Any, place: tuple[int, int, int, int], span: tuple[float, float], size: int) -> None:
    """The scale: colors with ticks below."""
    left, top, width, height = place
    steps = (255 * table()).round().astype(int)
    for x in range(width):
        color = tuple(steps[min(256 * x // width, 255)].tolist())
        draw.line([(left + x, top), (left + x, top + height)], fill=color)
    ticks = nice_ticks(*span, 6)
    for tick in ticks:
        at = left + (tick - span[0]) / max(span[1] - span[0], 1e-9) * width
        draw.line([(at, top + height), (at, top + 1.3 * height)], fill=_SOFT)
        text = tick_text(tick, ticks).replace("\u2212", "-")  # Pillow's own font has no minus sign
        draw.text((at, top + 1.5 * height), text, fill=_SOFT, font=_font(size), anchor="mt")
    draw.rectangle([left + width + size // 3, top, left + width + size, top + height], fill=tuple(UNKNOWN.tolist()))


def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)
