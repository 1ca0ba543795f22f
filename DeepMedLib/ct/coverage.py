"""Which organs of a segmentation are complete, and at which side of the scan the others are cut.

An organ is cut where its label reaches the outermost slice that holds a picture. Constant border slices are padding
and do not count as picture, so that a scan filled up with air cannot hide a cut; a label inside the padding counts
as reaching it. Any labels will do: ours, the user's, those of other programs. Sides are anatomical, taken from the
directions of the grid, in all 48 orders and flips of the axes.
Fails: an organ that ends exactly in the outermost slice counts as cut; one that the segmentation left out near the
border counts as complete; padding that is not constant (noise, interpolated edges) is taken for picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from DeepMedLib.ct.padding import Padding, side_name
from DeepMedLib.errors import BadInput
from DeepMedLib.geometry import Grid

State = Literal["absent", "complete", "cut"]
SIDES = ("superior", "inferior", "left", "right", "anterior", "posterior")
"""In the order in which sentences name them."""


@dataclass(frozen=True)
class OrganVerdict:
    """What a scan holds of one organ.

    Attributes:
        id: label value.
        name: of the organ; "label 7" where none was given.
        state: "absent", "complete" or "cut".
        sides: where it is cut, in the order of SIDES.
        touching: voxels at the cut face, by side.
        voxels: all its voxels.
        volume_ml: their volume; a lower bound where it is cut.
        padded: those of the sides beyond which the scan was filled up with constant slices.
    """

    id: int
    name: str
    state: State
    sides: tuple[str, ...]
    touching: dict[str, int]
    voxels: int
    volume_ml: float
    padded: tuple[str, ...] = ()


def organ_coverage(
    labels: np.ndarray, grid: Grid, padding: Padding | None = None, names: Mapping[int, str] | None = None
) -> list[OrganVerdict]:
    """A verdict for each label.

    Args:
        labels: (k, j, i) whole numbers, 0 = background; booleans count as label 1.
        grid: where they lie.
        padding: constant border slices of the picture (`find_padding` of the CT, not of the labels).
        names: of the organs that are asked for; those without a voxel are "absent". Labels without a name are
            reported too.

    Returns:
        Verdicts by label value.

    Raises:
        BadInput: the labels do not lie on the grid, or are not whole numbers from 0 on.
    """
    grid.check_array(labels)
    labels = _whole(labels)
    padding = padding or Padding()
    names = dict(names or {})
    most = max([int(labels.max(initial=0)), *names, 0])
    counts = np.zeros(most + 1, np.int64)
    for plane in labels:
        counts += np.bincount(plane.ravel(), minlength=most + 1)
    faces = _faces(labels, grid, padding, most)
    beyond = padding.by_side(grid)
    verdicts = []
    for number in sorted(set(np.flatnonzero(counts).tolist()) | set(names)):
        if number == 0:
            continue
        touching = {side: int(faces[side][number]) for side in SIDES if faces[side][number]}
        state: State = "absent" if not counts[number] else "cut" if touching else "complete"
        verdicts.append(
            OrganVerdict(
                id=int(number),
                name=names.get(number, f"label {number}"),
                state=state,
                sides=tuple(touching),
                touching=touching,
                voxels=int(counts[number]),
                volume_ml=float(counts[number]) * grid.voxel_volume / 1000,
                padded=tuple(side for side in touching if side in beyond),
            )
        )
    return verdicts


def _faces(labels: np.ndarray, grid: Grid, padding: Padding, most: int) -> dict[str, np.ndarray]:
    """For each side, voxels of each label in the outermost slice with a picture and beyond it."""
    faces = {}
    for axis in range(3):
        size = labels.shape[axis]
        for end in (0, 1):
            depth = 1 + (padding.low[axis] if end == 0 else padding.high[axis])
            index = slice(0, depth) if end == 0 else slice(size - depth, size)
            border = labels[(slice(None),) * axis + (index,)]
            faces[side_name(grid, axis, end)] = np.bincount(border.ravel(), minlength=most + 1)
    return faces


def _whole(labels: np.ndarray) -> np.ndarray:
    remedy = "Choose a segmentation or a label map of the scan, not a picture."
    if labels.ndim != 3:
        raise BadInput("The labels have several channels.", remedy)
    if labels.dtype == bool:
        return labels.astype(np.uint8)
    if labels.dtype.kind == "f":
        if not np.isfinite(labels).all() or not np.array_equal(labels, np.rint(labels)):
            raise BadInput("The labels are not whole numbers.", remedy)
        labels = labels.astype(np.int64)
    if labels.dtype.kind not in "iu":
        raise BadInput(f"Labels of type {labels.dtype} cannot be used.", remedy)
    if labels.dtype.kind == "i" and labels.size and int(labels.min()) < 0:
        raise BadInput("The labels hold numbers below 0.", remedy)
    if labels.size and int(labels.max()) > 65535:
        raise BadInput("The labels hold numbers above 65535.", remedy)
    return labels
