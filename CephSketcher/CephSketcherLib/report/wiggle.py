"""The wiggle chart (polygon of Voorhies and Adams): every measure's deviation from its norm, one below the other.

The middle line is the norm, the shaded bands are 1, 2 and 3 SD of the norm; the polygon joins the measures, the bar
across it is the 95 % interval of the measure itself. Measures without a norm SD have no place on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from CephSketcherLib.analysis.analyses import CephMeasure

RGB = tuple[int, int, int]
INK: RGB = (23, 34, 43)
SOFT: RGB = (90, 104, 115)
BANDS: tuple[RGB, ...] = ((226, 236, 238), (236, 243, 244), (246, 249, 250))
NEAR: RGB = (11, 100, 112)
FAR: RGB = (194, 65, 12)
REACH = 4.0
_OVERSAMPLING = 2
_UNITS = {"deg": "\u00b0", "mm": " mm", "%": " %"}


@dataclass(frozen=True)
class WiggleRow:
    """One line of the chart: deviation and its 95 % interval in SD of the norm, all as printed left and right of it."""

    group: str
    title: str
    value_text: str
    norm_text: str
    deviation: float
    low: float | None
    high: float | None


def wiggle_rows(measures: Sequence[CephMeasure]) -> list[WiggleRow]:
    """The measures that have a norm with an SD, in their order."""
    rows = []
    for m in measures:
        if m.deviation_sd is None:
            continue
        low, high = m.deviation_interval or (None, None)
        spread = "" if m.sd is None else f" \u00b1 {m.sd:.1f}"
        title = m.title + (" *" if m.from_outlines else "")
        rows.append(
            WiggleRow(
                m.analysis, title, f"{m.value:.1f}{spread}{_UNITS[m.unit]}", m.norm_text, m.deviation_sd, low, high
            )
        )
    return rows


def draw_wiggle(rows: Sequence[WiggleRow], width: int = 1600) -> np.ndarray:
    """(H, width, 3) uint8: the chart on white; marks beyond 4 SD stand at the edge as arrows.

    Raises:
        ValueError: there are no rows.
    """
    from PIL import Image, ImageDraw, ImageFont

    if not rows:
        raise ValueError("a wiggle chart needs measures with norms")
    line = round(width / 46)
    groups = sum(1 for i, row in enumerate(rows) if i == 0 or row.group != rows[i - 1].group)
    height = round(line * (len(rows) + 1.15 * groups + 2.6))
    n = _OVERSAMPLING
    canvas = Image.new("RGB", (width * n, height * n), (255, 255, 255))
    draw = ImageDraw.Draw(canvas)
    left, right = 0.52 * width, 0.985 * width
    top, bottom = 1.5 * line, height - 0.9 * line

    def x_of(deviation: float) -> float:
        return (left + right) / 2 + max(-REACH, min(REACH, deviation)) / REACH * (right - left) / 2

    for sd, color in zip((3, 2, 1), reversed(BANDS), strict=True):
        draw.rectangle([x_of(-sd) * n, top * n, x_of(sd) * n, bottom * n], fill=color)
    for sd in range(-3, 4):
        strong = sd == 0
        x = x_of(sd) * n
        draw.line(
            [(x, top * n), (x, bottom * n)], fill=SOFT if strong else (205, 214, 219), width=n * (2 if strong else 1)
        )
    places, labels = _layout(rows, top, line, x_of)
    _polygon(draw, rows, places, x_of, n, line)
    picture = canvas.resize((width, height), Image.Resampling.BOX)
    text = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=round(0.66 * line))
    small = ImageFont.load_default(size=round(0.58 * line))
    for (x, y), words, kind, color in labels:
        chosen = small if kind == "small" else font
        text.text((x, y), words, fill=color, font=chosen, anchor="rm" if kind == "right" else "lm")
    text.text((0.385 * width, 0.75 * line), "value \u00b1 SD", fill=SOFT, font=small, anchor="rm")
    text.text((0.505 * width, 0.75 * line), "norm", fill=SOFT, font=small, anchor="rm")
    for sd in range(-3, 4):
        name = "norm" if sd == 0 else f"{sd:+d} SD"
        text.text((x_of(sd), 0.75 * line), name, fill=SOFT, font=small, anchor="mm")
    return np.asarray(picture)


def _layout(rows: Sequence[WiggleRow], top: float, line: float, x_of: Any) -> tuple[list[float], list[Any]]:
    """Height of each row's middle, and the texts with their places."""
    places: list[float] = []
    labels: list[Any] = []
    width = (x_of(0) - x_of(-REACH)) / (0.985 - 0.52) * 2
    y = top
    for i, row in enumerate(rows):
        if i == 0 or row.group != rows[i - 1].group:
            y += 0.85 * line
            labels.append(((0.005 * width, y - 0.2 * line), row.group, "small", NEAR))
            y += 0.3 * line
        y += line
        middle = y - 0.5 * line
        places.append(middle)
        labels.append(((0.012 * width, middle), row.title, "left", INK))
        labels.append(((0.395 * width, middle), row.value_text, "right", INK))
        labels.append(((0.512 * width, middle), row.norm_text, "right", SOFT))
    return places, labels


def _polygon(draw: Any, rows: Sequence[WiggleRow], places: list[float], x_of: Any, n: int, line: float) -> None:
    marks = [(x_of(row.deviation) * n, y * n) for row, y in zip(rows, places, strict=True)]
    for i in range(1, len(rows)):
        if rows[i].group == rows[i - 1].group:
            draw.line([marks[i - 1], marks[i]], fill=(120, 132, 141), width=2 * n)
    for row, (x, y) in zip(rows, marks, strict=True):
        color = FAR if abs(row.deviation) > 2 else NEAR
        if row.low is not None and row.high is not None:
            draw.line([(x_of(row.low) * n, y), (x_of(row.high) * n, y)], fill=color, width=3 * n)
        r = 0.2 * line * n
        if abs(row.deviation) > REACH:
            side = 1 if row.deviation > 0 else -1
            draw.polygon(
                [(x + side * 1.4 * r, y), (x - side * r, y - 1.3 * r), (x - side * r, y + 1.3 * r)], fill=color
            )
        else:
            draw.ellipse([x - r, y - r, x + r, y + r], fill=color, outline=(255, 255, 255), width=n)
