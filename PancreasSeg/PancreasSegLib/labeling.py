"""From probabilities at working scale to labels on the scan's own grid (torch; worker only).

Each slice of the scan is labeled once, after its probabilities were interpolated between the slices that were looked
at, so that no volume of probabilities at full resolution ever exists. An oblique scan is labeled along its own slices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
import torch.nn.functional as F

from PancreasSegLib.organs import BY_KEY, CHANNELS
from PancreasSegLib.upright import Upright, blank

LABELS = np.array([0, *(BY_KEY[organ].label for organ in CHANNELS)], np.uint8)
"""Ids of `ORGANS` by channel."""
_MAYBE = 0.2  # below this probability a class cannot be the likeliest of a slice's interpolated ones


def labels_of(
    maps: np.ndarray,
    scan: Upright,
    wanted: np.ndarray,
    channels: Sequence[int],
    progress: Callable[[float], None],
    uncertainty: bool,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Labels (k, j, i) uint8 on the scan's own grid; where wanted also how unsure they are, 0..100.

    Args:
        maps: (n, classes, h, w) float16 probabilities of the slices ``wanted``.
        scan: all slices.
        wanted: (n,) indices of slices, without a gap.
        channels: of the organs that are wanted.
        progress: told the share that is done.
        uncertainty: whether that is wanted.
    """
    asked = np.zeros(len(LABELS), np.uint8)
    asked[list(channels)] = LABELS[list(channels)]
    way = _along_slices if scan.straight is scan.source else _oblique
    return way(maps, scan, wanted, asked, progress, uncertainty)


def _along_slices(
    maps: np.ndarray,
    scan: Upright,
    wanted: np.ndarray,
    asked: np.ndarray,
    progress: Callable[[float], None],
    uncertainty: bool,
) -> tuple[np.ndarray, np.ndarray | None]:
    dz = float(scan.straight.canonical().target.spacing[2])
    array, labels = blank(scan)
    doubts, doubt = blank(scan) if uncertainty else (None, None)
    top, bottom, left, right = scan.box
    place = scan.z_mm[wanted]
    present = np.asarray((maps > _MAYBE).any((2, 3)))  # (n, classes)
    present[:, 0] = True
    for k in range(int(scan.groups[wanted[0], 0]), int(scan.groups[wanted[-1], 1])):
        at = float(np.interp(k * dz, place, np.arange(len(place))))
        low = int(at)
        high = min(low + 1, len(place) - 1)
        classes = np.flatnonzero(present[low] | present[high])
        if len(classes) == 1:
            continue
        share = at - low
        mixed = maps[low][classes].astype(np.float32) * (1 - share)
        if share > 0:
            mixed += maps[high][classes].astype(np.float32) * share
        full = F.interpolate(
            torch.from_numpy(mixed)[None], (bottom - top, right - left), mode="bilinear", align_corners=False
        )[0]
        value, best = full.max(0)
        labels[k, top:bottom, left:right] = asked[classes[best.numpy()]]
        if doubt is not None:
            doubt[k, top:bottom, left:right] = _unsure(value, full.sum(0))
        if k % 16 == 0:
            progress(k / len(labels))
    return array, doubts


def _oblique(
    maps: np.ndarray,
    scan: Upright,
    wanted: np.ndarray,
    asked: np.ndarray,
    progress: Callable[[float], None],
    uncertainty: bool,
) -> tuple[np.ndarray, np.ndarray | None]:
    labels = np.zeros(scan.source.shape_kji, np.uint8)
    doubts = np.zeros(scan.source.shape_kji, np.uint8) if uncertainty else None
    present = np.asarray((maps > _MAYBE).any((0, 2, 3)))
    present[0] = True
    classes = np.flatnonzero(present)
    volume = torch.from_numpy(maps[:, classes].astype(np.float32)).transpose(0, 1)[None]
    depth, rows, columns = scan.source.shape_kji
    j, i = np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")
    for k in range(depth):
        ras = scan.source.ijk_points_to_ras(np.stack((i, j, np.full_like(i, k)), -1).astype(float))
        at = _places_on_maps(ras, scan, wanted, (maps.shape[2], maps.shape[3]))
        grid = torch.from_numpy(at.astype(np.float32))[None, None]
        full = F.grid_sample(volume, grid, align_corners=False)[0, :, 0]
        total = full.sum(0)
        value, best = full.max(0)
        best[total < 0.5] = 0  # outside of what was looked at
        labels[k] = asked[classes[best.numpy()]]
        if doubts is not None:
            doubts[k] = np.where(total < 0.5, 0, _unsure(value, total))
        if k % 16 == 0:
            progress(k / depth)
    return labels, doubts


def _places_on_maps(ras: np.ndarray, scan: Upright, wanted: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """(..., 3) places on the maps, -1..1 from the outer edge of the first pixel to that of the last: column, row,
    slice; of points (..., 3) RAS mm."""
    target = scan.straight.canonical().target
    ijk = target.ras_points_to_ijk(ras)
    columns, rows, _ = target.size_ijk
    top, bottom, left, right = scan.box
    column = (columns - 1 - ijk[..., 0] - left + 0.5) / (right - left)
    row = (rows - 1 - ijk[..., 1] - top + 0.5) / (bottom - top)
    heights = scan.z_mm[wanted]
    z_mm = ijk[..., 2] * float(target.spacing[2])
    step = scan.spacing_mm[0]
    # Straight on beyond the outermost slices, so that half a slice more belongs to them.
    known = np.concatenate(([heights[0] - step], heights, [heights[-1] + step]))
    slice_at = (np.interp(z_mm, known, np.arange(-1.0, len(heights) + 1)) + 0.5) / len(heights)
    return np.stack((column, row, slice_at), -1) * 2 - 1


def _unsure(value: torch.Tensor, total: torch.Tensor) -> np.ndarray:
    """uint8, 0 where the likeliest class is sure to 100 where it is as likely as all others together."""
    share = (1 - value / total.clamp_min(1e-6)).clamp(0, 0.5) * 200
    return share.round().byte().numpy()
