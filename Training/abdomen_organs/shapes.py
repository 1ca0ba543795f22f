"""Shapes of complete organs from the labels of the training scans, how far wholes estimated by them may be off, and
how they did on the scans kept aside (labels drawn by people, cut by us)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK as sitk

from DeepMedLib.ct.working import canonical_view
from DeepMedLib.geometry import from_sitk
from PancreasSegLib.calibration import KINDS
from PancreasSegLib.organs import BY_KEY
from PancreasSegLib.whole_volume import CUTS, Shapes, largest_error, profile, reversed_shapes, whole_volume

Measured = tuple[str, np.ndarray, float]
"""Patient, areas of the slices from the lower end to the upper (mm2), step (mm)."""
NEVER = ("aorta",)
"""Kinds that no scan of the abdomen holds whole."""


def complete_organs(folder: Path, cases: list[str]) -> dict[str, list[Measured]]:
    """By kind: the organs that lie whole within the labeled scans of a folder of cases."""
    out: dict[str, list[Measured]] = {kind: [] for kind in KINDS if kind not in NEVER}
    for case in cases:
        array, grid = from_sitk(sitk.ReadImage(str(folder / case / "labels.nii.gz")))
        upright, step = canonical_view(array, grid.canonical()), float(grid.canonical().target.spacing[2])
        for kind, found in out.items():
            for key in KINDS[kind]:
                areas = (upright == BY_KEY[key].btcv).sum((1, 2)) * grid.voxel_volume / step
                shown = np.flatnonzero(areas)
                if len(shown) and not areas[0] and not areas[-1]:
                    found.append((case, areas[shown[0] : shown[-1] + 1], step))
    return out


def fitted(organs: list[Measured]) -> Shapes:
    """With their error."""
    profiles = [profile(areas, step) for _case, areas, step in organs]
    areas, lengths = np.array([one for one, _ in profiles]), np.array([length for _, length in profiles])
    shapes = Shapes(areas, lengths, tuple(case for case, _, _ in organs))
    return replace(shapes, error=largest_error(organs, shapes))


def judged(organs: list[Measured], shapes: Shapes) -> dict[str, Any]:
    """Organs that the shapes do not hold, cut by us at either end: how many wholes were told, and how well."""
    told, inside, errors, cuts = 0, 0, [], 0
    for _case, areas, step in organs:
        whole_ml = float(areas.sum()) * step / 1000
        for kept in CUTS:
            for turned in (False, True):
                cuts += 1
                seen = (areas[::-1] if turned else areas)[: round(kept * len(areas))]
                whole = whole_volume(seen, step, reversed_shapes(shapes) if turned else shapes)
                if whole is not None:
                    low, high = whole.interval()
                    told, inside = told + 1, inside + int(low <= whole_ml <= high)
                    errors.append(abs(whole.ml / whole_ml - 1))
    mean = round(100 * float(np.mean(errors)), 1) if errors else None
    return {"cuts": cuts, "told": told, "inside": inside, "mean_percent": mean}
