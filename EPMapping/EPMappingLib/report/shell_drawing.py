"""A shell as seen from one side: its triangles painted from the farthest to the nearest, with what lies on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

RGB = tuple[int, int, int]
_AMBIENT = 0.42  # of a triangle's color that does not depend on where it faces


@dataclass(frozen=True)
class Side:
    """From where the heart is seen.

    Attributes:
        name: as electrophysiologists say it.
        across, up, toward: unit vectors in RAS: to the right of the picture, up, and to the viewer.
    """

    name: str
    across: tuple[int, int, int]
    up: tuple[int, int, int]
    toward: tuple[int, int, int]


SIDES = (
    Side("AP (from the front)", (-1, 0, 0), (0, 0, 1), (0, 1, 0)),
    Side("PA (from behind)", (1, 0, 0), (0, 0, 1), (0, -1, 0)),
    Side("LL (from the left)", (0, -1, 0), (0, 0, 1), (-1, 0, 0)),
    Side("RL (from the right)", (0, 1, 0), (0, 0, 1), (1, 0, 0)),
    Side("from above", (1, 0, 0), (0, 1, 0), (0, 0, 1)),
    Side("from below", (-1, 0, 0), (0, 1, 0), (0, 0, -1)),
)


@dataclass(frozen=True)
class Polyline:
    """A line on the shell: points (N, 3) RAS mm, a color and a width in pixels."""

    points: np.ndarray
    color: RGB
    width: float


@dataclass(frozen=True)
class Dot:
    """A ball on the shell: its place in RAS mm, radius in mm, and color."""

    place: tuple[float, float, float]
    radius: float
    color: RGB


def draw_side(
    picture: Any,
    side: Side,
    scale: float,
    middle: np.ndarray,
    corners: np.ndarray,
    colors: np.ndarray,
    lines: Sequence[Polyline] = (),
    dots: Sequence[Dot] = (),
) -> None:
    """Draw one side into the middle of a Pillow picture.

    Args:
        scale: pixels a mm.
        middle: (3,) mm that stands in the middle.
        corners: (F, 3, 3) RAS mm.
        colors: (F, 3) uint8.
    """
    from PIL import ImageDraw

    draw = ImageDraw.Draw(picture)
    frame = np.array([side.across, side.up, side.toward], float).T
    center = np.array(picture.size) / 2

    def seen(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        turned = (points - middle) @ frame
        return center + scale * turned[..., :2] * [1, -1], turned[..., 2]

    flat, depth = seen(corners)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) @ frame[:, 2]
    size = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    light = _AMBIENT + (1 - _AMBIENT) * np.abs(normals) / np.maximum(size, 1e-12)
    shaded = (colors * light[:, None]).astype(int)
    parts = np.concatenate([np.zeros((0, 2, 3)), *(np.stack([line.points[:-1], line.points[1:]], 1) for line in lines)])
    owner = np.repeat(np.arange(len(lines)), [len(line.points) - 1 for line in lines])
    parts_flat, parts_depth = seen(parts)
    dots_flat, dots_depth = seen(np.array([dot.place for dot in dots], float).reshape(-1, 3))
    lift = 1.5 * float(
        np.median(np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1))
    )  # what lies on the shell is seen
    order = np.concatenate([depth.mean(1), parts_depth.mean(1) + lift, dots_depth + lift])
    triangles, segments = flat.reshape(-1, 6).tolist(), parts_flat.reshape(-1, 4).tolist()
    fills = [tuple(color) for color in shaded.tolist()]
    count, both = len(triangles), len(triangles) + len(segments)
    for index in np.argsort(order, kind="stable").tolist():
        if index < count:
            draw.polygon(triangles[index], fill=fills[index], outline=fills[index])
        elif index < both:
            line = lines[owner[index - count]]
            draw.line(segments[index - count], fill=line.color, width=max(round(line.width), 1))
        else:
            (x, y), dot = dots_flat[index - both], dots[index - both]
            radius = dot.radius * scale
            draw.ellipse(
                [x - radius, y - radius, x + radius, y + radius], fill=dot.color, outline=(255, 255, 255), width=2
            )
