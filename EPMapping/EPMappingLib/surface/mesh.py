"""A triangulated shell with what is asked of it again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

_FLAT = 1e-9  # double area in units of the longest edge squared, below which a triangle has no direction


@dataclass(frozen=True)
class Surface:
    """A shell.

    Attributes:
        vertices: (V, 3) mm, any frame.
        faces: (F, 3) indices of vertices; nothing here depends on the winding.
    """

    vertices: np.ndarray
    faces: np.ndarray

    @cached_property
    def corners(self) -> np.ndarray:
        """(F, 3, 3) mm: the corners of each triangle."""
        return np.asarray(self.vertices[self.faces], float)

    @cached_property
    def double_areas(self) -> np.ndarray:
        """(F,) mm2: twice the area of each triangle."""
        return np.asarray(np.linalg.norm(self._crosses, axis=1))

    @property
    def areas(self) -> np.ndarray:
        """(F,) mm2."""
        return 0.5 * self.double_areas

    @cached_property
    def normals(self) -> np.ndarray:
        """(F, 3) unit normals by winding; zero for triangles without an area."""
        size = np.where(self.flat, 1.0, self.double_areas)[:, None]
        return np.asarray(np.where(self.flat[:, None], 0.0, self._crosses / size))

    @cached_property
    def flat(self) -> np.ndarray:
        """(F,) True for triangles without an area: two corners coincide, or all three lie on a line."""
        return np.asarray(self.double_areas <= _FLAT * np.maximum(self.edge_lengths.max(1), 1e-12) ** 2)

    @cached_property
    def edge_lengths(self) -> np.ndarray:
        """(F, 3) mm: edge k lies opposite to corner k."""
        return np.asarray(np.linalg.norm(np.roll(self.corners, -1, 1) - np.roll(self.corners, -2, 1), axis=2))

    @cached_property
    def edge(self) -> float:
        """Median length of the edges, mm."""
        return float(np.median(self.edge_lengths)) if len(self.faces) else 0.0

    @cached_property
    def vertex_areas(self) -> np.ndarray:
        """(V,) mm2: a third of the triangles around each vertex."""
        return np.bincount(self.faces.ravel(), np.repeat(self.areas / 3, 3), len(self.vertices))

    @cached_property
    def used(self) -> np.ndarray:
        """(V,) True for vertices that belong to a triangle with an area."""
        return np.asarray(self.vertex_areas > 0)

    @cached_property
    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """(E, 2) edges, the lower vertex first, and (E,) to how many triangles each belongs."""
        pairs = np.sort(self.faces[:, [[1, 2], [2, 0], [0, 1]]].reshape(-1, 2), axis=1)
        return np.unique(pairs, axis=0, return_counts=True)

    @cached_property
    def components(self) -> np.ndarray:
        """(V,) number of the connected part that a vertex belongs to."""
        pairs, size = self.edges[0], len(self.vertices)
        graph = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (size, size))
        return np.asarray(connected_components(graph, directed=False)[1])

    @cached_property
    def face_components(self) -> np.ndarray:
        """(F,) number of the connected part that a triangle belongs to."""
        return np.asarray(self.components[self.faces[:, 0]])

    @cached_property
    def neighbors(self) -> np.ndarray:
        """(N, 2) pairs of triangles that share an edge."""
        return face_pairs(self.faces, np.arange(len(self.faces)))

    @property
    def _crosses(self) -> np.ndarray:
        a, b, c = np.moveaxis(self.corners, 1, 0)
        return np.cross(b - a, c - a)

    def part(self, faces: np.ndarray) -> tuple[Surface, np.ndarray]:
        """The shell of some triangles, and which vertex each of its vertices was.

        Args:
            faces: (F,) bool, or indices of the triangles.
        """
        kept = self.faces[faces]
        where, renumbered = np.unique(kept, return_inverse=True)
        return Surface(self.vertices[where], renumbered.reshape(-1, 3)), where


def face_pairs(faces: np.ndarray, number: np.ndarray) -> np.ndarray:
    """(N, 2) numbers of triangles that share an edge; of three or more at one edge each with the next.

    Args:
        faces: (F, 3) indices of vertices.
        number: (F,) what each triangle is called.
    """
    pairs = np.sort(faces[:, [[1, 2], [2, 0], [0, 1]]].reshape(-1, 2), axis=1)
    owner = np.repeat(number, 3)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    same = np.flatnonzero((pairs[order][1:] == pairs[order][:-1]).all(1))
    return np.stack([owner[order][same], owner[order][same + 1]], axis=1)


def merged(surfaces: Sequence[Surface]) -> Surface:
    """Several shells as one, unconnected."""
    starts = np.cumsum([0, *(len(each.vertices) for each in surfaces)])
    faces = [each.faces + start for each, start in zip(surfaces, starts[:-1], strict=True)]
    return Surface(np.vstack([each.vertices for each in surfaces]), np.vstack(faces))
