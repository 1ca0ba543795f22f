"""The lines to drag: of what the model found, or put on the picture for a person to place."""

from __future__ import annotations

import numpy as np

from FetalBiometryLib.planes.ellipse import Ellipse, ellipse_from_covariance
from FetalBiometryLib.planes.findings import Finding
from FetalBiometryLib.planes.shapes import AXIS, HEART, MIDLINE, SHAPES, THORAX


def lines_of(finding: Finding, factor: np.ndarray) -> dict[str, np.ndarray]:
    """The diameters of the found ellipses and the found lines, each (2, 2) pixels.

    Args:
        factor: (2,) the same unit per pixel along x and y.

    Where the model names the directions (APAD along the spine, TAD across), the lines are the ellipse's diameters in
    those directions; elsewhere they are its axes.
    """
    shape = SHAPES[finding.plane]
    lines: dict[str, np.ndarray] = {}
    for outline in shape.outlines:
        ellipse = finding.ellipses.get(outline.name)
        if ellipse is None:
            continue
        if all(name in finding.lines for name in outline.axes):
            lines |= {name: _diameter(ellipse, np.array(finding.lines[name], float)) for name in outline.axes}
        else:  # with unequal pixel sides the axes must be the ellipse's axes in mm, not in pixels
            ends = ellipse.scaled(factor[0], factor[1]).axis_ends()
            lines |= {name: axis / factor for name, axis in zip(outline.axes, ends, strict=True)}
    for name in (*shape.angle, *shape.lines):
        if name in finding.lines:
            lines[name] = np.array(finding.lines[name], float)
    return lines


def _form(ellipse: Ellipse) -> np.ndarray:
    """(2, 2) matrix q with d q d = 1 for every d from the centre to the outline."""
    return np.linalg.inv(4 * ellipse.covariance())


def _diameter(ellipse: Ellipse, line: np.ndarray) -> np.ndarray:
    d = line[1] - line[0]
    half = d / np.sqrt(d @ _form(ellipse) @ d)
    centre = np.array([ellipse.cx, ellipse.cy])
    return np.array([centre - half, centre + half])


def tilt_of(ellipse: Ellipse, first: np.ndarray, second: np.ndarray) -> float:
    """How far two diameters are from being conjugate: 0 for the axes; the same in any unit along x and y.

    Args:
        first, second: lines (2, 2) in the directions of the diameters.
    """
    halves = [0.5 * np.diff(_diameter(ellipse, line), axis=0)[0] for line in (first, second)]
    return float(np.clip(halves[0] @ _form(ellipse) @ halves[1], -0.9, 0.9))


def ellipse_of_axes(long: np.ndarray, short: np.ndarray) -> Ellipse:
    """The ellipse that two lines define as its axes, whatever the angle between them.

    Args:
        long, short: end points, each (2, 2) as (x, y), in any isotropic unit.

    Returns:
        centre halfway between the lines' middles, one axis along the first line, axes as long as the lines.

    Raises:
        ValueError: a line has no length.
    """
    long, short = np.asarray(long, float), np.asarray(short, float)
    along = long[1] - long[0]
    length, breadth = float(np.linalg.norm(along)), float(np.linalg.norm(short[1] - short[0]))
    centre = 0.5 * (long.mean(0) + short.mean(0))
    return Ellipse.make(centre[0], centre[1], length / 2, breadth / 2, np.rad2deg(np.arctan2(along[1], along[0])))


def ellipse_of_diameters(first: np.ndarray, second: np.ndarray, tilt: float = 0.0) -> Ellipse:
    """The ellipse that has two lines for diameters, about the middle of their middles.

    Two diameters alone leave one freedom; ``tilt`` keeps it as the model found it, so that nothing jumps at the first
    drag. With 0 they are conjugate: of perpendicular lines the axes.

    Args:
        first, second: end points, each (2, 2) as (x, y), in any isotropic unit.

    Raises:
        ValueError: a line has no length.
    """
    halves = np.column_stack([0.5 * (line[1] - line[0]) for line in (first, second)])
    if not np.linalg.norm(halves, axis=0).all():
        raise ValueError("A line without length is no diameter.")
    shape = halves @ np.linalg.inv(np.array([[1.0, tilt], [tilt, 1.0]])) @ halves.T
    return ellipse_from_covariance(0.5 * (first.mean(0) + second.mean(0)), shape / 4)


def lines_by_hand(plane: str, width: int, height: int) -> dict[str, np.ndarray]:
    """Lines in the middle of a picture, for a person to drag into place.

    Args:
        width, height: of the picture in pixels.
    """
    size, centre = min(width, height), np.array([(width - 1) / 2, (height - 1) / 2])

    def line(dx: float, dy: float, at: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
        half, middle = size * np.array([dx, dy]) / 2, centre + size * np.array(at)
        return np.array([middle - half, middle + half])

    def axes(ellipse: Ellipse) -> tuple[np.ndarray, np.ndarray]:
        first, second = ellipse.axis_ends()
        return first, second

    shape = SHAPES[plane]
    lines: dict[str, np.ndarray] = {}
    sizes = {"AC": (0.33, 0.28), THORAX: (0.36, 0.31), HEART: (0.17, 0.13)}
    for outline in shape.outlines:
        a, b = (size * part for part in sizes[outline.name])
        lines.update(zip(outline.axes, axes(Ellipse.make(centre[0], centre[1], a, b, 0)), strict=True))
    if shape.angle:
        lines[MIDLINE] = line(0.0, -0.5)
        lines[AXIS] = line(0.25, -0.25)
    for name in shape.lines:
        lines[name] = line(0.4, 0.0)
    return lines
