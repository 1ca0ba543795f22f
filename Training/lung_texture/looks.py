"""Random changes of patches: what a lesser or other scanner, another size or place would have shown."""

from __future__ import annotations

import torch
import torch.nn.functional as F

FILL_SIGMA = 6.0


def blurred(picture: torch.Tensor, sigma: float) -> torch.Tensor:
    """(B, 1, H, W) with a Gaussian; edges are repeated."""
    reach = max(1, int(3 * sigma + 0.5))
    line = torch.exp(-0.5 * (torch.arange(-reach, reach + 1, dtype=torch.float32) / sigma) ** 2)
    line = line / line.sum()
    padded = F.pad(picture, (reach, reach, reach, reach), mode="replicate")
    return F.conv2d(F.conv2d(padded, line.view(1, 1, 1, -1)), line.view(1, 1, -1, 1))


def filled(hu: torch.Tensor, lung: torch.Tensor) -> torch.Tensor:
    """What lies outside of the lung replaced by the mean of the lung nearby, as `LungTextureLib.lung_map` does it."""
    inside = lung.float()
    near = blurred(hu * inside, FILL_SIGMA) / blurred(inside, FILL_SIGMA).clamp_min(1e-3)
    return torch.where(lung, hu, near.clamp(-1000, -700))


def varied(hu: torch.Tensor, lung: torch.Tensor, paraseptal: torch.Tensor, walls: torch.Tensor) -> torch.Tensor:
    """A batch (B, 1, 31, 31) changed at random.

    The wall beside many of the paraseptal patches is filled, and so are walls laid on some of the others: neither
    wall nor filling then tells the class, and a map may fill what lies outside of the lung.

    Args:
        lung: (B, 1, 31, 31) bool.
        paraseptal: (B,) bool.
        walls: (n, 1, 31, 31) bool, lungs beside walls, to lay on other patches.
    """
    n = len(hu)
    borrowed = walls[torch.randint(len(walls), (n,))] & lung
    lung = torch.where(paraseptal[:, None, None, None], lung, borrowed)
    fill = torch.rand(n) < torch.where(paraseptal, 0.4, 0.2)
    hu = torch.where(fill[:, None, None, None], filled(hu, lung), hu)
    for turn in range(1, 4):
        which = torch.rand(n) < 0.25
        hu[which] = torch.rot90(hu[which], turn, (2, 3))
    flip = torch.rand(n) < 0.5
    hu[flip] = hu[flip].flip(3)
    zoom = torch.exp(torch.randn(n) * 0.05).clamp(0.85, 1.18)
    angle = (torch.rand(n) - 0.5) * 1.2
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = torch.cos(angle) * zoom, -torch.sin(angle) * zoom
    theta[:, 1, 0], theta[:, 1, 1] = torch.sin(angle) * zoom, torch.cos(angle) * zoom
    theta[:, :, 2] = (torch.rand(n, 2) - 0.5) * 0.3
    moved = F.grid_sample(
        hu, F.affine_grid(theta, list(hu.shape), align_corners=False), padding_mode="reflection", align_corners=False
    )
    hu = torch.where((torch.rand(n) < 0.6)[:, None, None, None], moved, hu)
    # Sharper or softer, as another kernel.
    amount = torch.randn(n, 1, 1, 1) * 0.2
    hu = hu + amount.clamp(-0.5, 0.5) * (hu - blurred(hu, 0.8))
    noise = torch.randn_like(hu)
    noise = torch.where(torch.rand(n, 1, 1, 1) < 0.5, noise, 2.5 * blurred(noise, 0.8))
    hu = hu + noise * torch.rand(n, 1, 1, 1) ** 2 * 20
    return hu + torch.randn(n, 1, 1, 1) * 5
