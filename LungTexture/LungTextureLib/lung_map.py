"""Texture at places all over the lungs: slices at their native pixel size through the network (torch; worker only).

What lies outside of the lung is filled with the mean of the lung nearby, as in half of the training: the chest wall is
not to be taken for a sign of paraseptal emphysema, which lies beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import ndimage

from DeepMedLib.jobs.task import Progress
from LungTextureLib.classes import PIXEL_MM, SIDE
from LungTextureLib.patches import calibrated
from LungTextureLib.reliability import NATIVE_MM
from LungTextureLib.texture_network import STRIDE

SLICE_MM = 5.0
"""Slices at least this far apart are judged; those between have the nearest one's textures."""
STEP = 4
"""Places lie ``STEP * STRIDE`` = 8 pixels apart, about 5 mm."""
FILL_SIGMA = 6.0
"""Pixels over which the mean of the lung nearby is taken."""
_LEAST_LUNG = 0.5  # of a window
_USUAL = -860.0  # HU, far from any lung; no window that counts holds much of it


@dataclass(frozen=True, eq=False)
class Places:
    """Where textures were judged.

    Attributes:
        k: (n,) slice of the canonical grid.
        row, column: (n,) middle of the window, in pixels of that grid.
        probabilities: (n, classes), calibrated.
    """

    k: np.ndarray
    row: np.ndarray
    column: np.ndarray
    probabilities: np.ndarray


def filled(plane: np.ndarray, lung: np.ndarray, sigma: float = FILL_SIGMA) -> np.ndarray:
    """(H, W) float32: outside of the lung the weighted mean of the lung nearby."""
    inside = lung.astype(np.float32)
    weight = ndimage.gaussian_filter(inside, sigma, truncate=3)
    near = ndimage.gaussian_filter(np.where(lung, plane, 0).astype(np.float32), sigma, truncate=3)
    near = np.where(weight > 1e-3, near / np.maximum(weight, 1e-3), _USUAL)
    return np.where(lung, plane, np.clip(near, -1000, -700)).astype(np.float32)


def judged_slices(count: int, slice_mm: float) -> np.ndarray:
    """Indices of the slices that are judged, from the middle of the first step on."""
    every = max(1, round(SLICE_MM / slice_mm))
    return np.arange(every // 2 if count > every // 2 else 0, count, every)


def look_at_lungs(
    network: torch.nn.Module,
    values: np.ndarray,
    lungs: np.ndarray,
    spacing: tuple[float, float, float],
    temperature: float,
    device: str = "cpu",
    progress: Progress | None = None,
) -> Places:
    """Textures at places over both lungs.

    Args:
        network: as `TextureNetwork`.
        values: (k, j, i) HU, axes towards S, A, R.
        lungs: the same shape, 0 outside.
        spacing: mm along k, j, i.
        temperature: by which log probabilities are divided.
    """
    size = (spacing[1], spacing[2])
    native = all(NATIVE_MM[0] <= step <= NATIVE_MM[1] for step in size)
    scale = (1.0, 1.0) if native else (size[0] / PIXEL_MM, size[1] / PIXEL_MM)
    chosen = [k for k in judged_slices(len(values), spacing[0]) if lungs[k].any()]
    found: list[tuple[np.ndarray, ...]] = []
    for number, k in enumerate(chosen):
        found.append(_look_at_slice(network, values[k], lungs[k] > 0, scale, temperature, device, int(k)))
        if progress is not None:
            progress((number + 1) / len(chosen), "Looking at the lungs' texture")
    if not found:
        none = np.zeros(0, int)
        return Places(none, none, none, np.zeros((0, 1)))
    return Places(*(np.concatenate([part[index] for part in found]) for index in range(4)))


def _look_at_slice(
    network: torch.nn.Module,
    plane: np.ndarray,
    lung: np.ndarray,
    scale: tuple[float, float],
    temperature: float,
    device: str,
    k: int,
) -> tuple[np.ndarray, ...]:
    box = ndimage.find_objects(lung.astype(np.uint8))[0]
    picture, mask = plane[box].astype(np.float32), lung[box]
    if scale != (1.0, 1.0):
        soft = [0.5 * max(0.0, 1 / factor - 1) for factor in scale]
        picture = ndimage.zoom(ndimage.gaussian_filter(picture, soft) if any(soft) else picture, scale, order=1)
        mask = ndimage.zoom(mask.astype(np.uint8), scale, order=0) > 0
    half = SIDE // 2
    mask = np.pad(mask, half + STEP * STRIDE)
    picture = filled(np.pad(picture, half + STEP * STRIDE, mode="edge"), mask)
    with torch.inference_mode():
        answer = network(torch.from_numpy(picture)[None, None].to(device), STEP)[0].cpu().numpy()
    rows = half + STEP * STRIDE * np.arange(answer.shape[1])
    columns = half + STEP * STRIDE * np.arange(answer.shape[2])
    share = ndimage.uniform_filter(mask.astype(np.float32), SIDE, mode="constant")
    at = np.ix_(rows, columns)
    row, column = np.nonzero(mask[at] & (share[at] >= _LEAST_LUNG))
    probability = calibrated(answer[:, row, column].T.astype(float), temperature)
    top, left = box[0].start, box[1].start
    back = [(index[where] - half - STEP * STRIDE) for index, where in ((rows, row), (columns, column))]
    down = np.clip(np.rint(back[0] / scale[0]).astype(int) + top, 0, plane.shape[0] - 1)
    right = np.clip(np.rint(back[1] / scale[1]).astype(int) + left, 0, plane.shape[1] - 1)
    return np.full(len(row), k), down, right, probability


def painted(places: Places, value: np.ndarray, lungs: np.ndarray, spacing: tuple[float, float, float]) -> np.ndarray:
    """(k, j, i) uint8: in the lungs the value of the nearest place of the nearest judged slice, 0 elsewhere.

    Args:
        value: (n,) of each place, from 1.
        lungs: (k, j, i).
        spacing: mm along k, j, i.
    """
    out = np.zeros(lungs.shape, np.uint8)
    slices = np.unique(places.k)
    if not len(slices):
        return out
    nearest = slices[np.abs(np.arange(len(lungs))[:, None] - slices[None]).argmin(1)]
    reach = max(SLICE_MM, 2 * spacing[0])
    for k in slices:
        of = places.k == k
        seeds = np.ones(lungs.shape[1:], bool)
        seeds[places.row[of], places.column[of]] = False
        values = np.zeros(lungs.shape[1:], np.uint8)
        values[places.row[of], places.column[of]] = value[of]
        index = ndimage.distance_transform_edt(seeds, sampling=spacing[1:], return_distances=False, return_indices=True)
        spread = values[index[0], index[1]]
        for other in np.flatnonzero((nearest == k) & (np.abs(np.arange(len(lungs)) - k) * spacing[0] <= reach)):
            out[other] = np.where(lungs[other] > 0, spread, 0)
    return out
