"""The frame that everything is computed in: square pixels and a face that looks right; there and back.

A film as given may show the face looking left and may have pixels that are not square. Points are brought here for
outlines and angles, and results go back to the given file's pixels.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from CephSketcherLib.landmarks.landmark_set import LandmarkPoint, LandmarkSet, covariance_of

_SQUARE = 0.002  # relative; below it (ISBI films: 0.0005) no resampling is worth its blur


@dataclass(frozen=True)
class WorkFrame:
    """How a given film of width x height pixels lies in the work frame.

    Attributes:
        width, height: of the given film, pixels.
        mirrored: the face of the given film looks left.
        aspect: height of a given pixel over its width; rows are stretched by it.
    """

    width: int
    height: int
    mirrored: bool = False
    aspect: float = 1.0

    @property
    def square(self) -> bool:
        """Whether the given pixels count as square."""
        return abs(self.aspect - 1.0) < _SQUARE

    @property
    def _stretch(self) -> float:
        return 1.0 if self.square else self.aspect

    def film(self, pixels: np.ndarray) -> np.ndarray:
        """(H, W) as given -> (H', W) in the work frame."""
        turned = pixels[:, ::-1] if self.mirrored else pixels
        if self.square:
            return np.ascontiguousarray(turned)
        from scipy import ndimage

        rows = max(2, round(self.height * self._stretch))
        y = (np.arange(rows) + 0.5) / self._stretch - 0.5
        grid = np.meshgrid(y, np.arange(self.width, dtype=float), indexing="ij")
        out = ndimage.map_coordinates(turned.astype(np.float32), grid, order=1, mode="nearest")
        return np.rint(out).astype(pixels.dtype) if pixels.dtype.kind in "iu" else out

    def to_work(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) given pixels -> work pixels."""
        out = np.array(points, float)
        if self.mirrored:
            out[..., 0] = self.width - 1 - out[..., 0]
        out[..., 1] = (out[..., 1] + 0.5) * self._stretch - 0.5
        return out

    def to_given(self, points: np.ndarray) -> np.ndarray:
        """(n, 2) work pixels -> given pixels."""
        out = np.array(points, float)
        if self.mirrored:
            out[..., 0] = self.width - 1 - out[..., 0]
        out[..., 1] = (out[..., 1] + 0.5) / self._stretch - 0.5
        return out

    def landmarks_to_work(self, points: LandmarkSet) -> LandmarkSet:
        """Landmarks with their covariances, given pixels -> work pixels."""
        return self._moved(points, self.to_work, self._stretch)

    def landmarks_to_given(self, points: LandmarkSet) -> LandmarkSet:
        """Landmarks with their covariances, work pixels -> given pixels."""
        return self._moved(points, self.to_given, 1.0 / self._stretch)

    def _moved(self, points: LandmarkSet, move, stretch: float) -> LandmarkSet:  # type: ignore[no-untyped-def]
        turn = np.diag([-1.0 if self.mirrored else 1.0, stretch])

        def one(point: LandmarkPoint) -> LandmarkPoint:
            x, y = move(point.xy)
            covariance = None if point.covariance is None else turn @ np.array(point.covariance) @ turn.T
            return replace(point, x=float(x), y=float(y), covariance=covariance_of(covariance))

        return LandmarkSet(tuple(one(point) for point in points))
