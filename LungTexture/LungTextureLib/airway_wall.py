"""Lumen and wall of an airway at a place: half-maximum along rays, in planes across its centre line.

Along each ray from the middle, the inner edge lies where values pass the half between lumen and the wall's highest, the
outer one where they pass the half between that and the lowest beyond it (full width at half maximum; Reinhardt et al.,
IEEE TMI 16:820, 1997). The method makes walls that are thinner than the scan resolves too thick: those are withheld.
Rays whose wall touches a vessel or another wall have no outer edge and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import ndimage

from DeepMedLib.geometry import Grid

NEAREST_MM = 10.0
"""A place farther from every airway is refused."""
RESOLVED = 1.7
"""Walls thinner than so many voxels (as wide as these are across the airway, at most) are withheld."""
_RAYS, _STEP, _REACH = 72, 0.1, 18.0
_OFFSETS = np.array([-1.5, -0.75, 0.0, 0.75, 1.5])  # mm along the line
_RISE_HU = 220.0  # from lumen to wall; parenchyma lies about 140 above air
_BEYOND_MM = 4.0  # the lowest value behind a wall is looked for within this
_LEAST_INNER, _LEAST_OUTER = 0.75, 0.4
_EDGE_SD = 0.15  # voxels: what half-maximum edges were off on tubes drawn with known radii (test_airway_wall)


@dataclass(frozen=True)
class Wall:
    """An airway at a picked place.

    Attributes:
        place: RAS mm as picked.
        middle: RAS mm of the airway's middle that was measured; () where none was.
        lumen_mm: diameter of the circle with the lumen's area.
        lumen_sd: standard uncertainty, mm.
        wall_mm: thickness; None where it is withheld.
        wall_sd: standard uncertainty, mm.
        reason: why lumen (then 0) or wall is withheld; "" where both are told.
    """

    place: tuple[float, ...]
    middle: tuple[float, ...] = ()
    lumen_mm: float = 0.0
    lumen_sd: float = 0.0
    wall_mm: float | None = None
    wall_sd: float | None = None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON form; `from_dict` reads it back."""
        return {**asdict(self), "place": list(self.place), "middle": list(self.middle)}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Wall:
        """What `to_dict` described."""
        return cls(**{**record, "place": tuple(record["place"]), "middle": tuple(record["middle"])})


