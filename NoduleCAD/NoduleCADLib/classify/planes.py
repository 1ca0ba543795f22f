"""The nine planes through a candidate: three orthogonal, six diagonals of a cube (Setio et al., TMI 2016)."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from NoduleCADLib.axial_scan import AxialScan, crop

VIEW_SIDE = 50
VIEW_STEP_MM = 0.7
"""The candidate patches that the stream learned from are 50 pixels of native size, 0.7 mm in the median."""

LOW_HU, HIGH_HU = -1000.0, 400.0

_D = 2**-0.5
PLANES = np.array(
    [  # rows, columns: unit vectors of the plane
        [[0, 1, 0], [1, 0, 0]],  # axial
        [[0, 0, 1], [1, 0, 0]],  # coronal
        [[0, 0, 1], [0, 1, 0]],  # sagittal
        [[0, _D, _D], [1, 0, 0]],
        [[0, _D, -_D], [1, 0, 0]],
        [[_D, 0, _D], [0, 1, 0]],
        [[_D, 0, -_D], [0, 1, 0]],
        [[0, 0, 1], [_D, _D, 0]],
        [[0, 0, 1], [_D, -_D, 0]],
    ],
    float,
)


USED = PLANES[:1]
"""The axial plane, in which alone the stream learned and was judged."""


def candidate_views(scan: AxialScan, xyz: np.ndarray, planes: np.ndarray = USED) -> np.ndarray:
    """(planes, 50, 50) float32 views, -1000..400 HU as 0..1; beyond the scan its border is repeated.

    Args:
        xyz: (3,) voxel coordinates of the candidate.
        planes: (n, 2, 3) unit vectors of rows and columns in mm space.
    """
    steps = (np.arange(VIEW_SIDE) - (VIEW_SIDE - 1) / 2) * VIEW_STEP_MM
    spacing = scan.spacing
    box, low = crop(scan.hu, np.asarray(xyz, float), steps[-1] * 1.45 / spacing + 1)
    mm = (
        planes[:, 0, None, None, :] * steps[None, :, None, None]
        + planes[:, 1, None, None, :] * steps[None, None, :, None]
    )
    at = np.asarray(xyz, float) - low + mm / spacing
    found = map_coordinates(box, np.moveaxis(at, -1, 0), np.float32, order=1, mode="nearest")
    return ((np.clip(found, LOW_HU, HIGH_HU) - LOW_HU) / (HIGH_HU - LOW_HU)).astype(np.float32)
