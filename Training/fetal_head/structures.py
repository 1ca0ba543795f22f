"""Dice of brain region, cavum septi pellucidi and ventricle on FETAL_PLANES heads not trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from FetalBiometryLib.inference.head_network import look_at_head

from .data import read_grey
from .splits import patient_split


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Dice of two masks; nan when both are empty."""
    total = a.sum() + b.sum()
    return float(2 * (a & b).sum() / total) if total else float("nan")


def structure_figures(network: torch.nn.Module, folder: Path, split: str) -> dict[str, Any]:
    """Mean Dice where the label is present, with the number of pictures behind it."""
    scores: dict[str, list[float]] = {"brain": [], "csp": [], "ventricle": []}
    for path in sorted((folder / "images").glob("*.jpg")):
        if patient_split(path.name) != split:
            continue
        index = np.asarray(Image.open(folder / "masks" / f"{path.stem}.png"))
        maps = look_at_head(network, read_grey(path)).picture_maps()
        if (index == 1).any():
            scores["brain"].append(dice(index > 0, maps["brain"] > 0.5))
        for value, name in ((2, "csp"), (3, "ventricle")):
            if (index == value).any():
                scores[name].append(dice(index == value, maps[name] > 0.5))
    return {name: {"pictures": len(v), "dice": float(np.mean(v))} for name, v in scores.items()}
