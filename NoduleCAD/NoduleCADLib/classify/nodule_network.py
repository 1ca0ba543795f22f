"""The network that outlines a nodule slice by slice and repeats its readers' opinion (torch; worker only)."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from .candidate_network import Residual

SIDE = 64
"""Pixels of a view's side."""

SPACING_MM = 0.6
"""Of a view's pixels."""

OFFSETS_MM = (-2.5, -1.25, 0.0, 1.25, 2.5)
"""Of the slices that the network sees together, along the body."""

DISTANCE_MM = 16.0
"""What the distance from the mark is divided by in the last channel."""

OPINIONS = ("malignancy", "texture", "calcification", "spiculation")
"""Reader scores of LIDC-IDRI that the heads repeat; 1..5, calcification 1..6."""

LARGEST = (5.0, 5.0, 6.0, 5.0)


class NoduleNetwork(nn.Module):
    """A U-Net on five neighboring slices with heads on what it outlined.

    Args:
        width: channels of the finest level.
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        wide = [width, 2 * width, 4 * width, 6 * width, 8 * width]
        before = [len(OFFSETS_MM) + 1, *wide[:-1]]
        self.down = nn.ModuleList(
            Residual(a, b, 1 if level == 0 else 2) for level, (a, b) in enumerate(zip(before, wide, strict=True))
        )
        self.up = nn.ModuleList(Residual(wide[level] + wide[level + 1], wide[level]) for level in (2, 1, 0))
        self.join = Residual(wide[3] + wide[4], wide[3])
        self.outline = nn.Conv2d(width, 1, 1)
        self.opinion = nn.Sequential(
            nn.Dropout(0.3),
            nn.Linear(wide[4] + wide[3] + wide[2] + 2 * width + 2, 64),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(64, len(OPINIONS)),
        )

    def forward(self, views: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Outline and opinion of views (B, 6, 64, 64): five slices in `scaled` HU, and the distance from the mark.

        Returns:
            (B, 64, 64) logits of the middle slice; (B, 4) logits of the opinions on a scale from 0 to 1.
        """
        levels = []
        x = views
        for unit in self.down:
            x = unit(x)
            levels.append(x)
        deepest = levels[4]
        x = levels[3] = self.join(torch.cat([levels[3], _twice(deepest)], 1))
        for level, unit in zip((2, 1, 0), self.up, strict=True):
            x = levels[level] = unit(torch.cat([levels[level], _twice(x)], 1))
        outline = self.outline(x)
        inside = torch.sigmoid(outline.float())
        share = inside / inside.sum(dim=(2, 3), keepdim=True).clamp_min(1.0)
        quarter = functional.avg_pool2d(share, 4) * 16.0
        size = torch.sqrt(inside.sum(dim=(2, 3)).clamp_min(1.0)) / 16.0
        middle = views[:, 2:3].float()
        pooled = [
            deepest.float().mean(dim=(2, 3)),
            levels[3].float()[:, :, 2:6, 2:6].amax(dim=(2, 3)),
            (levels[2].float() * quarter).sum(dim=(2, 3)),
            (x.float() * share).sum(dim=(2, 3)),
            x.float().amax(dim=(2, 3)),
            size,
            (middle * share).sum(dim=(2, 3)),
        ]
        return outline[:, 0], self.opinion(torch.cat(pooled, 1).to(x.dtype))


def _twice(x: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
