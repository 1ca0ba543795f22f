"""EEG Waveforms' icon."""

from __future__ import annotations

import math

from PIL import Image

from deepmed_headless.pictures.drawing import PAPER, SKY, WARM, Pen


def _wave(x: float, centers: tuple[float, ...]) -> float:
    """A quiet trace with the same sharp and slow wave at each center."""
    height = 2.5 * math.sin(x / 3.1) + 1.8 * math.sin(x / 1.7 + 1)
    for center in centers:
        height += 22 * math.exp(-(((x - center) / 3.2) ** 2)) - 11 * math.exp(-(((x - center - 11) / 6.0) ** 2))
    return height


def draw(picture: Image.Image) -> None:
    """Three traces; one waveform comes back in two of them, with a mark where it does."""
    pen = Pen(picture)
    for base, centers in ((34.0, (34.0, 82.0)), (68.0, ()), (102.0, (56.0,))):
        points = [(x / 2, base - _wave(x / 2, centers)) for x in range(24, 234)]
        pen.line(points, PAPER if centers else SKY, 3.0)
        for center in centers:
            pen.dot((center, base - 28), 4.2, WARM)
