"""Which parts of an organ are kept: all near the main one, so that head, body and tail of a pancreas stay together."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from PancreasSegLib.organs import BY_KEY

NEAR_MM = 20.0
"""A part of some size that comes so near to what is kept belongs to it: thin necks break between slices."""
_SMALL = 0.1
"""Share of the main part below which a part is a speck, wherever it lies; chosen on scans of the training that were
shown to the network badly (HD95 of the pancreas 6 to 8 mm, 0.03 gave 8 to 17)."""
_WHOLE = ("liver", "spleen", "left_kidney", "right_kidney", "aorta")
_WHOLE_MM = 6.0  # organs that are one piece


def cleaned(labels: np.ndarray, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """Labels without the parts that cannot belong to their organ.

    Args:
        labels: (k, j, i) uint8 with the ids of `ORGANS`.
        spacing_mm: along k, j, i.
    """
    out = np.zeros_like(labels)
    for organ in BY_KEY.values():
        inside = labels == organ.label
        box = _box(inside)
        if box is None:
            continue
        if organ.key in ("liver_lesion", "bladder"):
            out[inside] = organ.label
            continue
        near = _WHOLE_MM if organ.key in _WHOLE else NEAR_MM
        out[box][kept_parts(inside[box], spacing_mm, near)] = organ.label
    return out


def kept_parts(mask: np.ndarray, spacing_mm: tuple[float, float, float], near_mm: float) -> np.ndarray:
    """The largest part and, again and again, parts that come near to what is kept; bool as the mask.

    Args:
        mask: (k, j, i) bool, not empty.
        spacing_mm: along k, j, i.
        near_mm: gap that may lie between.
    """
    parts, count = ndimage.label(mask, np.ones((3, 3, 3)))
    if count == 1:
        return mask
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    kept = {int(sizes.argmax())}
    left = {int(n) for n in np.flatnonzero(sizes >= max(2.0, _SMALL * sizes.max()))} - kept
    while left:
        far = ndimage.distance_transform_edt(~np.isin(parts, list(kept)), sampling=spacing_mm)
        gaps = ndimage.minimum(far, parts, sorted(left))
        near = {part for part, gap in zip(sorted(left), gaps, strict=True) if gap <= near_mm + max(spacing_mm)}
        if not near:
            break
        kept, left = kept | near, left - near
    return np.isin(parts, list(kept))


def _box(mask: np.ndarray) -> tuple[slice, slice, slice] | None:
    found = ndimage.find_objects(mask.astype(np.uint8))
    return found[0] if found else None
