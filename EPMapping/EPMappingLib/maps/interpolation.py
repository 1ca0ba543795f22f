"""A measured quantity over the whole shell, part by part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from EPMappingLib.maps.eigenbasis import Eigenbasis, eigenbasis
from EPMappingLib.maps.gaussian_process import Fit, fit
from EPMappingLib.surface.mesh import Surface
from EPMappingLib.surface.projection import Projection

LEAST_POINTS = 4
"""In a connected part; fewer let nothing be said between them."""
_MODES = (64, 224)  # least and most
_PER_POINT = 1.0
_SEED = 20_2401


@dataclass(frozen=True)
class Field:
    """Values at the vertices of a shell.

    Attributes:
        values, sd: (V,) NaN in parts with too few points.
        draws: (V, M) values that the points allow.
        parts: (points, vertices of the part, the fit) of each part.
    """

    values: np.ndarray
    sd: np.ndarray
    draws: np.ndarray
    parts: tuple[tuple[np.ndarray, np.ndarray, Fit], ...]

    @property
    def left_out(self) -> np.ndarray:
        """Errors of left-out points in standard uncertainties, after widening."""
        return (
            np.concatenate([found.left_out / found.width for _, _, found in self.parts]) if self.parts else np.zeros(0)
        )

    @property
    def noise(self) -> float:
        """Standard deviation of one point, the median of the parts' weighted by points; NaN without any part."""
        if not self.parts:
            return float("nan")
        return float(max(self.parts, key=lambda part: len(part[0]))[2].prior.noise)

    @property
    def length(self) -> float:
        """Length of the correlation in mm in the part with the most points; NaN without any part."""
        if not self.parts:
            return float("nan")
        return float(max(self.parts, key=lambda part: len(part[0]))[2].prior.length)


class Interpolator:
    """Interpolates quantities measured at the same places.

    Args:
        surface: the shell.
        projection: where the points lie on it.
        draws: how many random maps are drawn, for the intervals of numbers.
    """

    def __init__(self, surface: Surface, projection: Projection, draws: int) -> None:
        self._surface, self._draws = surface, draws
        self._faces = projection.faces
        self._matrix: sparse.csr_matrix = projection.matrix(surface)
        self._bases: dict[int, tuple[np.ndarray, Eigenbasis]] = {}

    def field(self, values: np.ndarray, told: Callable[[float], None] = lambda share: None) -> Field:
        """The quantity over the shell.

        Args:
            values: (N,) at the points; NaN where not measured.
            told: is called with the share that is done.
        """
        surface, size = self._surface, len(self._surface.vertices)
        found = Field(np.full(size, np.nan), np.full(size, np.nan), np.full((size, self._draws), np.nan), ())
        known = np.flatnonzero(np.isfinite(values))
        of_part = surface.face_components[self._faces[known]]
        names = np.unique(of_part)
        parts = []
        for number, name in enumerate(names):
            points = known[of_part == name]
            if len(points) >= LEAST_POINTS:
                where, basis = self._basis(int(name))
                at = self._matrix[points][:, where] @ basis.modes
                part = fit(basis, np.asarray(at), values[points])
                found.values[where], found.sd[where] = part.values(), part.sd()
                found.draws[where] = part.draws(self._draws, _SEED + int(name))
                parts.append((points, where, part))
            told((number + 1) / len(names))
        return Field(found.values, found.sd, found.draws, tuple(parts))

    def _basis(self, component: int) -> tuple[np.ndarray, Eigenbasis]:
        """Vertices and modes of a part, found once; as many modes as points can tell."""
        if component not in self._bases:
            faces = np.flatnonzero((self._surface.face_components == component) & ~self._surface.flat)
            part, where = self._surface.part(faces)
            points = int((self._surface.face_components[self._faces] == component).sum())
            self._bases[component] = where, eigenbasis(part, int(np.clip(_PER_POINT * points, *_MODES)))
        return self._bases[component]
