"""The picture frame a network sees: letterboxing a picture into a fixed canvas and mapping points back.

Pixel coordinates everywhere: 0-based, (0, 0) = centre of the first pixel, x = column, y = row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: Left, top, right, bottom of a part of a picture: whole pixels, the last two excluded.
Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Frame:
    """Where a picture of ``height x width`` pixels lies inside a canvas after isotropic scaling.

    ``canvas = scale * picture + offset`` per axis for pixel *edges*; the half-pixel terms in the methods turn that
    into pixel centres.
    """

    height: int
    width: int
    canvas_height: int
    canvas_width: int
    scale: float
    offset_x: float
    offset_y: float

    @classmethod
    def letterbox(cls, height: int, width: int, canvas_height: int, canvas_width: int) -> Frame:
        """The frame that shows the whole picture, centred, without changing its aspect ratio."""
        if height < 1 or width < 1:
            raise ValueError(f"A picture needs at least one pixel, got {width} x {height}.")
        scale = min(canvas_height / height, canvas_width / width)
        return cls(
            height,
            width,
            canvas_height,
            canvas_width,
            scale,
            0.5 * (canvas_width - scale * width),
            0.5 * (canvas_height - scale * height),
        )

    @classmethod
    def of_box(cls, height: int, width: int, box: Box, canvas_height: int, canvas_width: int) -> Frame:
        """The frame that shows a part of the picture, centred, without changing its aspect ratio.

        Args:
            height, width: of the whole picture.
            box: the part.
        """
        left, top, right, bottom = box
        part = cls.letterbox(bottom - top, right - left, canvas_height, canvas_width)
        return cls(
            height,
            width,
            canvas_height,
            canvas_width,
            part.scale,
            part.offset_x - part.scale * left,
            part.offset_y - part.scale * top,
        )

    def to_canvas(self, points: np.ndarray) -> np.ndarray:
        """Picture pixels (n, 2) as (x, y) -> canvas pixels (n, 2)."""
        offset = np.array([self.offset_x, self.offset_y])
        return (np.asarray(points, float) + 0.5) * self.scale + offset - 0.5

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        """Canvas pixels (n, 2) as (x, y) -> picture pixels (n, 2)."""
        offset = np.array([self.offset_x, self.offset_y])
        return (np.asarray(points, float) + 0.5 - offset) / self.scale - 0.5
