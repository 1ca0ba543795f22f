"""Tracings as line drawings on white, one or two laid on each other, with reference planes (Pillow)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

RGB = tuple[int, int, int]
FIRST: RGB = (11, 100, 112)
SECOND: RGB = (194, 65, 12)
PLANES: RGB = (150, 160, 168)
#: Reference lines through two points, drawn beyond them; the occlusal plane joins means of two.
REFERENCE: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("SN", ("S",), ("N",)),
    ("FH", ("Po",), ("Or",)),
    ("PP", ("PNS",), ("ANS",)),
    ("OP", ("U6", "L6"), ("UI", "LI")),
    ("MP", ("Go",), ("Me",)),
    ("N-Pog", ("N",), ("Pog",)),
)
_OVERSAMPLING = 3
_MARGIN = 0.06


@dataclass(frozen=True)
class Tracing:
    """What is drawn of one film, in one common frame of pixels (x right, y down).

    Attributes:
        points: by symbol, (2,).
        outlines: (n, 2) with whether it is closed.
        color: of lines and marks.
        planes: draw the reference planes.
        names: write the landmarks' names.
    """

    points: Mapping[str, np.ndarray]
    outlines: Sequence[tuple[np.ndarray, bool]] = field(default_factory=tuple)
    color: RGB = FIRST
    planes: bool = True
    names: bool = True


def draw_tracings(tracings: Sequence[Tracing], width: int = 1200, pixel_aspect: float = 1.0) -> np.ndarray:
    """(H, width, 3) uint8: the tracings on white, cut to what they cover.

    Args:
        pixel_aspect: height of a film pixel over its width.

    Raises:
        ValueError: there is nothing to draw.
    """
    from PIL import Image, ImageDraw, ImageFont

    parts = [np.asarray(list(t.points.values()), float).reshape(-1, 2) for t in tracings]
    parts += [np.asarray(xy, float).reshape(-1, 2) for t in tracings for xy, _ in t.outlines]
    every = np.vstack([*parts, np.empty((0, 2))]) * np.array([1.0, pixel_aspect])
    if len(every) < 2:
        raise ValueError("a tracing needs points")
    low, high = every.min(axis=0), every.max(axis=0)
    room = _MARGIN * float((high - low).max())
    low, high = low - room, high + room
    zoom = width / float(high[0] - low[0])
    height = max(1, round(zoom * float(high[1] - low[1])))
    n = _OVERSAMPLING
    layer = Image.new("RGB", (width * n, height * n), (255, 255, 255))
    draw = ImageDraw.Draw(layer)

    def at(xy: np.ndarray) -> tuple[float, float]:
        x, y = (np.asarray(xy, float) * np.array([1.0, pixel_aspect]) - low) * zoom * n
        return float(x), float(y)

    unit = width * n / 1200
    labels: list[tuple[tuple[float, float], str, RGB]] = []
    for tracing in tracings:
        if tracing.planes:
            labels += _planes(draw, tracing, at, unit)
    for tracing in tracings:
        for xy, closed in tracing.outlines:
            ring = [at(p) for p in (np.vstack([xy, xy[:1]]) if closed else np.asarray(xy))]
            draw.line(ring, fill=tracing.color, width=max(2, round(3.2 * unit)), joint="curve")
        for symbol, xy in tracing.points.items():
            x, y = at(xy)
            r = 4.5 * unit
            draw.ellipse([x - r, y - r, x + r, y + r], fill=tracing.color)
            if tracing.names:
                labels.append(((x + 8 * unit, y - 24 * unit), symbol, tracing.color))
    picture = layer.resize((width, height), Image.Resampling.BOX)
    text = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=max(9, round(width / 44)))
    for (x, y), name, color in labels:
        text.text((x / n, y / n), name, fill=color, font=font, stroke_width=2, stroke_fill=(255, 255, 255))
    return np.asarray(picture)


def _planes(draw: Any, tracing: Tracing, at: Any, unit: float) -> list[tuple[tuple[float, float], str, RGB]]:
    labels = []
    for name, back, front in REFERENCE:
        if not all(s in tracing.points for s in (*back, *front)):
            continue
        a, b = (np.array(at(np.mean([tracing.points[s] for s in group], axis=0))) for group in (back, front))
        u = (b - a) / max(float(np.linalg.norm(b - a)), 1e-9)
        start, end = a - 60 * unit * u, b + 60 * unit * u
        steps = max(1, int(np.linalg.norm(end - start) / (16 * unit)))
        for i in range(0, steps, 2):
            p, q = start + (end - start) * i / steps, start + (end - start) * min(i + 1.2, steps) / steps
            draw.line([tuple(p), tuple(q)], fill=PLANES, width=max(1, round(1.8 * unit)))
        x, y = end + 8 * unit * u - np.array([0.0, 20 * unit])
        labels.append(((float(x), float(y)), name, PLANES))
    return labels
