"""What the coarse and the fine maps are asked to be."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from CephSketcherLib.landmarks.network import COARSE_OFFSET, distributions, moments

COARSE_SIGMA = 1.6  # canvas pixels
FINE_SIGMA = 1.3  # map pixels


def bumps(points: torch.Tensor, size: tuple[int, int], sigma: float) -> torch.Tensor:
    """Gaussians of height one at points (n, readers, L, 2) -> (n, readers, L, h, w); zero where a point is nan."""
    height, width = size
    x, y = torch.arange(width, dtype=torch.float32), torch.arange(height, dtype=torch.float32)
    known = torch.isfinite(points).all(-1)
    p = torch.nan_to_num(points)
    gx = torch.exp(-0.5 * ((x - p[..., :1]) / sigma) ** 2)
    gy = torch.exp(-0.5 * ((y - p[..., 1:]) / sigma) ** 2)
    return gy[..., :, None] * gx[..., None, :] * known[..., None, None]


def reader_mean(points: torch.Tensor) -> torch.Tensor:
    """(n, readers, L, 2) -> (n, L, 2), over the readings that are there."""
    return torch.nanmean(points, 1)


def mixture(points: torch.Tensor, size: tuple[int, int], sigma: float) -> torch.Tensor:
    """(n, L, h, w): the readers' bumps as one distribution each landmark; all zero where none lies on the map."""
    summed = bumps(points, size, sigma).sum(1)
    total = summed.sum((2, 3), keepdim=True)
    return torch.where(total > 3.0, summed / total.clamp_min(1e-6), torch.zeros(()))


def cross_entropy(logits: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Mean over the landmarks whose target is not all zero."""
    known = target.sum((2, 3)) > 0
    entropy = -(target * torch.log_softmax(logits.flatten(2), 2).reshape(logits.shape)).sum((2, 3))
    return (entropy * known).sum() / known.sum().clamp_min(1)


def coarse_loss(logits: torch.Tensor, points: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
    """Presence (a sigmoid a pixel, nothing in pictures that are no view) and place (a softmax over the plane).

    Args:
        logits: (n, L, h, w).
        points: (n, readers, L, 2) canvas pixels.
        present: (n,) bool, the picture is a view of a film.
    """
    size = (logits.shape[2], logits.shape[3])
    height = bumps(points, size, COARSE_SIGMA).amax(1) * present[:, None, None, None]
    area = 2 * torch.pi * COARSE_SIGMA**2
    presence = F.binary_cross_entropy_with_logits(logits - COARSE_OFFSET, height, reduction="none").sum((2, 3)) / area
    place = cross_entropy(logits, mixture(points, size, COARSE_SIGMA) * present[:, None, None, None])
    return presence.mean() + 0.5 * place


def fine_loss(logits: torch.Tensor, points: torch.Tensor) -> torch.Tensor:
    """Both readers' bumps as a distribution, and the distance of its mean from the mean of the readers.

    Args:
        points: (n, readers, L, 2) map pixels.
    """
    target = mixture(points, (logits.shape[2], logits.shape[3]), FINE_SIGMA)
    inside = target.sum((2, 3)) > 0
    mean, _ = moments(distributions(logits))
    gap = torch.nan_to_num(mean - reader_mean(points))
    distance = torch.sqrt((gap**2).sum(-1) + 0.01)
    return cross_entropy(logits, target) + (distance * inside).sum() / inside.sum().clamp_min(1)
