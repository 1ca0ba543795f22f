"""Where on the shell something was measured nearby."""

from __future__ import annotations

import numpy as np

from EPMappingLib.eikonal.solver import first_order_arrival, isotropic_metric
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.projection import Projection


def distance_along(surface: Surface, projection: Projection, farthest: float) -> np.ndarray:
    """(V,) mm along the shell to the nearest of some places on it; infinite beyond ``farthest``, and in parts without.

    Never through a hole, and never from one sheet of the shell to another.
    """
    corners = surface.faces[projection.faces]
    ways = np.linalg.norm(surface.vertices[corners] - projection.places[:, None], axis=2)
    start = np.full(len(surface.vertices), np.inf)
    np.minimum.at(start, corners.ravel(), ways.ravel())
    sources = np.flatnonzero(np.isfinite(start))
    found = first_order_arrival(surface, isotropic_metric(surface, 1.0), sources, start[sources], latest=farthest)
    return np.where(found <= farthest, found, np.inf)


def faces_within(surface: Surface, at_vertices: np.ndarray) -> np.ndarray:
    """(F,) triangles with all three corners in a mask (V,) and an area."""
    return np.asarray(at_vertices[surface.faces].all(1) & ~surface.flat)
