"""A C-arm's own numbers: distances, two angles, the table.

Angles are DICOM's positioner angles of a supine patient: the primary angle is the source-to-detector line turned about
the patient's long axis (LAO positive), the secondary one towards the head (cranial positive); both 0 is a
postero-anterior picture, the detector before the patient, shown with the patient's left to the right. Turn first by
the secondary, then by the primary angle
(DICOM PS3.3 C.8.7.5.1.2). World RAS mm with the isocenter at the origin, unless the table says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from Registration2D3DLib.geometry.rotations import about
from Registration2D3DLib.geometry.view import View

_STRAIGHT = np.column_stack([[-1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""Columns: the camera's x, y, z in RAS with both angles 0, patient left to the right, feet down, beam to anterior."""


@dataclass(frozen=True)
class CArm:
    """The numbers of one picture.

    Attributes:
        sdd_mm, sid_mm: source to detector, source to isocenter.
        primary_deg, secondary_deg: LAO and cranial positive.
        pixel_mm: width and height of a pixel on the detector.
        width, height: of the picture in pixels.
        principal_px: where the perpendicular from the source meets the detector; the middle of the picture if None.
        table_mm: (3,) RAS, how far the patient was moved with the table; the isocenter lies at minus that.
    """

    sdd_mm: float
    sid_mm: float
    primary_deg: float
    secondary_deg: float
    pixel_mm: tuple[float, float]
    width: int
    height: int
    principal_px: tuple[float, float] | None = None
    table_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def pose(self) -> np.ndarray:
        """4x4, the detector-and-source frame (see `View.from_detector`) to world RAS mm."""
        matrix = np.eye(4)
        # LAO moves the detector to the patient's left (-x in RAS): about the long axis that is a positive turn.
        matrix[:3, :3] = about(2, self.primary_deg) @ about(0, self.secondary_deg) @ _STRAIGHT
        matrix[:3, 3] = -np.asarray(self.table_mm, float)
        return matrix

    def view(self) -> View:
        """The geometry.

        Raises:
            BadInput: see `View.from_detector`.
        """
        middle = ((self.width - 1) / 2, (self.height - 1) / 2)
        return View.from_detector(
            self.sdd_mm, self.sid_mm, self.pixel_mm, self.principal_px or middle, self.pose(), (self.width, self.height)
        )


def c_arm_of(view: View, sid_mm: float, pixel_mm: tuple[float, float]) -> CArm:
    """The C-arm's numbers of a geometry, with its isocenter `sid_mm` from the source on the central ray.

    Args:
        pixel_mm: of the detector; the focal length in pixels times it is the distance to the detector.
    """
    intrinsics, camera = view.camera()
    axes = camera[:3, :3].T  # columns: the camera's axes in the world
    turn = axes @ _STRAIGHT.T
    # Rz(primary) Rx(secondary) Ry(rest): a C-arm has no third angle.
    primary = np.degrees(np.arctan2(-turn[0, 1], turn[1, 1]))
    secondary = np.degrees(np.arcsin(np.clip(turn[2, 1], -1, 1)))
    isocenter = view.source + sid_mm * axes[:, 2]
    return CArm(
        float(intrinsics[0, 0] * pixel_mm[0]), sid_mm, float(primary), float(secondary), pixel_mm, view.width,
        view.height, (float(intrinsics[0, 2]), float(intrinsics[1, 2])),
        (float(-isocenter[0]), float(-isocenter[1]), float(-isocenter[2])),
    )  # fmt: skip
