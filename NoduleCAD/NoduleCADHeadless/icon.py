"""Nodule CAD's icon."""

from __future__ import annotations

from PIL import Image

from deepmed_headless.pictures.drawing import PAPER, SEA, WARM, Pen, arc


def draw(picture: Image.Image) -> None:
    """Two lungs, a nodule in one of them, and the mark about it."""
    pen = Pen(picture)
    for x, turn in ((42.0, 1), (86.0, -1)):
        pen.polygon(arc((x, 68.0), (19, 40), 0, 360), SEA)
        pen.line([(64, 20), (64, 44), (x + 6 * turn, 58)], PAPER, 4.0)
    pen.dot((84, 74), 7, WARM)
    for a, b in (((70, 60), (78, 60)), ((70, 60), (70, 68)), ((98, 88), (90, 88)), ((98, 88), (98, 80))):
        pen.line([a, b], PAPER, 3.0)
