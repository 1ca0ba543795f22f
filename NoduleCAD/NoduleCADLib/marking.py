"""From candidates to marks: scores, outlines, sizes, opinions (torch; worker only)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import map_coordinates

from DeepMedLib.jobs.task import Progress
from NoduleCADLib.axial_scan import AxialScan, crop
from NoduleCADLib.candidates.blobs import Candidate
from NoduleCADLib.classify.inference import Outlined, opinions, outline, scores
from NoduleCADLib.classify.models import NoduleModels
from NoduleCADLib.classify.nodule_network import OFFSETS_MM, SIDE, SPACING_MM
from NoduleCADLib.classify.views import slice_view
from NoduleCADLib.mark import NoduleMark
from NoduleCADLib.measure.location import location
from NoduleCADLib.measure.shape import Shape, measure, own_part

_MOST_MARKS = 40
_SOLID_HU, _DENSE_HU = -300.0, 200.0
_AGAIN_MM = 1.5
"""A mark farther than this from the middle of its outline is outlined anew from there."""
_NEAR_MM = 6.0
"""An outline farther than this from the mark is of something else."""


@dataclass(frozen=True, eq=False)
class MarkOutline:
    """The outline of a mark: probabilities, the part that is the nodule, and its size."""

    number: int
    outlined: Outlined
    part: np.ndarray
    shape: Shape


def make_marks(
    scan: AxialScan,
    lungs: np.ndarray,
    found: Sequence[Candidate],
    models: NoduleModels,
    progress: Progress | None = None,
) -> tuple[list[NoduleMark], list[MarkOutline]]:
    """Score, outline and measure candidates.

    Args:
        lungs: (x, y, z) uint8, 1 right, 2 left.
        progress: from 0.6 to 0.95.

    Returns:
        Marks by falling score, those inside of a better one left out, and the outlines of those that have one.
    """
    places = np.array([each.xyz for each in found]).reshape(-1, 3)
    score = scores(models.candidates, scan, places)
    least = min((value for _rate, value in models.thresholds), default=1.0)
    order = [n for n in np.argsort(-score) if score[n] >= least]
    marks: list[NoduleMark] = []
    outlines: list[MarkOutline] = []
    for place, n in enumerate(order):
        if len(marks) == _MOST_MARKS:
            break
        xyz = places[n]
        if any(_inside(xyz, outline, scan) for outline in outlines):
            continue
        if any(np.linalg.norm(np.array(mark.position) - scan.ras(xyz)) < 3.0 for mark in marks):
            continue
        number = len(marks) + 1
        made = outline_of(scan, xyz, models, number)
        if made is not None and any(_inside(middle_of(made), outline, scan) for outline in outlines):
            continue
        at = scan.ras(xyz if made is None else middle_of(made))
        mark = NoduleMark(
            number,
            (round(float(at[0]), 2), round(float(at[1]), 2), round(float(at[2]), 2)),
            round(float(score[n]), 4),
            found[n].detector,
            location(lungs, scan.xyz(at), scan.spacing),
        )
        if made is not None:
            outlines.append(made)
            mark = measured(mark, made, scan, models)
        marks.append(mark)
        if progress is not None:
            progress(0.6 + 0.35 * (place + 1) / len(order), "Outlining nodules")
    return marks, outlines


def outline_of(scan: AxialScan, xyz: np.ndarray, models: NoduleModels, number: int = 1) -> MarkOutline | None:
    """The outline at a place (3,) in voxel coordinates; None where nothing is outlined near it."""
    center = np.asarray(xyz, float)
    for _turn in range(2):
        outlined = outline(models.nodules, scan.hu, scan.spacing, center)
        part = own_part(outlined.probability)
        if not part.any():
            return None
        moved = _middle(outlined, part, scan)
        if np.linalg.norm((moved - center) * scan.spacing) <= _AGAIN_MM:
            break
        center = moved
    if np.linalg.norm((center - xyz) * scan.spacing) > 2 * _NEAR_MM:
        return None
    return MarkOutline(number, outlined, part, measure(outlined.probability, part, SPACING_MM, float(scan.spacing[2])))


def measured(mark: NoduleMark, made: MarkOutline, scan: AxialScan, models: NoduleModels) -> NoduleMark:
    """The mark with size, density, type and opinions."""
    shape, outlined = made.shape, made.outlined
    z = float(outlined.slices[shape.largest])
    view = views_at(scan, outlined.center, z)
    said = opinions(models.nodules, view[None])
    kind = models.kind(float(said["texture"][0]))
    hu = np.stack([views_at(scan, outlined.center, float(k), (0.0,))[0] for k in outlined.slices])
    inside = hu[made.part]
    solid = None
    if kind == "part-solid":
        dense = made.part & (hu > _SOLID_HU)
        if dense.any():
            share = np.clip((hu - _SOLID_HU) / 400.0 + 0.5, 0.0, 1.0) * made.part
            solid = round(measure(share, own_part(share), SPACING_MM, float(scan.spacing[2])).mean_mm, 2)
        else:
            solid = 0.0
    diameter_sd = float(np.hypot(shape.diameter_sd_mm, models.diameter_sd_mm))
    volume_sd = float(np.hypot(shape.volume_sd_mm3, models.volume_sd_share * shape.volume_mm3))
    return replace(
        mark,
        kind=kind,
        long_mm=round(shape.long_mm, 2),
        short_mm=round(shape.short_mm, 2),
        mean_mm=round(shape.mean_mm, 2),
        mean_sd_mm=round(diameter_sd, 2),
        volume_mm3=round(shape.volume_mm3, 1),
        volume_sd_mm3=round(volume_sd, 1),
        slices=shape.slices,
        solid_mm=solid,
        mean_hu=round(float(inside.mean()), 1),
        dense_share=round(float((inside > _DENSE_HU).mean()), 3),
        opinion=round(float(said["malignancy"][0]), 2),
        opinion_of_size=round(models.opinion_of_size(shape.mean_mm), 2),
    )


def views_at(scan: AxialScan, center: np.ndarray, z: float, offsets: Sequence[float] = OFFSETS_MM) -> np.ndarray:
    """(slices, 64, 64) HU about a center, on and beside a slice."""
    half = np.array([SIDE * SPACING_MM / 2, SIDE * SPACING_MM / 2, 3.0]) / scan.spacing + 2
    at = np.array([center[0], center[1], z])
    box, low = crop(scan.hu, at, half)
    return slice_view(box, scan.spacing, at - low, z - float(low[2]), offsets, SIDE, SPACING_MM)


def middle_of(made: MarkOutline) -> np.ndarray:
    """(3,) voxel coordinates of the middle of the views; the outline was made about it."""
    return made.outlined.center


def labels_of(scan: AxialScan, outlines: Sequence[MarkOutline], shape: tuple[int, ...]) -> np.ndarray:
    """(k, j, i) uint8 on the scan's own grid: label n is mark n; of two marks a voxel belongs to the first."""
    labels = np.zeros(shape, np.uint8)
    view = scan.turned(labels)
    spacing = scan.spacing
    for made in outlines:
        center = made.outlined.center
        for plane, own, z in zip(made.outlined.probability, made.part, made.outlined.slices, strict=True):
            if not own.any():
                continue
            half = SIDE * SPACING_MM / 2 / spacing
            x = np.arange(max(0, int(center[0] - half[0])), min(view.shape[0], int(center[0] + half[0]) + 1))
            y = np.arange(max(0, int(center[1] - half[1])), min(view.shape[1], int(center[1] + half[1]) + 1))
            columns = (x - center[0]) * spacing[0] / SPACING_MM + (SIDE - 1) / 2
            rows = (y - center[1]) * spacing[1] / SPACING_MM + (SIDE - 1) / 2
            grown = np.where(_grown(own), plane, 0.0)
            at = np.meshgrid(rows, columns, indexing="ij")
            inside = map_coordinates(grown, at, order=1, mode="constant") >= 0.5
            target = view[x[0] : x[-1] + 1, y[0] : y[-1] + 1, z]
            target[inside.T & (target == 0)] = made.number
    return labels


