"""How well two lists of events agree: one-to-one matching by overlap over union."""

from __future__ import annotations

import numpy as np

LEAST_OVERLAP = 0.2
"""Overlap over union from which two events are one, as in Warby et al. (2014)."""


def f1(found: np.ndarray, marked: np.ndarray, least: float = LEAST_OVERLAP) -> float:
    """2 TP / (found + marked), closest pairs first; NaN where both lists are empty.

    Args:
        found, marked: (e, 2) beginning and end of each event, s.
    """
    found, marked = np.reshape(found, (-1, 2)), np.reshape(marked, (-1, 2))
    if not len(found) and not len(marked):
        return float("nan")
    overlap = np.minimum(found[:, None, 1], marked[None, :, 1]) - np.maximum(found[:, None, 0], marked[None, :, 0])
    union = np.maximum(found[:, None, 1], marked[None, :, 1]) - np.minimum(found[:, None, 0], marked[None, :, 0])
    share = overlap / np.maximum(union, 1e-12)
    rows, columns = np.nonzero(share >= least)
    order = np.argsort(-share[rows, columns], kind="stable")
    left, right = set[int](), set[int]()
    for row, column in zip(rows[order], columns[order], strict=True):
        if row not in left and column not in right:
            left.add(int(row))
            right.add(int(column))
    return 2 * len(left) / (len(found) + len(marked))
