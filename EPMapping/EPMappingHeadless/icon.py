"""EP Mapping's icon."""

from __future__ import annotations

import math
from itertools import pairwise

from PIL import Image

from deepmed_headless.pictures.drawing import PAPER, SKY, WARM, Pen


def _ring(radius: float) -> list[tuple[float, float]]:
    """A wave front around a pacing site, bent as on the wall of an atrium."""
    steps = [2 * math.pi * number / 60 for number in range(61)]
    return [(46 + radius * math.cos(a) * (1 + 0.16 * math.cos(2 * a + 0.6)), 78 + radius * math.sin(a)) for a in steps]


def draw(picture: Image.Image) -> None:
    """Isochrones that run away from a site, and the outline of the chamber."""
    pen = Pen(picture)
    outline = [(math.cos(a), math.sin(a)) for a in (2 * math.pi * n / 80 for n in range(81))]
    pen.line([(64 + 46 * x + 7 * y * y, 66 + 42 * y - 7 * x * y) for x, y in outline], PAPER, 4.0)
    for radius in (12.0, 23.0):
        pen.line(_ring(radius), SKY, 3.0)
    front = [(x, y) for x, y in _ring(35.0) if ((x - 64) / 44) ** 2 + ((y - 66) / 40) ** 2 < 1]
    for start, end in pairwise(front):
        if math.dist(start, end) < 8:
            pen.line([start, end], SKY, 3.0)
    pen.dot((46, 78), 5.0, WARM)
