"""Gauss-Newton steps on the locally normalized correlation of DRRs and X-rays, several poses at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.matching.level import Level
from Registration2D3DLib.matching.normalizing import as_filmed, as_filmed_slope, covered, normalized
from Registration2D3DLib.rendering.drr import render_with_jacobian

_TOLERATED = 1.0  # residual, in standard deviations, that counts half
_DAMPING = 1e-2
_LARGEST_TURN, _LARGEST_SHIFT = np.radians(4.0), 3.0  # of one step; the shift in pixels of the level


@dataclass(frozen=True, eq=False)
class Fit:
    """Poses and how well they fit.

    Attributes:
        poses: (b, 4, 4) object to world.
        similarity: (b,) local correlation, 1 for equal pictures.
        information: (b, 6, 6) of the motion about the object's center (turn in radians, shift in mm): the Gauss-Newton
            matrix over the residuals' variance.
    """

    poses: np.ndarray
    similarity: np.ndarray
    information: np.ndarray

    def best(self, count: int) -> Fit:
        """The `count` that fit best, the best first."""
        order = np.argsort(-self.similarity)[:count]
        return Fit(self.poses[order], self.similarity[order], self.information[order])


def descend(level: Level, poses: np.ndarray, steps: int, enough_px: float = 0.01) -> Fit:
    """Improve poses (b, 4, 4); of each the best that was seen is returned.

    Args:
        enough_px: ends when no pose moves further than that in a step.
    """
    poses = np.array(poses, float)
    best = _measured(level, poses)
    damping = np.full(len(poses), _DAMPING)
    current = best
    for _ in range(steps):
        moved = np.stack(
            [_step(level, pose, s, d) for pose, s, d in zip(best.poses, current.systems, damping, strict=True)]
        )
        tried = _measured(level, moved)
        better = tried.similarity > best.similarity
        shift = np.linalg.norm(_centers(level, moved) - _centers(level, best.poses), axis=1)
        turn = np.abs(moved[:, :3, :3] - best.poses[:, :3, :3]).max((1, 2))
        damping = np.where(better, damping / 3, damping * 8)
        best = best.replaced(tried, better)
        current = best
        if (shift < enough_px * level.pitch_mm).all() and (turn < 2e-4).all():
            break
    return Fit(best.poses, best.similarity, best.information())


@dataclass(frozen=True, eq=False)
class _Measured:
    poses: np.ndarray
    similarity: np.ndarray
    systems: list[tuple[np.ndarray, np.ndarray, float]]  # normal matrix, right side, variance of a residual

    def replaced(self, other: _Measured, where: np.ndarray) -> _Measured:
        return _Measured(
            np.where(where[:, None, None], other.poses, self.poses),
            np.where(where, other.similarity, self.similarity),
            [b if take else a for a, b, take in zip(self.systems, other.systems, where, strict=True)],
        )

    def information(self) -> np.ndarray:
        return np.stack([matrix / max(variance, 1e-9) for matrix, _right, variance in self.systems])


def _centers(level: Level, poses: np.ndarray) -> np.ndarray:
    return np.asarray(poses[:, :3, :3] @ level.volume.center + poses[:, :3, 3])


@torch.no_grad()
def _measured(level: Level, poses: np.ndarray) -> _Measured:
    device = level.volume.channels.device
    batch = len(poses)
    tensor = torch.as_tensor(poses, dtype=torch.float32, device=device)
    centers = torch.as_tensor(_centers(level, poses), dtype=torch.float32, device=device)
    matrix = torch.zeros(batch, 6, 6, device=device)
    right = torch.zeros(batch, 6, device=device)
    together = torch.zeros(3, batch, device=device)
    residual, counted = torch.zeros(batch, device=device), torch.zeros(batch, device=device)
    for view in level.views:
        integral, jacobian = render_with_jacobian(level.volume, view.rays, tensor, centers)
        integral = integral.reshape(batch, *view.shape)
        seen = covered(integral, level.volume.outlined) * view.weight
        outlined = level.volume.outlined
        drr = normalized(as_filmed(integral, outlined), seen)
        slope = as_filmed_slope(integral, outlined)[:, None]
        change = drr.derivative(slope * jacobian.transpose(1, 2).reshape(batch, 6, *view.shape))
        apart = (view.film - drr.values) * seen
        trust = seen / (1 + (apart / _TOLERATED) ** 2)
        weighted = (change * trust[:, None]).flatten(2)
        matrix += weighted @ change.flatten(2).transpose(1, 2)
        right += (weighted @ apart.flatten(1)[..., None])[..., 0]
        together[0] += (drr.values * view.film * seen).sum((1, 2))
        together[1] += (drr.values**2 * seen).sum((1, 2))
        together[2] += (view.film**2 * seen).sum((1, 2))
        residual += (trust * apart**2).sum((1, 2))
        counted += trust.sum((1, 2))
    similarity = together[0] / (together[1] * together[2]).sqrt().clamp_min(1e-9)
    variance = (residual / counted.clamp_min(1)).cpu().numpy()
    systems = list(zip(matrix.cpu().double().numpy(), right.cpu().double().numpy(), variance.tolist(), strict=True))
    return _Measured(poses, similarity.cpu().double().numpy(), systems)


def _step(level: Level, pose: np.ndarray, system: tuple[np.ndarray, np.ndarray, float], damping: float) -> np.ndarray:
    matrix, right, _variance = system
    scale = np.sqrt(np.diag(matrix)) + 1e-9
    unit = matrix / np.outer(scale, scale) + damping * np.eye(6)
    step = np.linalg.solve(unit, right / scale) / scale
    turn, shift = step[:3], step[3:]
    too_far = max(
        1.0,
        float(np.linalg.norm(turn)) / _LARGEST_TURN,
        float(np.linalg.norm(shift)) / (_LARGEST_SHIFT * level.pitch_mm),
    )
    center = pose[:3, :3] @ level.volume.center + pose[:3, 3]
    return motion(turn / too_far, shift / too_far, center) @ pose
