"""The networks at work (torch; worker only)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from DeepMedLib.models.loading import LoadedModel
from NoduleCADLib.axial_scan import AxialScan, crop

from .nodule_network import DISTANCE_MM, LARGEST, OFFSETS_MM, OPINIONS, SIDE, SPACING_MM
from .planes import USED, candidate_views
from .views import distances, scaled, slice_view

_BATCH = 128
_REACH_MM = 20.0
"""How far along the body from a mark a nodule is outlined."""


def nodule_logits(model: LoadedModel, views: np.ndarray) -> np.ndarray:
    """(n,) mean logits of views (n, 50, 50) of 0..1 over their eight flips and turns."""
    out = []
    network, device = model.network, model.device.name
    with torch.inference_mode():
        for start in range(0, len(views), _BATCH):
            batch = torch.from_numpy(views[start : start + _BATCH])[:, None].to(device)
            turned = [torch.rot90(batch, turn, (2, 3)) for turn in range(4)]
            turned += [each.flip(3) for each in turned]
            out.append(torch.stack([network(each) for each in turned]).mean(0).double().cpu().numpy())
    return np.concatenate(out) if out else np.zeros(0)


def scores(model: LoadedModel, scan: AxialScan, places: np.ndarray, planes: np.ndarray = USED) -> np.ndarray:
    """(n,) probability that each place (n, 3), voxel coordinates, shows a nodule: late fusion of the planes' logits."""
    if not len(places):
        return np.zeros(0)
    views = np.concatenate([candidate_views(scan, place, planes) for place in places])
    logits = nodule_logits(model, views).reshape(len(places), len(planes))
    return np.asarray(1 / (1 + np.exp(-logits.mean(1))))


@dataclass(frozen=True, eq=False)
class Outlined:
    """A nodule as its network sees it, on slices of the scan.

    Attributes:
        probability: (slices, 64, 64) of belonging to the nodule, rows along y, `SPACING_MM` a pixel.
        slices: (slices,) z of them, voxel coordinates.
        center: (3,) voxel coordinates of the views' middle.
    """

    probability: np.ndarray
    slices: np.ndarray
    center: np.ndarray


def outline(
    model: LoadedModel, hu: np.ndarray, spacing: Sequence[float] | np.ndarray, center: Sequence[float] | np.ndarray
) -> Outlined:
    """Outline the nodule at a mark, slice by slice.

    Args:
        hu: (x, y, z).
        spacing: mm.
        center: voxel coordinates of the mark.
    """
    middle, step = np.asarray(center, float), np.asarray(spacing, float)
    reach = _REACH_MM / step[2]
    low, high = max(0, int(np.ceil(middle[2] - reach))), min(hu.shape[2] - 1, int(np.floor(middle[2] + reach)))
    zs = np.arange(low, high + 1)
    half = np.array([SIDE * SPACING_MM / 2 / step[0] + 2, SIDE * SPACING_MM / 2 / step[1] + 2, reach + 3 / step[2] + 2])
    box, start = crop(hu, middle, half)
    inputs = np.zeros((len(zs), len(OFFSETS_MM) + 1, SIDE, SIDE), np.float32)
    for n, z in enumerate(zs):
        inputs[n, :-1] = scaled(slice_view(box, step, middle - start, z - start[2], OFFSETS_MM, SIDE, SPACING_MM))
        inputs[n, -1] = distances(SIDE, SPACING_MM, 0.0, 0.0, (z - middle[2]) * step[2]) / DISTANCE_MM
    return Outlined(_flipped_mean(model, inputs)[0], zs, middle)


def opinions(model: LoadedModel, views: np.ndarray) -> dict[str, np.ndarray]:
    """Readers' scores (n,) as the network would give them.

    Args:
        views: (n, 64, 64) HU, the nodule in the middle, or (n, 5, 64, 64) with the slices beside it.
    """
    stacked = views if views.ndim == 4 else np.repeat(views[:, None], len(OFFSETS_MM), 1)
    far = np.broadcast_to(distances(SIDE, SPACING_MM, 0.0, 0.0, 0.0) / DISTANCE_MM, (len(views), 1, SIDE, SIDE))
    found = _flipped_mean(model, np.concatenate([scaled(stacked), far], 1).astype(np.float32))[1]
    return {name: 1 + found[:, n] * (LARGEST[n] - 1) for n, name in enumerate(OPINIONS)}


def _flipped_mean(model: LoadedModel, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outline probabilities and opinions of 0..1, mean over four flips."""
    outlines, said = [], []
    network, device = model.network, model.device.name
    with torch.inference_mode():
        for start in range(0, len(inputs), 64):
            batch = torch.from_numpy(inputs[start : start + 64]).to(device)
            inside, heads = [], []
            for axes in ((), (2,), (3,), (2, 3)):
                shape, head = network(batch.flip(axes) if axes else batch)
                inside.append(torch.sigmoid(shape.flip([axis - 1 for axis in axes]) if axes else shape))
                heads.append(torch.sigmoid(head))
            outlines.append(torch.stack(inside).mean(0).cpu().numpy())
            said.append(torch.stack(heads).mean(0).double().cpu().numpy())
    return np.concatenate(outlines), np.concatenate(said)
