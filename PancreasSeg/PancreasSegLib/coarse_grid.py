"""A scan as the coarse network sees it: the fine network's slices, halved in plane, six millimeters apart."""

from __future__ import annotations

import numpy as np

SLICE_MM = 6.0


def heights(z_mm: np.ndarray) -> np.ndarray:
    """(m,) mm: heights of the coarse slices of a scan whose slices lie at ``z_mm`` (n,), rising."""
    count = max(1, round((float(z_mm[-1]) - float(z_mm[0])) / SLICE_MM) + 1)
    return float(z_mm[0]) + SLICE_MM * np.arange(count)


def slices_at(z_mm: np.ndarray) -> np.ndarray:
    """(m,) index of the slice nearest to each coarse slice."""
    return np.abs(heights(z_mm)[:, None] - z_mm[None]).argmin(1)


def coarse_stack(pictures: np.ndarray, z_mm: np.ndarray) -> np.ndarray:
    """(m, H // 2, W // 2) uint8 of pictures (n, H, W): means in plane, and of the slices near a coarse one."""
    even = pictures[:, : pictures.shape[1] // 2 * 2, : pictures.shape[2] // 2 * 2].astype(np.float32)
    half = 0.25 * (even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2])
    distance = np.abs(heights(z_mm)[:, None] - z_mm[None])
    weight = np.maximum(0.0, 1 - distance / SLICE_MM)
    empty = weight.sum(1) == 0
    weight[empty, distance[empty].argmin(1)] = 1.0
    weight = (weight / weight.sum(1, keepdims=True)).astype(np.float32)
    return np.clip(np.einsum("mn,nhw->mhw", weight, half, optimize=True) + 0.5, 0, 255).astype(np.uint8)
