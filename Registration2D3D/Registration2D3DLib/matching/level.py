"""One resolution: the object in voxels and the X-rays in pixels of about the same size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, map_coordinates

from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.matching.normalizing import normalized
from Registration2D3DLib.rendering.drr import Rays
from Registration2D3DLib.rendering.volume import Volume


@dataclass(frozen=True, eq=False)
class Film:
    """An X-ray with its geometry.

    Attributes:
        pixels: (h, w) float32, bright where dense.
        seen: (h, w) bool, False beyond the collimator.
        view: its geometry, with positive depths at the object.
    """

    pixels: np.ndarray
    seen: np.ndarray
    view: View


@dataclass(frozen=True, eq=False)
class LevelView:
    """One X-ray at one resolution.

    Attributes:
        rays: through its pixels, row by row.
        shape: (rows, columns).
        film: (1, h, w) the normalized X-ray.
        weight: (1, h, w) 1 where it counts.
        view: the X-ray's geometry.
        corner, pitch_px: where the first pixel lies on the X-ray, and how far the pixels lie apart, in its pixels.
        across, down: (3,) world mm that a point at the object's center moves to fall a pixel further.
    """

    rays: Rays
    shape: tuple[int, int]
    film: torch.Tensor
    weight: torch.Tensor
    view: View
    corner: np.ndarray
    pitch_px: float
    across: np.ndarray
    down: np.ndarray


@dataclass(frozen=True, eq=False)
class Level:
    """The object and all X-rays.

    Attributes:
        volume: the object.
        pitch_mm: of a pixel at the object.
        views: the X-rays.
    """

    volume: Volume
    pitch_mm: float
    views: tuple[LevelView, ...]


def make_level(volume: Volume, films: tuple[Film, ...], center: np.ndarray, radius_mm: float, pitch_mm: float) -> Level:
    """Bring object and X-rays to a resolution.

    Args:
        center: (3,) world mm, of the object at its start.
        radius_mm: about the center; what lies further on an X-ray is left out.
    """
    device = volume.channels.device
    views = tuple(_level_view(film, center, radius_mm, pitch_mm, device) for film in films)
    return Level(volume.coarser(pitch_mm), pitch_mm, views)


def _level_view(film: Film, center: np.ndarray, radius_mm: float, pitch_mm: float, device: torch.device) -> LevelView:
    view = film.view
    pixel_mm = view.pixel_at(center)
    pitch = max(1.0, pitch_mm / pixel_mm)
    column, row = view.project(center)
    radius = radius_mm / pixel_mm
    columns = np.arange(max(0.0, column - radius), min(view.width - 1.0, column + radius) + 1e-6, pitch)
    rows = np.arange(max(0.0, row - radius), min(view.height - 1.0, row + radius) + 1e-6, pitch)
    grid_rows, grid_columns = np.meshgrid(rows, columns, indexing="ij")
    pixels = np.stack([grid_columns.ravel(), grid_rows.ravel()], 1)
    sigma = 0.5 * pitch if pitch > 1 else 0.0
    smooth = gaussian_filter(film.pixels, sigma) if sigma else film.pixels
    sampled = map_coordinates(smooth, [grid_rows, grid_columns], order=1, mode="nearest")
    # A pixel counts where everything that was smoothed into it does.
    seen = gaussian_filter(film.seen.astype(np.float32), sigma) if sigma else film.seen.astype(np.float32)
    counted = map_coordinates(seen, [grid_rows, grid_columns], order=1, mode="nearest") > 0.98
    weight = torch.as_tensor(counted, dtype=torch.float32, device=device)[None]
    values = torch.as_tensor(sampled, dtype=torch.float32, device=device)[None]
    _intrinsics, camera = view.camera()
    step = pixel_mm * pitch
    return LevelView(
        Rays.through(view, pixels, device),
        (len(rows), len(columns)),
        normalized(values, weight).values,
        weight,
        view,
        np.array([columns[0], rows[0]]),
        pitch,
        step * camera[0, :3],
        step * camera[1, :3],
    )
