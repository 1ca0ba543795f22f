"""The network that tells the texture of a lung patch, or of every place of a slice (torch; worker only).

No layer pads, and the last one averages over the whole patch: run over a slice, the network gives at each place exactly
what it gives for the patch cut out there.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

WINDOWS = ((-1024.0, -850.0), (-1000.0, -600.0), (-1000.0, 200.0))
"""HU; each is one input channel, from -1 at its lower end to 1 at its upper."""
STRIDE = 2
"""Pixels between two places where features are computed."""
_POOL = 7  # features along a patch of 31 pixels


class Member(nn.Module):
    """One network of the ensemble: three by three convolutions, then mean and spread of each feature over the patch."""

    def __init__(self, classes: int, width: int = 24) -> None:
        super().__init__()

        def layer(before: int, after: int) -> list[nn.Module]:
            return [nn.Conv2d(before, after, 3, bias=False), nn.BatchNorm2d(after), nn.ReLU()]

        self.features = nn.Sequential(
            *layer(len(WINDOWS), width),
            *layer(width, width),
            nn.MaxPool2d(3, STRIDE),
            *layer(width, 2 * width),
            *layer(2 * width, 2 * width),
            *layer(2 * width, 3 * width),
        )
        self.dropout = nn.Dropout(0.2)
        self.answer = nn.Conv2d(6 * width, classes, 1)

    def forward(self, channels: torch.Tensor, step: int = 1) -> torch.Tensor:
        """(B, classes, h, w) logits of windowed pictures (B, 3, H, W)."""
        features = self.features(channels)
        mean = F.avg_pool2d(features, _POOL, step)
        square = F.avg_pool2d(features * features, _POOL, step)
        spread = (square - mean * mean).clamp_min(1e-4).sqrt()
        return self.answer(self.dropout(torch.cat([mean, spread], 1)))


class TextureNetwork(nn.Module):
    """Mean of the members' log probabilities.

    Args:
        classes: number of texture classes.
        members: networks trained from different starts.
        width: channels of the first layer.
    """

    def __init__(self, classes: int, members: int = 1, width: int = 24) -> None:
        super().__init__()
        self.members = nn.ModuleList([Member(classes, width) for _ in range(members)])

    def forward(self, hu: torch.Tensor, step: int = 1) -> torch.Tensor:
        """Log probabilities (B, classes, h, w) at temperature 1.

        Args:
            hu: (B, 1, H, W), at least 31 pixels each way.
            step: answers lie ``2 * step`` pixels apart; the first stands for the patch at the upper left corner.
        """
        channels = torch.cat([((hu - low) * (2 / (high - low)) - 1).clamp(-1, 1) for low, high in WINDOWS], 1)
        answers = [torch.log_softmax(member(channels, step), 1) for member in self.members]
        return torch.stack(answers).mean(0)
