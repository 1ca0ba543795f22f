"""The loss over partly marked pictures, against values worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from PancreasSegLib.organs import CHANNELS
from Training.abdomen_organs.losses import DICE_WEIGHTS, marginal_loss

CLASSES = len(CHANNELS) + 1


def test_an_unmarked_organ_is_not_background() -> None:
    # Sure that everything is liver: on a picture that marks the pancreas alone that is no error at all.
    logits = torch.zeros(1, CLASSES, 4, 4)
    logits[:, CHANNELS.index("liver") + 1] = 50.0
    labels = torch.zeros(1, 4, 4, dtype=torch.int64)
    known = torch.zeros(1, CLASSES, dtype=torch.bool)
    known[:, [0, CHANNELS.index("pancreas") + 1]] = True
    assert float(marginal_loss(logits, labels, known)) == pytest.approx(0.0, abs=1e-5)
    assert float(marginal_loss(logits, labels, torch.ones_like(known))) == pytest.approx(50.0, rel=1e-3)


def test_entropy_and_dice_of_an_even_answer() -> None:
    logits = torch.zeros(1, CLASSES, 2, 2)
    labels = torch.tensor([[[0, 1], [0, 0]]])
    known = torch.zeros(1, CLASSES, dtype=torch.bool)
    known[:, :2] = True
    # Background: eight of nine; pancreas: one of nine. Dice: overlap 1/9, sum 4/9 + 1.
    entropy = -(3 * math.log(8 / 9) + math.log(1 / 9)) / 4
    dice = 1 - (2 / 9 + 1) / (4 / 9 + 1 + 1)
    assert float(marginal_loss(logits, labels, known)) == pytest.approx(entropy + dice, rel=1e-5)
    assert DICE_WEIGHTS[0] > 1  # alone it counts once, whatever its weight
