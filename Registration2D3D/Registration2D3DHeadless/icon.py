"""Registration 2D/3D's icon."""

from __future__ import annotations

from PIL import Image

from deepmed_headless.pictures.drawing import PAPER, SEA, SKY, WARM, Pen


def draw(picture: Image.Image) -> None:
    """A source, its rays through an object, and the object's picture on the detector."""
    pen = Pen(picture)
    for y in (22.0, 64.0, 106.0):
        pen.line([(14, 64), (104, y)], SKY, 2.2)
    pen.polygon([(44, 52), (62, 46), (68, 66), (62, 80), (46, 76), (40, 64)], PAPER)
    pen.polygon([(104, 16), (112, 16), (112, 112), (104, 112)], SEA)
    pen.polygon([(104, 42), (112, 42), (112, 90), (104, 90)], PAPER)
    pen.dot((14, 64), 7, WARM)
