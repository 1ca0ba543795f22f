"""What all generated ultrasound stills share: noise, speckle, shadow, sector, depth ruler (numpy and scipy)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from FetalBiometryLib.planes.ellipse import Ellipse


def ellipse_frame(ellipse: Ellipse, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along the long and the short axis in units of the semi-axes, each (H, W)."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    u = ellipse.direction()
    dx, dy = x - ellipse.cx, y - ellipse.cy
    return (dx * u[0] + dy * u[1]) / ellipse.a, (-dx * u[1] + dy * u[0]) / ellipse.b


def smooth_noise(rng: np.random.Generator, height: int, width: int, size: float) -> np.ndarray:
    """Noise of unit deviation that varies over about ``size`` pixels."""
    step = max(1, int(size / 2))
    coarse = rng.standard_normal((height // step + 4, width // step + 4)).astype(np.float32)
    coarse = ndimage.gaussian_filter(coarse, size / step / 2)
    noise = ndimage.zoom(coarse, step, order=1)[:height, :width]
    return noise / (noise.std() + 1e-6)


def insonate(rng: np.random.Generator, echo: np.ndarray) -> np.ndarray:
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


def draw_ruler(picture: np.ndarray, spacing: float) -> None:
    """Depth ticks every 5 mm (long ones every 10 mm), drawn with sub-pixel grey levels."""
    height = picture.shape[0]
    rows = np.arange(height, dtype=float)
    for i, row in enumerate(np.arange(12.0, height - 8, 5.0 / spacing)):
        level = np.clip(1.5 - np.abs(rows - row), 0, 1)
        length = 12 if i % 2 == 0 else 7
        tick = (230 * level[:, None]).astype(np.uint8)
        picture[:, 6 : 6 + length] = np.maximum(picture[:, 6 : 6 + length], tick)
