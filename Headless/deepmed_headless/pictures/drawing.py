"""What the icons are drawn with: a ground, a pen, arcs and the suite's colors.

Each icon is drawn eight times too large and scaled down, so that edges are smooth; every file is 128 x 128.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIZE = 128
OVER = 8
Point = tuple[float, float]
Color = tuple[int, int, int]

DEEP = (16, 58, 92)
SEA = (22, 122, 138)
SKY = (122, 214, 210)
PAPER = (244, 250, 250)
WARM = (255, 178, 84)


def canvas(top: Color, bottom: Color) -> Image.Image:
    """A rounded square with a soft diagonal gradient on transparent ground."""
    n = SIZE * OVER
    y, x = np.mgrid[0:n, 0:n]
    t = ((x + y) / (2 * (n - 1)))[..., None]
    ground = (np.array(top) * (1 - t) + np.array(bottom) * t).astype(np.uint8)
    picture = Image.fromarray(ground).convert("RGBA")
    mask = Image.new("L", (n, n), 0)
    ImageDraw.Draw(mask).rounded_rectangle((4 * OVER, 4 * OVER, n - 4 * OVER, n - 4 * OVER), radius=24 * OVER, fill=255)
    picture.putalpha(mask)
    return picture


class Pen:
    """Draws in icon pixels (0 to 128, y down) on the enlarged picture."""

    def __init__(self, picture: Image.Image) -> None:
        self.draw = ImageDraw.Draw(picture)

    def line(self, points: Sequence[Point], color: Color, width: float) -> None:
        """A polyline with round ends and joints."""
        scaled = [(x * OVER, y * OVER) for x, y in points]
        self.draw.line(scaled, fill=color, width=round(width * OVER), joint="curve")
        for x, y in (points[0], points[-1]):
            self.dot((x, y), width / 2, color)

    def dot(self, center: Point, radius: float, color: Color) -> None:
        """A filled circle."""
        x, y = center
        self.draw.ellipse(tuple(OVER * v for v in (x - radius, y - radius, x + radius, y + radius)), fill=color)

    def polygon(self, points: Sequence[Point], color: Color) -> None:
        """A filled polygon."""
        self.draw.polygon([(x * OVER, y * OVER) for x, y in points], fill=color)


def arc(center: Point, radii: Point, start: float, end: float, turn: float = 0.0) -> list[Point]:
    """Points of an ellipse arc; angles in degrees from the right, clockwise on the screen; `turn` rotates it."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    steps = np.radians(np.linspace(start, end, 181))
    a, b = radii[0] * np.cos(steps), radii[1] * np.sin(steps)
    return [(center[0] + u * c - v * s, center[1] + u * s + v * c) for u, v in zip(a, b, strict=True)]


def save_icon(picture: Image.Image, path: Path) -> None:
    """Writes a drawn icon in its final size as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(path, optimize=True)
