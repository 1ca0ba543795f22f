"""What is drawn: the structures, their points in the mean face, and which of these are landmarks.

The mean face is the common frame of all films: the mean shape of the 19 landmarks, face to the right, x right and y
down, its unit 0.2 mm on an ISBI film at the challenge's nominal scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

UNIT_MM = 0.2
"""Nominal mm of one unit of the mean face; only for saying sizes, never for measuring a patient."""

TITLES = {
    "soft_tissue_profile": "Soft tissue profile",
    "frontonasal": "Frontal and nasal bone",
    "cranial_base": "Cranial base with sella",
    "orbit": "Orbital rim",
    "porion_condyle": "Porion and condyle",
    "maxilla": "Maxilla with palate",
    "mandible": "Mandible with symphysis and ramus",
    "upper_incisor": "Upper incisor",
    "lower_incisor": "Lower incisor",
    "upper_molar": "Upper first molar",
    "lower_molar": "Lower first molar",
}
"""All structures, in the order in which they are drawn, and what people call them."""

TEETH = ("upper_incisor", "lower_incisor", "upper_molar", "lower_molar")


@dataclass(frozen=True, eq=False)
class Template:
    """One structure in the mean face.

    Attributes:
        name: a key of `TITLES`.
        points: (n, 2) in the mean face.
        closed: the last point is joined to the first.
        landmarks: which landmark each named point is, by its index.
        seen: (n,) bool; False where the curve only bridges a gap and no edge is expected.
        derived: which further anatomic point (apex, cusp, condylion ...) each named point is, by its index.
    """

    name: str
    points: np.ndarray
    closed: bool
    landmarks: dict[str, int]
    seen: np.ndarray
    derived: dict[str, int]

    @property
    def title(self) -> str:
        """For people."""
        return TITLES[self.name]

    def __len__(self) -> int:
        return len(self.points)

    def is_corner(self, index: int) -> bool:
        """Whether the curve turns by more than 50 degrees at a point: a spine or a tip, that cannot slide along it."""
        if not self.closed and index in (0, len(self) - 1):
            return True
        here, before, after = self.points[index], self.points[index - 1], self.points[(index + 1) % len(self)]
        first, second = here - before, after - here
        size = max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-9)
        return float(first @ second) / size < 0.64


def normals(points: np.ndarray, closed: bool) -> np.ndarray:
    """Unit normals (n, 2) of a polygon's corners: the direction of travel turned by +90 degrees, (x, y) -> (-y, x)."""
    if closed:
        along = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
    else:
        along = np.gradient(points, axis=0)
    length = np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    along = along / length
    return np.stack([-along[:, 1], along[:, 0]], axis=1)


def spacing(points: np.ndarray, closed: bool) -> float:
    """Mean distance between neighbors on the curve."""
    ring = np.vstack([points, points[:1]]) if closed else points
    return float(np.linalg.norm(np.diff(ring, axis=0), axis=1).mean())


def nearest_on_curve(points: np.ndarray, closed: bool, xy: np.ndarray) -> tuple[int, float, float]:
    """Where a polygon passes nearest to a point.

    Returns:
        Index of the segment's first corner, share 0..1 of the way to the next one, distance.
    """
    ring = np.vstack([points, points[:1]]) if closed else points
    start, step = ring[:-1], np.diff(ring, axis=0)
    share = ((xy - start) * step).sum(1) / np.maximum((step**2).sum(1), 1e-12)
    share = np.clip(share, 0.0, 1.0)
    apart = np.linalg.norm(start + share[:, None] * step - xy, axis=1)
    best = int(apart.argmin())
    return best, float(share[best]), float(apart[best])
