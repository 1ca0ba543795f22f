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


def draw_ceph_sketcher(picture: Image.Image) -> None:
    """A face seen from the side: profile, jaw and skull base as a pencil draws them, with four landmarks."""
    pen = Pen(picture)
    vault = arc((58, 52), (42, 36), 168, 322)
    forehead = [(93, 36), (95, 44), (94, 50), (101, 60), (106, 66), (99, 70), (97, 73), (101, 78), (97, 82), (101, 87)]
    chin = [(97, 93), (99, 100), (95, 108), (84, 113), (72, 112)]
    pen.line([*vault, *forehead, *chin], PAPER, 4.5)
    jaw = [(47, 68), (49, 84), (54, 94), (70, 101), (86, 104), (89, 98), (87, 88)]
    pen.line(jaw, SKY, 4)
    pen.line([(58, 72), (74, 71), (90, 70)], SKY, 3.4)
    sella, nasion, pogonion, gonion = (56.0, 52.0), (90.0, 46.0), (88.0, 103.0), (51.0, 89.0)
    pen.line([sella, nasion], WARM, 2.4)
    pen.line([nasion, pogonion], WARM, 2.4)
    for point in (sella, nasion, pogonion, gonion):
        pen.dot(point, 4.4, WARM)


def draw_scan_coverage(picture: Image.Image) -> None:
    """A body from the front with the scanned part between two lines, and the colored bar beside it."""
    pen = Pen(picture)
    pen.dot((50, 24), 10, PAPER)
    pen.polygon(
        [
            (30, 40),
            (70, 40),
            (74, 46),
            (69, 84),
            (66, 116),
            (53, 116),
            (50, 90),
            (47, 116),
            (34, 116),
            (31, 84),
            (26, 46),
        ],
        PAPER,
    )
    for center in ((42.0, 56.0), (58.0, 56.0)):
        pen.polygon(arc(center, (6, 11), 0, 360), SEA)
    for y in (38.0, 92.0):
        pen.line([(16, y), (84, y)], WARM, 2.6)
    for top, bottom, color in ((38, 66, SKY), (66, 80, WARM), (80, 92, (120, 200, 120))):
        pen.polygon([(94, top), (108, top), (108, bottom), (94, bottom)], color)


ICONS: dict[str, Callable[[Image.Image], None]] = {
    "DeepMedExtension.png": draw_extension,
    "CephSketcher/Resources/Icons/CephSketcher.png": draw_ceph_sketcher,
    "FetalBiometry/Resources/Icons/FetalBiometry.png": draw_fetal_biometry,
    "ScanCoverage/Resources/Icons/ScanCoverage.png": draw_scan_coverage,
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