def measure_wall(values: np.ndarray, grid: Grid, lines: Sequence[np.ndarray], place: Sequence[float]) -> Wall:
    """Lumen and wall of the airway nearest to a place.

    Args:
        values: (k, j, i) HU.
        grid: where they lie.
        lines: centre lines of the branches, (n, 3) RAS mm.
        place: RAS mm.
    """
    picked = tuple(float(value) for value in place)
    found = _nearest(lines, np.array(picked))
    if found is None:
        return Wall(picked, reason=f"No airway was followed within {NEAREST_MM:g} mm of this place.")
    middle, along = found
    planes = [_plane(values, grid, middle + offset * along, along) for offset in _OFFSETS]
    told = [(centre, inner, outer) for centre, inner, outer in planes if np.isfinite(inner).mean() >= _LEAST_INNER]
    if len(told) < 3:
        return Wall(picked, reason="The airway's edge could not be seen around most of its lumen here.")
    voxel = _voxel_across(grid, along)
    diameters = [2 * float(np.sqrt(np.nanmean(inner**2))) for _centre, inner, _outer in told]
    lumen, scatter = float(np.median(diameters)), float(np.std(diameters, ddof=1))
    base = Wall(
        picked,
        tuple(round(float(value), 2) for value in told[len(told) // 2][0]),
        round(lumen, 2),
        round(float(np.hypot(scatter, 2 * _EDGE_SD * voxel)), 2),
    )
    thick = [outer - inner for _centre, inner, outer in told if np.isfinite(outer - inner).mean() >= _LEAST_OUTER]
    if len(thick) < 2:
        return _without(base, "The wall touches other tissue around most of the airway here: no thickness is told.")
    each = [float(np.nanmedian(rays)) for rays in thick]
    wall = float(np.median(each))
    if wall < RESOLVED * voxel:
        reason = f"The wall looks {wall:.1f} mm thick, too thin for voxels of {voxel:.1f} mm: no thickness is told."
        return _without(base, reason)
    sd = float(np.hypot(np.std(each, ddof=1), np.sqrt(2) * _EDGE_SD * voxel))
    return Wall(base.place, base.middle, base.lumen_mm, base.lumen_sd, round(wall, 2), round(sd, 2))


def _without(wall: Wall, reason: str) -> Wall:
    return Wall(wall.place, wall.middle, wall.lumen_mm, wall.lumen_sd, reason=reason)


def _voxel_across(grid: Grid, along: np.ndarray) -> float:
    """Greatest width of a voxel (mm) in any direction across the airway."""
    across = np.eye(3) - np.outer(along, along)
    return float(np.linalg.norm(across @ grid.directions * grid.spacing, ord=2))


def _nearest(lines: Sequence[np.ndarray], place: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Nearest point of any line and the line's direction there; None where all are far."""
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    for line in lines:
        steps = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
        if steps[-1] <= 0:
            continue
        at = np.arange(0, steps[-1] + 0.25, 0.5)
        dense = np.column_stack([np.interp(at, steps, line[:, axis]) for axis in range(3)])
        apart = np.linalg.norm(dense - place, axis=1)
        number = int(apart.argmin())
        if best is None or apart[number] < best[0]:
            low, high = max(0, number - 8), min(len(dense) - 1, number + 8)
            along = dense[high] - dense[low]
            best = (float(apart[number]), dense[number], along / max(float(np.linalg.norm(along)), 1e-6))
    return None if best is None or best[0] > NEAREST_MM else best[1:]


def _plane(
    values: np.ndarray, grid: Grid, middle: np.ndarray, along: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(3,) centre, (rays,) inner and outer radii in mm, NaN where a ray has none; centred in three passes."""
    side = np.cross(along, np.eye(3)[int(np.abs(along).argmin())])
    side /= np.linalg.norm(side)
    angle = np.arange(_RAYS) * (2 * np.pi / _RAYS)
    rays = np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * np.cross(along, side)
    radius = np.arange(0, _REACH, _STEP)
    inner = outer = np.full(_RAYS, np.nan)
    for _ in range(3):
        points = middle + radius[None, :, None] * rays[:, None, :]
        kji = np.moveaxis(grid.ras_points_to_ijk(points)[..., ::-1], -1, 0)
        profiles = ndimage.map_coordinates(values, kji, np.float32, order=1, mode="nearest")
        lumen = float(np.median(profiles[:, radius < 0.5]))
        inner, outer = np.array([_edges(profile, radius, lumen) for profile in profiles]).T
        seen = np.isfinite(inner)
        if seen.mean() < _LEAST_INNER:
            break
        # Mean of opposite edges, so that an uneven choice of rays does not pull the centre.
        filled = np.where(seen, inner, np.nanmedian(inner))
        middle = middle + (2 * filled[:, None] * rays).mean(axis=0)
    return middle, inner, outer


def _edges(profile: np.ndarray, radius: np.ndarray, lumen: float) -> tuple[float, float]:
    """Inner and outer edge of the first wall along a ray, mm; NaN for what is not seen."""
    above = np.flatnonzero(profile > lumen + _RISE_HU)
    if not len(above):
        return np.nan, np.nan
    top = int(above[0])
    reach = round(0.4 / _STEP)
    while top + 1 < len(profile) and profile[top + 1 : top + 1 + reach].max(initial=-np.inf) > profile[top]:
        top += 1
    peak = float(profile[top])
    before = np.flatnonzero(profile[: top + 1] < (lumen + peak) / 2)
    if not len(before):
        return np.nan, np.nan
    inner = _crossing(profile, radius, int(before[-1]), (lumen + peak) / 2)
    behind = profile[top : top + round(_BEYOND_MM / _STEP)]
    low = top + int(behind.argmin())
    if peak - profile[low] < 0.4 * (peak - lumen):
        return inner, np.nan
    # The first valley: farther lows lie beyond something else.
    rising = np.flatnonzero(np.diff(profile[top : low + 1]) > 20)
    if len(rising) and peak - profile[top + rising[0]] >= 0.4 * (peak - lumen):
        low = top + int(rising[0])
    half = (peak + float(profile[low])) / 2
    after = np.flatnonzero(profile[top : low + 1] > half)
    return inner, _crossing(profile, radius, top + int(after[-1]), half)


def _crossing(profile: np.ndarray, radius: np.ndarray, index: int, level: float) -> float:
    """Where values pass a level between two samples, mm."""
    if index + 1 >= len(profile):
        return float(radius[index])
    step = float(profile[index + 1] - profile[index])
    share = (level - float(profile[index])) / step if step else 0.0
    return float(radius[index] + np.clip(share, 0, 1) * _STEP)
