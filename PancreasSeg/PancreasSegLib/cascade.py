"""From a CT to labels: the coarse network finds where the organs are, the fine one outlines them there (torch; worker
only).

Steps: upright slices at 2.5 mm (`upright`); the coarse network over the whole scan; the fine network on the slices in
which an organ may be; both blended; parts that cannot belong to their organ removed; then each slice of the scan is
labeled once, from probabilities interpolated between the slices looked at, so that no volume of probabilities at full
resolution ever exists.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from DeepMedLib.geometry import Grid
from PancreasSegLib.cleanup import cleaned
from PancreasSegLib.network_pass import coarse_at, coarse_pass, fine_pass
from PancreasSegLib.organ_model import OrganModels
from PancreasSegLib.organs import BY_KEY, CHANNELS
from PancreasSegLib.upright import Upright, labels_back, upright

_FOUND = 0.3  # coarse probability from which an organ may be in a slice
_LEAST_VOXELS = 8  # coarse voxels of it in the whole scan: fewer are noise
_MARGIN_MM = 14.0
_LEAST_ML = 0.5  # organs smaller than this are slips

_LABELS = np.array([0, *(BY_KEY[organ].label for organ in CHANNELS)], np.uint8)


@dataclass(frozen=True, eq=False)
class Segmentation:
    """Labels of a CT.

    Attributes:
        labels: (k, j, i) uint8 on the scan's grid, ids of `ORGANS`.
        uncertainty: (k, j, i) uint8, 0 sure to 100 a toss-up between two; None where it was not wanted.
        sure: mean probability of each organ's voxels that was found.
        seconds: of each stage.
    """

    labels: np.ndarray
    uncertainty: np.ndarray | None
    sure: dict[str, float]
    seconds: dict[str, float]


def segment(
    array: np.ndarray,
    grid: Grid,
    models: OrganModels,
    organs: Sequence[str],
    progress: Callable[[float, str], None],
    uncertainty: bool = False,
) -> Segmentation:
    """Outline organs in a CT.

    Args:
        array: (k, j, i) HU.
        grid: where it lies, in any orientation.
        organs: keys, of those that the networks know.
        progress: told the share done and what is being done.
        uncertainty: whether the uncertainty of each voxel is wanted.
    """
    seconds: dict[str, float] = {}
    started = time.monotonic()

    def stop(stage: str) -> None:
        nonlocal started
        now = time.monotonic()
        seconds[stage] = round(now - started, 3)
        started = now

    progress(0.02, "Preparing the slices")
    scan = upright(array, grid)
    stop("prepare")
    progress(0.15, "Looking for the organs")
    device = models.fine.device.name
    coarse = coarse_pass(models.coarse.network, scan.pictures, scan.z_mm, device)
    channels = [CHANNELS.index(organ) + 1 for organ in organs]
    wanted = slices_with(coarse, scan, channels)
    stop("coarse")
    if len(wanted) == 0:
        blank = np.zeros(grid.shape_kji, np.uint8)
        return Segmentation(blank, blank.copy() if uncertainty else None, {}, seconds)
    size = (scan.pictures.shape[1], scan.pictures.shape[2])
    maps = fine_pass(
        models.fine.network,
        scan.pictures,
        scan.z_mm,
        wanted,
        device,
        lambda share: progress(0.2 + 0.5 * share, "Outlining the organs"),
        lambda at_mm: coarse_at(coarse, scan.z_mm, at_mm, size),
        models.calibration.blend,
    )
    stop("fine")
    progress(0.72, "Cleaning up")
    sure = _clean(maps, scan)
    stop("clean")
    labels, doubt = _full(maps, scan, wanted, channels, progress, uncertainty)
    labels = labels_back(labels, scan)
    stop("resample")
    told = {organ: sure[organ] for organ in organs if organ in sure}
    return Segmentation(labels, None if doubt is None else labels_back(doubt, scan), told, seconds)


def slices_with(coarse: torch.Tensor, scan: Upright, channels: Sequence[int]) -> np.ndarray:
    """Indices, without a gap, of the slices in which one of some channels may be; empty where none is found."""
    from PancreasSegLib.coarse_grid import heights

    seen = (coarse[list(channels)] > _FOUND).flatten(2).sum(2)  # (organs, m)
    kept = seen * (seen.sum(1, keepdim=True) >= _LEAST_VOXELS)
    levels = heights(scan.z_mm)[kept.sum(0).numpy() > 0]
    if len(levels) == 0:
        return np.zeros(0, int)
    inside = (scan.z_mm >= levels.min() - _MARGIN_MM) & (scan.z_mm <= levels.max() + _MARGIN_MM)
    return np.flatnonzero(inside)


def _clean(maps: np.ndarray, scan: Upright) -> dict[str, float]:
    """Takes parts that are removed out of the probabilities; mean probability of what stays, by organ."""
    best = maps.argmax(1)
    labels = _LABELS[best]
    spacing = scan.spacing_mm
    kept = cleaned(labels, spacing)
    sure = {}
    for channel, organ in enumerate(CHANNELS, 1):
        one = maps[:, channel]
        mine = kept == BY_KEY[organ].label
        if mine.sum() * np.prod(spacing) / 1000 < _LEAST_ML:
            one[best == channel] = 0
            continue
        one[(best == channel) & ~mine] = 0
        sure[organ] = float(one[mine].mean(dtype=np.float64))
    return sure


def _full(
    maps: np.ndarray,
    scan: Upright,
    wanted: np.ndarray,
    channels: Sequence[int],
    progress: Callable[[float, str], None],
    uncertainty: bool,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Labels (and uncertainty, 0..100) of every upright slice of the straight grid."""
    depth, rows, columns = scan.straight.canonical().target.shape_kji
    dz = float(scan.straight.canonical().target.spacing[2])
    labels = np.zeros((depth, rows, columns), np.uint8)
    doubt = np.zeros_like(labels) if uncertainty else None
    asked = np.zeros(len(_LABELS), np.uint8)
    asked[list(channels)] = _LABELS[list(channels)]
    top, bottom, left, right = scan.box
    place = scan.z_mm[wanted]
    present = np.asarray((maps > 0.2).any((2, 3)))  # (n, classes)
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
            unsure = (1 - value / full.sum(0).clamp_min(1e-6)).clamp(0, 0.5) * 200
            doubt[k, top:bottom, left:right] = unsure.round().byte().numpy()
        if k % 16 == 0:
            progress(0.75 + 0.2 * k / depth, "Writing the labels")
    return labels, doubt
