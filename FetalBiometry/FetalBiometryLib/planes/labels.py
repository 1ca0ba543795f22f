"""The label map of a picture: what each value means, and drawing it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from FetalBiometryLib.planes.findings import Finding

LABELS = {1: "head", 2: "csp", 3: "ventricle", 4: "abdomen", 5: "heart", 6: "thorax"}
_VALUES = {name: value for value, name in LABELS.items()}
#: Ellipse of a finding -> its label; the heart is drawn over the thorax.
_DRAWN = {"HC": "head", "AC": "abdomen", "Thorax": "thorax", "Heart": "heart"}


def label_map(
    finding: Finding | None, shape: tuple[int, ...], structures: Mapping[str, np.ndarray] | None = None
) -> np.ndarray:
    """(H, W) uint8, values as in `LABELS`: the ellipses of a finding, and the structures inside its head.

    Args:
        structures: (H, W) probabilities of "csp" and "ventricle".
    """
    labels = np.zeros(shape, np.uint8)
    if finding is None:
        return labels
    for ellipse, name in _DRAWN.items():
        if ellipse in finding.ellipses:
            labels[finding.ellipses[ellipse].mask(*shape) > 0] = _VALUES[name]
    if structures is not None:
        for name in ("ventricle", "csp"):
            labels[(structures[name] > 0.5) & (labels > 0)] = _VALUES[name]
    return labels
