"""Fetal Biometry's icon."""

from __future__ import annotations

import math

from PIL import Image

from deepmed_headless.pictures.drawing import PAPER, SKY, WARM, Pen, arc


def draw(picture: Image.Image) -> None:
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
