"""Generated ultrasound stills of a four-chamber view with exactly known truth (numpy and scipy only).

Seeds below 1000 are for demo and tests, seeds from 1 000 000 on for training; the two never mix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from FetalBiometryLib.phantom.abdomen import body_frame, facing_beam, surroundings
from FetalBiometryLib.phantom.echo import draw_ruler, ellipse_frame, insonate, smooth_noise
from FetalBiometryLib.planes.ellipse import Ellipse


@dataclass(frozen=True)
class ThoraxPhantom:
    """A phantom still and its truth, in pixels."""

    picture: np.ndarray  # (H, W) uint8
    spacing_mm: float  # mm per pixel, square pixels
    heart: Ellipse
    thorax: Ellipse  # outer border of the ribs
    spine: tuple[float, float]  # middle of the vertebra, (x, y)
    axis_deg: float  # angle between the heart's long axis and the line from the spine through the thorax, 0..90
    has_ruler: bool


def thorax_phantom(
    seed: int = 7, height: int = 540, width: int = 800, tc_mm: float | None = None, ruler: bool = True
) -> ThoraxPhantom:
    """Make a four-chamber view.

    Args:
        seed: fixes everything that is drawn at random.
        height, width: size of the picture in pixels.
        tc_mm: thoracic circumference wanted; at random 110..260 when None.
        ruler: draw the depth ruler.
    """
    rng = np.random.default_rng([seed, 4])
    tc = float(rng.uniform(110, 260)) if tc_mm is None else float(tc_mm)
    back = np.deg2rad(rng.uniform(0, 360))
    u = np.array([np.cos(back), np.sin(back)])
    v = np.array([-u[1], u[0]])
    half_u = height * rng.uniform(0.29, 0.38)
    half_v = half_u * rng.uniform(1.0, 1.18)
    centre = np.array([width * rng.uniform(0.45, 0.55), height * rng.uniform(0.47, 0.54)])
    thorax = Ellipse.make(centre[0], centre[1], half_u, half_v, np.rad2deg(back))
    axis = float(rng.uniform(32, 58))
    side = 1 if rng.random() < 0.5 else -1
    turn = np.deg2rad(axis)
    apex = -np.cos(turn) * u + side * np.sin(turn) * v  # the apex points to the front and to one side
    long = half_u * rng.uniform(0.50, 0.58)
    middle = centre - 0.16 * half_u * u + side * 0.10 * half_v * v
    heart = Ellipse.make(
        middle[0], middle[1], long, long * rng.uniform(0.62, 0.74), np.rad2deg(np.arctan2(*apex[::-1]))
    )
    picture = insonate(rng, _anatomy(rng, thorax, heart, centre, u, apex, half_u, half_v, height, width))
    spacing = tc / thorax.perimeter
    if ruler:
        draw_ruler(picture, spacing)
    picture[: int(0.04 * height), int(0.86 * width) :] = 0
    spine = centre + 0.80 * half_u * u
    return ThoraxPhantom(picture, spacing, heart, thorax, (float(spine[0]), float(spine[1])), axis, ruler)


def _anatomy(
    rng: np.random.Generator,
    thorax: Ellipse,
    heart: Ellipse,
    centre: np.ndarray,
    u: np.ndarray,
    apex: np.ndarray,
    half_u: float,
    half_v: float,
    height: int,
    width: int,
) -> np.ndarray:
    s, t = body_frame(centre, u, half_u, half_v, height, width)
    radius = np.hypot(s, t)
    lung = 0.24 + 0.05 * smooth_noise(rng, height, width, width / 14)
    echo = np.where(radius < 1, lung, surroundings(rng, radius))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    dx, dy = x - heart.cx, y - heart.cy
    p = (dx * apex[0] + dy * apex[1]) / heart.a  # towards the apex
    q = (-dx * apex[1] + dy * apex[0]) / heart.b
    inside = np.hypot(*ellipse_frame(heart, height, width))
    echo = np.where(inside < 1, 0.30, echo)
    for top, wide in ((0.66, 0.55), (-0.60, 0.45)):  # ventricles, then atria
        for hand in (-1, 1):
            chamber = np.hypot((p - 0.45 * top) / wide, (q - hand * 0.40) / 0.30) < 1
            echo = np.where(chamber & (inside < 0.88), 0.015, echo)
    septum = (np.abs(q) < 0.07) & (inside < 0.9)
    valves = (np.abs(p) < 0.05) & (np.abs(q) < 0.7) & (inside < 0.9)
    echo = np.where(septum | valves, 0.55, echo)
    aorta = np.hypot((s - 0.48) / 0.06, (t - 0.08) / 0.06) < 1
    echo = np.where(aorta, 0.02, echo)
    for angle in (0.6, 2.7, 4.71):
        spot = np.hypot((s - 0.80 - 0.12 * np.sin(angle)) / 0.065, (t - 0.12 * np.cos(angle)) / 0.05) < 1
        echo = np.where(spot, 1.1, echo)
    ribs = np.exp(-(((radius - 0.96) / 0.03) ** 2)) * (0.30 + 1.0 * facing_beam(radius) ** 1.5) * (radius < 1)
    skin = 0.4 * np.exp(-(((radius - 1.12) / 0.02) ** 2)) * facing_beam(radius)
    return echo + ribs + skin
