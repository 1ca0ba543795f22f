"""Lung Texture's icon."""

from __future__ import annotations

import math

from PIL import Image

from deepmed_headless.pictures.drawing import PAPER, SEA, SKY, WARM, Pen, arc


def draw(picture: Image.Image) -> None:
    """Two lungs on a windpipe; the right one in patches of texture."""
    pen = Pen(picture)
    pen.line([(64, 16), (64, 44)], PAPER, 6)
    for side in (-1, 1):
        pen.line([(64, 44), (64 + side * 14, 56)], PAPER, 5)
        pen.polygon(arc((64 + side * 29, 76), (22, 38), 0, 360), SKY if side > 0 else PAPER)
    for row, colors in enumerate(((WARM, WARM, SKY), (SKY, WARM, SEA), (SEA, SKY, SEA))):
        for column, color in enumerate(colors):
            x, y = 24 + 11 * column, 52 + 17 * row
            if math.hypot((x - 35) / 20, (y - 76) / 36) < 1:
                pen.polygon([(x - 4.5, y), (x + 4.5, y), (x + 4.5, y + 13), (x - 4.5, y + 13)], color)
