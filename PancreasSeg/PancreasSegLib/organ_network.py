"""The networks (torch; imported by the worker only).

Fine: a two-dimensional U-Net on five neighbouring slices, which also tells how a single slice lies. Coarse: a small
three-dimensional U-Net on the whole scan. Ronneberger et al., MICCAI 2015; Cicek et al., MICCAI 2016.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import nn

ORIENTATIONS = 8
"""Quarter turns and mirrored quarter turns of a slice."""


class OrganNetwork(nn.Module):
    """U-Net of two or three dimensions.

    Args:
        dimensions: 2 or 3.
        slices: input channels.
        classes: output channels, background included.
        channels: of each level, full resolution first; every level halves the sides.
    """

    def __init__(self, dimensions: int, slices: int, classes: int, channels: Sequence[int]) -> None:
        super().__init__()
        self.dimensions = dimensions
        transposed = nn.ConvTranspose2d if dimensions == 2 else nn.ConvTranspose3d
        convolution = nn.Conv2d if dimensions == 2 else nn.Conv3d
        self.down = nn.ModuleList()
        before = slices
        for level, width in enumerate(channels):
            first = _layer(dimensions, before, width, 1 if level == 0 else 2)
            self.down.append(nn.Sequential(first, _layer(dimensions, width, width, 1)))
            before = width
        self.widen, self.up = nn.ModuleList(), nn.ModuleList()
        for width in reversed(channels[:-1]):
            self.widen.append(transposed(before, width, 2, 2))
            self.up.append(_layer(dimensions, 2 * width, width, 1))
            before = width
        self.out = convolution(before, classes, 1)
        self.lies = nn.Linear(channels[-1], ORIENTATIONS) if dimensions == 2 else None

    @property
    def multiple(self) -> int:
        """The sides of an input are multiples of this."""
        return 2 ** (len(self.down) - 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes, ...) of pictures (n, slices, ...), values 0..1."""
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
        if self.lies is None:
            raise ValueError("only the two-dimensional network tells how a slice lies")
        x = pictures
        for level in self.down:
            x = level(x)
        return self.lies(x.mean((2, 3)))


def _layer(dimensions: int, before: int, after: int, stride: int) -> nn.Sequential:
    convolution = nn.Conv2d if dimensions == 2 else nn.Conv3d
    norm = nn.BatchNorm2d if dimensions == 2 else nn.BatchNorm3d
    return nn.Sequential(
        convolution(before, after, 3, stride, 1, bias=False), norm(after), nn.LeakyReLU(0.01, inplace=True)
    )
