"""How a slice is varied in training: window, zoom, field of view, turn, noise, and flips that are to be recognised."""

from __future__ import annotations

import torch
from torch.nn import functional

from DeepMedLib.ct.regions.slice_picture import SIDE


def vary(pictures: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Random views (B, 1, SIDE, SIDE) of cached slices (B, 1, S, S), values 0..1."""
    n = len(pictures)

    def draw(low: float, high: float) -> torch.Tensor:
        return low + (high - low) * torch.rand(n, generator=generator)

    angle, zoom = 0.2 * torch.randn(n, generator=generator).clamp(-1.5, 1.5), draw(0.75, 1.3)
    stretch = draw(0.88, 1.14)
    matrix = torch.zeros(n, 2, 3)
    matrix[:, 0, 0], matrix[:, 0, 1] = torch.cos(angle) / zoom * stretch, -torch.sin(angle) / zoom
    matrix[:, 1, 0], matrix[:, 1, 1] = torch.sin(angle) / zoom, torch.cos(angle) / zoom / stretch
    matrix[:, :, 2] = 0.12 * torch.randn(n, 2, generator=generator)
    grid = functional.affine_grid(matrix, [n, 1, SIDE, SIDE], align_corners=False)
    views = functional.grid_sample(pictures, grid, align_corners=False)
    # Another window: the published one is -175..275 HU; narrower ones cut off fat or bone.
    low, high = draw(0.0, 0.15), draw(0.75, 1.0)
    views = (views - low.view(-1, 1, 1, 1)) / (high - low).view(-1, 1, 1, 1)
    views = views.clamp(0, 1) ** draw(0.8, 1.25).view(-1, 1, 1, 1)
    # Some reconstructions show a disc only.
    y, x = torch.meshgrid(torch.linspace(-1, 1, SIDE), torch.linspace(-1, 1, SIDE), indexing="ij")
    radius = torch.where(torch.rand(n, generator=generator) < 0.2, draw(0.6, 1.0), torch.full((n,), 2.0))
    views = views * (torch.hypot(x, y)[None, None] < radius.view(-1, 1, 1, 1))
    noise = draw(0.0, 0.08).view(-1, 1, 1, 1) * torch.randn(views.shape, generator=generator)
    return (views + noise * (views > 0)).clamp(0, 1)


def plain(pictures: torch.Tensor) -> torch.Tensor:
    """The view that is looked at in use: the middle (B, 1, SIDE, SIDE) of cached slices, resized whole."""
    return functional.interpolate(pictures, (SIDE, SIDE), mode="bilinear", antialias=True)


def flip(pictures: torch.Tensor, turn: torch.Tensor) -> torch.Tensor:
    """Slices turned wrongly: bit 0 of ``turn`` exchanges left and right, bit 1 front and back."""
    out = torch.where((turn % 2 == 1).view(-1, 1, 1, 1), pictures.flip(3), pictures)
    return torch.where((turn >= 2).view(-1, 1, 1, 1), out.flip(2), out)
