"""Several pictures of an examination as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def contact_sheet(pictures: Sequence[np.ndarray], height: int = 420) -> np.ndarray:
    """(H, W, 3) uint8: pictures side by side, two in a row.

    Args:
        pictures: each (H, W, 3) uint8.
        height: of each in pixels.
    """
    from PIL import Image

    if not pictures:
        return np.zeros((height, height, 3), np.uint8)
    scaled = [
        np.asarray(Image.fromarray(p).resize((max(1, round(p.shape[1] * height / p.shape[0])), height)))
        for p in pictures
    ]
    rows = [np.hstack(scaled[start : start + 2]) for start in range(0, len(scaled), 2)]
    width = max(row.shape[1] for row in rows)
    return np.vstack([np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows])
