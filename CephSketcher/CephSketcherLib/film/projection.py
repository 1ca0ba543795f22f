"""A lateral film made from a head CT or CBCT volume: parallel or divergent rays, with the film's magnification.

The rays run along the patient's left-right axis. The face looks to the right of the film, x grows to the front and y
downwards. With a point source at distance D from the mid-sagittal plane and the film at d behind that plane, a point
at depth r towards the film is enlarged (D + d) / (D + r) times; the mid-sagittal plane itself (D + d) / D times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid
from DeepMedLib.resampling import resample

WATER_PER_MM = 0.0206
"""Linear attenuation of water near 60 keV, 1/mm (NIST tables)."""
_AIR = -1000.0


@dataclass(frozen=True)
class Geometry:
    """Where the X-ray source, the patient and the film are.

    Attributes:
        source_mm: from the source to the mid-sagittal plane; None for parallel rays.
        film_mm: from the mid-sagittal plane to the film; without effect for parallel rays.
        source_on_right: the source is on the patient's right, the film at the left cheek (the usual American way).
        pixel_mm: distance of neighboring pixels on the film.
        slab_mm: only tissue within half of this from the mid-sagittal plane; None for the whole head.
    """

    source_mm: float | None = 1524.0
    film_mm: float = 150.0
    source_on_right: bool = True
    pixel_mm: float = 0.25
    slab_mm: float | None = None

    def __post_init__(self) -> None:
        distances = (self.source_mm if self.source_mm is not None else 1.0, self.film_mm, self.pixel_mm)
        if not all(np.isfinite(d) for d in distances) or min(distances[0], self.pixel_mm) <= 0 or self.film_mm < 0:
            raise BadInput("The distances of source, film and pixels must be above 0.", "Enter distances in mm.")
        if self.slab_mm is not None and not self.slab_mm > 0:
            raise BadInput("The thickness of the slab must be above 0.", "Enter a thickness in mm, or none.")

    @property
    def magnification(self) -> float:
        """Of the mid-sagittal plane."""
        return 1.0 if self.source_mm is None else (self.source_mm + self.film_mm) / self.source_mm

    def magnification_at(self, right_mm: np.ndarray | float) -> np.ndarray:
        """Of points so many mm to the patient's right of the mid-sagittal plane.

        Raises:
            BadInput: a point at or behind the source.
        """
        right = np.asarray(right_mm, float)
        if self.source_mm is None:
            return np.ones_like(right)
        towards_film = -right if self.source_on_right else right
        from_source = self.source_mm + towards_film
        if (from_source < 1.0).any():
            raise BadInput("Part of the head lies behind the X-ray source.", "Enter a larger source distance.")
        return (self.source_mm + self.film_mm) / from_source


@dataclass(frozen=True, eq=False)
class LateralFilm:
    """A projected film.

    Attributes:
        attenuation: (H, W) float32, line integral of the attenuation.
        film: (H, W) uint8, bone bright.
        mm_per_px: at the mid-sagittal plane, that is pixel size over magnification.
        center_ras: where the central ray meets the mid-sagittal plane.
        center_px: (x, y) of the central ray on the film.
        geometry: of the exposure.
    """

    attenuation: np.ndarray
    film: np.ndarray
    mm_per_px: float
    center_ras: np.ndarray
    center_px: np.ndarray
    geometry: Geometry

    def to_film(self, ras: np.ndarray) -> np.ndarray:
        """Film pixels (..., 2) of points (..., 3) in RAS mm: where a ray through the point meets the film."""
        apart = np.asarray(ras, float) - self.center_ras
        scale = self.geometry.magnification_at(apart[..., 0]) / self.geometry.pixel_mm
        return self.center_px + np.stack([apart[..., 1] * scale, -apart[..., 2] * scale], axis=-1)

    def from_film(self, xy: np.ndarray, right_mm: float = 0.0) -> np.ndarray:
        """RAS mm (..., 3) of film pixels (..., 2), on the plane so far to the right of the mid-sagittal plane."""
        scale = self.geometry.magnification_at(right_mm) / self.geometry.pixel_mm
        apart = (np.asarray(xy, float) - self.center_px) / scale
        right = np.full(apart.shape[:-1], float(right_mm))
        return self.center_ras + np.stack([right, apart[..., 0], -apart[..., 1]], axis=-1)


def project_lateral(
    volume: np.ndarray,
    grid: Grid,
    geometry: Geometry | None = None,
    center_ras: np.ndarray | None = None,
    frame_px: tuple[tuple[float, float], tuple[int, int]] | None = None,
    progress: Callable[[float], None] | None = None,
) -> LateralFilm:
    """The lateral film of a head.

    Args:
        volume: (k, j, i) HU.
        grid: where it lies; any orientation, oblique and anisotropic too.
        geometry: of the exposure; the usual 152.4 cm and 15 cm when None.
        center_ras: a point of the central ray on the mid-sagittal plane; the volume's center when None.
        frame_px: position (x, y) of the central ray on the film and (height, width) of the film in pixels; the film
            that just holds the volume when None.
        progress: called with 0..1.

    Raises:
        BadInput: the volume has not three dimensions or not the grid's shape, a slab outside it, or a film too large.
    """
    if volume.ndim != 3:
        raise BadInput("A lateral film needs a volume of one value per voxel.", "Choose a CT or CBCT volume.")
    grid.check_array(volume)
    if not np.isfinite(volume).all():
        volume = np.nan_to_num(volume, nan=_AIR, posinf=3000.0, neginf=_AIR)
    geometry = geometry or Geometry()
    upright, lattice = _upright(volume, grid)
    middle = lattice.ijk_points_to_ras((np.array(lattice.size_ijk) - 1) / 2)
    center = middle if center_ras is None else np.array(center_ras, float)
    right = lattice.origin[0] + lattice.spacing[0] * np.arange(lattice.size_ijk[0]) - center[0]
    weights = np.full(len(right), lattice.spacing[0])
    if geometry.slab_mm is not None:
        # A voxel at the border of the slab counts with its share.
        half = geometry.slab_mm / 2
        low, high = right - lattice.spacing[0] / 2, right + lattice.spacing[0] / 2
        weights = np.clip(np.minimum(high, half) - np.maximum(low, -half), 0.0, None)
    used = np.flatnonzero(weights > 0)
    if not len(used):
        raise BadInput("The slab lies outside the volume.", "Move the mid-sagittal plane, or choose a thicker slab.")
    scales = np.asarray(geometry.magnification_at(right), float) / geometry.pixel_mm
    center_px, shape = _frame(lattice, center, float(scales[used].max())) if frame_px is None else frame_px
    if min(shape) < 1 or shape[0] * shape[1] > 40_000_000:
        raise BadInput(f"A film of {shape[1]} x {shape[0]} pixels is not possible.", "Choose larger film pixels.")
    attenuation = _integrate(upright, lattice, center, np.array(center_px, float), shape, weights, scales, progress)
    if geometry.source_mm is not None:
        # Slanted rays pass more tissue per plane.
        y, x = np.ogrid[: shape[0], : shape[1]]
        aside = ((x - center_px[0]) ** 2 + (y - center_px[1]) ** 2) * geometry.pixel_mm**2
        attenuation *= np.sqrt(1 + aside / (geometry.source_mm + geometry.film_mm) ** 2).astype(np.float32)
    mm_per_px = geometry.pixel_mm / geometry.magnification
    return LateralFilm(attenuation, film_gray(attenuation), mm_per_px, center, np.array(center_px, float), geometry)


def attenuation_of(hounsfield: np.ndarray) -> np.ndarray:
    """Linear attenuation 1/mm of HU values; bone and metal absorb more than water does at the low energies of film."""
    ratio = np.clip(1.0 + np.asarray(hounsfield, np.float32) / 1000.0, 0.0, 6.0)
    return (WATER_PER_MM * (ratio + 0.35 * np.clip(ratio - 1.15, 0.0, None))).astype(np.float32)


def film_gray(attenuation: np.ndarray, contrast: float = 1.0) -> np.ndarray:
    """Gray (H, W) uint8 of a film: density against the logarithm of the exposure is an S-shaped curve.

    Air is black, the densest bone near white; the middle of the curve lies at the attenuation of the bony face.
    """
    head = attenuation[attenuation > 0.05 * max(float(attenuation.max()), 1e-6)]
    if not len(head):
        return np.zeros(attenuation.shape, np.uint8)
    middle, top = (float(level) for level in np.percentile(head, [50.0, 98.0]))
    slope = contrast * 2.4 / max(top - middle, 0.2 * middle)
    curve = 1.0 / (1.0 + np.exp(-slope * (attenuation - middle)))
    foot = 1.0 / (1.0 + float(np.exp(slope * middle)))
    # A straight part keeps the soft tissue at the film's dark end apart from air.
    gray = 0.8 * (curve - foot) / (1.0 - foot) + 0.2 * np.clip(attenuation / top, 0.0, 1.0)
    return np.clip(np.rint(250.0 * gray), 0, 255).astype(np.uint8)


def _upright(volume: np.ndarray, grid: Grid) -> tuple[np.ndarray, Grid]:
    """Volume and grid whose axes are exactly R, A, S: reordered where possible, resampled where oblique."""
    turned = grid.canonical()
    array, lattice = turned.forward(np.asarray(volume)), turned.target
    if np.allclose(lattice.directions, np.eye(3), atol=1e-6):
        return array, lattice
    corners = np.array(np.meshgrid(*[(0, n - 1) for n in lattice.size_ijk])).reshape(3, -1).T
    world = lattice.ijk_points_to_ras(corners.astype(float))
    low, high = world.min(axis=0), world.max(axis=0)
    spacing = np.abs(np.diag(lattice.directions)) * lattice.spacing
    spacing = np.clip(spacing, lattice.spacing.min(), lattice.spacing.max())
    count = np.ceil((high - low) / spacing).astype(int) + 1
    target = Grid.from_parts(spacing, low, np.eye(3), (int(count[2]), int(count[1]), int(count[0])))
    if lattice.is_orthogonal:
        return resample(array.astype(np.float32), lattice, target, fill=_AIR), target
    # Sheared lattices (a tilted gantry) do not fit SimpleITK images.
    step = lattice.ras_to_ijk @ target.ijk_to_ras
    back = step[:3, :3][::-1, ::-1]
    shifted = ndimage.affine_transform(
        array.astype(np.float32), back, step[:3, 3][::-1], target.shape_kji, order=1, cval=_AIR
    )
    return shifted, target


def _frame(lattice: Grid, center: np.ndarray, scale: float) -> tuple[tuple[float, float], tuple[int, int]]:
    """Central ray and size of the film that just holds the volume at its largest magnification."""
    low = lattice.origin[1:] - lattice.spacing[1:] / 2 - center[1:]
    high = lattice.origin[1:] + lattice.spacing[1:] * (np.array(lattice.size_ijk[1:]) - 0.5) - center[1:]
    front, back = np.ceil(high[0] * scale), np.floor(low[0] * scale)
    top, bottom = np.ceil(high[1] * scale), np.floor(low[1] * scale)
    return (float(-back), float(top)), (int(top - bottom) + 1, int(front - back) + 1)


def _integrate(
    array: np.ndarray,
    lattice: Grid,
    center: np.ndarray,
    center_px: np.ndarray,
    shape: tuple[int, int],
    weights: np.ndarray,
    scales: np.ndarray,
    progress: Callable[[float], None] | None,
) -> np.ndarray:
    """Sum over the sagittal planes, each enlarged by its own magnification about the central ray."""
    total = np.zeros(shape, np.float32)
    used = np.flatnonzero(weights > 0)
    # Neighboring planes whose magnification moves nothing by 1/20 pixel at the film's edge are added first.
    radius = max(np.hypot(*np.maximum(center_px, np.array(shape[::-1]) - center_px)), 1.0)
    start = 0
    while start < len(used):
        stop = start + 1
        while stop < len(used) and abs(scales[used[stop]] / scales[used[start]] - 1) * radius <= 0.1:
            stop += 1
        planes = used[start:stop]
        mu = attenuation_of(array[:, :, planes])
        plane = mu @ weights[planes].astype(np.float32)
        share = weights[planes] / weights[planes].sum()
        _add_enlarged(total, plane, lattice, center, center_px, float(share @ scales[planes]))
        start = stop
        if progress is not None:
            progress(start / len(used))
    return total


def _add_enlarged(
    total: np.ndarray, plane: np.ndarray, lattice: Grid, center: np.ndarray, center_px: np.ndarray, scale: float
) -> None:
    """Add one (superior, anterior) plane as the film sees it, linear between voxels, in rows and columns apart."""
    rows, columns = total.shape
    front = center[1] + (np.arange(columns) - center_px[0]) / scale
    up = center[2] - (np.arange(rows) - center_px[1]) / scale
    j = (front - lattice.origin[1]) / lattice.spacing[1]
    k = (up - lattice.origin[2]) / lattice.spacing[2]
    if 1.0 / scale > 1.5 * lattice.spacing[1:].min():
        sigma = [max(0.0, 0.4 * (1.0 / scale / s - 1.0)) for s in lattice.spacing[:0:-1]]
        plane = ndimage.gaussian_filter(plane, sigma, mode="nearest")
    # Two matrix products of two entries a row: the same as bilinear interpolation, and much faster.
    wide = _take(plane.T, j).T
    total += _take(wide, k)


def _take(array: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Rows of an array at fractional positions, linear, zero outside half a row beyond the border."""
    count = len(array)
    inside = (at > -0.5) & (at < count - 0.5)
    clipped = np.clip(at, 0, count - 1)
    low = np.minimum(clipped.astype(int), max(count - 2, 0))
    share = (clipped - low).astype(np.float32)[:, None]
    taken = array[low] * (1 - share) + array[np.minimum(low + 1, count - 1)] * share
    taken[~inside] = 0
    return taken
