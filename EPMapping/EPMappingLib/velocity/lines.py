"""Lines of block and of slow conduction: where the map is steeper than a speed that the user calls slow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

from EPMappingLib.surface.mesh import Surface
from EPMappingLib.velocity.conduction import FLAT, MEETING, NO_AREA, UNMEASURED, Conduction

SHORTEST_MM = 8.0
"""A shorter line is not told from the noise of a map."""


@dataclass(frozen=True)
class SlowLine:
    """A line along which the wave is slow.

    Attributes:
        points: (N, 3) mm, through the centers of triangles.
        length_mm: along it.
        speed: m/s, the median of its triangles.
        area_mm2: of all triangles that belong to it.
    """

    points: np.ndarray
    length_mm: float
    speed: float
    area_mm2: float


def slow_lines(surface: Surface, found: Conduction, below: float, above: float = 0.0) -> tuple[SlowLine, ...]:
    """Connected triangles with a speed in ``above``..``below`` (m/s), each as its longest way, longest line first."""
    speeds = np.where(np.isin(found.reasons, (UNMEASURED, NO_AREA, FLAT, MEETING)), np.inf, found.speeds)
    slow = np.flatnonzero((speeds < below) & (speeds >= above))
    if not len(slow):
        return ()
    place = np.full(len(speeds), -1)
    place[slow] = np.arange(len(slow))
    pairs = place[surface.neighbors]
    pairs = pairs[(pairs >= 0).all(1)]
    centers = surface.corners[slow].mean(1)
    ways = np.linalg.norm(centers[pairs[:, 0]] - centers[pairs[:, 1]], axis=1)
    graph = sparse.csr_matrix((ways, (pairs[:, 0], pairs[:, 1])), (len(slow), len(slow)))
    count, number = connected_components(graph, directed=False)
    sizes = np.bincount(number, found.areas[slow], count)
    lines = []
    for part in np.flatnonzero(sizes > 2 * np.pi * surface.edge**2):
        members = np.flatnonzero(number == part)
        way = _longest_way(graph[members][:, members])
        points = centers[members[way]]
        length = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
        if length >= SHORTEST_MM:
            speed = float(np.median(speeds[slow[members]]))
            lines.append(SlowLine(points, length, speed, float(sizes[part])))
    return tuple(sorted(lines, key=lambda line: -line.length_mm))


def _longest_way(graph: sparse.csr_matrix) -> np.ndarray:
    """Members along the way between the two ends of a connected graph: from the farthest to what is farthest of it."""
    end = int(np.argmax(dijkstra(graph, directed=False, indices=0)))
    distances, before = dijkstra(graph, directed=False, indices=end, return_predecessors=True)
    way = [int(np.argmax(distances))]
    while way[-1] != end:
        way.append(int(before[way[-1]]))
    return np.array(way)
