"""Poses brought near by the networks: three groups of parameters, one after the other, a new DRR before each.

After Miao, Wang, Liao (IEEE TMI 2016), who regress shift across the beam and turn about it first, then the two other
turns, then the depth. Patent US 10,235,606 describes such regression.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from DeepMedLib.geometry import transform_points
from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.learned.landmarks import in_slots
from Registration2D3DLib.learned.networks import GROUPS, DisplacementNet, ResidualNet
from Registration2D3DLib.learned.patches import patches_of, places_of
from Registration2D3DLib.matching.level import Level, LevelView

HALF_PX = 20.0
"""Pixels from the object's center to the border at the level of the networks."""
ROUNDS = 2
_ORDER = (3, 4, 2, 0, 1, 5)  # shift x, y, turn z; turn x, y; shift z, among turn x, y, z, shift x, y, z
_PRIOR_PX = 6.0  # standard deviation of each parameter before anything was seen, as pixels at the border


@dataclass(frozen=True, eq=False)
class FirstStage:
    """A network and the landmarks (16, 3) of the object, RAS mm, about which it looks."""

    network: torch.nn.Module
    landmarks: np.ndarray

    def improve(self, level: Level, poses: np.ndarray, rounds: int = ROUNDS) -> np.ndarray:
        """Poses (b, 4, 4), each brought nearer to where the X-rays show the object."""
        poses = np.array(poses, float)
        for _ in range(rounds):
            for group in range(len(GROUPS)):
                if isinstance(self.network, ResidualNet):
                    for view in level.views:
                        poses = self._regressed(level, view, poses, group)
                else:
                    poses = self._solved(level, poses, group)
        return poses

    @torch.no_grad()
    def _regressed(self, level: Level, view: LevelView, poses: np.ndarray, group: int) -> np.ndarray:
        """One step of the published network in a view's own axes."""
        axes = camera_axes(view.view)
        scale = HALF_PX * level.pitch_mm
        centers = _centers(level, poses)
        arms = np.stack([transform_points(pose, self.landmarks) for pose in poses]) - centers[:, None]
        arms = arms @ axes.T / scale
        order = in_slots(arms[0])
        patches = patches_of(level, view, poses, self.landmarks[order])
        places = torch.as_tensor(arms[:, order], dtype=torch.float32, device=patches.device)
        told = self.network(patches[:, :, 0] - patches[:, :, 1], places).cpu().double().numpy()
        first = sum(GROUPS[:group])
        steps = np.zeros((len(poses), 6))
        for number in range(first, first + GROUPS[group]):
            steps[:, _ORDER[number]] = told[:, number]
        return _moved(poses, steps, axes, centers, level.pitch_mm)

    @torch.no_grad()
    def _solved(self, level: Level, poses: np.ndarray, group: int) -> np.ndarray:
        """Weighted least squares from the displacements in all views, of the parameters up to a group."""
        axes = camera_axes(level.views[0].view)
        asked = list(_ORDER[: sum(GROUPS[: group + 1])])
        centers = _centers(level, poses)
        matrix, right = np.tile(np.eye(6) / _PRIOR_PX**2, (len(poses), 1, 1)), np.zeros((len(poses), 6))
        for view in level.views:
            patches = patches_of(level, view, poses, self.landmarks)
            told = self.network(patches.flatten(0, 1)).reshape(len(poses), -1, 3).cpu().double().numpy()
            weight = np.exp(-np.clip(told[..., 2], -4, 6))
            for number, pose in enumerate(poses):
                levers = _levers(view, transform_points(pose, self.landmarks), centers[number], axes, level.pitch_mm)
                weighted = levers * weight[number][:, None, None]
                matrix[number] += np.einsum("npa,npb->ab", weighted, levers)
                right[number] += np.einsum("npa,np->a", weighted, told[number, :, :2])
        steps = np.zeros((len(poses), 6))
        for number in range(len(poses)):
            steps[number, asked] = np.linalg.solve(matrix[number][np.ix_(asked, asked)], right[number, asked])
        return _moved(poses, steps, axes, centers, level.pitch_mm)


def camera_axes(view: View) -> np.ndarray:
    """(3, 3) rows: the view's x, y and z in the world; z from the source to the detector."""
    _intrinsics, camera = view.camera()
    axes = camera[:3, :3]
    return np.asarray(axes if np.linalg.det(axes) > 0 else np.diag([1, 1, -1]) @ axes)


def make_network(name: str) -> torch.nn.Module:
    """An untrained network: "published", or the one with shared streams."""
    return ResidualNet() if name == "published" else DisplacementNet()


def _centers(level: Level, poses: np.ndarray) -> np.ndarray:
    return np.asarray(poses[:, :3, :3] @ level.volume.center + poses[:, :3, 3])


def _moved(poses: np.ndarray, steps: np.ndarray, axes: np.ndarray, centers: np.ndarray, pitch: float) -> np.ndarray:
    """Poses after steps (b, 6) in pixels: turn x, y, z (at `HALF_PX` from the center), shift x, y, z."""
    turns, shifts = steps[:, :3] / HALF_PX @ axes, steps[:, 3:] * pitch @ axes
    parts = zip(turns, shifts, centers, poses, strict=True)
    return np.stack([motion(turn, shift, center) @ pose for turn, shift, center, pose in parts])


def _levers(view: LevelView, points: np.ndarray, center: np.ndarray, axes: np.ndarray, pitch: float) -> np.ndarray:
    """(n, 2, 6): pixels that each landmark (n, 3) moves by a step's six parameters, by differences."""
    here = places_of(view, points)
    columns = []
    small = 0.1
    for number in range(6):
        step = np.zeros((1, 6))
        step[0, number] = small
        moved = _moved(np.eye(4)[None], step, axes, center[None], pitch)[0]
        columns.append((places_of(view, transform_points(moved, points)) - here) / small)
    return np.stack(columns, -1)
