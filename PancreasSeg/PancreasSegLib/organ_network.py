"""The network (torch; imported by the worker only): a two-dimensional U-Net on neighboring slices, which also tells how
a single slice lies. Ronneberger et al., MICCAI 2015.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

ORIENTATIONS = 8
"""Quarter turns and mirrored quarter turns of a slice."""


class OrganNetwork(nn.Module):
    """U-Net with a second, small head on its deepest layer.

    Args:
        slices: input channels.
        classes: output channels, background included.
        channels: of each level, full resolution first; every level halves the sides.
    """

    def __init__(self, slices: int, classes: int, channels: Sequence[int]) -> None:
        super().__init__()
        self.down = nn.ModuleList()
        before = slices
        for level, width in enumerate(channels):
            self.down.append(nn.Sequential(_layer(before, width, 1 if level == 0 else 2), _layer(width, width, 1)))
            before = width
        self.widen, self.up = nn.ModuleList(), nn.ModuleList()
        for width in reversed(channels[:-1]):
            self.widen.append(nn.ConvTranspose2d(before, width, 2, 2))
            self.up.append(_layer(2 * width, width, 1))
            before = width
        self.out = nn.Conv2d(before, classes, 1)
        self.lies = nn.Linear(channels[-1], ORIENTATIONS)

    @property
    def multiple(self) -> int:
        """The sides of an input are multiples of this."""
        return 2 ** (len(self.down) - 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes, h, w) of pictures (n, slices, h, w), values 0..1."""
        skips = []
        x = pictures
        for level in self.down:
            x = level(x)
            skips.append(x)
        skips.pop()
        for widen, up in zip(self.widen, self.up, strict=True):
            x = up(torch.cat((widen(x), skips.pop()), 1))
        return self.out(x)

    def orientation(self, pictures: torch.Tensor) -> torch.Tensor:
        """(n, ORIENTATIONS) logits: which of the ways to turn a slice it was turned by."""
        x = pictures
        for level in self.down:
            x = level(x)
        return self.lies(x.mean((2, 3)))


def _layer(before: int, after: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d(before, after, 3, stride, 1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.LeakyReLU(0.01, inplace=True))
