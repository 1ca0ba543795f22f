"""Draw the icons of the extension and of its modules: ``python Screenshots/draw_icons.py``.

Each icon is drawn eight times too large and scaled down, so that edges are smooth; every file is 128 x 128.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIZE = 128
OVER = 8
Point = tuple[float, float]

DEEP = (16, 58, 92)
SEA = (22, 122, 138)
SKY = (122, 214, 210)
PAPER = (244, 250, 250)
WARM = (255, 178, 84)


def canvas(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> Image.Image:
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

    def line(self, points: list[Point], color: tuple[int, int, int], width: float) -> None:
        """A polyline with round ends and joints."""
        scaled = [(x * OVER, y * OVER) for x, y in points]
        self.draw.line(scaled, fill=color, width=round(width * OVER), joint="curve")
        for x, y in (points[0], points[-1]):
            self.dot((x, y), width / 2, color)

    def dot(self, center: Point, radius: float, color: tuple[int, int, int]) -> None:
        """A filled circle."""
        x, y = center
        self.draw.ellipse(tuple(OVER * v for v in (x - radius, y - radius, x + radius, y + radius)), fill=color)

    def polygon(self, points: list[Point], color: tuple[int, int, int]) -> None:
        """A filled polygon."""
        self.draw.polygon([(x * OVER, y * OVER) for x, y in points], fill=color)


def arc(center: Point, radii: Point, start: float, end: float, turn: float = 0.0) -> list[Point]:
    """Points of an ellipse arc; angles in degrees from the right, clockwise on the screen; `turn` rotates it."""
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    steps = np.radians(np.linspace(start, end, 181))
    a, b = radii[0] * np.cos(steps), radii[1] * np.sin(steps)
    return [(center[0] + u * c - v * s, center[1] + u * s + v * c) for u, v in zip(a, b, strict=True)]


def draw_extension(picture: Image.Image) -> None:
    """A stack of three slices whose top one carries a small network: images in, learned answers out."""
    pen = Pen(picture)
    for y, color in ((86.0, (28, 96, 122)), (71.0, (52, 150, 160)), (56.0, PAPER)):
        pen.polygon([(64, y - 30), (110, y), (64, y + 30), (18, y)], color)
    nodes = {"in1": (39.0, 56.0), "mid1": (64.0, 40.5), "mid2": (64.0, 71.5), "out": (89.0, 56.0)}
    for a, b in (("in1", "mid1"), ("in1", "mid2"), ("mid1", "mid2"), ("mid1", "out"), ("mid2", "out")):
        pen.line([nodes[a], nodes[b]], SEA, 3)
    for name in ("in1", "mid1", "mid2"):
        pen.dot(nodes[name], 5.6, DEEP)
    pen.dot(nodes["out"], 7.4, WARM)


def draw_fetal_biometry(picture: Image.Image) -> None:
    """An ultrasound sector with a head outline and its two measured axes."""
    pen = Pen(picture)
    apex, spread = (64.0, 2.0), 29.0
    outer = arc(apex, (112, 112), 90 - spread, 90 + spread)
    inner = arc(apex, (24, 24), 90 + spread, 90 - spread)
    pen.polygon(outer + inner, (9, 30, 48))
    pen.line([*inner[::-1]], SKY, 2.5)
    center, radii, turn = (64.0, 73.0), (31.0, 23.5), -18.0
    pen.line(arc(center, radii, 0, 360, turn), PAPER, 5)
    c, s = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    long_axis = [
        (center[0] - radii[0] * c, center[1] - radii[0] * s),
        (center[0] + radii[0] * c, center[1] + radii[0] * s),
    ]
    short_axis = [
        (center[0] + radii[1] * s, center[1] - radii[1] * c),
        (center[0] - radii[1] * s, center[1] + radii[1] * c),
    ]
    for axis in (long_axis, short_axis):
        pen.line(axis, WARM, 2.6)
        for end in axis:
            pen.dot(end, 4.6, WARM)


ICONS: dict[str, Callable[[Image.Image], None]] = {
    "DeepMedExtension.png": draw_extension,
    "FetalBiometry/Resources/Icons/FetalBiometry.png": draw_fetal_biometry,
}


def main() -> None:
    """Write every icon below the repository's root."""
    root = Path(__file__).resolve().parent.parent
    for name, draw in ICONS.items():
        picture = canvas(SEA, DEEP)
        draw(picture)
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        picture.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(target, optimize=True)


if __name__ == "__main__":
    main()
