"""Liver on single slices of 3D-IRCADb-01, which lie upside down by half a turn."""

from __future__ import annotations

from deepmed_headless.cli.evaluate.scoring import Evaluation
from PancreasSegHeadless.evaluate._slices import SliceSet, before, evaluate_slices
from PancreasSegLib.slice_ways import HALF_TURN

SET = SliceSet(
    "ircad_liver_slices",
    {1: ("liver",)},
    before("_"),
    lambda stem: HALF_TURN,
    "Slices, not volumes. All of them were in training: no independent test.",
)


def evaluate(run: Evaluation) -> None:
    """See `_slices.evaluate_slices`."""
    evaluate_slices(run, SET)
