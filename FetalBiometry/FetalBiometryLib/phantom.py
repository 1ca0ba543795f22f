"""Generated ultrasound stills of a fetal head with exactly known truth (numpy and scipy only).

They serve the sample-data tile, the demo and the tests. Seeds below 1000 are for demo and tests, seeds from 1 000 000
on for training; the two never mix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .ellipse import Ellipse

TRAINING_SEED = 1_000_000


@dataclass(frozen=True)
class HeadPhantom:
    """A phantom still and its truth."""

    picture: np.ndarray  # (H, W) uint8
    spacing_mm: float  # mm per pixel, square pixels
    skull: Ellipse  # outer border of the skull, in pixels
    structures: np.ndarray  # (H, W) uint8: 0 background, 1 brain, 2 cavum septi pellucidi, 3 lateral ventricle
    has_ruler: bool  # depth ticks every 5 mm along the left edge


def head_phantom(
    seed: int = 7,
    height: int = 540,
    width: int = 800,
    hc_mm: float | None = None,
    ruler: bool = True,
) -> HeadPhantom:
    """Make a trans-thalamic head still.

    Args:
        seed: fixes everything that is drawn at random.
        height, width: size of the picture in pixels.
        hc_mm: head circumference wanted; at random 90..320 when None.
        ruler: draw the depth ruler.
    """
    rng = np.random.default_rng(seed)
    hc = float(rng.uniform(90, 320)) if hc_mm is None else float(hc_mm)
    index = rng.uniform(0.74, 0.86)
    filling = rng.uniform(0.45, 0.72)  # share of the picture's width that the head takes
    unit = Ellipse.make(0, 0, 1, index, 0)
    a_px = 0.5 * filling * width
    spacing = hc / (unit.perimeter * a_px)
    skull = Ellipse.make(
        width * rng.uniform(0.46, 0.54),
        height * rng.uniform(0.47, 0.55),
        a_px,
        a_px * index,
        rng.uniform(-20, 20),
    )
    echo, structures = _anatomy(rng, skull, height, width)
    picture = _insonate(rng, echo, skull)
    if ruler:
        _draw_ruler(picture, spacing)
    picture[: int(0.04 * height), int(0.86 * width) :] = 0
    return HeadPhantom(picture, spacing, skull, structures, ruler)


def _head_frame(skull: Ellipse, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along the long and the short axis in units of the semi-axes, each (H, W)."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    u = skull.direction()
    dx, dy = x - skull.cx, y - skull.cy
    return (dx * u[0] + dy * u[1]) / skull.a, (-dx * u[1] + dy * u[0]) / skull.b


def _smooth_noise(rng: np.random.Generator, height: int, width: int, size: float) -> np.ndarray:
    """Noise of unit deviation that varies over about ``size`` pixels."""
    step = max(1, int(size / 2))
    coarse = rng.standard_normal((height // step + 4, width // step + 4)).astype(np.float32)
    coarse = ndimage.gaussian_filter(coarse, size / step / 2)
    noise = ndimage.zoom(coarse, step, order=1)[:height, :width]
    return noise / (noise.std() + 1e-6)


def _anatomy(rng: np.random.Generator, skull: Ellipse, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Echo amplitude (H, W) before speckle, and the index mask of structures."""
    s, t = _head_frame(skull, height, width)
    radius = np.hypot(s, t)
    soft = _smooth_noise(rng, height, width, width / 10)
    tissue = np.clip(0.20 + 0.11 * soft, 0.01, None)
    fluid = ndimage.gaussian_filter((_smooth_noise(rng, height, width, width / 5) > 0.2).astype(np.float32), 5)
    near = np.clip((radius - 1.0) / 0.35, 0, 1)  # amniotic fluid hugs the head in places
    echo = tissue * (1 - fluid * (1 - near) * 0.85)
    thickness = rng.uniform(0.045, 0.075)
    inside = radius < 1 - thickness
    brain = 0.09 + 0.04 * _smooth_noise(rng, height, width, width / 14)
    echo = np.where(radius < 1, brain, echo)
    side = 1 if rng.random() < 0.5 else -1
    falx = np.exp(-((t / 0.018) ** 2)) * (np.abs(s) < 0.86)
    echo = echo + 0.55 * falx
    structures = np.where(inside, 1, 0).astype(np.uint8)
    csp = np.hypot((s - side * 0.48) / 0.12, t / 0.08) ** 4 < 1.5 * 0.8
    walls = (np.abs(s - side * 0.48) < 0.12) & (np.abs(np.abs(t) - 0.085) < 0.016)
    echo = np.where(csp, 0.02, echo) + 0.6 * walls
    thalami = np.hypot((s + side * 0.02) / 0.20, (np.abs(t) - 0.17) / 0.14) < 1
    echo = np.where(thalami, 0.6 * echo, echo)
    lateral = np.hypot((s + side * 0.50) / 0.26, (t - 0.38) / 0.12) < 1
    plexus = np.hypot((s + side * 0.42) / 0.15, (t - 0.38) / 0.08) < 1
    echo = np.where(lateral, 0.02, echo)
    echo = np.where(plexus, 0.62, echo)
    structures[lateral & inside] = 3
    structures[csp] = 2
    # Bone answers strongly where the beam (from above) meets it at a right angle, and fades at the sides.
    band = np.clip((1 - radius) / 0.010, 0, 1) * np.clip((radius - (1 - thickness)) / 0.015, 0, 1)
    facing = np.abs(t) / (radius + 1e-6)
    fade = rng.uniform(0.20, 0.45) + (1 - rng.uniform(0.0, 0.2)) * facing**1.5
    gaps = 1 - 0.45 * np.clip(_smooth_noise(rng, height, width, width / 12), 0, 1)
    return echo + 1.35 * band * fade * gaps, structures


