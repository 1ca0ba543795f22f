"""Generated ultrasound stills of a fetal head with exactly known truth (numpy and scipy only).

They serve the sample-data tile, the demo and the tests. Seeds below 1000 are for demo and tests, seeds from 1 000 000
on for training; the two never mix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from FetalBiometryLib.phantom.echo import draw_ruler, ellipse_frame, insonate, smooth_noise
from FetalBiometryLib.planes.ellipse import Ellipse

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
    picture = insonate(rng, echo)
    if ruler:
        draw_ruler(picture, spacing)
    picture[: int(0.04 * height), int(0.86 * width) :] = 0
    return HeadPhantom(picture, spacing, skull, structures, ruler)


def _anatomy(rng: np.random.Generator, skull: Ellipse, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Echo amplitude (H, W) before speckle, and the index mask of structures."""
    s, t = ellipse_frame(skull, height, width)
    radius = np.hypot(s, t)
    soft = smooth_noise(rng, height, width, width / 10)
    tissue = np.clip(0.20 + 0.11 * soft, 0.01, None)
    fluid = ndimage.gaussian_filter((smooth_noise(rng, height, width, width / 5) > 0.2).astype(np.float32), 5)
    near = np.clip((radius - 1.0) / 0.35, 0, 1)  # amniotic fluid hugs the head in places
    echo = tissue * (1 - fluid * (1 - near) * 0.85)
    thickness = rng.uniform(0.045, 0.075)
    inside = radius < 1 - thickness
    brain = 0.09 + 0.04 * smooth_noise(rng, height, width, width / 14)
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
    gaps = 1 - 0.45 * np.clip(smooth_noise(rng, height, width, width / 12), 0, 1)
    return echo + 1.35 * band * fade * gaps, structures
