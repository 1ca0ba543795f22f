"""Lines of block: the shell is cut open along them, so that no wave crosses."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

from DeepMedLib.errors import BadInput
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.projection import project


@dataclass(frozen=True)
class CutSurface:
    """A shell that is open along lines.

    Attributes:
        surface: with more vertices: those on a line once for each side.
        origin: which vertex of the uncut shell each of its vertices was.
        lines: vertices of the uncut shell along each line.
    """

    surface: Surface
    origin: np.ndarray
    lines: tuple[np.ndarray, ...]

    def back(self, values: np.ndarray) -> np.ndarray:
        """The least of the values at the vertices of the uncut shell."""
        found = np.full(int(self.origin.max()) + 1, np.inf)
        np.minimum.at(found, self.origin, values)
        return found


def edge_path(surface: Surface, points: np.ndarray) -> np.ndarray:
    """Vertices along the edges from the one nearest to the first point to that nearest to the last, by way of all.

    Args:
        points: (N, 3) mm, N >= 2.

    Raises:
        BadInput: the points lie on parts of the shell that are not connected, or all at one vertex.
    """
    nearest = nearest_vertices(surface, points)
    nearest = nearest[np.concatenate([[True], nearest[1:] != nearest[:-1]])]
    if len(nearest) < 2:
        raise BadInput("A line of block needs two places apart on the shell.", "Draw it longer.")
    pairs = surface.edges[0]
    lengths = np.linalg.norm(surface.vertices[pairs[:, 0]] - surface.vertices[pairs[:, 1]], axis=1)
    size = len(surface.vertices)
    graph = sparse.csr_matrix((lengths, (pairs[:, 0], pairs[:, 1])), (size, size))
    way = [int(nearest[0])]
    for start, end in pairwise(nearest):
        distances, before = dijkstra(graph, directed=False, indices=int(start), return_predecessors=True)
        if not np.isfinite(distances[end]):
            raise BadInput(
                "The line of block leads to a part of the shell that is not connected.", "Draw it on one part."
            )
        leg = [int(end)]
        while leg[-1] != start:
            leg.append(int(before[leg[-1]]))
        way += leg[-2::-1]
    return np.array(way)


def nearest_vertices(surface: Surface, points: np.ndarray) -> np.ndarray:
    """(N,) the corner nearest to each point's place on the shell."""
    found = project(surface, points)
    return np.asarray(surface.faces[found.faces, found.weights.argmax(1)])


def cut_along(surface: Surface, lines: list[np.ndarray]) -> CutSurface:
    """Cut the shell along chains of edges; a line's ends stay whole unless they lie on a rim or on another line.

    Args:
        lines: vertices along the edges of each, see `edge_path`.
    """
    cut = {tuple(sorted(pair)) for line in lines for pair in pairwise(line.tolist())}
    touched = np.unique(np.concatenate(lines)) if lines else np.zeros(0, int)
    faces, origin = surface.faces.copy(), list(range(len(surface.vertices)))
    at = {int(vertex): np.flatnonzero((surface.faces == vertex).any(1)) for vertex in touched}
    for vertex, around in at.items():
        for number, group in enumerate(_groups(surface.faces[around], vertex, cut)):
            if number:
                members = around[group]
                corner = surface.faces[members] == vertex
                faces[members] = np.where(corner, len(origin), faces[members])
                origin.append(vertex)
    where = np.array(origin)
    return CutSurface(Surface(surface.vertices[where], faces), where, tuple(lines))


def _groups(faces: np.ndarray, vertex: int, cut: set[tuple[int, ...]]) -> list[np.ndarray]:
    """Triangles around a vertex in groups that are connected across edges which are not cut."""
    by_other: dict[int, list[int]] = {}
    for number, face in enumerate(faces.tolist()):
        for other in face:
            if other != vertex and tuple(sorted((vertex, other))) not in cut:
                by_other.setdefault(other, []).append(number)
    pairs = [(group[0], other) for group in by_other.values() for other in group[1:]]
    rows, columns = np.array(pairs, int).reshape(-1, 2).T
    graph = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), (len(faces), len(faces)))
    count, number = connected_components(graph, directed=False)
    return [np.flatnonzero(number == group) for group in range(count)]
