"""A drawn left atrium with fibers, a scar, and the activation that follows from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from EPMappingLib.eikonal.solver import arrival, fiber_metric
from EPMappingLib.maps.points import MapPoints
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.operators import gradient

BODY = np.array([28.0, 20.0, 24.0])
"""Semi-axes of the body in mm: left-right, front-back, up-down (RAS)."""
VEINS = ((-24.0, -10.0, 13.0), (-24.0, -10.0, -9.0), (24.0, -10.0, 13.0), (24.0, -10.0, -9.0))
"""Where the pulmonary veins leave the body."""
VEIN_RADIUS, VEIN_LENGTH = 6.5, 14.0
VALVE_CENTER, VALVE_RADIUS = np.array([4.0, 17.0, -12.0]), 13.0
SCAR_CENTER, SCAR_RADIUS = np.array([6.0, -19.0, 4.0]), 9.0
ALONG, ACROSS, SCAR_SHARE = 0.9, 0.45, 0.45
"""Velocities in m/s along and across the fibers, and what is left of them in the scar."""
HEALTHY_MV, SCAR_MV = 2.4, 0.25
NOISE_MS, NOISE_LOG_MV, OFF_SHELL_MM = 2.0, 0.25, 1.0
PACING = {"high left": (-16.0, 4.0, 18.0), "right wall": (22.0, 12.0, 4.0), "floor": (-2.0, -6.0, -22.0)}
"""Where the atrium is paced from."""


@dataclass(frozen=True)
class Atrium:
    """The drawn shell with its truth.

    Attributes:
        surface: the shell in RAS mm, open at four veins and the valve.
        fibers: (F, 3) unit vectors.
        along, across: (F,) m/s.
        voltage_mv: (V,)
        metric: (F, 3, 3) squared slowness.
    """

    surface: Surface
    fibers: np.ndarray
    along: np.ndarray
    across: np.ndarray
    voltage_mv: np.ndarray
    metric: np.ndarray

    def activation(self, site: str = "high left") -> np.ndarray:
        """(V,) ms after pacing at one of `PACING`."""
        vertex = np.argmin(np.linalg.norm(self.surface.vertices - PACING[site], axis=1))
        return arrival(self.surface, self.metric, np.array([vertex]))

    def speeds(self, lat_ms: np.ndarray) -> np.ndarray:
        """(F,) m/s of the model in the direction in which a wave travels: sqrt(n . D n), D the inverted metric."""
        slope = gradient(self.surface, lat_ms)
        with np.errstate(invalid="ignore", divide="ignore"):
            unit = slope / np.linalg.norm(slope, axis=1, keepdims=True)
        return np.asarray(np.sqrt(np.einsum("fi,fij,fj->f", unit, np.linalg.inv(self.metric), unit)))

    def points(self, lat_ms: np.ndarray, count: int, seed: int) -> MapPoints:
        """Measured points: spread over the shell, off it, with noise on time and voltage."""
        random = np.random.default_rng(seed)
        share = self.surface.vertex_areas / self.surface.vertex_areas.sum()
        at = random.choice(len(share), count, replace=False, p=share)
        return MapPoints.of(
            self.surface.vertices[at] + random.normal(0, OFF_SHELL_MM, (count, 3)),
            lat_ms[at] + random.normal(0, NOISE_MS, count),
            self.voltage_mv[at] * np.exp(random.normal(0, NOISE_LOG_MV, count)),
        )


def atrium(spacing: float = 1.8, ratio: float = ALONG / ACROSS) -> Atrium:
    """Draw the atrium.

    Args:
        spacing: mm of the grid that it is cut from; about the length of an edge.
        ratio: of the velocities along and across the fibers.
    """
    surface = _opened(_closed_shell(spacing))
    centers = surface.corners.mean(1)
    fibers = _fiber_field(surface, centers)
    in_scar = np.clip((np.linalg.norm(centers - SCAR_CENTER, axis=1) - SCAR_RADIUS) / 3.0 + 0.5, 0, 1)
    along = ALONG * (SCAR_SHARE + (1 - SCAR_SHARE) * in_scar)
    across = along / ratio
    away = np.clip((np.linalg.norm(surface.vertices - SCAR_CENTER, axis=1) - SCAR_RADIUS) / 3.0 + 0.5, 0, 1)
    voltage = np.exp(np.log(SCAR_MV) + (np.log(HEALTHY_MV) - np.log(SCAR_MV)) * away)
    return Atrium(surface, fibers, along, across, voltage, fiber_metric(surface, fibers, along, across))


def _closed_shell(spacing: float) -> Surface:
    """The body with its veins, as the zero of a smooth union of distances."""
    reach = np.array([46.0, 36.0, 34.0])
    axes = [np.arange(-end, end + spacing, spacing) for end in reach]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    scaled = np.linalg.norm(grid / BODY, axis=-1)
    distance = (scaled - 1) * BODY.min()
    for root in np.array(VEINS):
        way = np.array([np.sign(root[0]), -0.45, 0.25 * np.sign(root[2])])
        way /= np.linalg.norm(way)
        along = np.clip((grid - 0.6 * root) @ way, 0, VEIN_LENGTH + 12)
        tube = np.linalg.norm(grid - 0.6 * root - along[..., None] * way, axis=-1) - VEIN_RADIUS
        blend = np.clip(0.5 + 0.5 * (tube - distance) / 4.0, 0, 1)
        distance = tube * (1 - blend) + distance * blend - 4.0 * blend * (1 - blend)
    image = vtk.vtkImageData()
    image.SetDimensions(*distance.shape)
    image.SetSpacing(spacing, spacing, spacing)
    image.SetOrigin(*(-reach))
    image.GetPointData().SetScalars(numpy_to_vtk(distance.ravel(order="F"), deep=True))
    cut, smooth = vtk.vtkFlyingEdges3D(), vtk.vtkWindowedSincPolyDataFilter()
    cut.SetInputData(image)
    cut.SetValue(0, 0.0)
    smooth.SetInputConnection(cut.GetOutputPort())
    smooth.SetNumberOfIterations(30)
    smooth.Update()
    data = smooth.GetOutput()
    points = np.asarray(vtk_to_numpy(data.GetPoints().GetData()), float)
    faces = np.asarray(vtk_to_numpy(data.GetPolys().GetConnectivityArray()), int).reshape(-1, 3)
    return Surface(points, faces)


def _opened(closed: Surface) -> Surface:
    """The shell without the ends of its veins and without the valve; only its largest part."""
    centers = closed.corners.mean(1)
    kept = np.linalg.norm(centers - VALVE_CENTER, axis=1) > VALVE_RADIUS
    kept &= np.abs(centers[:, 0]) < 36.0
    found = closed.part(np.flatnonzero(kept & ~closed.flat))[0]
    largest = np.bincount(found.face_components).argmax()
    return found.part(np.flatnonzero(found.face_components == largest))[0]


def _fiber_field(surface: Surface, centers: np.ndarray) -> np.ndarray:
    """Fibers: round the veins, elsewhere in a spiral about an axis from front to back."""
    axis = np.array([0.25, 1.0, 0.3])
    axis /= np.linalg.norm(axis)
    field = np.cross(axis, centers) / 20.0 + 0.35 * axis
    side = np.clip((np.abs(centers[:, :1]) - 22.0) / 8.0, 0, 1)
    field = (1 - side) * field + side * np.cross(np.array([1.0, -0.45, 0.0]), centers - [0, 0, 2]) / 10.0
    normal = surface.normals
    field = field - (field * normal).sum(1, keepdims=True) * normal
    return np.asarray(field / np.maximum(np.linalg.norm(field, axis=1, keepdims=True), 1e-9))
