"""The loss when every picture marks other organs."""

from __future__ import annotations

import torch

DICE_WEIGHTS = (2.0, 1.0, 1.0, 1.0, 1.0, 1.5, 1.0, 1.0)
"""Of the channels 1, 2, ...: the pancreas is what the module is for, the gallbladder is rare."""


def marginal_loss(logits: torch.Tensor, labels: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """Cross entropy and Dice over what each picture marks.

    Organs that a picture does not mark are merged with its background: their probabilities are added (marginal loss;
    Fang and Yan, IEEE TMI 39(11):3619, 2020; Shi et al., Med Image Anal 70:101979, 2021).

    Args:
        logits: (n, classes, ...).
        labels: (n, ...) int64; only known organs occur.
        known: (n, classes) bool; the background is known.
    """
    log = torch.log_softmax(logits.float(), 1)
    shape = [len(log), log.shape[1], *[1] * (log.ndim - 2)]
    rest = known.clone()
    rest[:, 0] = False
    background = log.masked_fill(rest.view(shape), float("-inf")).logsumexp(1)
    chosen = log.gather(1, labels[:, None])[:, 0]
    entropy = -torch.where(labels == 0, background, chosen).mean()
    probability = log.exp()
    axes = [0, *range(2, log.ndim)]
    truth = torch.zeros_like(probability).scatter_(1, labels[:, None], 1.0)
    mask = known.view(shape).float()
    overlap = (probability * truth * mask).sum(axes)[1:]
    total = ((probability + truth) * mask).sum(axes)[1:]
    there = truth.sum(axes)[1:] > 0
    dice = 1 - (2 * overlap + 1) / (total + 1)
    weights = torch.tensor(DICE_WEIGHTS, device=there.device) * there
    return entropy + (weights * dice).sum() / weights.sum().clamp_min(1)
