"""From a CT to labels: a look at few slices finds where the organs are, then they are outlined there (torch; worker
only).

Steps: upright slices at 2.5 mm, cropped to the body (`upright`); the network on a slice every centimeter; then on all
slices between the outermost in which a wanted organ was seen, in more ways where organs are that are hard to tell;
probabilities smoothed across slices; parts that cannot belong to their organ removed; then each slice of the scan is
labeled once (`labeling`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation, gaussian_filter1d

from DeepMedLib.geometry import Grid
from PancreasSegLib.cleanup import cleaned
from PancreasSegLib.labeling import LABELS, labels_of
from PancreasSegLib.network_pass import LOOKS, MORE_LOOKS, Look, look_at
from PancreasSegLib.organ_model import OrganModels
from PancreasSegLib.organs import BY_KEY, CHANNELS
from PancreasSegLib.upright import Upright, upright

_STEP_MM = 10.0  # between the slices that are looked at first
_MARGIN_MM = 15.0
_LEAST_ML = 1.0  # organs smaller than this are slips
_HARD = ("pancreas", "gallbladder")  # organs for which slices are looked at in more ways
_AGAIN_MM = 10.0  # about the slices in which one is seen
_SMOOTH_MM = 2.0  # standard deviation of the smoothing across slices


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
        (Look(),),
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
        lambda share: progress(0.25 + 0.35 * share, "Outlining the organs"),
    )
    _look_again(maps, models, scan, wanted, lambda share: progress(0.6 + 0.1 * share, "Looking again"))
    _smooth(maps, scan.spacing_mm[0])
    stop("outline")
    progress(0.72, "Cleaning up")
    sure = _clean(maps, scan)
    stop("clean")
    labels, doubt = labels_of(
        maps, scan, wanted, channels, lambda share: progress(0.75 + 0.2 * share, "Writing the labels"), uncertainty
    )
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


def _look_again(
    maps: np.ndarray, models: OrganModels, scan: Upright, wanted: np.ndarray, progress: Callable[[float], None]
) -> None:
    """Averages more looks into the probabilities of slices in which organs are that are hard to tell, in place."""
    best = maps.argmax(1)
    near = max(1, round(_AGAIN_MM / scan.spacing_mm[0]))
    shown = np.isin(best, [CHANNELS.index(organ) + 1 for organ in _HARD]).any((1, 2))
    again = np.flatnonzero(binary_dilation(shown, iterations=near))
    if not shown.any():
        return
    more = look_at(
        models.organs.network, scan.pictures, scan.z_mm, wanted[again], models.organs.device.name, progress, MORE_LOOKS
    )
    share = len(MORE_LOOKS) / (len(LOOKS) + len(MORE_LOOKS))
    maps[again] = maps[again] * np.float16(1 - share) + more * np.float16(share)


def _smooth(maps: np.ndarray, step_mm: float) -> None:
    """Smooths probabilities across slices, class by class, in place."""
    sigma = _SMOOTH_MM / step_mm
    if len(maps) > 1 and sigma > 0.2:
        for channel in range(maps.shape[1]):
            maps[:, channel] = gaussian_filter1d(maps[:, channel].astype(np.float32), sigma, axis=0, mode="nearest")


def _clean(maps: np.ndarray, scan: Upright) -> dict[str, float]:
    """Takes parts that are removed out of the probabilities; mean probability of what stays, by organ."""
    best = maps.argmax(1)
    labels = LABELS[best]
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
