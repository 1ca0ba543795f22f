"""The insonated sector of a screen, and its near field, where a bone or an organ fills the view."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from FetalBiometryLib.planes.evidence.echo import insonated
from FetalBiometryLib.planes.framing import Box

#: Of the sector: how much of its depth and of its width a nearer look keeps.
NEAR_FIELDS = ((0.6, 0.8), (0.5, 0.66))

#: Share of a picture's width and height from which the sector counts as the whole picture.
WHOLE = 0.92


def sector_box(picture: np.ndarray) -> Box:
    """The box about the largest connected part of the picture (H, W) that shows echoes.

    The whole picture where nothing does, or where little would be left out.
    """
    height, width = picture.shape
    labels, count = ndimage.label(insonated(picture))
    if count == 0:
        return 0, 0, width, height
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    sector = labels == int(sizes.argmax())
    rows, columns = np.flatnonzero(sector.any(1)), np.flatnonzero(sector.any(0))
    left, top, right, bottom = int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
    if right - left > WHOLE * width and bottom - top > WHOLE * height:
        return 0, 0, width, height
    return left, top, right, bottom


def near_boxes(box: Box) -> list[Box]:
    """Parts of a sector next to the probe, see `NEAR_FIELDS`."""
    left, top, right, bottom = box
    made = []
    for depth, width in NEAR_FIELDS:
        margin = int((right - left) * (1 - width) / 2)
        made.append((left + margin, top, right - margin, top + max(1, int((bottom - top) * depth))))
    return made


def only(picture: np.ndarray, box: Box) -> np.ndarray:
    """The picture (H, W) with black around a part of it: menus, rulers and the far field are not seen."""
    left, top, right, bottom = box
    shown = np.zeros_like(picture)
    shown[top:bottom, left:right] = picture[top:bottom, left:right]
    return shown
