"""Where the windpipe is: a dark round spot between the lungs, in slice after slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from DeepMedLib.ct.body import Body
from DeepMedLib.ct.thorax import Thorax
from DeepMedLib.ct.working import Working

_AREA_MM2 = (25.0, 900.0)
_WIDEST_MM = 42.0
_SHORTEST_MM = 12.0
_NEAR_LUNG_MM = 90.0
_OPEN_END_MM = 45.0
_SURE_MM = 25.0  # of windpipe, after which a narrow spot is the glottis
_BRONCHUS_MM = 45.0  # after which a wide one is the pharynx and not a main bronchus opening into the windpipe
_NARROWER, _WIDER = 0.5, 1.8
_GAS_OVER_AIR = 110  # HU of the darkest block of a spot, which may be mixed with wall


@dataclass(frozen=True)
class Spot:
    """A dark spot in an axial slice of the Working grid: slice, voxel box in it, centre (j, i) and area in mm2."""

    k: int
    rows: tuple[int, int]
    columns: tuple[int, int]
    center: tuple[float, float]
    area: float


def find_trachea(working: Working, body: Body, thorax: Thorax) -> list[Spot]:
    """Spots of the windpipe (or a main bronchus), from the end away from the lungs towards them.

    Returns:
        Empty where none is seen: no lungs, a scan below the carina, values cut off above air.
    """
    if body.clipped_at is not None or not thorax.lung.any():
        return []
    lungs = thorax.lung.sum(axis=(1, 2)) * working.grid.spacing[0] * working.grid.spacing[1]
    chains = _chains(working, body, thorax)
    best: list[Spot] = []
    best_score = 0.0
    step = working.spacing[0]
    filled = np.flatnonzero(lungs > 500)
    if not filled.size:
        return []
    for chain in chains:
        length = len(chain) * step
        near = np.abs(filled[:, None] - np.array([spot.k for spot in chain])).min() * step
        aside = abs(float(np.mean([spot.center[1] for spot in chain])) - thorax.middle) * working.spacing[2]
        if length < _SHORTEST_MM or near > _NEAR_LUNG_MM or aside > 55 or _far_from_open_end(chain, lungs, step):
            continue
        # Stomach and bowel lie where the lungs end; the windpipe is between them or beyond their tips.
        area = float(np.median([spot.area for spot in chain]))
        score = min(length, 120.0) - aside + min(area, 300.0) / 10 + 40 * _between(chain, thorax)
        if score > best_score:
            best, best_score = chain, score
    if best and lungs[best[0].k] > lungs[best[-1].k]:
        best = best[::-1]
    return _trimmed(below_larynx(best, step))


def _far_from_open_end(chain: list[Spot], lungs: np.ndarray, step: float) -> bool:
    """Where the scan ends in the widest part of the lungs, bronchi are near that end, and bowel gas is not."""
    ends = [end for end in (0, len(lungs) - 1) if lungs[end] > 0.85 * lungs.max()]
    return bool(ends) and min(abs(spot.k - end) for spot in chain for end in ends) * step > _OPEN_END_MM


def below_larynx(chain: list[Spot], step: float) -> list[Spot]:
    """The stretch next to the lungs; what lies beyond a glottis (pharynx, mouth) is left out.

    Followed from the lungs away, the windpipe keeps its width. It ends where a slice is far narrower than its widest
    part so far, or two are far wider; its first centimeters may be a main bronchus, which widens into it.

    Args:
        chain: from the end away from the lungs.
        step: mm between its slices.
    """
    kept: list[Spot] = []
    widest = 0.0
    for place, spot in enumerate(reversed(chain)):
        beyond = chain[-place - 2] if place + 1 < len(chain) else spot
        length = len(kept) * step
        if length >= _SURE_MM and spot.area < _NARROWER * widest:
            break
        if length >= _BRONCHUS_MM and min(spot.area, beyond.area) > _WIDER * widest:
            break
        kept.append(spot)
        widest = max(widest, float(np.median([spot.area for spot in kept[-3:]])))
    return kept[::-1]


def _trimmed(chain: list[Spot]) -> list[Spot]:
    """The chain from where the spot has the trachea's width on; below the glottis it narrows."""
    usual = np.median([spot.area for spot in chain]) if chain else 0.0
    while len(chain) > 3 and not (0.65 * usual < chain[0].area < 1.6 * usual):
        chain = chain[1:]
    return chain


def _between(chain: list[Spot], thorax: Thorax) -> float:
    """Share of a chain's slices in which lung lies both to the right and to the left of the spot."""
    hits = 0
    for spot in chain:
        columns = np.flatnonzero(thorax.lung[spot.k].any(axis=0))
        hits += bool(columns.size and columns[0] < spot.columns[0] and columns[-1] >= spot.columns[1])
    return hits / len(chain)


def _chains(working: Working, body: Body, thorax: Thorax) -> list[list[Spot]]:
    chains: list[list[Spot]] = []
    open_chains: list[list[Spot]] = []
    for k in range(len(working.values)):
        going_on = []
        spots = _spots(working, body, thorax, k)
        for chain in open_chains:
            last = chain[-1]
            match = [
                spot
                for spot in spots
                if spot.rows[0] < last.rows[1]
                and last.rows[0] < spot.rows[1]
                and spot.columns[0] < last.columns[1]
                and last.columns[0] < spot.columns[1]
                and 0.35 < spot.area / last.area < 2.9
            ]
            if match:
                nearest = min(match, key=lambda spot: abs(spot.area - last.area))
                spots.remove(nearest)
                chain.append(nearest)
                going_on.append(chain)
        started = [[spot] for spot in spots]
        chains.extend(started)
        open_chains = going_on + started
    return chains


def _spots(working: Working, body: Body, thorax: Thorax, k: int) -> list[Spot]:
    plane = working.values[k]
    labels, count = ndimage.label(thorax.dark[k] & (plane < -500))
    if not count:
        return []
    _, dj, di = working.spacing
    spots = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        height, width = (box[0].stop - box[0].start) * dj, (box[1].stop - box[1].start) * di
        if max(height, width) > _WIDEST_MM or max(height, width) > 3.2 * min(height, width) + 2 * dj:
            continue
        part = labels[box] == number
        area = part.sum() * dj * di
        if not _AREA_MM2[0] <= area <= _AREA_MM2[1] or part.mean() < 0.4:
            continue
        dark = np.sort(plane[box][part])
        if dark[: max(1, len(dark) // 4)].mean() > body.air_hu + _GAS_OVER_AIR:
            continue
        rows, columns = np.nonzero(part)
        center = (float(rows.mean() + box[0].start), float(columns.mean() + box[1].start))
        spots.append(Spot(k, (box[0].start, box[0].stop), (box[1].start, box[1].stop), center, float(area)))
    return spots
