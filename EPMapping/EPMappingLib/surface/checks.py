"""Whether a shell can carry a map, and what a reader must know about it."""

from __future__ import annotations

import numpy as np

from DeepMedLib.errors import BadInput
from DeepMedLib.remark import Gravity, Remark
from EPMappingLib.surface.mesh import Surface

SMALLEST_CM2, LARGEST_CM2 = 1.0, 2000.0
"""Area of a heart chamber's shell; beyond it the unit is most likely not mm."""
_LEAST_FACES = 20
_SPECK = 0.01  # of the area; smaller parts are not worth a sentence each


def check_surface(surface: Surface) -> tuple[Remark, ...]:
    """What is odd about a shell that can be used.

    Raises:
        BadInput: it has too few triangles, numbers that are not finite, or the size of no heart.
    """
    count = len(surface.faces)
    if count < _LEAST_FACES:
        raise BadInput(f"The shell has only {count} triangles.", "Export the chamber's surface as triangles.")
    if not np.isfinite(surface.vertices).all():
        raise BadInput("Some vertices of the shell are not finite numbers.", "Export the shell again.")
    area = float(surface.areas.sum()) / 100
    if not SMALLEST_CM2 <= area <= LARGEST_CM2:
        raise BadInput(
            f"The shell's area would be {area:.3g} cm2 if its coordinates are mm, which no heart chamber has.",
            f"Scale it to mm first; {SMALLEST_CM2:g} to {LARGEST_CM2:g} cm2 are accepted.",
        )
    return tuple(filter(None, (_parts(surface), _openings(surface), _branching(surface), _winding(surface))))


def _parts(surface: Surface) -> Remark | None:
    areas = np.sort(np.bincount(surface.face_components, surface.areas))[::-1] / 100
    areas = areas[areas > 0]
    if len(areas) < 2:
        return None
    large = areas[areas > _SPECK * areas.sum()]
    sizes = ", ".join(f"{area:.1f}" for area in large[:4])
    text = (
        f"The shell has {len(areas)} parts that are not connected ({sizes} cm2); nothing is interpolated between them."
    )
    return Remark(text, Gravity.WARNING if len(large) > 1 else Gravity.NOTE)


def _openings(surface: Surface) -> Remark | None:
    pairs, counts = surface.edges
    rim = pairs[counts == 1]
    if not len(rim):
        return None
    loops = boundary_loops(rim)
    length = float(np.linalg.norm(np.diff(surface.vertices[rim], axis=1), axis=2).sum())
    word = "opening" if loops == 1 else "openings"
    return Remark(
        f"The shell has {loops} {word} ({length:.0f} mm of rim); nothing is interpolated across.", Gravity.NOTE
    )


def boundary_loops(rim: np.ndarray) -> int:
    """How many connected rims edges (R, 2) of single triangles form."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    vertices, renumbered = np.unique(rim, return_inverse=True)
    a, b = renumbered.reshape(-1, 2).T
    graph = sparse.coo_matrix((np.ones(len(a)), (a, b)), (len(vertices), len(vertices)))
    return int(connected_components(graph, directed=False)[0])


def _branching(surface: Surface) -> Remark | None:
    branching = int((surface.edges[1] > 2).sum())
    if not branching:
        return None
    return Remark(
        f"{branching} edges of the shell belong to three or more triangles; velocities beside them may be wrong."
    )


def _winding(surface: Surface) -> Remark | None:
    """Turned triangles, and a closed shell that is inside out; no number here depends on either."""
    directed = surface.faces[:, [[1, 2], [2, 0], [0, 1]]].reshape(-1, 2)
    _, repeated = np.unique(directed, axis=0, return_counts=True)
    if (repeated > 1).any():
        return Remark(
            "The shell's triangles do not all face the same side; the numbers do not depend on it.", Gravity.NOTE
        )
    if (surface.edges[1] == 2).all() and signed_volume(surface) < 0:
        return Remark("The shell's normals point inwards; the numbers do not depend on it.", Gravity.NOTE)
    return None


def signed_volume(surface: Surface) -> float:
    """Volume in mm3 inside a closed shell, negative where its normals point inwards."""
    a, b, c = np.moveaxis(surface.corners, 1, 0)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
