"""The network that tells where along the body an axial slice lies (torch, monai; imported by the worker only).

Its first half sees patches alone: each of 16 x 16 places answers, from its own neighbourhood, to which section of the
body it belongs, or that it says nothing (the seed: Yan et al., IEEE TMI 35(5):1332, 2016, multi-instance learning).
The second half sees the slice as a whole, built on what the patches found; both answers are multiplied. A last head
tells which way the slice is turned.
"""

from __future__ import annotations

import torch
from monai.networks.blocks import ResidualUnit
from torch import nn

SECTIONS = 24
"""Sections of the body from neck to thigh that are voted for; patches have one further class: "says nothing"."""

ORIENTATIONS = 4
"""As it should be; left and right exchanged; front and back exchanged; both."""


class SliceNetwork(nn.Module):
    """Patch votes, whole-slice answer and turn of an axial slice.

    Args:
        sections: classes of slices; patches have one more.
        width: channels of the first layer.
        patches: False builds the plain network of the same size for comparison: the whole slice's answer alone.
    """

    def __init__(self, sections: int = SECTIONS, width: int = 12, patches: bool = True) -> None:
        super().__init__()
        self.sections = sections
        self.patches = patches

        def unit(before: int, after: int, strides: int) -> nn.Module:
            return ResidualUnit(2, before, after, strides=strides, kernel_size=3, subunits=2, norm="batch", act="relu")

        self.local = nn.Sequential(unit(1, width, 2), unit(width, 2 * width, 2), unit(2 * width, 4 * width, 1))
        self.whole = nn.Sequential(
            unit(4 * width, 6 * width, 2), unit(6 * width, 8 * width, 2), nn.Flatten(), nn.Dropout(0.3)
        )
        self.answer = nn.Linear(8 * width * 16, sections)
        self.turn = nn.Linear(8 * width * 16, ORIENTATIONS)
        self.votes = nn.Conv2d(4 * width, sections + 1, 1)

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Answers to slices (B, 1, 64, 64) of values 0..1.

        Returns:
            (B, sections + 1, 16, 16) logits of the patches; (B, sections) log probabilities of the slice; (B, 4) logits
            of the turn.
        """
        features = self.local(pictures)
        whole = self.whole(features)
        votes = self.votes(features)
        answer = torch.log_softmax(self.answer(whole), 1)
        if self.patches:
            answer = torch.log_softmax(answer + voted(votes), 1)
        return votes, answer, self.turn(whole)


def voted(votes: torch.Tensor) -> torch.Tensor:
    """(B, sections) log probabilities of a slice from its patches' logits (B, sections + 1, h, w).

    A section's score is the soft maximum over the patches of the probability that a patch gives it: one patch that
    knows is enough, and patches that say nothing take no part.
    """
    patches = torch.log_softmax(votes.flatten(2), dim=1)[:, :-1]
    return torch.log_softmax(torch.logsumexp(4.0 * patches, dim=2) / 4.0, 1)


def patch_map(votes: torch.Tensor) -> torch.Tensor:
    """(B, h, w) how much each patch says: 1 less the probability that it says nothing."""
    return 1.0 - torch.softmax(votes, dim=1)[:, -1]
