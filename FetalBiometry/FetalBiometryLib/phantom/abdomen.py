"""Generated ultrasound stills of a fetal abdomen with exactly known truth (numpy and scipy only).

Seeds below 1000 are for demo and tests, seeds from 1 000 000 on for training; the two never mix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from FetalBiometryLib.phantom.echo import draw_ruler, insonate, smooth_noise
from FetalBiometryLib.planes.ellipse import Ellipse


@dataclass(frozen=True)
class AbdomenPhantom:
    """A phantom still and its truth, in pixels."""

    picture: np.ndarray  # (H, W) uint8
    spacing_mm: float  # mm per pixel, square pixels
    skin: Ellipse  # outer border of the abdomen
    spine: tuple[float, float]  # middle of the vertebra, (x, y)
    apad: tuple[tuple[float, float], tuple[float, float]]  # from the back to the front, along the spine's direction
    tad: tuple[tuple[float, float], tuple[float, float]]  # across it
    has_ruler: bool


def abdomen_phantom(
    seed: int = 7, height: int = 540, width: int = 800, ac_mm: float | None = None, ruler: bool = True
) -> AbdomenPhantom:
    """Make a transverse abdomen with stomach, umbilical vein and vertebra.

    Args:
        seed: fixes everything that is drawn at random.
        height, width: size of the picture in pixels.
        ac_mm: abdominal circumference wanted; at random 120..340 when None.
        ruler: draw the depth ruler.
    """
    rng = np.random.default_rng([seed, 2])
    ac = float(rng.uniform(120, 340)) if ac_mm is None else float(ac_mm)
    back = np.deg2rad(rng.uniform(0, 360))  # direction from the front to the back
    ratio = float(np.clip(rng.normal(0.97, 0.05), 0.87, 1.12))  # TAD / APAD
    half_apad = height * rng.uniform(0.30, 0.40)
    half_tad = ratio * half_apad
    skin = Ellipse.make(
        width * rng.uniform(0.45, 0.55), height * rng.uniform(0.47, 0.54), half_apad, half_tad, np.rad2deg(back)
    )
    spacing = ac / skin.perimeter
    u = np.array([np.cos(back), np.sin(back)])
    v = np.array([-u[1], u[0]])
    centre = np.array([skin.cx, skin.cy])
    picture = insonate(rng, _anatomy(rng, centre, u, half_apad, half_tad, height, width))
    if ruler:
        draw_ruler(picture, spacing)
    picture[: int(0.04 * height), int(0.86 * width) :] = 0

    def line(direction: np.ndarray, half: float) -> tuple[tuple[float, float], tuple[float, float]]:
        p, q = centre + half * direction, centre - half * direction
        return (float(p[0]), float(p[1])), (float(q[0]), float(q[1]))

    spine = centre + 0.76 * half_apad * u
    truth = ((float(spine[0]), float(spine[1])), line(u, half_apad), line(v, half_tad))
    return AbdomenPhantom(picture, spacing, skin, *truth, ruler)


def body_frame(
    centre: np.ndarray, u: np.ndarray, half_u: float, half_v: float, height: int, width: int
) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along ``u`` (towards the back) and across it, in units of the half lengths, each (H, W)."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    dx, dy = x - centre[0], y - centre[1]
    return (dx * u[0] + dy * u[1]) / half_u, (-dx * u[1] + dy * u[0]) / half_v


def facing_beam(radius: np.ndarray) -> np.ndarray:
    """How squarely the beam, coming from above, meets the level lines of ``radius``: 0..1, (H, W)."""
    down, across = np.gradient(radius)
    return np.abs(down) / (np.hypot(down, across) + 1e-6)


def surroundings(rng: np.random.Generator, radius: np.ndarray) -> np.ndarray:
    """Echo of uterine wall and amniotic fluid about a body of ``radius`` 1, (H, W)."""
    height, width = radius.shape
    tissue = np.clip(0.22 + 0.12 * smooth_noise(rng, height, width, width / 10), 0.01, None)
    fluid = ndimage.gaussian_filter((smooth_noise(rng, height, width, width / 5) > 0.0).astype(np.float32), 5)
    near = np.clip((radius - 1.0) / 0.35, 0, 1)
    return tissue * (1 - fluid * (1 - near) * 0.9)


def _anatomy(
    rng: np.random.Generator, centre: np.ndarray, u: np.ndarray, half_u: float, half_v: float, height: int, width: int
) -> np.ndarray:
    s, t = body_frame(centre, u, half_u, half_v, height, width)
    radius = np.hypot(s, t)
    liver = 0.22 + 0.05 * smooth_noise(rng, height, width, width / 12)
    echo = np.where(radius < 1, liver, surroundings(rng, radius))
    side = 1 if rng.random() < 0.5 else -1
    stomach = np.hypot((s + rng.uniform(-0.05, 0.2)) / rng.uniform(0.16, 0.24), (t - side * 0.48) / 0.17) < 1
    echo = np.where(stomach, 0.015, echo)
    bent = t + side * 0.5 * (s + 0.35) ** 2
    vein = np.hypot((s + 0.35) / 0.24, bent / 0.055) < 1
    echo = np.where(vein, 0.02, echo)
    echo += 0.35 * (np.abs(np.hypot((s + 0.35) / 0.24, bent / 0.055) - 1.1) < 0.12)
    aorta = np.hypot((s - 0.52) / 0.05, (t - side * 0.10) / 0.05) < 1
    echo = np.where(aorta, 0.02, echo)
    for angle in (0.6, 2.7, 4.71):
        spot = np.hypot((s - 0.76 - 0.13 * np.sin(angle)) / 0.065, (t - 0.13 * np.cos(angle)) / 0.05) < 1
        echo = np.where(spot, 1.1, echo)
    skin = np.exp(-(((radius - 0.975) / 0.02) ** 2)) * (0.25 + 0.9 * facing_beam(radius) ** 1.5)
    ribs = np.exp(-(((radius - 0.88) / 0.022) ** 2)) * (smooth_noise(rng, height, width, width / 12) > 0.3)
    return echo + 0.8 * skin * (radius < 1) + 0.55 * ribs
