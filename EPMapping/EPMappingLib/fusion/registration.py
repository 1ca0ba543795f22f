"""Brings a shell onto the same chamber in CT or MR: by landmarks, then by its surface (iterative closest point)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import vtk

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity, Remark
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.projection import poly_data, project

LEAST_LANDMARKS = 3
_ITERATIONS, _POINTS = 200, 1000  # of the closest points
_MEASURED = 4000  # vertices whose distance is measured
_LARGE_MM = 5.0  # mean distance above which the two are most likely not the same place


@dataclass(frozen=True)
class Fusion:
    """How a shell was brought onto a surface.

    Attributes:
        matrix: (4, 4) from the shell's frame to the target's, mm.
        mean_mm, q95_mm: mean and 95 % of the distances of the moved shell's vertices, by area, from the target.
        landmarks_mm: root mean square of the landmarks' distances after the landmark step; None without landmarks.
        scale: of lengths; 1 for a rigid one.
        remarks: what a reader must know.
    """

    matrix: np.ndarray
    mean_mm: float
    q95_mm: float
    landmarks_mm: float | None
    scale: float
    remarks: tuple[Remark, ...]

    def sentence(self) -> str:
        """The residual in words."""
        told = f"Shell to surface: mean {self.mean_mm:.1f} mm, 95 % within {self.q95_mm:.1f} mm."
        if self.landmarks_mm is not None:
            told += f" Landmarks alone: {self.landmarks_mm:.1f} mm (root mean square)."
        return told + (f" Scale {self.scale:.3f}." if abs(self.scale - 1) > 1e-6 else "")


def fuse(
    shell: Surface,
    target: Surface,
    shell_landmarks: np.ndarray | None = None,
    target_landmarks: np.ndarray | None = None,
    scaled: bool = False,
) -> Fusion:
    """Register the shell.

    Args:
        shell: in its own frame, mm.
        target: the chamber's wall in CT or MR, mm.
        shell_landmarks, target_landmarks: (L, 3) the same places in both, in the same order; without them the two
            frames have to lie near one another already.
        scaled: whether lengths may change, too.

    Raises:
        BadInput: there are fewer than three landmarks, not the same number in both, or all lie on a line.
    """
    start, landmarks_mm = np.eye(4), None
    if shell_landmarks is not None and target_landmarks is not None:
        start = by_landmarks(shell_landmarks, target_landmarks, scaled)
        left = moved(shell_landmarks, start) - target_landmarks
        landmarks_mm = float(np.sqrt((left**2).sum(1).mean()))
    near = Surface(moved(shell.vertices, start), shell.faces)
    matrix = _closest(near, target, scaled) @ start
    before, after = (_distances(shell, target, each) for each in (start, matrix))
    if after[0] > before[0]:  # closest points have led astray
        matrix, after = start, before
    remarks = []
    if after[0] > _LARGE_MM:
        text = f"The shell lies {after[0]:.1f} mm off the surface (mean): the two do not fit. Place landmarks anew."
        remarks.append(Remark(text, Gravity.GRAVE))
    scale = float(np.cbrt(np.linalg.det(matrix[:3, :3])))
    return Fusion(matrix, after[0], after[1], landmarks_mm, scale, tuple(remarks))


def moved(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(N, 3) points through a (4, 4) matrix."""
    return np.asarray(points @ matrix[:3, :3].T + matrix[:3, 3])


def by_landmarks(source: np.ndarray, target: np.ndarray, scaled: bool) -> np.ndarray:
    """(4, 4) least squares of landmarks (L, 3).

    Raises:
        BadInput: fewer than three, not as many in both, or all on a line.
    """
    if len(source) != len(target) or len(source) < LEAST_LANDMARKS:
        raise BadInput(
            f"There are {len(source)} landmarks on the shell and {len(target)} on the image.",
            f"Place {LEAST_LANDMARKS} or more, the same places in the same order.",
        )
    for points in (source, target):
        spread = np.linalg.svd(points - points.mean(0), compute_uv=False)
        if spread[1] < 1.0:
            raise BadInput("The landmarks lie on a line or at one place.", "Place them apart.")
    transform = vtk.vtkLandmarkTransform()
    transform.SetSourceLandmarks(_points(source))
    transform.SetTargetLandmarks(_points(target))
    transform.SetModeToSimilarity() if scaled else transform.SetModeToRigidBody()
    transform.Update()
    return _array(transform.GetMatrix())


def _closest(shell: Surface, target: Surface, scaled: bool) -> np.ndarray:
    search = vtk.vtkIterativeClosestPointTransform()
    search.SetSource(poly_data(shell.part(np.flatnonzero(~shell.flat))[0]))
    search.SetTarget(poly_data(target))
    transform = search.GetLandmarkTransform()
    transform.SetModeToSimilarity() if scaled else transform.SetModeToRigidBody()
    search.SetMaximumNumberOfIterations(_ITERATIONS)
    search.SetMaximumNumberOfLandmarks(_POINTS)
    search.CheckMeanDistanceOn()
    search.SetMaximumMeanDistance(1e-3)
    search.Update()
    return _array(search.GetMatrix())


def _distances(shell: Surface, target: Surface, matrix: np.ndarray) -> tuple[float, float]:
    """Mean and 95 % of the distances of the shell's vertices, each for the area around it."""
    used = np.flatnonzero(shell.used)
    used = used[:: max(len(used) // _MEASURED, 1)]
    distances = project(target, moved(shell.vertices[used], matrix)).distances
    weights = shell.vertex_areas[used]
    order = np.argsort(distances)
    share = np.cumsum(weights[order]) / weights.sum()
    q95 = distances[order][min(int(np.searchsorted(share, 0.95)), len(order) - 1)]
    return float(np.average(distances, weights=weights)), float(q95)


def _points(places: np.ndarray) -> vtk.vtkPoints:
    points = vtk.vtkPoints()
    points.SetDataTypeToDouble()
    for place in np.asarray(places, float):
        points.InsertNextPoint(*place)
    return points


def _array(matrix: vtk.vtkMatrix4x4) -> np.ndarray:
    return np.array([[matrix.GetElement(row, column) for column in range(4)] for row in range(4)])
