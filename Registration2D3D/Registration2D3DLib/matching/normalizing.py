"""Pictures made comparable: every neighborhood to mean 0 and variance 1, so that scatter and contrast drop out."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as nn

SIGMA_PX = 3.0
"""Of the Gaussian neighborhood, in pixels of the level."""
RIM_PX = 4
"""Beside the outline of an object whose outline counts, in pixels of the level."""
OPAQUE = 2.0
"""Line integrals of a surface model times that are its optical depth: 0.2 a mm, metal without its beam hardening."""
_FLAT = 0.15  # of a picture's own spread: below that a neighborhood counts as flat


def blurred(pictures: torch.Tensor, sigma: float = SIGMA_PX) -> torch.Tensor:
    """(..., h, w) under a Gaussian; beyond the border there is nothing."""
    half = max(1, int(3 * sigma + 0.5))
    offsets = torch.arange(-half, half + 1, dtype=pictures.dtype, device=pictures.device)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = kernel / kernel.sum()
    shape = pictures.shape
    flat = pictures.reshape(-1, 1, shape[-2], shape[-1])
    flat = nn.conv2d(flat, kernel[None, None, :, None], padding=(half, 0))
    flat = nn.conv2d(flat, kernel[None, None, None, :], padding=(0, half))
    return flat.reshape(shape)


def covered(integral: torch.Tensor, outlined: bool) -> torch.Tensor:
    """(b, h, w) 1 where a DRR (b, h, w) shows the object, or lies within `RIM_PX` of it where its outline counts."""
    inside = (integral > 1e-6).float()
    return nn.max_pool2d(inside, 2 * RIM_PX + 1, 1, RIM_PX) if outlined else inside


def as_filmed(integral: torch.Tensor, outlined: bool) -> torch.Tensor:
    """A DRR as a film shows it: metal, whose outline counts, is soon opaque; else line integrals."""
    return 1 - torch.exp(-OPAQUE * integral) if outlined else integral


def as_filmed_slope(integral: torch.Tensor, outlined: bool) -> torch.Tensor:
    """The derivative of `as_filmed` by the line integral."""
    return OPAQUE * torch.exp(-OPAQUE * integral) if outlined else torch.ones_like(integral)


@dataclass(frozen=True, eq=False)
class Normalized:
    """A normalized picture and what its derivatives need.

    Attributes:
        values: (b, h, w), 0 where nothing is seen.
        centered: less the local mean.
        spread: the local standard deviation.
        seen: (b, h, w) 1 where the picture counts.
        share: the blurred `seen`.
    """

    values: torch.Tensor
    centered: torch.Tensor
    spread: torch.Tensor
    seen: torch.Tensor
    share: torch.Tensor

    def derivative(self, change: torch.Tensor) -> torch.Tensor:
        """(b, c, h, w) changes of the normalized values by changes of the picture (b, c, h, w)."""
        seen, share = self.seen[:, None], self.share[:, None]
        centered = (change - blurred(change * seen) / share) * seen
        growth = blurred(self.centered[:, None] * centered * seen) / share / self.spread[:, None] ** 2
        return (centered / self.spread[:, None] - self.values[:, None] * growth) * seen


def normalized(pictures: torch.Tensor, seen: torch.Tensor) -> Normalized:
    """Pictures (b, h, w) with 1 in ``seen`` (b, h, w) where they count."""
    share = blurred(seen).clamp_min(1e-3)
    centered = (pictures - blurred(pictures * seen) / share) * seen
    local = blurred(centered**2) / share
    overall = (centered**2).sum((1, 2), keepdim=True) / seen.sum((1, 2), keepdim=True).clamp_min(1)
    spread = (local + _FLAT**2 * overall + 1e-12).sqrt()
    return Normalized(centered / spread * seen, centered, spread, seen, share)
