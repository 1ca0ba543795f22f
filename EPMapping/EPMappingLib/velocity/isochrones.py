"""Lines of equal activation, and where the wave begins and ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from EPMappingLib.surface.mesh import Surface

_SHORTEST = 3.0  # edges; shorter pieces of a line are noise


@dataclass(frozen=True)
class Isochrone:
    """One piece of a line of equal activation.

    Attributes:
        lat_ms: of the line.
        points: (N, 3) mm along it.
        closed: whether it comes back to its beginning.
    """

    lat_ms: float
    points: np.ndarray
    closed: bool


def isochrone_levels(lat_ms: np.ndarray, step_ms: float) -> np.ndarray:
    """Multiples of the step strictly between the earliest and the latest time."""
    low, high = np.nanmin(lat_ms), np.nanmax(lat_ms)
    levels = np.arange(np.floor(low / step_ms) + 1, np.ceil(high / step_ms)) * step_ms
    return np.asarray(levels + 0.0)


def isochrones(surface: Surface, lat_ms: np.ndarray, shown: np.ndarray, step_ms: float) -> tuple[Isochrone, ...]:
    """Lines through the triangles of a mask, by rising time.

    Args:
        lat_ms: (V,)
        shown: (F,) triangles that lines may cross.
    """
    faces = surface.faces[shown & np.isfinite(lat_ms[surface.faces]).all(1)]
    if not len(faces):
        return ()
    found = []
    for level in isochrone_levels(lat_ms[faces], step_ms):
        for points, closed in _chains(*_crossings(surface.vertices, faces, lat_ms, float(level))):
            length = np.linalg.norm(np.diff(points, axis=0), axis=1).sum()
            if length >= _SHORTEST * surface.edge:
                found.append(Isochrone(float(level), points, closed))
    return tuple(found)


def _crossings(
    vertices: np.ndarray, faces: np.ndarray, values: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """(P, 3) places where edges cross a level, and (N, 2) pairs of them that triangles join."""
    above = values[faces] > level
    crossed = faces[above.any(1) & ~above.all(1)]
    above = values[crossed] > level
    alone_is_above = above.sum(1) == 1
    alone = np.argmax(above == alone_is_above[:, None], axis=1)
    rows = np.arange(len(crossed))
    tip, left, right = (crossed[rows, (alone + k) % 3] for k in range(3))
    edges = np.sort(np.stack([np.stack([tip, left], 1), np.stack([tip, right], 1)], 1).reshape(-1, 2), axis=1)
    edges, where = np.unique(edges, axis=0, return_inverse=True)
    first, second = values[edges[:, 0]], values[edges[:, 1]]
    share = ((level - first) / (second - first))[:, None]
    return (1 - share) * vertices[edges[:, 0]] + share * vertices[edges[:, 1]], where.reshape(-1, 2)


def _chains(places: np.ndarray, pairs: np.ndarray) -> list[tuple[np.ndarray, bool]]:
    """Pairs of places joined to lines: (places of the line in order, whether it is closed)."""
    beside: dict[int, list[int]] = {}
    for a, b in pairs.tolist():
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    left, found = dict(beside), []
    ends = [place for place, others in beside.items() if len(others) != 2]
    for start in (*ends, *beside):
        while left.get(start):
            line = [start]
            while left.get(line[-1]):
                following = left[line[-1]].pop()
                left[following].remove(line[-1])
                line.append(following)
            closed = len(line) > 2 and line[0] == line[-1]
            found.append((places[line], closed))
    return found


@dataclass(frozen=True)
class Site:
    """A place of the wave.

    Attributes:
        lat_ms: when it comes by.
        position: (3,) mm.
        vertex: of the shell.
    """

    lat_ms: float
    position: tuple[float, float, float]
    vertex: int


def earliest_and_latest(surface: Surface, lat_ms: np.ndarray, shown: np.ndarray) -> tuple[Site, Site]:
    """The vertices of the mask (V,) where activation is first and last; it has at least one."""
    candidates = np.flatnonzero(shown & np.isfinite(lat_ms))
    order = np.argsort(lat_ms[candidates], kind="stable")
    sites = []
    for vertex in candidates[order[[0, -1]]]:
        x, y, z = surface.vertices[vertex].tolist()
        sites.append(Site(float(lat_ms[vertex]), (x, y, z), int(vertex)))
    return sites[0], sites[1]