def _insonate(rng: np.random.Generator, echo: np.ndarray, skull: Ellipse) -> np.ndarray:
    """Speckle, shadow, depth gain, grey compression and the sector's border."""
    height, width = echo.shape
    apex = np.array([width * rng.uniform(0.47, 0.53), -height * rng.uniform(0.25, 0.6)])
    y, x = np.mgrid[:height, :width].astype(np.float32)
    beam = np.arctan2(x - apex[0], y - apex[1])
    depth = np.hypot(x - apex[0], y - apex[1]) / height
    shadows = np.ones_like(beam)
    for _ in range(rng.integers(0, 3)):
        shadows -= rng.uniform(0.2, 0.6) * np.exp(-(((beam - rng.uniform(-0.5, 0.5)) / rng.uniform(0.03, 0.1)) ** 2))
    blurred = ndimage.gaussian_filter(np.clip(echo, 0, None), 1.6 * width / 800)
    speckle = ndimage.gaussian_filter(rng.standard_normal((2, height, width)), (0, 1.0, 2.0 * width / 800))
    rayleigh = np.hypot(*speckle) / np.hypot(*speckle).mean()
    signal = blurred * (0.15 + 0.85 * rayleigh) * np.clip(shadows, 0.15, 1) * np.exp(-0.25 * (depth - depth.mean()))
    grey = 255 * np.clip(signal / 1.25, 0, None) ** rng.uniform(0.62, 0.8)
    half_angle = rng.uniform(0.55, 0.85)
    sector = (np.abs(beam) < half_angle) & (depth < rng.uniform(1.45, 1.7)) & (depth > -apex[1] / height + 0.02)
    grey = np.where(sector, grey, 0) * rng.uniform(0.75, 1.0)
    return np.clip(grey, 0, 255).astype(np.uint8)


def _draw_ruler(picture: np.ndarray, spacing: float) -> None:
    """Depth ticks every 5 mm (long ones every 10 mm), drawn with sub-pixel grey levels."""
    height = picture.shape[0]
    rows = np.arange(height, dtype=float)
    for i, row in enumerate(np.arange(12.0, height - 8, 5.0 / spacing)):
        level = np.clip(1.5 - np.abs(rows - row), 0, 1)
        length = 12 if i % 2 == 0 else 7
        tick = (230 * level[:, None]).astype(np.uint8)
        picture[:, 6 : 6 + length] = np.maximum(picture[:, 6 : 6 + length], tick)
