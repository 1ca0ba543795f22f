"""How slices are varied in training: place, size, shape, window, grain; and the ways a slice may be turned."""

from __future__ import annotations

import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image


def warp_grid(
    n: int, size: tuple[int, int], pixel: float, canvas: tuple[int, int], generator: torch.Generator
) -> torch.Tensor:
    """(n, *size, 2) places on the canvas, -1..1: turned, stretched, shifted and bent at random; never mirrored.

    Args:
        pixel: size of a pixel of the result in those of the canvas.
    """

    def draw(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    angle = torch.where(draw(0, 1) < 0.85, draw(-0.21, 0.21), draw(-0.55, 0.55))
    zoom, stretch = torch.exp(draw(-0.26, 0.26)), torch.exp(draw(-0.1, 0.1))
    offsets = [(torch.arange(count) - (count - 1) / 2) * pixel for count in size]
    y, x = torch.meshgrid(*offsets, indexing="ij")
    cos, sin = (torch.cos(angle) / zoom).view(-1, 1, 1), (torch.sin(angle) / zoom).view(-1, 1, 1)
    stretch = stretch.view(-1, 1, 1)
    bend = 3.0 * torch.randn((n, 2, 5, 6), generator=generator) * draw(0, 1).view(-1, 1, 1, 1)
    bend = F.interpolate(bend, size, mode="bicubic", align_corners=True)
    column = (cos * x - sin * y) * stretch + bend[:, 0] + draw(-22, 22).view(-1, 1, 1)
    row = (sin * x + cos * y) / stretch + bend[:, 1] + draw(-18, 18).view(-1, 1, 1)
    return torch.stack((2 * column / canvas[1], 2 * row / canvas[0]), -1)


def sampled(stacks: torch.Tensor, labels: torch.Tensor, grid: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures (n, c, h, w) 0..1 and labels (n, h, w) of uint8 stacks (n, c, H, W) and labels (n, H, W)."""
    x = F.grid_sample(stacks.float() / 255, grid, align_corners=False)
    y = F.grid_sample(labels[:, None].float(), grid, mode="nearest", align_corners=False)
    return x, y[:, 0].long()


def change_grey(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Another window, gamma, blur and noise of pictures (n, c, h, w) in 0..1."""
    n = len(x)

    def draw(low: float, high: float) -> torch.Tensor:
        return (low + (high - low) * torch.rand(n, generator=generator)).view(-1, 1, 1, 1)

    seen = x > 0.004
    wide = draw(0, 1) < 0.15  # a wide window leaves the organs little contrast
    low = torch.where(wide, draw(-2.0, -0.3), draw(-0.15, 0.3))
    high = torch.where(wide, draw(1.2, 2.5), draw(0.65, 1.3))
    x = ((x - low) / (high - low)).clamp(0, 1) ** torch.exp(draw(-0.35, 0.35))
    x = torch.where(wide & ~seen, torch.zeros(()), x)
    if torch.rand(1, generator=generator) < 0.25:
        x = 0.5 * x + 0.5 * F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return (x + draw(0, 0.06) * torch.randn(x.shape, generator=generator) * (x > 0)).clamp(0, 1)


def as_jpeg(stack: np.ndarray, quality: int) -> np.ndarray:
    """Slices (c, H, W) uint8 as they come back from JPEG files."""
    out = np.empty_like(stack)
    for number, picture in enumerate(stack):
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, "JPEG", quality=quality)
        out[number] = np.asarray(Image.open(stream))
    return out


def turned(picture: torch.Tensor, way: int) -> torch.Tensor:
    """A picture (..., h, w) turned by way % 4 quarters against the clock, from 4 on mirrored left to right before."""
    return torch.rot90(picture.flip(-1) if way >= 4 else picture, way % 4, (-2, -1))
