"""What if: activation from a chosen site with the velocities that were measured, around lines of block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from DeepMedLib.errors import BadInput
from EPMappingLib.eikonal.block import cut_along, edge_path, nearest_vertices
from EPMappingLib.eikonal.solver import arrival, fiber_metric, isotropic_metric
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.velocity.conduction import Conduction
from EPMappingLib.velocity.fibers import Fibers

SLOWEST, FASTEST = 0.05, 4.0
"""m/s; measured velocities beyond are brought to these before they are used."""
_SMOOTH_MM = 5.0  # over which slowness is averaged: single triangles of a map are noise
_FAR_MM = 10.0


@dataclass(frozen=True)
class Prediction:
    """Predicted activation.

    Attributes:
        arrival_ms: (V,) after pacing began; NaN where the wave never comes.
        sites: (S,) vertices that were paced.
        lines: vertices along each line of block.
    """

    arrival_ms: np.ndarray
    sites: np.ndarray
    lines: tuple[np.ndarray, ...]

    @property
    def total_ms(self) -> float:
        """From the first to the last vertex that the wave reaches."""
        return float(np.nanmax(self.arrival_ms) - np.nanmin(self.arrival_ms))


@dataclass(frozen=True)
class Agreement:
    """Predicted against measured activation, after the mean difference was taken off both.

    Attributes:
        rmse_ms, median_ms: root mean square and median of the absolute differences.
        correlation: of the two.
        vertices: compared.
    """

    rmse_ms: float
    median_ms: float
    correlation: float
    vertices: int


def filled_speeds(surface: Surface, found: Conduction) -> np.ndarray:
    """(F,) m/s for every triangle: the measured ones, averaged over a few mm, and from those next to it where excluded.

    The logarithm of the slowness is smoothed along the shell, weighted by area.

    Raises:
        BadInput: no triangle has a velocity.
    """
    kept = found.kept
    if not kept.any():
        raise BadInput("No triangle of this map has a velocity.", "Map activation first.")
    pairs = surface.neighbors
    centers = surface.corners.mean(1)
    between = np.maximum(np.linalg.norm(centers[pairs[:, 0]] - centers[pairs[:, 1]], axis=1), 1e-3 * surface.edge)
    # A flow between neighbors through their edge, over their distance: the Laplacian on triangles.
    weight = surface.edge / between * _SMOOTH_MM**2
    count = len(surface.faces)
    graph = sparse.coo_matrix((weight, (pairs[:, 0], pairs[:, 1])), (count, count))
    graph = graph + graph.T
    mass = np.where(kept, surface.areas, 1e-6 * surface.areas.mean())
    wanted = np.log(np.clip(np.where(kept, found.speeds, 1.0), SLOWEST, FASTEST))
    matrix = sparse.diags(mass + np.asarray(graph.sum(1)).ravel()) - graph
    return np.exp(spsolve(sparse.csc_matrix(matrix), mass * wanted))


def predict(
    surface: Surface,
    speeds: np.ndarray,
    sites: np.ndarray,
    lines: tuple[np.ndarray, ...] = (),
    fibers: Fibers | None = None,
) -> Prediction:
    """Activation from pacing sites.

    Args:
        speeds: (F,) m/s, see `filled_speeds`.
        sites: (S, 3) mm; each is taken to the nearest vertex.
        lines: (N, 3) mm, points along each line of block.
        fibers: where known, waves follow them; elsewhere ``speeds``.

    Raises:
        BadInput: a site or line lies far off the shell.
    """
    for what, points in (("pacing site", np.asarray(sites)), *(("line of block", line) for line in lines)):
        _refuse_far(surface, what, points)
    metric = isotropic_metric(surface, speeds)
    if fibers is not None and fibers.known.any():
        known = fibers.known
        told = fiber_metric(surface, np.nan_to_num(fibers.directions), fibers.along, fibers.across)
        metric[known] = told[known]
    paths = [edge_path(surface, line) for line in lines]
    cut = cut_along(surface, paths)
    vertices = nearest_vertices(surface, np.asarray(sites))
    sources = np.flatnonzero(np.isin(cut.origin, vertices))
    times = cut.back(arrival(cut.surface, metric, sources))
    return Prediction(np.where(np.isfinite(times), times, np.nan), vertices, tuple(paths))


def _refuse_far(surface: Surface, what: str, points: np.ndarray) -> None:
    from EPMappingLib.surface.projection import project

    farthest = float(project(surface, points).distances.max())
    if farthest > _FAR_MM:
        raise BadInput(f"The {what} lies {farthest:.0f} mm off the shell.", "Place it on the shell.")


def agreement(measured_ms: np.ndarray, predicted_ms: np.ndarray, where: np.ndarray) -> Agreement:
    """Compare two activations at the vertices of a mask (V,) where both are known.

    Raises:
        BadInput: there are fewer than three such vertices.
    """
    both = where & np.isfinite(measured_ms) & np.isfinite(predicted_ms)
    if both.sum() < 3:
        raise BadInput("The predicted and the measured map have no place in common.", "Pace on the mapped part.")
    a, b = measured_ms[both], predicted_ms[both]
    difference = (b - b.mean()) - (a - a.mean())
    flat = a.std() == 0 or b.std() == 0
    correlation = float("nan") if flat else float(np.corrcoef(a, b)[0, 1])
    return Agreement(
        float(np.sqrt((difference**2).mean())), float(np.median(np.abs(difference))), correlation, int(both.sum())
    )
