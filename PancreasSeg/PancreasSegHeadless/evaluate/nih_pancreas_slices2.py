"""Pancreas on further slices of NIH Pancreas-CT, whole and as crops."""

from __future__ import annotations

from deepmed_headless.cli.evaluate.scoring import Evaluation
from PancreasSegHeadless.evaluate._slices import SliceSet, before, evaluate_slices
from PancreasSegLib.slice_ways import TOP_AND_BOTTOM

SET = SliceSet(
    "nih_pancreas_slices2",
    {1: ("pancreas",)},
    before("-"),
    lambda stem: TOP_AND_BOTTOM,
    "Slices, not volumes. The model card names the ten patients that the network never saw.",
)


def evaluate(run: Evaluation) -> None:
    """See `_slices.evaluate_slices`."""
    evaluate_slices(run, SET)
