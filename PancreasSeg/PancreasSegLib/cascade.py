"""From a CT to labels: a look at few slices finds where the organs are, then they are outlined there (torch; worker
only).

Steps: upright slices at 2.5 mm, cropped to the body (`upright`); the network on a slice every centimeter; then on all
slices between the outermost in which a wanted organ was seen; probabilities smoothed across slices; parts that cannot
belong to their organ removed; then each slice of the scan is labeled once, from probabilities interpolated between the
slices looked at, so that no volume of probabilities at full resolution ever exists.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_filter1d

from DeepMedLib.geometry import Grid
from PancreasSegLib.cleanup import cleaned
from PancreasSegLib.network_pass import look_at
from PancreasSegLib.organ_model import OrganModels
from PancreasSegLib.organs import BY_KEY, CHANNELS
from PancreasSegLib.upright import Upright, blank, on_own_grid, upright

_STEP_MM = 10.0  # between the slices that are looked at first
_MARGIN_MM = 15.0
_LEAST_ML = 1.0  # organs smaller than this are slips
_SMOOTH_MM = 2.0  # standard deviation of the smoothing across slices

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
    network, device = models.organs.network, models.organs.device.name
    channels = [CHANNELS.index(organ) + 1 for organ in organs]
    first = _some_slices(scan.z_mm)
    few = look_at(
        network,
        scan.pictures,
        scan.z_mm,
        first,
        device,
        lambda share: progress(0.15 + 0.1 * share, "Finding the organs"),
        zooms=(1.0,),
    )
    wanted = slices_with(few, scan, first, channels)
    stop("find")
    if len(wanted) == 0:
        nothing = np.zeros(grid.shape_kji, np.uint8)
        return Segmentation(nothing, nothing.copy() if uncertainty else None, {}, seconds)
    maps = look_at(
        network,
        scan.pictures,
        scan.z_mm,
        wanted,
        device,
        lambda share: progress(0.25 + 0.45 * share, "Outlining the organs"),
    )
    _smooth(maps, scan.spacing_mm[0])
    stop("outline")
    progress(0.72, "Cleaning up")
    sure = _clean(maps, scan)
    stop("clean")
    labels, doubt = _full(maps, scan, wanted, channels, progress, uncertainty)
    stop("label")
    told = {organ: sure[organ] for organ in organs if organ in sure}
    return Segmentation(labels, doubt, told, seconds)


def _some_slices(z_mm: np.ndarray) -> np.ndarray:
    """Indices of slices about `_STEP_MM` apart, the outermost among them."""
    count = max(2, round(float(z_mm[-1] - z_mm[0]) / _STEP_MM) + 1)
    return np.unique(np.abs(np.linspace(z_mm[0], z_mm[-1], count)[:, None] - z_mm[None]).argmin(1))


def slices_with(few: np.ndarray, scan: Upright, first: np.ndarray, channels: Sequence[int]) -> np.ndarray:
    """Indices, without a gap, of the slices in which some organs may be; empty where none is seen.

    Args:
        few: (m, classes, h, w) probabilities of some slices.
        scan: all slices.
        first: (m,) which slices those are.
        channels: of the organs.
    """
    best = few.argmax(1)
    _, row_mm, column_mm = scan.spacing_mm
    step = float(np.median(np.diff(scan.z_mm[first]))) if len(first) > 1 else scan.spacing_mm[0]
    shown = np.zeros(len(first), bool)
    for channel in channels:
        area = (best == channel).sum((1, 2)) * row_mm * column_mm
        if area.sum() * step / 1000 >= _LEAST_ML:
            shown |= area > 0
    if not shown.any():
        return np.zeros(0, int)
    heights = scan.z_mm[first[shown]]
    return np.flatnonzero((scan.z_mm >= heights.min() - _MARGIN_MM) & (scan.z_mm <= heights.max() + _MARGIN_MM))


def _smooth(maps: np.ndarray, step_mm: float) -> None:
    """Smooths probabilities across slices, class by class, in place."""
    sigma = _SMOOTH_MM / step_mm
    if len(maps) > 1 and sigma > 0.2:
        for channel in range(maps.shape[1]):
            maps[:, channel] = gaussian_filter1d(maps[:, channel].astype(np.float32), sigma, axis=0, mode="nearest")


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
    """Labels (and uncertainty, 0..100) of every slice, on the scan's own grid."""
    dz = float(scan.straight.canonical().target.spacing[2])
    array, labels = blank(scan)
    doubts, doubt = blank(scan) if uncertainty else (None, None)
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
            progress(0.75 + 0.2 * k / len(labels), "Writing the labels")
    return on_own_grid(array, scan), None if doubts is None else on_own_grid(doubts, scan)
