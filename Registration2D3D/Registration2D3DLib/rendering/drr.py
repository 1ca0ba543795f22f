"""Digitally reconstructed radiographs: line integrals of attenuation along rays.

Joseph's method (IEEE TMI 1982): each ray is sampled bilinearly in every slice across the axis that it follows most.
Only the rays that are asked for are computed. Values have no unit: 1/mm times mm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as nn

from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.rendering.volume import Volume


@dataclass(frozen=True, eq=False)
class Rays:
    """Rays of one view.

    Attributes:
        source: (3,) world RAS mm.
        directions: (n, 3) unit vectors.
    """

    source: torch.Tensor
    directions: torch.Tensor

    @classmethod
    def through(cls, view: View, pixels: np.ndarray, device: str | torch.device = "cpu") -> Rays:
        """Rays through pixels (n, 2) as (column, row)."""
        directions = view.directions(pixels)
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        return cls(
            torch.as_tensor(view.source, dtype=torch.float32, device=device),
            torch.as_tensor(directions, dtype=torch.float32, device=device),
        )


@dataclass(frozen=True, eq=False)
class _Samples:
    axis: int
    grid: torch.Tensor  # (slices, b, n, 2), as grid_sample wants it
    along_mm: torch.Tensor  # (slices, b, n), from the source
    step_mm: torch.Tensor  # (b, n), between two slices


def render(volume: Volume, rays: Rays, poses: torch.Tensor) -> torch.Tensor:
    """(b, n) line integrals; differentiable with respect to the poses and the volume.

    Args:
        poses: (b, 4, 4), object to world, RAS mm; near enough to one another for one axis of slices.
    """
    samples = _samples(volume, rays, poses)
    values = nn.grid_sample(
        volume.stack(samples.axis)[:, :1], samples.grid, mode="bilinear", padding_mode="zeros", align_corners=True
    )[:, 0]
    return (values * (samples.along_mm > 0)).sum(0) * samples.step_mm


def render_with_jacobian(
    volume: Volume, rays: Rays, poses: torch.Tensor, centers: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """(b, n) line integrals and (b, n, 6) their derivatives by a small motion of the object in the world.

    The motion is a turn (rotation vector, radians) about ``centers`` (b, 3), then a shift (mm), world axes: a point p
    of the object moves by ``w x (p - c) + v``, so that the integral changes by minus the integral of the gradient along
    that. With p = source + s d only the integrals of the gradient g and of s g are needed.
    """
    samples = _samples(volume, rays, poses)
    values = nn.grid_sample(
        volume.stack(samples.axis), samples.grid, mode="bilinear", padding_mode="zeros", align_corners=True
    )  # (slices, 4, b, n)
    values = values * (samples.along_mm > 0)[:, None]
    integral = values[:, 0].sum(0) * samples.step_mm
    gradients, step_mm = values[:, 1:], samples.step_mm[..., None]
    plain = gradients.sum(0).permute(1, 2, 0) * step_mm  # (b, n, 3), the object's axes
    moment = torch.einsum("scbn,sbn->bnc", gradients, samples.along_mm) * step_mm
    turn = poses[:, :3, :3].transpose(1, 2)
    plain, moment = plain @ turn, moment @ turn  # world axes
    arm = (rays.source - centers)[:, None].expand_as(plain)
    by_turn = torch.cross(arm, plain, dim=2) + torch.cross(rays.directions[None].expand_as(moment), moment, dim=2)
    return integral, -torch.cat([by_turn, plain], 2)


def _samples(volume: Volume, rays: Rays, poses: torch.Tensor) -> _Samples:
    grid, device = volume.grid, rays.directions.device
    to_ijk = torch.tensor(grid.ras_to_ijk, dtype=torch.float32, device=device) @ torch.linalg.inv(poses)
    start = to_ijk[:, :3, :3] @ rays.source + to_ijk[:, :3, 3]  # (b, 3)
    way = rays.directions @ to_ijk[:, :3, :3].transpose(1, 2)  # (b, n, 3), voxels a mm
    spacing = torch.tensor(grid.spacing, dtype=torch.float32, device=device)
    axis = int((way.mean((0, 1)).abs() * spacing).argmax())
    others = [other for other in range(3) if other != axis]  # columns and rows of the slices
    speed = way[..., axis]
    speed = torch.where(speed.abs() < 1e-4, torch.full_like(speed, 1e-4), speed)
    slices = torch.arange(grid.size_ijk[axis], device=device, dtype=torch.float32)
    along = (slices[:, None, None] - start[:, axis, None]) / speed  # (s, b, n) mm
    places = []
    for other in others:
        last = max(grid.size_ijk[other] - 1, 1)
        places.append((start[:, other, None] + along * way[..., other]) * (2 / last) - 1)
    return _Samples(axis, torch.stack(places, -1), along, 1 / speed.abs())
