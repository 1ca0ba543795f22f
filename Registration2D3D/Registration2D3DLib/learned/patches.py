"""Patches of X-ray and DRR about where a pose puts the landmarks."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as nn

from DeepMedLib.geometry import transform_points
from Registration2D3DLib.learned.networks import PATCH
from Registration2D3DLib.matching.level import Level, LevelView
from Registration2D3DLib.matching.normalizing import as_filmed, covered, normalized
from Registration2D3DLib.rendering.drr import render


def places_of(view: LevelView, points: np.ndarray) -> np.ndarray:
    """(..., 2) column and row at the level's pixels of world points (..., 3)."""
    return np.asarray((view.view.project(points) - view.corner) / view.pitch_px)


@torch.no_grad()
def patches_of(level: Level, view: LevelView, poses: np.ndarray, landmarks: np.ndarray) -> torch.Tensor:
    """(b, n, 2, 20, 20): normalized X-ray and DRR about the landmarks (n, 3) of the object at each pose (b, 4, 4)."""
    device = level.volume.channels.device
    batch, (rows, columns) = len(poses), view.shape
    tensor = torch.as_tensor(poses, dtype=torch.float32, device=device)
    integral = render(level.volume, view.rays, tensor).reshape(batch, rows, columns)
    seen = covered(integral, level.volume.outlined)
    drr = normalized(as_filmed(integral, level.volume.outlined), seen).values * view.weight
    both = torch.stack([(view.film * view.weight).expand_as(drr), drr], 1)  # (b, 2, h, w)
    where = np.stack([places_of(view, transform_points(pose, landmarks)) for pose in poses])
    steps = torch.arange(PATCH, device=device) - (PATCH - 1) / 2
    at = torch.as_tensor(where, dtype=torch.float32, device=device)
    x = (at[..., 0, None] + steps)[:, :, None, :].expand(-1, -1, PATCH, -1) * (2 / max(columns - 1, 1)) - 1
    y = (at[..., 1, None] + steps)[:, :, :, None].expand(-1, -1, -1, PATCH) * (2 / max(rows - 1, 1)) - 1
    grid = torch.stack([x, y], -1)  # (b, n, P, P, 2)
    flat = grid.reshape(batch, -1, PATCH, 2)
    taken = nn.grid_sample(both, flat, mode="bilinear", padding_mode="zeros", align_corners=True)
    return taken.reshape(batch, 2, len(landmarks), PATCH, PATCH).transpose(1, 2)
