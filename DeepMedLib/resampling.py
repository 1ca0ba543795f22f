"""Arrays from one grid to another, and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid, lps_direction, to_sitk

Interpolation = Literal["linear", "nearest"]

_COARSER = 1.5  # from here on fine structure would turn into noise (aliasing)


def resample(
    array: np.ndarray,
    grid: Grid,
    target: Grid,
    interpolation: Interpolation = "linear",
    fill: float = 0.0,
    smooth: bool = False,
) -> np.ndarray:
    """The array on another grid, in world coordinates.

    Args:
        array: (k, j, i[, channels]) on ``grid``; numbers or booleans.
        grid: where the array lies.
        target: where it is wanted.
        interpolation: "nearest" for labels and masks, "linear" for pictures.
        fill: value outside the array's extent (air: -1000 HU).
        smooth: before going to a grid more than 1.5 times coarser, smooth by a Gaussian along the axes concerned,
            of sigma (ratio - 1) / 2 voxels; not for labels.

    Returns:
        Array (k, j, i[, channels]) of the input's type; integers are rounded.

    Raises:
        BadInput: the array does not lie on the grid, or labels were to be smoothed.
    """
    import SimpleITK as sitk

    grid.check_array(array)
    if interpolation not in ("linear", "nearest"):
        raise BadInput(f"There is no interpolation '{interpolation}'.", "Choose linear or nearest.")
    if smooth and interpolation == "nearest":
        raise BadInput("Labels cannot be smoothed.", "Choose linear interpolation, or no smoothing.")
    if interpolation == "nearest" and grid.same_as(target, 1e-6):
        return array.copy()
    linear = interpolation == "linear"
    working = array
    if linear and array.dtype != np.float64:
        # SimpleITK would cut results off to integers. Wide integers do not fit float32.
        wide = array.dtype.kind in "iu" and array.dtype.itemsize > 2
        working = array.astype(np.float64 if wide else np.float32)
    if smooth:
        working = _smoothed(working, grid, target)
    image = to_sitk(working, grid)
    result = sitk.GetArrayFromImage(
        sitk.Resample(
            image,
            target.size_ijk,
            sitk.Transform(),
            sitk.sitkLinear if linear else sitk.sitkNearestNeighbor,
            lps_origin(target),
            target.spacing.tolist(),
            lps_direction(target),
            float(fill),
            image.GetPixelID(),
        )
    )
    return _as_type(result, array.dtype)


@dataclass(frozen=True, eq=False)
class Passage:
    """There and back between the grid of an image and the grid that a computation wants.

    Attributes:
        source: of the image.
        target: of the computation.
    """

    source: Grid
    target: Grid

    @classmethod
    def to_canonical(cls, source: Grid, spacing: np.ndarray | float) -> Passage:
        """To the canonical RAS orientation, with the given spacing in mm along R, A, S."""
        return cls(source, source.canonical().target.with_spacing(spacing))

    def there(
        self, array: np.ndarray, interpolation: Interpolation = "linear", fill: float = 0.0, smooth: bool = False
    ) -> np.ndarray:
        """An array of the source grid on the target grid; see `resample`."""
        return resample(array, self.source, self.target, interpolation, fill, smooth)

    def back(self, array: np.ndarray, interpolation: Interpolation = "nearest", fill: float = 0.0) -> np.ndarray:
        """An array of the target grid on the source grid; see `resample`."""
        return resample(array, self.target, self.source, interpolation, fill)


def linear_on(image: Any, target: Grid, pixel_type: int) -> np.ndarray:
    """A SimpleITK image on a grid whose axes are parallel to its own, linear, zero outside, in a given pixel type.

    Integers are cut off, not rounded: cheaper than `resample` where that does not matter.
    """
    import SimpleITK as sitk

    return sitk.GetArrayFromImage(
        sitk.Resample(
            image,
            target.size_ijk,
            sitk.Transform(),
            sitk.sitkLinear,
            lps_origin(target),
            target.spacing.tolist(),
            image.GetDirection(),
            0.0,
            pixel_type,
        )
    )


def lps_origin(grid: Grid) -> list[float]:
    """Origin in LPS mm, for SimpleITK."""
    return grid.ijk_to_lps[:3, 3].tolist()


def _smoothed(array: np.ndarray, grid: Grid, target: Grid) -> np.ndarray:
    from scipy.ndimage import gaussian_filter

    # How far one step of the target goes along each axis of the source, the farthest of its three steps.
    steps = np.abs(grid.directions.T @ target.directions) * target.spacing
    ratio = steps.max(axis=1) / grid.spacing
    sigma_ijk = np.where(ratio > _COARSER, (ratio - 1) / 2, 0.0)
    sigma = [*sigma_ijk[::-1].tolist(), *([0.0] * (array.ndim - 3))]
    return gaussian_filter(array, sigma, mode="nearest") if any(sigma) else array


def _as_type(array: np.ndarray, kind: np.dtype) -> np.ndarray:
    if array.dtype == kind:
        return array
    if kind.kind == "b":
        return array >= 0.5
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        # A fill value may lie outside the type.
        return np.clip(np.rint(array), limits.min, limits.max).astype(kind)
    return array.astype(kind)
