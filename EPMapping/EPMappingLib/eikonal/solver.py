"""Arrival times of a wave on a shell: the eikonal equation, isotropic or anisotropic.

Each vertex takes the earliest arrival over its triangles, each from the best place of the opposite edge (Hopf-Lax
update; Bornemann and Rasch, Comput. Visual. Sci. 9:57, 2006). Sweeps go over the triangles at the front until nothing
becomes earlier (fast iterative method: Fu, Kirby and Whitaker, SIAM J. Sci. Comput. 35:A2473, 2013), so that no order
of the vertices is assumed, which obtuse triangles and anisotropy would break.
"""

from __future__ import annotations

import numpy as np

from EPMappingLib.eikonal.stencils import Around, metric_triangles, straight_ways
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.refinement import refined

_EARLIER = 1e-4  # of the time through one triangle; smaller gains do not go on
_DISC = 8.0  # edges around a source whose arrival is that of a straight way
_SWEEPS = 100_000


def isotropic_metric(surface: Surface, speed: np.ndarray | float) -> np.ndarray:
    """(F, 3, 3) squared slowness of a speed in mm/ms (m/s) that is the same in every direction.

    Args:
        speed: one number, or (F,) of each triangle; 0 or less for tissue that does not conduct.
    """
    speeds = np.broadcast_to(np.asarray(speed, float), (len(surface.faces),))
    with np.errstate(divide="ignore"):
        slowness = np.where(speeds > 0, 1 / np.maximum(speeds, 1e-300) ** 2, np.inf)
    return np.where(np.isfinite(slowness), slowness, np.inf)[:, None, None] * np.where(np.eye(3) > 0, 1.0, 0.0)


def fiber_metric(surface: Surface, fibers: np.ndarray, along: np.ndarray, across: np.ndarray) -> np.ndarray:
    """(F, 3, 3) squared slowness of waves that travel at one speed along the fibers and at another across.

    Args:
        fibers: (F, 3) directions; only their part in the triangle's plane counts.
        along, across: (F,) m/s.
    """
    n = surface.normals
    inside = fibers - (fibers * n).sum(1, keepdims=True) * n
    unit = inside / np.maximum(np.linalg.norm(inside, axis=1, keepdims=True), 1e-12)
    fast = np.broadcast_to(1 / np.square(along), (len(n),))[:, None, None]
    slow = np.broadcast_to(1 / np.square(across), (len(n),))[:, None, None]
    return slow * np.eye(3) + (fast - slow) * np.einsum("fi,fj->fij", unit, unit)


def arrival(
    surface: Surface,
    metric: np.ndarray,
    sources: np.ndarray,
    times: np.ndarray | None = None,
    disc: float | None = None,
    latest: float = np.inf,
) -> np.ndarray:
    """(V,) arrival times in ms; infinite where the wave never comes.

    Solved on the shell and with each triangle divided into four; the two together have the first order of the error
    taken out (Richardson).

    Args:
        metric: (F, 3, 3) squared slowness in (ms/mm)^2, see `isotropic_metric` and `fiber_metric`.
        sources: (S,) vertices from which waves start.
        times: (S,) ms when; 0 for all where not given.
        disc: mm around each source within which the way is straight, so that the corner of the solution at the source
            is not smeared; eight edges where not given.
        latest: ms beyond which waves are not followed.
    """
    reach = _DISC * surface.edge if disc is None else disc
    coarse = first_order_arrival(surface, metric, sources, times, reach, latest)
    fine = first_order_arrival(refined(surface), np.repeat(metric, 4, axis=0), sources, times, reach, latest)
    fine = fine[: len(coarse)]
    with np.errstate(invalid="ignore"):
        better = np.where(np.isfinite(coarse) & np.isfinite(fine), 2 * fine - coarse, fine)
    start = 0.0 if times is None or not len(times) else float(np.min(times))
    return np.asarray(np.maximum(better, start))


def first_order_arrival(
    surface: Surface,
    metric: np.ndarray,
    sources: np.ndarray,
    times: np.ndarray | None = None,
    disc: float = 0.0,
    latest: float = np.inf,
) -> np.ndarray:
    """(V,) arrival times as `arrival`, on the given triangles alone: quicker, and good enough for a mask."""
    start = np.zeros(len(sources)) if times is None else np.asarray(times, float)
    arrived = np.full(len(surface.vertices), np.inf)
    conducts = np.isfinite(metric[:, 0, 0]) & ~surface.flat
    faces, metric = surface.faces[conducts], metric[conducts]
    around = Around(faces, len(surface.vertices))
    for source, begin in zip(np.asarray(sources, int), start, strict=True):
        arrived[source] = min(arrived[source], begin)
        if disc > 0:
            near, way = straight_ways(surface.vertices, faces, metric, around, int(source), disc)
            np.minimum.at(arrived, near, begin + way)
    stencils, sides = metric_triangles(surface.vertices, faces, metric)
    costs, around = _costs(sides), Around(stencils, len(surface.vertices))
    step = float(np.sqrt(np.median(sides))) if len(sides) else 0.0  # of the front: one triangle at a time
    waiting = np.isfinite(arrived)
    for _ in range(_SWEEPS):
        front = np.flatnonzero(waiting)
        if not len(front):
            break
        front = front[arrived[front] <= arrived[front].min() + step]
        waiting[front] = False
        active = around.faces_of(front)
        targets, found = _updates(arrived, stencils[active], costs[:, active])
        gains = found < arrived[targets] - _EARLIER * step
        targets, found = targets[gains], found[gains]
        np.minimum.at(arrived, targets, found)
        waiting[targets] = arrived[targets] < latest
    return arrived


def _costs(sides: np.ndarray) -> np.ndarray:
    """(3, F, 4): for each corner, with the way P from the next corner and the edge E opposite: PP, PE, EE, and the root
    of PP EE - PE^2, from the squared sides (F, 3), each opposite to its corner."""
    found = []
    for k in range(3):
        pp, ee, other = sides[:, (k + 2) % 3], sides[:, k], sides[:, (k + 1) % 3]
        pe = 0.5 * (pp + ee - other)
        found.append(np.stack([pp, pe, ee, np.sqrt(np.maximum(pp * ee - pe * pe, 0))], axis=1))
    return np.stack(found)


def _updates(arrived: np.ndarray, faces: np.ndarray, costs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices and their arrivals through the corners of triangles: min over x of (1-x) Ta + x Tb + |P - x E|."""
    targets, found = [], []
    for k in range(3):
        first, second = arrived[faces[:, (k + 1) % 3]], arrived[faces[:, (k + 2) % 3]]
        pp, pe, ee, size = costs[k].T
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = second - first
            room = ee - slope * slope
            inside = pe - slope * size / np.sqrt(room)
            share = np.where(room > 0, inside / ee, np.where(slope > 0, 0.0, 1.0))
            share = np.clip(np.where(np.isfinite(share), share, 0.0), 0.0, 1.0)
            share = np.where(np.isinf(first) & np.isfinite(second), 1.0, np.where(np.isinf(second), 0.0, share))
            from_first = np.where(share < 1, (1 - share) * first, 0.0)
            from_second = np.where(share > 0, share * second, 0.0)
            way = np.sqrt(np.maximum(pp - 2 * share * pe + share * share * ee, 0))
            found.append(from_first + from_second + way)
        targets.append(faces[:, k])
    return np.concatenate(targets), np.concatenate(found)
