"""Plane geometry of cephalometry in the face's own frame: x forward (anterior), y up.

All functions broadcast over leading axes, so that one call serves one film or thousands of Monte Carlo draws:
points and vectors are (..., 2), results (...,). Angles are degrees.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

#: Three points each, in the order (behind, in front, below): any one of them tells which way the face looks.
FACING_TRIPLES = (
    ("S", "N", "Me"),
    ("S", "N", "Gn"),
    ("S", "N", "Pog"),
    ("S", "N", "B"),
    ("S", "N", "A"),
    ("Po", "Or", "Me"),
    ("PNS", "ANS", "Me"),
    ("PNS", "ANS", "B"),
    ("Go", "Me", "S"),
)


def looks_right(points: Mapping[str, np.ndarray]) -> bool | None:
    """Whether the face looks right in the picture, from points (2,) in pixels (x right, y down).

    The answer does not change when the film is turned: it is the handedness of three landmarks. None when the
    landmarks do not tell.
    """
    for behind, front, below in FACING_TRIPLES:
        if all(symbol in points for symbol in (behind, front, below)):
            u, v = points[front] - points[behind], points[below] - points[behind]
            area = float(u[0] * v[1] - u[1] * v[0])
            if (behind, front, below) == ("Go", "Me", "S"):  # here the third point lies above
                area = -area
            if area:
                return area > 0
    return None


def to_face_frame(xy: np.ndarray, right: bool, px_size: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
    """Film pixels (..., 2) to the face's frame: x forward, y up.

    Args:
        right: the face looks right on the film; else x is turned round.
        px_size: what one pixel measures along x and y; (1, 1) leaves pixels.
    """
    return np.asarray(xy, float) * np.array([px_size[0] if right else -px_size[0], -px_size[1]])


def _cross(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])


def _dot(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    return np.asarray(u[..., 0] * v[..., 0] + u[..., 1] * v[..., 1])


def _length(u: np.ndarray) -> np.ndarray:
    return np.asarray(np.hypot(u[..., 0], u[..., 1]))


def turn(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Signed angle from u to v, counterclockwise positive (x forward, y up), -180..180."""
    return np.degrees(np.arctan2(_cross(u, v), _dot(u, v)))


def angle(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Angle between two directions, 0..180."""
    return np.abs(turn(u, v))


def sweep(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Counterclockwise angle from u to v, 0..360: for interior angles that may pass 180."""
    return np.mod(turn(u, v), 360.0)


def distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Length of a-b in the points' unit."""
    return _length(np.asarray(b, float) - np.asarray(a, float))


def offset(p: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distance of p from the line through a and b, positive on the left of the direction a to b.

    For a line that runs downwards (nasion to A, A to pogonion) positive is in front.
    """
    along = b - a
    return _cross(along, p - a) / _length(along)


def along(p: np.ndarray, origin: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Signed length of p - origin along a direction."""
    return _dot(p - origin, direction) / _length(direction)
