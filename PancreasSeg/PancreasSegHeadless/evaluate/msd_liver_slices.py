"""Liver with its tumors on single slices of MSD Task03, which lie on their side."""

from __future__ import annotations

from deepmed_headless.cli.evaluate.scoring import Evaluation
from PancreasSegHeadless.evaluate._slices import SliceSet, evaluate_slices, field
from PancreasSegLib.slice_ways import msd_lies

SET = SliceSet(
    "msd_liver_slices",
    {1: ("liver",)},
    field(1),
    msd_lies,
    "Slices, not volumes. The model card names the cases that the network never saw.",
)


def evaluate(run: Evaluation) -> None:
    """See `_slices.evaluate_slices`."""
    evaluate_slices(run, SET)
