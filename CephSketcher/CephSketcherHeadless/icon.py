"""Ceph Sketcher's icon."""

from __future__ import annotations

from PIL import Image

from deepmed_headless.pictures.drawing import PAPER, SKY, WARM, Pen, arc


def draw(picture: Image.Image) -> None:
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
