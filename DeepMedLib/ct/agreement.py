"""How well one mask agrees with another: Dice, HD95, ASSD and the surface Dice, in one stated definition (monai).

All surface figures weigh the surface by its area in mm2: the elements that marching cubes puts between the voxels of
each 2 x 2 x 2 neighborhood (Nikolov et al., J Med Internet Res 23(7):e26151, 2021; the ``surface-distance`` package,
and MONAI's ``use_subvoxels``). Figures that count boundary voxels instead, MONAI's default, are other numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage


@dataclass(frozen=True)
class Agreement:
    """Of a prediction with a reference.

    Attributes:
        dice: 2 |A and B| / (|A| + |B|). 0 where one of them alone is empty, None where both are.
        hd95_mm: the larger of the two directed 95 % quantiles of the surface distance; None where one is empty.
        assd_mm: mean distance of both surfaces to the other; None where one is empty.
        nsd: share of both surfaces that lies within the tolerance of the other. As `dice` where one is empty.
        tolerance_mm: of ``nsd``.
    """

    dice: float | None
    hd95_mm: float | None
    assd_mm: float | None
    nsd: float | None
    tolerance_mm: float


def agreement(
    prediction: np.ndarray, reference: np.ndarray, spacing_mm: tuple[float, float, float], tolerance_mm: float
) -> Agreement:
    """Compare two masks.

    Args:
        prediction, reference: (k, j, i) bool on one grid.
        spacing_mm: along k, j, i.
        tolerance_mm: of the surface Dice.
    """
    both = ndimage.find_objects((prediction | reference).astype(np.uint8))
    if not both:
        return Agreement(None, None, None, None, tolerance_mm)
    a, b = np.pad(prediction[both[0]], 1), np.pad(reference[both[0]], 1)
    total = int(a.sum()) + int(b.sum())
    if not a.any() or not b.any():
        return Agreement(0.0, None, None, 0.0, tolerance_mm)
    dice = 2.0 * int((a & b).sum()) / total
    (edge_a, area_a), (edge_b, area_b) = _surfaces(a, b, spacing_mm)
    to_b, to_a = _distances(edge_a, edge_b, spacing_mm), _distances(edge_b, edge_a, spacing_mm)
    whole = area_a.sum() + area_b.sum()
    within = area_a[to_b <= tolerance_mm].sum() + area_b[to_a <= tolerance_mm].sum()
    return Agreement(
        dice,
        max(_quantile(to_b, area_a, 0.95), _quantile(to_a, area_b, 0.95)),
        float(((to_b * area_a).sum() + (to_a * area_b).sum()) / whole),
        float(within / whole),
        tolerance_mm,
    )


def _surfaces(
    a: np.ndarray, b: np.ndarray, spacing_mm: tuple[float, float, float]
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Of each mask where its surface lies (bool, neighborhoods of 2 x 2 x 2) and the areas of those elements in mm2."""
    import torch
    from monai.metrics.utils import get_mask_edges

    parts = get_mask_edges(torch.from_numpy(a), torch.from_numpy(b), crop=False, spacing=spacing_mm)
    edge_a, edge_b, area_a, area_b = (np.asarray(part) for part in parts)
    return (edge_a.astype(bool), area_a[edge_a.astype(bool)]), (edge_b.astype(bool), area_b[edge_b.astype(bool)])


def _distances(of: np.ndarray, to: np.ndarray, spacing_mm: tuple[float, float, float]) -> np.ndarray:
    """mm from each element of one surface to the other."""
    return np.asarray(ndimage.distance_transform_edt(~to, sampling=spacing_mm)[of])


def _quantile(distance: np.ndarray, area: np.ndarray, share: float) -> float:
    """The distance within which that share of the area lies."""
    order = np.argsort(distance)
    reached = np.cumsum(area[order]) / area.sum()
    return float(distance[order][min(int(np.searchsorted(reached, share)), len(order) - 1)])
