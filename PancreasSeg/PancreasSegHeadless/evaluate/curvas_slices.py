"""Pancreas, kidneys and liver on single slices of CURVAS."""

from __future__ import annotations

from deepmed_headless.cli.evaluate.scoring import Evaluation
from PancreasSegHeadless.evaluate._slices import SliceSet, before, evaluate_slices
from PancreasSegLib.slice_ways import UPRIGHT

SET = SliceSet(
    "curvas_slices",
    {1: ("pancreas",), 2: ("left_kidney", "right_kidney"), 3: ("liver",)},
    before("_"),
    lambda stem: UPRIGHT,
    "Slices, not volumes. The model card names the cases that the network never saw.",
)


def evaluate(run: Evaluation) -> None:
    """See `_slices.evaluate_slices`."""
    evaluate_slices(run, SET)
