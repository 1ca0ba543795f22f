"""Square pixels to compute on: angles and ratios are wrong on pixels that are higher than wide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_SQUARE = 0.002  # relative; below it no resampling is worth its blur


@dataclass(frozen=True)
class SquareFrame:
    """A given picture and the same with square pixels, of which none is lost: the shorter sides are stretched.

    Attributes:
        height, width: of the given picture, pixels.
        aspect: height of a given pixel over its width.
    """

    height: int
    width: int
    aspect: float = 1.0

    @property
    def stretch(self) -> tuple[float, float]:
        """Square pixels per given pixel along x and along y."""
        if abs(self.aspect - 1.0) < _SQUARE:
            return 1.0, 1.0
        return (1.0, self.aspect) if self.aspect > 1 else (1.0 / self.aspect, 1.0)

    def pixels(self, given: np.ndarray) -> np.ndarray:
        """(H, W) of the given picture -> (H', W') of square pixels; the same array where they are square already."""
        if self.stretch == (1.0, 1.0):
            return given
        x, y = self.stretch
        out = _sampled(given.astype(np.float32), round(self.height * y), round(self.width * x), order=1)
        return np.rint(out).astype(given.dtype) if given.dtype.kind in "iu" else out

    def labels_to_given(self, labels: np.ndarray) -> np.ndarray:
        """(H', W') whole numbers on square pixels -> (H, W) on the given ones, each the nearest."""
        return labels if self.stretch == (1.0, 1.0) else _sampled(labels, self.height, self.width, order=0)

    def to_given(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) square pixels as (x, y) -> given pixels."""
        return (np.asarray(points, float) + 0.5) / np.array(self.stretch) - 0.5

    def to_square(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) given pixels as (x, y) -> square pixels."""
        return (np.asarray(points, float) + 0.5) * np.array(self.stretch) - 0.5


def _sampled(array: np.ndarray, height: int, width: int, order: int) -> np.ndarray:
    """The array on a grid of another size over the same area; order 0 takes the nearest, 1 is linear."""
    from scipy import ndimage

    y = (np.arange(height) + 0.5) * array.shape[0] / height - 0.5
    x = (np.arange(width) + 0.5) * array.shape[1] / width - 0.5
    grid = np.meshgrid(y, x, indexing="ij")
    return np.asarray(ndimage.map_coordinates(array, grid, order=order, mode="nearest"))
