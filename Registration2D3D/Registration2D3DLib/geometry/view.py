"""One X-ray's geometry: where world points fall on the picture.

World coordinates are RAS mm, pixels are (column, row), 0-based at pixel centers. The frame of a camera: x along the
columns, y along the rows, z from the source to the detector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import RAS_TO_LPS

_REMEDY = "Give geometry.json with projection_ras, or with sdd_mm, sod_mm, pixel_mm, principal_px and pose_ras."
BEYOND = 1.3
"""Where the detector is shown when its distance is not known: so many times as far from the source as the object."""


@dataclass(frozen=True, eq=False)
class View:
    """The geometry of one picture.

    Attributes:
        projection: 3x4, homogeneous world RAS mm to homogeneous (column, row); its scale and sign are free.
        width, height: of the picture in pixels.
        sdd_mm: source to detector; None where nobody said: the picture's geometry does not need it.

    Raises:
        BadInput: no finite 3x4 matrix of rank 3 in its first three columns, or an empty picture.
    """

    projection: np.ndarray
    width: int
    height: int
    sdd_mm: float | None = None

    def __post_init__(self) -> None:
        matrix = np.array(self.projection, float)
        if matrix.shape != (3, 4) or not np.isfinite(matrix).all():
            raise BadInput("The projection is not a finite 3x4 matrix.", _REMEDY)
        rows = np.linalg.norm(matrix[:, :3], axis=1)
        if (rows == 0).any() or abs(np.linalg.det(matrix[:, :3] / rows[:, None])) < 1e-9:
            raise BadInput("The projection matrix has no source: its first three columns are singular.", _REMEDY)
        if min(self.width, self.height) < 1:
            raise BadInput(f"A picture of {self.width} x {self.height} pixels is empty.", "Export the X-ray again.")
        if self.sdd_mm is not None and not (np.isfinite(self.sdd_mm) and self.sdd_mm > 0):
            raise BadInput("The distance from source to detector must be above 0 mm.", _REMEDY)
        matrix = matrix / np.linalg.norm(matrix[2, :3])
        matrix.setflags(write=False)
        object.__setattr__(self, "projection", matrix)

    @classmethod
    def from_camera(
        cls, intrinsics: np.ndarray, world_to_camera: np.ndarray, size: tuple[int, int], sdd_mm: float | None = None
    ) -> View:
        """From K (3x3, pixels) and the pose [R|t] (4x4 or 3x4, world RAS mm to camera), the picture (width, height)."""
        return cls(np.asarray(intrinsics, float) @ np.asarray(world_to_camera, float)[:3], *size, sdd_mm)

    @classmethod
    def from_detector(
        cls,
        sdd_mm: float,
        sod_mm: float,
        pixel_mm: tuple[float, float],
        principal_px: tuple[float, float],
        pose: np.ndarray,
        size: tuple[int, int],
    ) -> View:
        """From distances and the pose of the detector-and-source frame.

        Args:
            sdd_mm, sod_mm: source to detector, and to the isocenter.
            pixel_mm: width and height of a pixel on the detector.
            principal_px: (column, row) where the perpendicular from the source meets the detector.
            pose: 4x4, the frame with its origin in the isocenter, x along columns, y along rows and z from source to
                detector, to world RAS mm.
            size: (width, height) in pixels.

        Raises:
            BadInput: a distance or pixel size is not above 0, or the isocenter is not before the detector.
        """
        if not (0 < sod_mm < sdd_mm and min(pixel_mm) > 0):
            raise BadInput(
                f"A source {sod_mm:g} mm from the isocenter and {sdd_mm:g} mm from the detector is not possible.",
                "Give distances in mm, that to the detector the greater, and a pixel size above 0.",
            )
        pose = np.asarray(pose, float)
        if pose.shape != (4, 4) or not np.isfinite(pose).all() or abs(np.linalg.det(pose[:3, :3])) < 1e-9:
            raise BadInput("pose_ras is not an invertible 4x4 matrix.", _REMEDY)
        intrinsics = np.array(
            [[sdd_mm / pixel_mm[0], 0, principal_px[0]], [0, sdd_mm / pixel_mm[1], principal_px[1]], [0, 0, 1]]
        )
        to_camera = np.linalg.inv(pose)
        to_camera[2, 3] += sod_mm  # the camera's origin is the source
        return cls.from_camera(intrinsics, to_camera, size, sdd_mm)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> View:
        """Read geometry.json: a projection, or distances and a pose.

        Raises:
            BadInput: something is missing or not possible.
        """
        try:
            size = (int(record["width"]), int(record["height"]))
            if "projection_ras" in record:
                sdd = record.get("sdd_mm")
                return cls(np.array(record["projection_ras"], float), *size, None if sdd is None else float(sdd))
            sx, sy = (float(value) for value in record["pixel_mm"])
            cx, cy = (float(value) for value in record.get("principal_px", ((size[0] - 1) / 2, (size[1] - 1) / 2)))
            pose = np.array(record["pose_ras"], float)
            return cls.from_detector(float(record["sdd_mm"]), float(record["sod_mm"]), (sx, sy), (cx, cy), pose, size)
        except KeyError as error:
            raise BadInput(f"The geometry has no {error.args[0]}.", _REMEDY) from error
        except (TypeError, ValueError) as error:
            raise BadInput("The geometry holds something that is no number.", _REMEDY) from error

    def to_dict(self) -> dict[str, Any]:
        """geometry.json with the projection; `from_dict` reads it back."""
        record: dict[str, Any] = {
            "width": self.width,
            "height": self.height,
            "projection_ras": self.projection.tolist(),
        }
        return record if self.sdd_mm is None else record | {"sdd_mm": self.sdd_mm}

    @property
    def source(self) -> np.ndarray:
        """(3,) RAS mm."""
        return np.asarray(-np.linalg.solve(self.projection[:, :3], self.projection[:, 3]))

    @property
    def projection_lps(self) -> np.ndarray:
        """3x4 from homogeneous LPS mm."""
        return np.asarray(self.projection @ RAS_TO_LPS)

    def towards(self, point: np.ndarray) -> View:
        """The same geometry, its matrix with the sign that gives a point (3,) before the source a positive depth."""
        depth = float(self.projection[2] @ np.append(point, 1.0))
        return self if depth >= 0 else View(-self.projection, self.width, self.height, self.sdd_mm)

    def project(self, points: np.ndarray) -> np.ndarray:
        """(..., 2) pixels (column, row) of world points (..., 3)."""
        homogeneous = np.asarray(points, float) @ self.projection[:, :3].T + self.projection[:, 3]
        return np.asarray(homogeneous[..., :2] / homogeneous[..., 2:])

    def depth_mm(self, points: np.ndarray) -> np.ndarray:
        """(...) mm from the source along the detector's normal, of world points (..., 3); the sign is the matrix's."""
        return np.asarray(np.asarray(points, float) @ self.projection[2, :3] + self.projection[2, 3])

    def directions(self, pixels: np.ndarray) -> np.ndarray:
        """(..., 3) RAS vectors from the source through pixels (..., 2), of one mm along the detector's normal."""
        pixels = np.asarray(pixels, float)
        homogeneous = np.concatenate([pixels, np.ones((*pixels.shape[:-1], 1))], -1)
        return np.asarray(homogeneous @ np.linalg.inv(self.projection[:, :3]).T)

    def camera(self) -> tuple[np.ndarray, np.ndarray]:
        """K (3x3) and [R|t] (4x4) with ``K [R|t]`` the projection, up to its scale.

        R is a rotation, or turns inside out where the picture is mirrored (seen from the detector's back).
        """
        # RQ decomposition by QR of the flipped transpose.
        flip = np.eye(3)[::-1]
        q, r = np.linalg.qr((flip @ self.projection[:, :3]).T)
        intrinsics, rotation = flip @ r.T @ flip, flip @ q.T
        signs = np.diag(np.sign(np.diag(intrinsics)))
        intrinsics, rotation = intrinsics @ signs, signs @ rotation
        pose = np.eye(4)
        pose[:3, :3] = rotation
        pose[:3, 3] = np.linalg.solve(intrinsics, self.projection[:, 3])
        return intrinsics / intrinsics[2, 2], pose

    def pixel_at(self, point: np.ndarray) -> float:
        """mm in the world, at a point (3,), that a pixel sees (geometric mean of both sides)."""
        here = np.asarray(point, float)
        intrinsics, _pose = self.camera()
        focal = float(np.sqrt(abs(intrinsics[0, 0] * intrinsics[1, 1])))
        return abs(float(self.depth_mm(here))) / focal

    def plane(self, point: np.ndarray) -> np.ndarray:
        """4x4, (column, row, layer) of the picture to world RAS mm: where the detector stands in the room.

        Args:
            point: (3,) RAS mm, the object's center; says where the detector is shown if its distance is not known.
        """
        oriented = self.towards(point)
        distance = self.sdd_mm or BEYOND * float(oriented.depth_mm(point))
        corners = oriented.source + distance * oriented.directions(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        matrix = np.eye(4)
        matrix[:3, 0], matrix[:3, 1], matrix[:3, 3] = corners[1] - corners[0], corners[2] - corners[0], corners[0]
        normal = np.cross(matrix[:3, 0], matrix[:3, 1])
        matrix[:3, 2] = normal / np.linalg.norm(normal)
        return matrix

    def resized(self, width: int, height: int) -> View:
        """The geometry of the same picture in another number of pixels."""
        sx, sy = width / self.width, height / self.height
        scale = np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1]])
        return View(scale @ self.projection, width, height, self.sdd_mm)
