"""Generated ultrasound stills of a fetal thigh with a femur of exactly known length (numpy and scipy only).

Seeds below 1000 are for demo and tests, seeds from 1 000 000 on for training; the two never mix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from FetalBiometryLib.phantom.echo import draw_ruler, insonate, smooth_noise


@dataclass(frozen=True)
class FemurPhantom:
    """A phantom still and its truth."""

    picture: np.ndarray  # (H, W) uint8
    spacing_mm: float  # mm per pixel, square pixels
    ends: tuple[tuple[float, float], tuple[float, float]]  # of the ossified shaft, (x, y) pixels
    has_ruler: bool

    @property
    def length_mm(self) -> float:
        """FL."""
        (x1, y1), (x2, y2) = self.ends
        return float(np.hypot(x2 - x1, y2 - y1)) * self.spacing_mm


def femur_phantom(
    seed: int = 7, height: int = 540, width: int = 800, fl_mm: float | None = None, ruler: bool = True
) -> FemurPhantom:
    """Make a femur at about a right angle to the beam.

    Args:
        seed: fixes everything that is drawn at random.
        height, width: size of the picture in pixels.
        fl_mm: length of the ossified shaft wanted; at random 15..75 when None.
        ruler: draw the depth ruler.
    """
    rng = np.random.default_rng([seed, 3])
    fl = float(rng.uniform(15, 75)) if fl_mm is None else float(fl_mm)
    length = width * rng.uniform(0.30, 0.55)
    angle = np.deg2rad(rng.uniform(-25, 25))
    u = np.array([np.cos(angle), np.sin(angle)])
    centre = np.array([width * rng.uniform(0.44, 0.56), height * rng.uniform(0.36, 0.52)])
    p, q = centre - 0.5 * length * u, centre + 0.5 * length * u
    spacing = fl / length
    picture = insonate(rng, _anatomy(rng, p, u, length, height, width))
    if ruler:
        draw_ruler(picture, spacing)
    picture[: int(0.04 * height), int(0.86 * width) :] = 0
    ends = ((float(p[0]), float(p[1])), (float(q[0]), float(q[1])))
    return FemurPhantom(picture, spacing, ends, ruler)


def _anatomy(
    rng: np.random.Generator, start: np.ndarray, u: np.ndarray, length: float, height: int, width: int
) -> np.ndarray:
    y, x = np.mgrid[:height, :width].astype(np.float32)
    along = ((x - start[0]) * u[0] + (y - start[1]) * u[1]) / length
    across = (-(x - start[0]) * u[1] + (y - start[1]) * u[0]) / length
    bent = across - 4 * rng.uniform(0.0, 0.04) * along * (1 - along)
    tissue = np.clip(0.22 + 0.12 * smooth_noise(rng, height, width, width / 10), 0.01, None)
    thigh = np.hypot((along - 0.5) / 0.78, bent / rng.uniform(0.20, 0.28))
    muscle = 0.07 + 0.025 * smooth_noise(rng, height, width, width / 30)
    echo = np.where(thigh < 1, muscle, tissue)
    echo += 0.35 * np.exp(-(((thigh - 1) / 0.05) ** 2))  # skin
    for side in (-0.08, 1.08):  # the cartilage of both ends has little echo
        echo *= 1 - 0.8 * (np.hypot((along - side) / 0.08, bent / 0.08) < 1)
    half = rng.uniform(0.018, 0.028)
    inside = (along >= 0) & (along <= 1)
    bone = inside * np.exp(-((bent / half) ** 2)) * (0.85 + 0.3 * np.abs(2 * along - 1))
    shadow = inside * (bent > half) * np.exp(-np.clip(bent - half, 0, None) / rng.uniform(0.3, 0.8))
    echo = echo * (1 - rng.uniform(0.5, 0.85) * shadow)
    echo = echo * (1 - np.clip(bone, 0, 1)) + rng.uniform(1.2, 1.5) * bone
    return ndimage.gaussian_filter(echo, 0.5)
