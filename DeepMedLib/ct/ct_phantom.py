"""A trunk in Hounsfield units whose truth is known, drawn from ellipsoids and tubes at any spacing. Not a patient.

It stands from the thighs (z = 0 mm) to the neck (z = 640 mm): body, spine, ribs, hips, heart, liver, spleen, kidneys,
bladder, lungs with vessels, a windpipe that branches, nodules in and on the lung, gas in stomach and bowel, a table.
Reproducible: the same seed draws the same trunk. RAS mm; x to the right, y to the front, z upwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from DeepMedLib.geometry import Grid

ORGANS = {
    1: "liver",
    2: "spleen",
    3: "right kidney",
    4: "left kidney",
    5: "bladder",
    6: "heart",
    7: "right lung",
    8: "left lung",
    9: "airways",
}
"""Label values of the truth."""
NODULES = (
    ((112.0, -38.0, 470.0), 11.0),
    ((-70.0, -20.0, 500.0), 5.0),
    ((-118.0, 12.0, 455.0), 8.0),
    ((75.0, -62.0, 430.0), 6.0),
)
"""Centres (RAS mm) and radii (mm): at the right costal pleura, free in the left lung, at the left pleura, free."""
HEIGHT_MM = 640.0
_OUTLINE = np.array(  # z, half width, half depth
    [[0, 165, 105], [120, 175, 115], [230, 145, 100], [330, 155, 110], [450, 165, 115], [560, 185, 100], [605, 70, 65]]
)


@dataclass(frozen=True, eq=False)
class CtPhantom:
    """A drawn trunk.

    Attributes:
        values: int16 (k, j, i) HU, axes towards R, A, S.
        labels: uint8 of the same shape, values as in ORGANS; nodules belong to their lung.
        nodules: bool of the same shape.
        body: bool of the same shape, without the table.
        grid: where the voxels lie.
    """

    values: np.ndarray
    labels: np.ndarray
    nodules: np.ndarray
    body: np.ndarray
    grid: Grid


def trunk_phantom(
    spacing: Sequence[float] = (3.0, 3.0, 3.0),
    z_range: tuple[float, float] = (0.0, HEIGHT_MM),
    *,
    seed: int = 7,
    noise: float = 12.0,
    lung_hu: float = -860.0,
    width_mm: float = 420.0,
    depth_mm: float = 320.0,
    table: bool = True,
    touching_lungs: bool = False,
) -> CtPhantom:
    """Draws the trunk, or the part of it between two heights.

    Args:
        spacing: mm along i, j, k.
        z_range: lowest and highest slice, mm.
        seed: of noise, texture and small vessels.
        noise: HU, standard deviation.
        lung_hu: parenchyma; -945 looks like emphysema.
        width_mm, depth_mm: field of view; a small one cuts the lungs.
        table: draws one, and a sheet.
        touching_lungs: lets the lungs meet in front of the heart.
    """
    canvas = _Canvas(spacing, z_range, width_mm, depth_mm)
    random = np.random.default_rng(seed)
    values = np.full(canvas.shape, -1000, np.float32)
    body = _body(canvas)
    values[body] = 40
    values[_body(canvas, 14.0) ^ body] = -100
    labels = np.zeros(canvas.shape, np.uint8)
    _abdomen(canvas, values, labels)
    nodules = _chest(canvas, values, labels, random, lung_hu, touching_lungs)
    _bones(canvas, values, labels)
    if table:
        bar = (np.abs(canvas.y + 128 - 0.0006 * canvas.x**2) < 4) & (np.abs(canvas.x) < 190) & (canvas.z > -1e9)
        values[bar & ~body] = -150
        sheet = np.abs(canvas.y + 119 - 0.0003 * canvas.x**2) < 1.2
        values[np.broadcast_to(sheet & (np.abs(canvas.x) < 170), canvas.shape) & ~body] = -500
    values += random.normal(0, noise, canvas.shape).astype(np.float32)
    return CtPhantom(
        np.clip(np.rint(values), -1024, 3071).astype(np.int16), labels, nodules & (labels > 0), body, canvas.grid
    )


class _Canvas:
    """Coordinates of the voxels, and masks of simple solids, evaluated in their bounding boxes only."""

    def __init__(
        self, spacing: Sequence[float], z_range: tuple[float, float], width_mm: float, depth_mm: float
    ) -> None:
        extent = (width_mm, depth_mm, max(z_range[1] - z_range[0], spacing[2]))
        size = [max(1, round(length / step)) for length, step in zip(extent, spacing, strict=True)]
        origin = [-(size[0] - 1) / 2 * spacing[0], -(size[1] - 1) / 2 * spacing[1] - 10, z_range[0] + spacing[2] / 2]
        self.shape = (size[2], size[1], size[0])
        self.grid = Grid.from_parts(np.array(spacing, float), np.array(origin), np.eye(3), self.shape)
        self.axes = [origin[axis] + np.arange(size[axis]) * spacing[axis] for axis in range(3)]
        self.x = self.axes[0][None, None, :].astype(np.float32)
        self.y = self.axes[1][None, :, None].astype(np.float32)
        self.z = self.axes[2][:, None, None].astype(np.float32)

    def ellipsoid(self, center: Sequence[float], radii: Sequence[float]) -> np.ndarray:
        """bool mask."""
        box = self._box(np.array(center) - radii, np.array(center) + radii)
        mask = np.zeros(self.shape, bool)
        x, y, z = self._within(box)
        mask[box] = (
            ((x - center[0]) / radii[0]) ** 2 + ((y - center[1]) / radii[1]) ** 2 + ((z - center[2]) / radii[2]) ** 2
        ) <= 1
        return mask

    def tube(self, mask: np.ndarray, start: np.ndarray, stop: np.ndarray, first: float, last: float) -> None:
        """Adds a tube of tapering radius with round ends to a mask."""
        low = np.minimum(start, stop) - max(first, last)
        high = np.maximum(start, stop) + max(first, last)
        box = self._box(low, high)
        x, y, z = self._within(box)
        if not (x.size and y.size and z.size):
            return
        along = stop - start
        length = max(float(along @ along), 1e-6)
        share = ((x - start[0]) * along[0] + (y - start[1]) * along[1] + (z - start[2]) * along[2]) / length
        share = np.clip(share, 0, 1)
        apart = (
            (x - start[0] - share * along[0]) ** 2
            + (y - start[1] - share * along[1]) ** 2
            + (z - start[2] - share * along[2]) ** 2
        )
        mask[box] |= apart <= (first + (last - first) * share) ** 2

    def _box(self, low: np.ndarray, high: np.ndarray) -> tuple[slice, slice, slice]:
        ranges = []
        for axis in (2, 1, 0):
            line = self.axes[axis]
            ranges.append(slice(int(np.searchsorted(line, low[axis])), int(np.searchsorted(line, high[axis], "right"))))
        return ranges[0], ranges[1], ranges[2]

    def _within(self, box: tuple[slice, slice, slice]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return self.x[:, :, box[2]], self.y[:, box[1]], self.z[box[0]]


def _body(canvas: _Canvas, inset: float = 0.0) -> np.ndarray:
    width = np.interp(canvas.z, _OUTLINE[:, 0], _OUTLINE[:, 1]) - inset
    depth = np.interp(canvas.z, _OUTLINE[:, 0], _OUTLINE[:, 2]) - inset
    legs = (canvas.z < 60) & (np.abs(canvas.x) < 12)
    return ((canvas.x / width) ** 2 + (canvas.y / depth) ** 2 <= 1) & ~legs


def _abdomen(canvas: _Canvas, values: np.ndarray, labels: np.ndarray) -> None:
    solids = (
        (1, (62, 8, 318), (72, 72, 62), 60),
        (2, (-92, -35, 325), (28, 42, 48), 50),
        (3, (58, -55, 235), (24, 24, 50), 35),
        (4, (-58, -55, 245), (24, 24, 50), 35),
        (5, (0, 30, 90), (42, 38, 36), 5),
    )
    for number, center, radii, level in solids:
        mask = canvas.ellipsoid(center, radii) & (labels == 0)
        labels[mask] = number
        values[mask] = level
    gas = (
        ((-55, 62, 322), (28, 18, 20)),
        ((-95, 35, 260), (16, 14, 40)),
        ((95, 35, 215), (17, 15, 50)),
        ((0, 70, 225), (75, 14, 15)),
        ((-20, 55, 175), (20, 15, 18)),
        ((0, -50, 120), (14, 14, 30)),
    )
    for center, radii in gas:
        mask = canvas.ellipsoid(center, radii) & (labels == 0)
        values[mask] = -995


def _chest(
    canvas: _Canvas,
    values: np.ndarray,
    labels: np.ndarray,
    random: np.random.Generator,
    lung_hu: float,
    touching: bool,
) -> np.ndarray:
    heart = canvas.ellipsoid((-22, 25, 405), (58, 48, 52))
    under = canvas.ellipsoid((70, 0, 300), (95, 100, 85)) | canvas.ellipsoid((-75, 0, 295), (85, 100, 82))
    gap = 1.0 if touching else 14.0
    middle = (np.abs(canvas.x) < np.where(canvas.y > 40, gap, 20)) & (canvas.z > 0)
    nodules = np.zeros(canvas.shape, bool)
    for center, radius in NODULES:
        nodules |= canvas.ellipsoid(center, (radius,) * 3)
    lungs = np.zeros(canvas.shape, bool)
    for number, side in ((7, 1), (8, -1)):
        lung = canvas.ellipsoid((side * 73, -5, 430), (66, 88, 150)) & ~heart & ~under & ~middle & (labels == 0)
        lung &= _body(canvas, 20.0) & ((canvas.x > 0) if side > 0 else (canvas.x < 0))
        labels[lung] = number
        lungs |= lung
        values[lung] = lung_hu
        vessels = np.zeros(canvas.shape, bool)
        hilum = np.array([side * 32.0, -8.0, 440.0])
        for _ in range(60):
            end = np.array([side * random.uniform(30, 130), random.uniform(-80, 70), random.uniform(340, 560)])
            bend = (hilum + end) / 2 + random.normal(0, 12, 3)
            canvas.tube(vessels, hilum, bend, 3.2, 2.0)
            canvas.tube(vessels, bend, end, 2.0, 0.8)
        values[vessels & lung] = 30
    values[heart & (labels == 0)] = 45
    labels[heart & (labels == 0)] = 6
    solid = nodules & lungs
    values[solid] = 30
    wall, lumen = airway_truth(canvas, lungs)
    values[wall] = np.maximum(values[wall], -40)
    values[lumen] = -1000
    labels[lumen] = 9
    return nodules


def airway_truth(canvas: _Canvas, lungs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Wall with lumen, and lumen, of a tree of six generations (bool masks)."""
    wall, lumen = np.zeros(canvas.shape, bool), np.zeros(canvas.shape, bool)
    thinnest = 0.8 * float(canvas.grid.spacing.max())  # or the wall would have holes where no voxel falls into it

    def tube(start: np.ndarray, stop: np.ndarray, radius: float, last: float) -> None:
        thick = max(0.8 + 0.12 * radius, thinnest)
        canvas.tube(wall, start, stop, radius + thick, last + thick)
        canvas.tube(lumen, start, stop, radius, last)

    carina = np.array([0.0, -18.0, 470.0])
    tube(np.array([0.0, -2.0, 660.0]), carina, 8.5, 8.5)
    for side in (1, -1):
        hilum = np.array([side * 38.0, -20.0, 440.0])
        tube(carina, hilum, 6.5, 5.5)
        for k, target in enumerate(
            ((side * 70.0, -10.0, 510.0), (side * 78.0, 25.0, 425.0), (side * 72.0, -40.0, 385.0))
        ):
            lobe = hilum + 0.55 * (np.array(target) - hilum)
            tube(hilum, lobe, 4.6, 3.8)
            for turn in (-1, 1):
                step = np.array([side * 14.0, turn * 16.0, (10.0, -4.0, -16.0)[k]])
                segment = lobe + step
                tube(lobe, segment, 3.0, 2.4)
                for fork in (-1, 1):
                    tube(segment, segment + 0.8 * step + np.array([0.0, 4.0, fork * 9.0]), 1.8, 1.4)
    return wall, lumen


def _bones(canvas: _Canvas, values: np.ndarray, labels: np.ndarray) -> None:
    column = (canvas.x / 20) ** 2 + ((canvas.y + 62) / 17) ** 2 <= 1
    bodies = column & (np.mod(canvas.z, 32) > 6) & (canvas.z > 130)
    values[np.broadcast_to(bodies, canvas.shape) & (labels == 0)] = 280
    ring = _body(canvas, 12.0) & ~_body(canvas, 19.0)
    slope = canvas.z + 0.35 * canvas.y
    ribs = ring & (np.mod(slope, 26) < 9) & (canvas.z > 300) & (canvas.z < 575) & (labels == 0)
    values[ribs] = 350
    for side in (-1, 1):
        hip = np.zeros(canvas.shape, bool)
        canvas.tube(hip, np.array([side * 95.0, -20.0, 80.0]), np.array([side * 100.0, -35.0, 190.0]), 17, 12)
        canvas.tube(hip, np.array([side * 90.0, 0.0, -20.0]), np.array([side * 95.0, -10.0, 85.0]), 14, 20)
        values[hip & (labels == 0)] = 450
