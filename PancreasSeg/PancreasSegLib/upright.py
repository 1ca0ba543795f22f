"""A CT of any orientation as upright slices at working scale, from the feet up; and the way back for labels.

Upright: front of the patient at the top, the patient's right at the left. The scan is only read slab by slab.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from DeepMedLib.ct.regions.slice_picture import body_box
from DeepMedLib.ct.working import canonical_view
from DeepMedLib.geometry import Grid
from DeepMedLib.resampling import resample
from PancreasSegLib.framing import PIXEL_MM, resized, windowed, working_size

THICK_MM = 2.75
"""Thinner slices are averaged to about this; thicker ones stay."""
_OBLIQUE_COSINE = 0.9976  # 4 degrees: the networks were shown so much and more
_AIR = -1000
_MARGIN_MM = 10.0


@dataclass(frozen=True, eq=False)
class Upright:
    """A scan's slices at working scale.

    Attributes:
        pictures: (n, h, w) uint8 in the networks' window, at `PIXEL_MM`, cropped to the body.
        z_mm: (n,) height of each, rising.
        groups: (n, 2) first and end slice of the straight grid that each was made of.
        box: rows from, to, columns from, to of the upright slices of the straight grid that ``pictures`` show.
        straight: grid whose axes lie along the body's; the scan's own, turned, unless that is oblique.
        source: the scan's own grid.
    """

    pictures: np.ndarray
    z_mm: np.ndarray
    groups: np.ndarray
    box: tuple[int, int, int, int]
    straight: Grid
    source: Grid

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """Of the pictures along k, rows, columns."""
        top, bottom, left, right = self.box
        _, height, width = self.pictures.shape
        i, j, k = self.straight.canonical().target.spacing
        step = float(np.median(np.diff(self.z_mm))) if len(self.z_mm) > 1 else float(k)
        return step, float(j) * (bottom - top) / height, float(i) * (right - left) / width


def straight_grid(grid: Grid) -> Grid:
    """The scan's grid, or where it is oblique one along R, A, S over all of it with the same spacing."""
    canonical = grid.canonical().target
    if np.abs(np.diag(canonical.directions)).min() >= _OBLIQUE_COSINE:
        return grid
    corners = np.array(list(itertools.product(*((0, count - 1) for count in grid.size_ijk))), float)
    ras = grid.ijk_points_to_ras(corners)
    spacing = canonical.spacing
    counts = np.ceil((ras.max(0) - ras.min(0)) / spacing).astype(int) + 1
    return Grid.from_parts(spacing, ras.min(0), np.eye(3), (int(counts[2]), int(counts[1]), int(counts[0])))


def upright(array: np.ndarray, grid: Grid) -> Upright:
    """The slices of a CT.

    Args:
        array: (k, j, i) HU.
        grid: where it lies.
    """
    straight = straight_grid(grid)
    if straight is not grid:
        array = resample(array, grid, straight, fill=_AIR)
    change = straight.canonical()
    view = canonical_view(array, change)[:, ::-1, ::-1]
    dx, dy, dz = (float(value) for value in change.target.spacing)
    count = max(1, round(THICK_MM / dz))
    starts = np.arange(0, len(view), count)
    if len(starts) > 1 and len(view) - starts[-1] < (count + 1) // 2:
        starts = starts[:-1]  # a short rest joins the group before
    ends = np.append(starts[1:], len(view))
    size = working_size(view.shape[1:], (dy, dx))
    pictures = np.empty((len(starts), *size), np.uint8)
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        slab = windowed(view[start:end])
        mean = slab[0] if len(slab) == 1 else np.rint(slab.mean(0, dtype=np.float32)).astype(np.uint8)
        pictures[number] = resized(mean[None], size)[0]
    small = _body(pictures)
    rows, columns = view.shape[1:]
    box = (
        int(np.floor(small[0] * rows / size[0])),
        int(np.ceil(small[1] * rows / size[0])),
        int(np.floor(small[2] * columns / size[1])),
        int(np.ceil(small[3] * columns / size[1])),
    )
    if (small[1] - small[0], small[3] - small[2]) != size:  # cut from the slices anew, so that the frame is exact
        inside = working_size((box[1] - box[0], box[3] - box[2]), (dy, dx))
        pictures = np.empty((len(starts), *inside), np.uint8)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
            slab = windowed(view[start:end, box[0] : box[1], box[2] : box[3]])
            mean = slab[0] if len(slab) == 1 else np.rint(slab.mean(0, dtype=np.float32)).astype(np.uint8)
            pictures[number] = resized(mean[None], inside)[0]
    z_mm = (starts + ends - 1) / 2 * dz
    return Upright(pictures, z_mm, np.stack((starts, ends), 1), box, straight, grid)


def blank(scan: Upright) -> tuple[np.ndarray, np.ndarray]:
    """Zeros (k, j, i) uint8 on the straight grid, and the same memory as upright slices (k, rows, columns)."""
    array = np.zeros(scan.straight.shape_kji, np.uint8)
    return array, canonical_view(array, scan.straight.canonical())[:, ::-1, ::-1]


def _body(pictures: np.ndarray) -> tuple[int, int, int, int]:
    """Rows from, to, columns from, to of the body in any slice, with a margin."""
    boxes = [box for box in (body_box(picture) for picture in pictures[:: max(1, len(pictures) // 40)]) if box]
    height, width = pictures.shape[1:]
    if not boxes:
        return 0, height, 0, width
    margin = round(_MARGIN_MM / PIXEL_MM)
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    return (
        max(0, int(low[0]) - margin),
        min(height, int(high[1]) + margin),
        max(0, int(low[2]) - margin),
        min(width, int(high[3]) + margin),
    )
