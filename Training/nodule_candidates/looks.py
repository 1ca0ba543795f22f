"""Views varied as other scans would show them."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional


def vary(pictures: np.ndarray, generator: torch.Generator) -> torch.Tensor:
    """(B, 1, 50, 50) of 0..1: flipped, turned, moved, scaled, lighter or darker, softer or noisier.

    Args:
        pictures: (B, 50, 50) uint8.
    """
    views = torch.from_numpy(pictures.astype(np.float32) / 255.0)[:, None]
    n = len(views)

    def uniform(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    angle = uniform(-np.pi, np.pi)
    scale = torch.exp(uniform(-0.22, 0.22))
    stretch = torch.exp(uniform(-0.08, 0.08))
    mirrored = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    cosine, sine = torch.cos(angle), torch.sin(angle)
    theta = torch.stack(
        [
            torch.stack([scale * stretch * cosine * mirrored, -scale / stretch * sine, uniform(-0.1, 0.1)], 1),
            torch.stack([scale * stretch * sine * mirrored, scale / stretch * cosine, uniform(-0.1, 0.1)], 1),
        ],
        1,
    )
    grid = functional.affine_grid(theta, list(views.shape), align_corners=False)
    views = functional.grid_sample(views, grid, padding_mode="reflection", align_corners=False)
    soft = functional.avg_pool2d(functional.pad(views, (1, 1, 1, 1), mode="replicate"), 3, 1)
    views = torch.lerp(views, soft, (uniform(-0.5, 0.8))[:, None, None, None])
    views = views * uniform(0.88, 1.12)[:, None, None, None] + uniform(-0.06, 0.06)[:, None, None, None]
    noise = torch.randn(views.shape, generator=generator) * uniform(0.0, 0.03)[:, None, None, None]
    return (views + noise).clamp(0, 1)
