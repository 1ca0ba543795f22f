"""Which air inside the body is lung, and which is windpipe or gas in stomach and bowel; on the Working grid.

Lung and gas differ in three ways: lung is crossed by vessels, so that even an emphysematous one has a quarter of its
inside lighter than gas; lung is large, unless the scan ends in it, and then its section grows towards that end;
and lungs lie beside each other. No test uses which end is up or which side is the front, so a scan with wrong
directions gets its lungs too (on the sides its directions say).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.body import Body
from DeepMedLib.ct.morphology import components, dilated_in_plane, distance_to, eroded_in_plane, smoothed
from DeepMedLib.ct.working import Working

LUNG_BELOW_HU = -400
"""Lung is darker than this; denser lung (consolidation, atelectasis, effusion) is not found."""
_CLIP_MARGIN = 4  # HU above the lower end of a clipped scale, after smoothing
_DEEP_MM = 4.0  # so far from the wall no voxel is mixed with it
_OVER_AIR = 45  # HU; gas and noise of block means stay below
_LIGHT_SHARE = 0.2
_LARGE_ML = 150.0
_BASE_ML = 2.0
_PIECE_ML = 0.3
_PIECE_MM = 12.0
_WALLED = 0.6
_SPINE_HU = 130


@dataclass(frozen=True, eq=False)
class Thorax:
    """(k, j, i) bool on the Working grid.

    Attributes:
        dark: all air-like voxels inside the body: lung, airway and gas.
        lung: those parts of them that are lung (with the airway where it hangs together with it).
        ends: whether lung reaches the first and the last slice.
        middle: column i of the body's middle.
    """

    dark: np.ndarray
    lung: np.ndarray
    ends: tuple[bool, bool]
    middle: float


def find_thorax(working: Working, body: Body, airway: np.ndarray | None = None) -> Thorax:
    """Lung tissue on the coarse grid; all False where there is none.

    Args:
        airway: (k, j, i) bool, lumen and wall of the central airway, which then do not count.
    """
    values, spacing = working.values, working.spacing
    if body.clipped_at is None:
        dark = (values < LUNG_BELOW_HU) & body.inside & body.valid
    else:
        # Cut-off fat is speckled, lung is not.
        dark = (smoothed(values, spacing, 2.0) <= body.clipped_at + _CLIP_MARGIN) & body.inside & body.valid
        dark = dilated_in_plane(eroded_in_plane(dark, spacing, 3.0), spacing, 3.0) & dark
    parts = dark if airway is None else dark & ~airway
    labels, counts = components(parts)
    lung = np.zeros(dark.shape, bool)
    middle = body_middle(working, body)
    if len(counts) > 1:
        lung = _chosen(labels, counts, working, body)
    ends = (bool(lung[0].any()), bool(lung[-1].any()))
    return Thorax(dark, lung, ends, middle)


def body_middle(working: Working, body: Body) -> float:
    """Column i of the spine (the median of large bone), or of the tissue where no bone is seen."""
    bone = (smoothed(working.values, working.spacing, 4.0) > _SPINE_HU) & body.tissue
    source = bone if bone.sum() > 200 else body.tissue
    columns = source.sum(axis=(0, 1)).cumsum()
    return float(np.searchsorted(columns, columns[-1] / 2)) if columns[-1] else (body.tissue.shape[2] - 1) / 2


def _chosen(labels: np.ndarray, counts: np.ndarray, working: Working, body: Body) -> np.ndarray:
    smallest = max(_PIECE_ML * 1000 / working.grid.voxel_volume, 4)
    boxes = ndimage.find_objects(labels, int((counts >= smallest).sum()))
    sure, possible = [], []
    for number, box in enumerate(boxes, start=1):
        part = labels[box] == number
        if _is_lung(part, working.values[box], box, working, body):
            sure.append(number)
        else:
            possible.append(number)
    lung = np.isin(labels, sure)
    if not sure:
        return lung
    # Pieces that noise, a fissure or a vessel cut off lie within the lungs' range and next to them.
    near = distance_to(lung, working.spacing)
    rows = np.flatnonzero(lung.any(axis=(1, 2)))
    for number in possible:
        box = boxes[number - 1]
        part = labels[box] == number
        inside = box[0].start >= rows[0] and box[0].stop - 1 <= rows[-1]
        median = float(np.median(working.values[box][part]))
        like_lung = body.clipped_at is not None or median > body.air_hu + 2 * _OVER_AIR
        small = counts[number] < 0.02 * counts[sure[0]]
        like_lung = like_lung and float((body.sides[box][part] == 4).mean()) > 0.7
        if (
            inside
            and like_lung
            and small
            and near[box][part].max() < 3 * _PIECE_MM
            and near[box][part].min() < _PIECE_MM
        ):
            lung[box] |= part
    return lung


def _is_lung(part: np.ndarray, values: np.ndarray, box: tuple[slice, ...], working: Working, body: Body) -> bool:
    volume = working.millilitres(part.sum())
    if float((body.sides[box][part] >= 3).mean()) < _WALLED:
        return False  # foam and sheets between the skin and the border of the picture
    areas = part.sum(axis=(1, 2)).astype(float)
    depth = working.values.shape[0]
    first, last = box[0].start == 0, box[0].stop == depth
    at_end = max(areas[0] if first else 0.0, areas[-1] if last else 0.0)
    open_end = (first or last) and at_end >= 0.85 * areas.max()
    if body.clipped_at is not None:
        # Gas and lung are the same value here; only size and the way it is cut tell.
        return volume > 4 * _LARGE_ML or (at_end >= 0.5 * areas.max() and volume > 20 * _BASE_ML)
    if volume < (_BASE_ML if open_end else _LARGE_ML):
        return False
    wide = np.pad(part, 1)
    depth_mm = distance_to(~wide, working.spacing)[1:-1, 1:-1, 1:-1]
    deep = part & (depth_mm > min(_DEEP_MM, 0.6 * float(depth_mm.max())))
    inner = values[deep]
    light = float((inner > body.air_hu + _OVER_AIR).mean())
    if not open_end or volume >= 4 * _LARGE_ML:
        return light >= _LIGHT_SHARE
    # A lung base cut by the scan's end: neither gas nor stool, whose values spread up to -400.
    parenchyma = float(((inner > body.air_hu + _OVER_AIR) & (inner < -550)).mean())
    return light >= 0.5 and parenchyma >= 0.6
