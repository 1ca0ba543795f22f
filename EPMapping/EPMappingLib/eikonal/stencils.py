"""Triangles through which a wave is followed, and what lies around a source."""

from __future__ import annotations

import numpy as np

from EPMappingLib.surface.mesh import face_pairs

_CHANGE = 0.2  # of the metric within a disc in which ways count as straight


class Around:
    """Triangles around each vertex.

    Args:
        faces: (F, 3) indices of vertices.
        vertices: how many there are.
    """

    def __init__(self, faces: np.ndarray, vertices: int) -> None:
        self._order = np.argsort(faces.ravel(), kind="stable") // 3
        self._starts = np.concatenate([[0], np.cumsum(np.bincount(faces.ravel(), minlength=vertices))])

    def faces_of(self, vertices: np.ndarray) -> np.ndarray:
        """The triangles that have one of the vertices, each once."""
        begin, count = self._starts[vertices], self._starts[vertices + 1] - self._starts[vertices]
        total = int(count.sum())
        offsets = np.arange(total) - np.repeat(np.cumsum(count) - count, count)
        found = np.sort(self._order[np.repeat(begin, count) + offsets])
        return found[np.concatenate([[True], found[1:] != found[:-1]])] if total else found


def metric_triangles(vertices: np.ndarray, faces: np.ndarray, metric: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The shell's triangles, and those of every pair of neighbors with the other diagonal.

    The second kind lets a wave pass straight through two triangles, so that long or, in the metric, obtuse triangles do
    not make it go round: without it the diagonals of a mesh are felt as fibers.

    Args:
        metric: (F, 3, 3) squared slowness.

    Returns:
        (N, 3) indices of vertices, and (N, 3) squared sides in ms2, each opposite to its corner.
    """
    corners = vertices[faces]
    ways = np.roll(corners, -1, 1) - np.roll(corners, -2, 1)
    sides = np.einsum("fki,fij,fkj->fk", ways, metric, ways)
    first, second = face_pairs(faces, np.arange(len(faces))).T
    one, other = faces[first], faces[second]
    shared = (one[:, :, None] == other[:, None, :]).any(2)
    plain = shared.sum(1) == 2
    first, second, one, other, shared = (each[plain] for each in (first, second, one, other, shared))
    tip_at = np.argmin(shared, axis=1)
    far_at = np.argmin((other[:, :, None] == one[:, None, :]).any(2), axis=1)
    rows = np.arange(len(one))
    p, q = one[rows, (tip_at + 1) % 3], one[rows, (tip_at + 2) % 3]
    tip, far = one[rows, tip_at], other[rows, far_at]
    through, convex = _diagonal(vertices, p, q, tip, far, metric[first], metric[second])
    squared = {}
    for name, end in (("p", p), ("q", q)):
        for kind, top, of in (("tip", tip, first), ("far", far, second)):
            way = vertices[top] - vertices[end]
            squared[kind + name] = np.einsum("fi,fij,fj->f", way, metric[of], way)
    more = [np.stack([tip, far, end], axis=1)[convex] for end in (p, q)]
    more_sides = [
        np.stack([squared["far" + name], squared["tip" + name], through**2], axis=1)[convex] for name in ("p", "q")
    ]
    return np.vstack([faces, *more]), np.vstack([sides, *more_sides])


def _diagonal(
    vertices: np.ndarray,
    p: np.ndarray,
    q: np.ndarray,
    tip: np.ndarray,
    far: np.ndarray,
    metric_tip: np.ndarray,
    metric_far: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) ms of the straight way from tip to far across the edge pq of two triangles laid flat, and whether it crosses
    the edge at all."""
    edge = vertices[q] - vertices[p]
    length = np.linalg.norm(edge, axis=1)
    unit = edge / np.maximum(length, 1e-12)[:, None]
    along, above = [], []
    for top in (tip, far):
        way = vertices[top] - vertices[p]
        x = (way * unit).sum(1)
        along.append(x)
        above.append(np.linalg.norm(way - x[:, None] * unit, axis=1))
    height = np.maximum(above[0] + above[1], 1e-12)
    crossing = (along[0] * above[1] + along[1] * above[0]) / height
    convex = (crossing > 0) & (crossing < length) & (above[0] > 0) & (above[1] > 0)
    place = vertices[p] + crossing[:, None] * unit
    time = np.zeros(len(p))
    for top, metric in ((tip, metric_tip), (far, metric_far)):
        way = vertices[top] - place
        time += np.sqrt(np.maximum(np.einsum("fi,fij,fj->f", way, metric, way), 0))
    return time, convex


def straight_ways(
    vertices: np.ndarray, faces: np.ndarray, metric: np.ndarray, around: Around, source: int, reach: float
) -> tuple[np.ndarray, np.ndarray]:
    """Vertices within reach of a source, connected to it there, and the time in ms of the straight way to them.

    The disc shrinks to the triangles at the source where the metric changes within it, or a rim, a cut or another
    sheet of the shell is near.

    Args:
        reach: mm.
    """
    at_source = around.faces_of(np.array([source]))
    if not len(at_source):
        return np.array([source]), np.zeros(1)
    center = vertices[source]
    reached, rim = np.array([source]), np.array([source])
    while len(rim):
        near = np.unique(faces[around.faces_of(rim)])
        near = near[np.linalg.norm(vertices[near] - center, axis=1) <= reach]
        rim = np.setdiff1d(near, reached)
        reached = np.union1d(reached, rim)
    disc = around.faces_of(reached)
    local = metric[at_source].mean(0)
    change = np.abs(metric[disc] - local).max() / np.abs(local).max()
    if change > _CHANGE or not _is_disc(faces[disc][np.isin(faces[disc], reached).all(1)]):
        reached, disc = np.unique(faces[at_source]), at_source
    way = vertices[reached] - center
    return reached, np.sqrt(np.maximum(np.einsum("vi,ij,vj->v", way, local, way), 0))


def _is_disc(faces: np.ndarray) -> bool:
    """Whether triangles form one sheet without a hole."""
    if not len(faces):
        return False
    edges = np.unique(np.sort(faces[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1), axis=0)
    return len(np.unique(faces)) - len(edges) + len(faces) == 1
