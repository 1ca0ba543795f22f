"""Scan Coverage's icon."""

from __future__ import annotations

from PIL import Image

from deepmed_headless.pictures.drawing import PAPER, SEA, SKY, WARM, Pen, arc


def draw(picture: Image.Image) -> None:
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
