"""Where the voxels of an array lie. Arrays never travel without their grid.

Conventions: arrays are indexed (k, j, i) as NumPy views of Slicer and SimpleITK volumes are, with channels, if any,
last. Points and matrices are in ijk order and in RAS millimetres, as Slicer has them; SimpleITK and DICOM use LPS.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from DeepMedLib.errors import BadInput

if TYPE_CHECKING:
    import SimpleITK

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
"""Turns homogeneous RAS points into LPS ones, and back: it is its own inverse."""

_REMEDY = "Load the image again, or correct its spacing and directions in the Volumes module."


def ras_to_lps(points: np.ndarray) -> np.ndarray:
    """Points (..., 3) in RAS mm as LPS mm; the same function turns LPS into RAS."""
    return np.asarray(points, float) * RAS_TO_LPS.diagonal()[:3]


def transform_points(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (..., 3) under an affine 4x4 matrix."""
    matrix = np.asarray(matrix, float)
    return np.asarray(points, float) @ matrix[:3, :3].T + matrix[:3, 3]


@dataclass(frozen=True, eq=False)
class Grid:
    """A lattice of voxels in the patient.

    Attributes:
        ijk_to_ras: 4x4, from voxel indices (i, j, k), 0-based and integral at voxel centres, to RAS mm.
        shape_kji: numbers of voxels (slices, rows, columns).

    Raises:
        BadInput: not a 4x4 affine matrix, a zero or infinite spacing, axes that lie in one plane, or an empty shape.
    """

    ijk_to_ras: np.ndarray
    shape_kji: tuple[int, int, int]
    _ras_to_ijk: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        matrix = np.array(self.ijk_to_ras, dtype=float)
        shape = tuple(int(count) for count in self.shape_kji)
        if matrix.shape != (4, 4) or not np.isfinite(matrix).all() or not np.array_equal(matrix[3], [0, 0, 0, 1]):
            raise BadInput("The image's geometry is not a valid 4x4 matrix.", _REMEDY)
        spacing = np.linalg.norm(matrix[:3, :3], axis=0)
        if not (spacing > 0).all() or abs(np.linalg.det(matrix[:3, :3] / spacing)) < 1e-6:
            raise BadInput("The image's spacing is zero or its axes lie in one plane.", _REMEDY)
        if len(shape) != 3 or min(shape) < 1:
            raise BadInput(f"An image of shape {shape} has no voxels in three dimensions.", _REMEDY)
        inverse = np.linalg.inv(matrix)
        matrix.setflags(write=False)
        inverse.setflags(write=False)
        object.__setattr__(self, "ijk_to_ras", matrix)
        object.__setattr__(self, "shape_kji", shape)
        object.__setattr__(self, "_ras_to_ijk", inverse)

    @classmethod
    def from_parts(
        cls, spacing: np.ndarray, origin: np.ndarray, directions: np.ndarray, shape_kji: tuple[int, int, int]
    ) -> Grid:
        """From spacing (3,) mm in ijk order, origin (3,) RAS mm and directions 3x3, columns = i, j, k axes in RAS."""
        matrix = np.eye(4)
        matrix[:3, :3] = np.asarray(directions, float) * np.asarray(spacing, float)
        matrix[:3, 3] = origin
        return cls(matrix, shape_kji)

    @property
    def spacing(self) -> np.ndarray:
        """(3,) mm between voxels along i, j, k."""
        return np.linalg.norm(self.ijk_to_ras[:3, :3], axis=0)

    @property
    def directions(self) -> np.ndarray:
        """3x3, columns = unit vectors of the i, j, k axes in RAS."""
        return self.ijk_to_ras[:3, :3] / self.spacing

    @property
    def origin(self) -> np.ndarray:
        """(3,) centre of the first voxel, RAS mm."""
        return self.ijk_to_ras[:3, 3].copy()

    @property
    def size_ijk(self) -> tuple[int, int, int]:
        """Numbers of voxels along i, j, k."""
        depth, rows, columns = self.shape_kji
        return columns, rows, depth

    @property
    def voxel_volume(self) -> float:
        """mm3."""
        return float(abs(np.linalg.det(self.ijk_to_ras[:3, :3])))

    @property
    def ras_to_ijk(self) -> np.ndarray:
        """4x4, from RAS mm to voxel indices."""
        return self._ras_to_ijk

    @property
    def ijk_to_lps(self) -> np.ndarray:
        """4x4, from voxel indices to LPS mm."""
        return RAS_TO_LPS @ self.ijk_to_ras

    @property
    def is_left_handed(self) -> bool:
        """Whether the i, j, k axes form a left-handed system in RAS, so that the array is a mirror image."""
        return bool(np.linalg.det(self.ijk_to_ras[:3, :3]) < 0)

    @property
    def is_orthogonal(self) -> bool:
        """Whether the axes are at right angles; SimpleITK files and Slicer's volumes need that."""
        return bool(np.allclose(self.directions.T @ self.directions, np.eye(3), atol=1e-4))

    def ijk_points_to_ras(self, points: np.ndarray) -> np.ndarray:
        """Voxel coordinates (..., 3), in ijk order and maybe fractional, as RAS mm."""
        return transform_points(self.ijk_to_ras, points)

    def ras_points_to_ijk(self, points: np.ndarray) -> np.ndarray:
        """RAS mm (..., 3) as fractional voxel coordinates in ijk order."""
        return transform_points(self.ras_to_ijk, points)

    def same_as(self, other: Grid, tolerance_mm: float = 1e-3) -> bool:
        """Whether all corner voxels of both grids lie within ``tolerance_mm`` of each other."""
        if self.shape_kji != other.shape_kji:
            return False
        corners = np.array(list(itertools.product(*((0, count - 1) for count in self.size_ijk))), float)
        # A unit cube more, so that an axis of one voxel still has a direction.
        corners = np.vstack([corners, np.eye(3)])
        apart = self.ijk_points_to_ras(corners) - other.ijk_points_to_ras(corners)
        return bool(np.linalg.norm(apart, axis=1).max() <= tolerance_mm)

    def check_array(self, array: np.ndarray) -> None:
        """Makes sure that an array (k, j, i[, channels]) lies on this grid.

        Raises:
            BadInput: it has another shape.
        """
        if array.shape[:3] != self.shape_kji or array.ndim not in (3, 4):
            raise BadInput(f"An array of shape {array.shape} does not fit a grid of {self.shape_kji}.", _REMEDY)

    def canonical(self) -> Reorientation:
        """The way to the grid of the same voxels whose i, j, k axes point nearest to R, A, S; it is right-handed."""
        directions = self.directions
        # The best of the six assignments as a whole: axis by axis, two oblique axes could claim the same direction.
        order = max(
            itertools.permutations(range(3)),
            key=lambda axes: round(sum(abs(directions[world, axis]) for world, axis in enumerate(axes)), 9),
        )
        return Reorientation(self, order, tuple(bool(directions[world, axis] < 0) for world, axis in enumerate(order)))

    def with_spacing(self, spacing: np.ndarray | float) -> Grid:
        """A grid over the same extent, with the same directions and centre, and another spacing.

        Args:
            spacing: mm, one for all axes or (3,) in ijk order.
        """
        new = np.broadcast_to(np.asarray(spacing, float), 3)
        if not (np.isfinite(new).all() and (new > 0).all()):
            raise BadInput(f"A spacing of {new.tolist()} mm is not possible.", "Enter numbers above 0.")
        extent = np.array(self.size_ijk) * self.spacing
        counts = np.maximum(np.ceil(extent / new - 1e-6), 1).astype(int)
        center = self.ijk_points_to_ras((np.array(self.size_ijk) - 1) / 2)
        origin = center - self.directions @ ((counts - 1) / 2 * new)
        return Grid.from_parts(new, origin, self.directions, (int(counts[2]), int(counts[1]), int(counts[0])))

    def cropped(self, start_kji: tuple[int, int, int], stop_kji: tuple[int, int, int]) -> Grid:
        """The grid of ``array[start[0]:stop[0], start[1]:stop[1], start[2]:stop[2]]``; it may reach outside."""
        matrix = self.ijk_to_ras.copy()
        matrix[:3, 3] = self.ijk_points_to_ras(np.array(start_kji[::-1], float))
        shape = tuple(stop - start for start, stop in zip(start_kji, stop_kji, strict=True))
        return Grid(matrix, (shape[0], shape[1], shape[2]))

    def to_dict(self) -> dict[str, list[list[float]] | list[int]]:
        """For JSON (the options of a task); `from_dict` reads it back exactly."""
        return {"ijk_to_ras": self.ijk_to_ras.tolist(), "shape_kji": list(self.shape_kji)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Grid:
        """The grid that `to_dict` described."""
        depth, rows, columns = record["shape_kji"]
        return cls(np.array(record["ijk_to_ras"], float), (depth, rows, columns))


@dataclass(frozen=True, eq=False)
class Reorientation:
    """A reordering and flipping of axes: exact, no interpolation, with its way back.

    Attributes:
        source: grid before.
        axes: for each new axis (i, j, k) the old axis it was.
        flipped: for each new axis, whether it runs the other way.
    """

    source: Grid
    axes: tuple[int, ...]
    flipped: tuple[bool, ...]

    @property
    def target(self) -> Grid:
        """Grid after."""
        step = np.zeros((4, 4))
        step[3, 3] = 1
        for new, (old, flip) in enumerate(zip(self.axes, self.flipped, strict=True)):
            step[old, new] = -1 if flip else 1
            step[old, 3] = self.source.size_ijk[old] - 1 if flip else 0
        columns, rows, depth = (self.source.size_ijk[old] for old in self.axes)
        return Grid(self.source.ijk_to_ras @ step, (depth, rows, columns))

    def forward(self, array: np.ndarray) -> np.ndarray:
        """An array (k, j, i[, channels]) of the source grid on the target grid; C-contiguous.

        Raises:
            BadInput: the array is not of the source grid's shape.
        """
        self.source.check_array(array)
        turned = array.transpose(self._array_axes() + tuple(range(3, array.ndim)))
        return np.ascontiguousarray(np.flip(turned, self._flips()))

    def backward(self, array: np.ndarray) -> np.ndarray:
        """An array of the target grid on the source grid; `forward` undone.

        Raises:
            BadInput: the array is not of the target grid's shape.
        """
        self.target.check_array(array)
        order = tuple(int(axis) for axis in np.argsort(self._array_axes())) + tuple(range(3, array.ndim))
        return np.ascontiguousarray(np.flip(array, self._flips()).transpose(order))

    def _array_axes(self) -> tuple[int, ...]:
        return tuple(2 - axis for axis in reversed(self.axes))

    def _flips(self) -> tuple[int, ...]:
        return tuple(2 - new for new, flip in enumerate(self.flipped) if flip)


def lps_direction(grid: Grid) -> list[float]:
    """Direction cosines in LPS, row by row, for SimpleITK.

    Cosines too small to matter become 0: ITK cannot invert a matrix that holds denormal numbers, and then
    resamples to nothing without an error.
    """
    cosines = (RAS_TO_LPS[:3, :3] @ grid.directions).ravel()
    cosines[np.abs(cosines) < 1e-12] = 0.0
    return cosines.tolist()


def to_sitk(array: np.ndarray, grid: Grid) -> SimpleITK.Image:
    """A SimpleITK image of an array (k, j, i[, channels]); booleans become uint8, half precision float32.

    Raises:
        BadInput: the array does not lie on the grid.
    """
    import SimpleITK as sitk

    grid.check_array(array)
    if array.dtype == bool:
        array = array.astype(np.uint8)
    elif array.dtype == np.float16:
        array = array.astype(np.float32)
    image = sitk.GetImageFromArray(array, isVector=array.ndim == 4)
    image.SetSpacing(grid.spacing.tolist())
    image.SetOrigin(ras_to_lps(grid.origin).tolist())
    image.SetDirection(lps_direction(grid))
    return image


def from_sitk(image: SimpleITK.Image) -> tuple[np.ndarray, Grid]:
    """The array (k, j, i[, channels]) of a SimpleITK image and its grid; a 2D image becomes one slice.

    Raises:
        BadInput: the image has neither two nor three dimensions.
    """
    import SimpleITK as sitk

    if image.GetDimension() == 2:
        image = sitk.JoinSeries(image)
    if image.GetDimension() != 3:
        raise BadInput(f"The image has {image.GetDimension()} dimensions.", "Choose a single picture or volume.")
    array = sitk.GetArrayFromImage(image)
    directions = RAS_TO_LPS[:3, :3] @ np.reshape(image.GetDirection(), (3, 3))
    columns, rows, depth = image.GetSize()
    grid = Grid.from_parts(image.GetSpacing(), ras_to_lps(image.GetOrigin()), directions, (depth, rows, columns))
    return array, grid
