"""Where candidates are looked for: the lungs of a scan on a grid of about 1 mm, without airways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.lungs import LungMask
from DeepMedLib.ct.morphology import bounding_box, dilated
from NoduleCADLib.axial_scan import AxialScan

STEP_MM = 1.0
_MARGIN_MM = 12.0
_AIRWAY_WALL_MM = 1.5
_EDGE_MM = 1.5


@dataclass(frozen=True, eq=False)
class Field:
    """The box about the lungs.

    Attributes:
        hu: (x, y, z) float32 HU at about `STEP_MM`.
        inside: bool of the same shape: lung, its pleural nodules and 1.5 mm of its edge, no airway.
        spacing: (3,) mm.
        start, factor: (3,) scan voxel of the first sample, and scan voxels per sample.
    """

    hu: np.ndarray
    inside: np.ndarray
    spacing: np.ndarray
    start: np.ndarray
    factor: np.ndarray

    def scan_xyz(self, at: np.ndarray) -> np.ndarray:
        """Coordinates (..., 3) of this box as voxel coordinates of the scan."""
        return self.start + np.asarray(at, float) * self.factor


def make_field(scan: AxialScan, lungs: LungMask) -> Field:
    """The field of a scan whose lungs are known; thick slices stay as thick as they are.

    Raises:
        ValueError: there is no lung.
    """
    labels = scan.turned(lungs.labels)
    spacing = scan.spacing
    margin = np.ceil(_MARGIN_MM / spacing).astype(int)
    box = bounding_box(labels > 0, (int(margin[0]), int(margin[1]), int(margin[2])))
    start = np.array([side.start for side in box])
    stop = np.array([side.stop for side in box])
    factor = np.maximum(STEP_MM / spacing, 1e-6)
    factor[2] = 1.0 if spacing[2] > STEP_MM else factor[2]
    counts = np.maximum(((stop - 1 - start) / factor).astype(int) + 1, 1)
    hu = _sampled(np.ascontiguousarray(scan.hu[box]).astype(np.float32), factor, counts, 1)
    inside = _sampled((np.ascontiguousarray(labels[box]) > 0).astype(np.uint8), factor, counts, 0) > 0
    steps = spacing * factor
    mm = (float(steps[0]), float(steps[1]), float(steps[2]))
    inside = dilated(inside, mm, _EDGE_MM)
    if lungs.airway.found:
        airway = np.ascontiguousarray(scan.turned(lungs.airway.mask)[box]).astype(np.uint8)
        inside &= ~dilated(_sampled(airway, factor, counts, 0) > 0, mm, _AIRWAY_WALL_MM)
    return Field(hu, inside, steps, start.astype(float), factor)


def _sampled(volume: np.ndarray, factor: np.ndarray, counts: np.ndarray, order: int) -> np.ndarray:
    shape = tuple(int(count) for count in counts)
    return np.asarray(ndimage.affine_transform(volume, factor, output_shape=shape, order=order, mode="nearest"))
