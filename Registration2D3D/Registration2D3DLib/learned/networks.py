"""The two networks: the published one, and one whose streams share their weights."""

from __future__ import annotations

import torch
from torch import nn

PATCH = 20
"""Pixels of a patch's side at the coarse level."""
GROUPS = (3, 2, 1)
"""Parameters of the three groups: shift across the beam and turn about it; the two other turns; depth."""


class DisplacementNet(nn.Module):
    """Where a landmark lies on the X-ray, from the patches of X-ray and DRR about where the pose puts it.

    Two convolutions, two poolings, one fully connected layer, as published; all landmarks share the weights, so that
    any object has them. The pose follows from the displacements by weighted least squares (`learned.stage`).
    """

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.stream = nn.Sequential(
            nn.Conv2d(3, width, 5), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(width, 2 * width, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(2 * width * 9, 128), nn.ReLU(), nn.Linear(128, 3),
        )  # fmt: skip

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """(m, 2, 20, 20) X-ray and DRR, normalized, to (m, 3): shift in pixels along columns and rows, log variance."""
        residual = patches[:, :1] - patches[:, 1:]
        return torch.as_tensor(self.stream(torch.cat([patches, residual], 1)))


class ResidualNet(nn.Module):
    """The published layout: a stream of its own for each landmark's residual, joined into each group's parameters.

    Two convolutions, two poolings and a fully connected layer a stream; then two fully connected layers, once for each
    of the three groups. Where the landmarks lie is added to the joined features, since this one serves any object.
    """

    def __init__(self, landmarks: int = 16, width: int = 6, features: int = 24) -> None:
        super().__init__()
        n = landmarks

        def trunk() -> nn.Module:
            return nn.Sequential(
                nn.Conv2d(n, n * width, 5, groups=n), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(n * width, 2 * n * width, 3, groups=n), nn.ReLU(), nn.MaxPool2d(2),
                nn.Conv2d(2 * n * width, n * features, 3, groups=n), nn.ReLU(), nn.Flatten(),
            )  # fmt: skip

        def head(count: int) -> nn.Module:
            return nn.Sequential(nn.Linear(n * (features + 3), 128), nn.ReLU(), nn.Linear(128, count))

        self.trunks = nn.ModuleList([trunk() for _ in GROUPS])
        self.heads = nn.ModuleList([head(count) for count in GROUPS])

    def forward(self, residuals: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """(b, 6) shift x, y, turn z; turn x, y; shift z, in pixels (turns: at 20 pixels from the center).

        Args:
            residuals: (b, 16, 20, 20) X-ray less DRR, landmarks in their slots.
            places: (b, 16, 3) the landmarks about the object's center, camera's axes, in 20 pixels.
        """
        flat = places.flatten(1)
        pairs = zip(self.trunks, self.heads, strict=True)
        return torch.cat([head(torch.cat([trunk(residuals), flat], 1)) for trunk, head in pairs], 1)
