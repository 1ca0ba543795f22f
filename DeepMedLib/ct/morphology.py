"""Binary morphology in millimetres on anisotropic grids, by distance maps; SimpleITK's filters use all threads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    import SimpleITK

Spacing = tuple[float, float, float]
"""mm along k, j, i."""
Box = tuple[slice, slice, slice]


def _image(mask: np.ndarray, spacing: Spacing) -> SimpleITK.Image:
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing([spacing[2], spacing[1], spacing[0]])
    return image


def distance_to(mask: np.ndarray, spacing: Spacing) -> np.ndarray:
    """float32 mm from each voxel to the nearest voxel of the mask (0 inside); a large number where it is empty."""
    import SimpleITK as sitk

    if not mask.any():
        return np.full(mask.shape, 1e6, np.float32)
    signed = sitk.SignedMaurerDistanceMap(
        _image(mask, spacing), insideIsPositive=False, squaredDistance=False, useImageSpacing=True
    )
    field = sitk.GetArrayFromImage(signed)
    return np.maximum(field, 0, out=field)


def signed_distance(mask: np.ndarray, spacing: Spacing) -> np.ndarray:
    """float32 mm to the mask's edge between voxels, negative inside."""
    half = min(spacing) / 2
    outside = distance_to(mask, spacing)
    inside = distance_to(~mask, spacing)
    return np.where(mask, half - inside, outside - half).astype(np.float32)


def dilated(mask: np.ndarray, spacing: Spacing, radius_mm: float) -> np.ndarray:
    """Voxels at most ``radius_mm`` from the mask."""
    return distance_to(mask, spacing) <= radius_mm


def eroded(mask: np.ndarray, spacing: Spacing, radius_mm: float) -> np.ndarray:
    """Voxels more than ``radius_mm`` from everything outside the mask; the volume's border is not outside."""
    return distance_to(~mask, spacing) > radius_mm


def closed(mask: np.ndarray, spacing: Spacing, radius_mm: float) -> np.ndarray:
    """Closing by a ball; at the border the mask is taken to go on as its outermost slice does."""
    pad = [int(np.ceil(radius_mm / step)) + 1 for step in spacing]
    wide = np.pad(mask, [(count, count) for count in pad], mode="edge")
    wide = eroded(dilated(wide, spacing, radius_mm), spacing, radius_mm)
    inner = wide[tuple(slice(count, count + length) for count, length in zip(pad, mask.shape, strict=True))]
    return inner | mask


def eroded_in_plane(mask: np.ndarray, spacing: Spacing, radius_mm: float) -> np.ndarray:
    """Erosion of each axial slice by an octagon; quick. The volume's border is not outside."""
    return ~dilated_in_plane(~mask, spacing, radius_mm)


def dilated_in_plane(mask: np.ndarray, spacing: Spacing, radius_mm: float) -> np.ndarray:
    """Dilation of each axial slice by an octagon of about ``radius_mm``; quick."""
    steps = [max(1, round(radius_mm / step)) for step in spacing[1:]]
    result = mask.copy()
    for turn in range(max(steps)):
        source = result.copy()
        for axis in (1, 2):
            if turn < steps[axis - 1]:
                if turn % 2:  # every second step is a square
                    source = result.copy()
                low = (slice(None),) * axis + (slice(None, -1),)
                high = (slice(None),) * axis + (slice(1, None),)
                result[low] |= source[high]
                result[high] |= source[low]
    return result


def filled(mask: np.ndarray) -> np.ndarray:
    """The mask with the holes that are closed in the axial slice."""
    import SimpleITK as sitk

    result = mask.copy()
    for index in np.flatnonzero(mask.any(axis=(1, 2))):
        image = sitk.GetImageFromArray(mask[index].astype(np.uint8))
        result[index] = sitk.GetArrayFromImage(sitk.BinaryFillhole(image)).astype(bool)
    return result


def components(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Parts that hang together by faces: int32 labels (1 = largest) and their voxel counts, counts[0] = 0."""
    import SimpleITK as sitk

    found = sitk.RelabelComponent(sitk.ConnectedComponent(sitk.GetImageFromArray(mask.astype(np.uint8))))
    labels = sitk.GetArrayFromImage(found).astype(np.int32)
    counts = np.bincount(labels.ravel())
    counts[0] = 0
    return labels, counts


def touching(mask: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """The components of the mask that contain at least one seed voxel."""
    labels, counts = components(mask)
    keep = np.zeros(len(counts), bool)
    keep[np.unique(labels[seeds & mask])] = True
    keep[0] = False
    return keep[labels]


def bounding_box(mask: np.ndarray, margin: tuple[int, int, int] = (0, 0, 0)) -> Box:
    """Slices around the mask's voxels, widened by ``margin`` voxels but not beyond the array; empty for no voxels."""
    ranges = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        hit = np.flatnonzero(mask.any(axis=others))
        if not hit.size:
            return slice(0, 0), slice(0, 0), slice(0, 0)
        ranges.append(slice(max(0, hit[0] - margin[axis]), min(mask.shape[axis], hit[-1] + 1 + margin[axis])))
    return ranges[0], ranges[1], ranges[2]


def smoothed(values: np.ndarray, spacing: Spacing, sigma_mm: float) -> np.ndarray:
    """Gaussian of the same width in mm along all axes, float32."""
    sigma = [sigma_mm / step for step in spacing]
    return ndimage.gaussian_filter(values.astype(np.float32), sigma, mode="nearest", truncate=3)
