"""The stream that tells nodules from other candidates in one 35 mm view (torch; imported by the worker only).

Several views of one candidate pass the same stream and their answers are averaged: late fusion with shared streams, as
in Setio et al., IEEE TMI 35(5):1160, 2016.
"""

from __future__ import annotations

import torch
from torch import nn

SIDE = 50
"""Pixels of a view's side."""


class Residual(nn.Module):
    """Two convolutions of three pixels beside a shortcut."""

    def __init__(self, before: int, after: int, stride: int = 1) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, after, 3, stride, 1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.Conv2d(after, after, 3, 1, 1, bias=False),
            nn.BatchNorm2d(after),
        )
        same = stride == 1 and before == after
        self.shortcut = nn.Identity() if same else nn.Conv2d(before, after, 1, stride, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


class CandidateNetwork(nn.Module):
    """A view's logit of showing a nodule at its center.

    Args:
        width: channels after the first residual unit.
    """

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, width // 3, 3, padding=1, bias=False),
            nn.BatchNorm2d(width // 3),
            nn.ReLU(),
            Residual(width // 3, width, 2),
            Residual(width, width),
            Residual(width, 2 * width, 2),
            Residual(2 * width, 2 * width),
            Residual(2 * width, 8 * width // 3, 2),
        )
        self.answer = nn.Sequential(nn.Dropout(0.3), nn.Linear(16 * width // 3, 1))

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        """(B,) logits of views (B, 1, 50, 50), -1000..400 HU as 0..1.

        The middle of the view is pooled apart from the whole: the finding lies there, its surroundings tell the rest.
        """
        features = self.features(views)
        middle = features[:, :, 2:5, 2:5].amax(dim=(2, 3))
        return self.answer(torch.cat([features.mean(dim=(2, 3)), middle], 1))[:, 0]
