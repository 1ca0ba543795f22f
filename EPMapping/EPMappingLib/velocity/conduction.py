"""Conduction velocity of every triangle, and why some have none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.operators import gradient

FASTEST = 10.0
"""m/s; above it the map is flat there: all is excited at once, and there is no velocity to speak of."""
KEPT, UNMEASURED, NO_AREA, FLAT, MEETING = range(5)
REASONS = {
    UNMEASURED: "nothing was measured nearby",
    NO_AREA: "the triangle has no area",
    FLAT: f"activation is flat there (above {FASTEST:g} m/s)",
    MEETING: "waves start or meet there",
}
_TURN = np.cos(np.radians(120.0))  # of neighbors, beyond which their waves start or meet at the edge


@dataclass(frozen=True)
class Conduction:
    """Velocities of the triangles.

    Attributes:
        vectors: (F, 3) m/s, in the direction in which the wave travels; NaN where excluded.
        speeds: (F,) m/s; NaN where excluded.
        reasons: (F,) `KEPT`, or why the triangle was excluded.
        areas: (F,) mm2.
    """

    vectors: np.ndarray
    speeds: np.ndarray
    reasons: np.ndarray
    areas: np.ndarray

    @property
    def kept(self) -> np.ndarray:
        """(F,) triangles with a velocity."""
        return np.asarray(self.reasons == KEPT)

    @property
    def quartiles(self) -> tuple[float, float, float]:
        """Quartiles of the speed over the triangles that were kept, m/s; NaN without any."""
        found = self.speeds[self.kept]
        low, middle, high = np.quantile(found, (0.25, 0.5, 0.75)) if len(found) else (np.nan,) * 3
        return float(low), float(middle), float(high)

    @property
    def excluded_share(self) -> float:
        """Share of the measured triangles that have no velocity; NaN where nothing was measured."""
        measured = self.reasons != UNMEASURED
        return float((~self.kept & measured).sum() / measured.sum()) if measured.any() else float("nan")

    def share(self, reason: int) -> float:
        """Share of the measured triangles that were excluded for one reason."""
        measured = int((self.reasons != UNMEASURED).sum())
        return float((self.reasons == reason).sum() / measured) if measured else float("nan")


def conduction(surface: Surface, lat_ms: np.ndarray, measured: np.ndarray) -> Conduction:
    """Velocity from the gradient of activation: speed 1 / |grad|, direction along it.

    Args:
        lat_ms: (V,) NaN where unknown.
        measured: (F,) triangles near which something was measured.
    """
    slope = gradient(surface, lat_ms)
    steepness = np.linalg.norm(slope, axis=1)
    reasons = np.full(len(surface.faces), KEPT)
    reasons[~(steepness >= 1 / FASTEST)] = FLAT
    reasons[(reasons == KEPT) & ~_one_way(surface, slope, steepness, reasons == KEPT)] = MEETING
    reasons[~measured | ~np.isfinite(lat_ms[surface.faces]).all(1)] = UNMEASURED
    reasons[surface.flat & (reasons != UNMEASURED)] = NO_AREA
    kept = (reasons == KEPT)[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        vectors = np.where(kept, slope / (steepness**2)[:, None], np.nan)
    return Conduction(vectors, np.linalg.norm(vectors, axis=1), reasons, surface.areas)


def _one_way(surface: Surface, slope: np.ndarray, steepness: np.ndarray, steep: np.ndarray) -> np.ndarray:
    """(F,) triangles without a neighbor in which the wave travels quite another way, across the edge between them.

    There waves start or meet: a linear element would give the mean of two waves.
    """
    direction = np.where(steep[:, None], slope / np.maximum(steepness, 1e-12)[:, None], 0.0)
    first, second = surface.neighbors.T
    both = steep[first] & steep[second]
    first, second = first[both], second[both]
    turned = _laid_flat(direction[second], surface.normals[second], surface.normals[first])
    opposed = (direction[first] * turned).sum(1) < _TURN
    fine = np.ones(len(surface.faces), bool)
    fine[first[opposed]] = fine[second[opposed]] = False
    return fine


def _laid_flat(vectors: np.ndarray, normals: np.ndarray, onto: np.ndarray) -> np.ndarray:
    """(N, 3) vectors turned from the planes of some triangles into those of their neighbors, about the shared edge."""
    onto = onto * np.where((normals * onto).sum(1) < 0, -1.0, 1.0)[:, None]  # windings may differ
    axis = np.cross(normals, onto)
    cosine = (normals * onto).sum(1, keepdims=True)
    along = (axis * vectors).sum(1, keepdims=True)
    return np.asarray(vectors * cosine + np.cross(axis, vectors) + axis * along / np.maximum(1 + cosine, 1e-9))
