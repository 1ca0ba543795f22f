"""Pancreas Seg's icon."""

from __future__ import annotations

from PIL import Image

from deepmed_headless.pictures.drawing import PAPER, SEA, SKY, WARM, Pen, arc


def draw(picture: Image.Image) -> None:
    """An axial slice of the abdomen: the body, the liver at the patient's right, the pancreas before the spine."""
    pen = Pen(picture)
    pen.polygon(arc((64, 64), (52, 40), 0, 360), PAPER)
    pen.polygon(
        [(24, 62), (26, 46), (38, 34), (56, 32), (66, 38), (60, 46), (48, 50), (44, 62), (38, 76), (29, 76)],
        SEA,
    )
    pen.polygon(arc((64, 86), (8, 8), 0, 360), SKY)
    pen.polygon(
        [(54, 62), (58, 56), (66, 58), (76, 54), (88, 50), (97, 52), (98, 58), (90, 60), (80, 63), (72, 67), (62, 70)],
        WARM,
    )