def _grown(own: np.ndarray) -> np.ndarray:
    from scipy.ndimage import binary_dilation

    return np.asarray(binary_dilation(own, np.ones((3, 3))))


def _middle(outlined: Outlined, part: np.ndarray, scan: AxialScan) -> np.ndarray:
    k, rows, columns = (values.mean() for values in np.nonzero(part))
    x = outlined.center[0] + (columns - (SIDE - 1) / 2) * SPACING_MM / scan.spacing[0]
    y = outlined.center[1] + (rows - (SIDE - 1) / 2) * SPACING_MM / scan.spacing[1]
    return np.array([x, y, outlined.slices[0] + k])


def _inside(xyz: np.ndarray, made: MarkOutline, scan: AxialScan) -> bool:
    """Whether a place lies in an outline, or within half of its size of its middle."""
    away = (np.asarray(xyz, float) - made.outlined.center) * scan.spacing
    if np.linalg.norm(away) < made.shape.mean_mm / 2:
        return True
    k = round(float(xyz[2])) - int(made.outlined.slices[0])
    row = round(away[1] / SPACING_MM + (SIDE - 1) / 2)
    column = round(away[0] / SPACING_MM + (SIDE - 1) / 2)
    shape = made.part.shape
    within = 0 <= k < shape[0] and 0 <= row < shape[1] and 0 <= column < shape[2]
    return bool(within and _grown(made.part[k])[row, column])
