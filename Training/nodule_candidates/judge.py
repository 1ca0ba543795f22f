"""Figures of a candidate classifier on patches kept aside."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.stats import rankdata

SPECIFICITIES = (0.90, 0.95, 0.99)


def area_under_curve(score: np.ndarray, label: np.ndarray) -> float:
    """Probability that a nodule scores above another candidate; ties count half."""
    positive = int((label == 1).sum())
    rank = rankdata(score)
    above = float(rank[label == 1].sum()) - positive * (positive + 1) / 2
    return above / (positive * (len(label) - positive))


def sensitivity_at(score: np.ndarray, label: np.ndarray, specificity: float) -> float:
    """Share of nodules above the score that so large a share of the others does not exceed."""
    threshold = np.quantile(score[label == 0], specificity)
    return float((score[label == 1] > threshold).mean())


def figures(score: np.ndarray, label: np.ndarray, row: np.ndarray, draws: int = 1000) -> dict[str, Any]:
    """AUC and sensitivities with 95 % intervals; stretches of 40 neighboring patches are drawn anew, as scans are."""
    groups = np.arange(len(row)) // 40
    names: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {"auc": area_under_curve}
    for specificity in SPECIFICITIES:
        names[f"sensitivity_at_{specificity:.2f}"] = partial(sensitivity_at, specificity=specificity)
    random = np.random.default_rng(0)
    members = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    drawn = [np.concatenate([members[n] for n in random.integers(0, len(members), len(members))]) for _ in range(draws)]
    out: dict[str, Any] = {"patches": len(label), "nodules": int((label == 1).sum())}
    for name, figure in names.items():
        values = [figure(score[of], label[of]) for of in drawn]
        low, high = np.quantile(values, [0.025, 0.975])
        out[name] = round(float(figure(score, label)), 4)
        out[f"{name}_95"] = [round(float(low), 4), round(float(high), 4)]
    return out
