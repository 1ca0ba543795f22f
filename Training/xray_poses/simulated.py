"""Training pairs: films of random anatomy, geometry and appearance, and poses that are off by a known motion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.ndimage import gaussian_filter

from DeepMedLib.geometry import Grid, transform_points
from Registration2D3DLib.geometry.c_arm import CArm
from Registration2D3DLib.geometry.pose import motion
from Registration2D3DLib.geometry.view import View
from Registration2D3DLib.learned.landmarks import in_slots, landmarks_of
from Registration2D3DLib.learned.networks import PATCH
from Registration2D3DLib.learned.patches import patches_of, places_of
from Registration2D3DLib.learned.stage import HALF_PX, camera_axes
from Registration2D3DLib.matching.level import Film, make_level
from Registration2D3DLib.rendering.drr import Rays, render
from Registration2D3DLib.rendering.volume import Volume

_FILM_PX = 100
_TURN_DEG, _SHIFT_MM, _DEPTH_MM = 11.0, 22.0, 22.0
_FILMS, _POSES = 2, 8


@dataclass(frozen=True)
class Pairs:
    """What the networks learn from: m pairs of n landmarks.

    Attributes:
        patches: (m, n, 2, 20, 20), landmarks in their slots.
        displacements: (m, n, 2) pixels from where the pose puts a landmark to where it is.
        places: (m, n, 3) landmarks about the center, camera's axes, in 20 pixels.
        motions: (m, 6) as `ResidualNet` gives them.
    """

    patches: torch.Tensor
    displacements: torch.Tensor
    places: torch.Tensor
    motions: torch.Tensor


def pairs_of(mu: np.ndarray, grid: Grid, rng: np.random.Generator) -> Pairs:
    """Pairs of one random part of a scan, seen from one random side."""
    part, part_grid = _cropped(mu, grid, rng)
    volume = Volume.from_attenuation(part, part_grid)
    size = np.array(part_grid.size_ijk) * part_grid.spacing
    center = volume.center
    true = motion(rng.normal(0, 0.2, 3), rng.uniform(-20, 20, 3) - center, center)
    sod, sdd = rng.uniform(600, 800), 1050.0
    field = rng.uniform(0.6, 1.2) * float(np.sort(size)[1:].mean())
    pixel = field * sdd / sod / _FILM_PX
    view = CArm(sdd, sod, rng.uniform(-180, 180), rng.uniform(-30, 30), (pixel, pixel), _FILM_PX, _FILM_PX).view()
    middle = transform_points(true, center)
    view = view.towards(middle)
    exact = _picture(volume.coarser(field / _FILM_PX), view, true)
    radius = field / 2
    pitch = radius / HALF_PX
    landmarks = landmarks_of(volume)
    axes = camera_axes(view)
    order = in_slots((transform_points(true, landmarks) - middle) @ axes.T)
    landmarks = landmarks[order]
    found: list[tuple[Any, ...]] = []
    coarse = volume.coarser(pitch)
    for _ in range(_FILMS):
        film = Film(*_appearance(exact, rng), view)
        level = make_level(coarse, (film,), middle, 1.15 * radius, pitch)
        offsets = np.stack([_offset(rng, pitch) for _ in range(_POSES)])
        poses = np.stack([motion(axes.T @ o[:3], axes.T @ o[3:], middle) @ true for o in offsets])
        patches = patches_of(level, level.views[0], poses, landmarks)
        there = places_of(level.views[0], transform_points(true, landmarks))
        for pose, offset, patch in zip(poses, offsets, patches, strict=True):
            here = transform_points(pose, landmarks)
            now = transform_points(pose, center)
            moved = there - places_of(level.views[0], here)
            turn, shift = -offset[:3] * HALF_PX, -offset[3:] / pitch
            wanted = [shift[0], shift[1], turn[2], turn[0], turn[1], shift[2]]
            found.append((patch, moved, (here - now) @ axes.T / radius, wanted))
    stacked = [np.array([row[n] for row in found], np.float32) for n in (1, 2, 3)]
    return Pairs(torch.stack([row[0] for row in found]), *(torch.as_tensor(each) for each in stacked))


def _offset(rng: np.random.Generator, pitch: float) -> np.ndarray:
    """Turn (radians) and shift (mm) in the camera's axes; often small, since later rounds begin near."""
    scale = rng.uniform(0.02, 1)
    shift = min(_SHIFT_MM, PATCH / 4 * pitch)
    turn = rng.uniform(-1, 1, 3) * np.radians(_TURN_DEG)
    return scale * np.concatenate([turn, rng.uniform(-1, 1, 2) * shift, rng.uniform(-1, 1, 1) * _DEPTH_MM])


def _cropped(mu: np.ndarray, grid: Grid, rng: np.random.Generator) -> tuple[np.ndarray, Grid]:
    """A random box of at least 35 % of each side; now and then bone alone."""
    low, high = [], []
    for count in mu.shape:
        length = int(rng.uniform(0.35, 1.0) * count)
        begin = int(rng.integers(0, count - length + 1))
        low.append(begin)
        high.append(begin + length)
    part = np.ascontiguousarray(mu[low[0] : high[0], low[1] : high[1], low[2] : high[2]])
    if rng.random() < 0.3:
        part = np.where(part < 0.023, 0, part)
        if np.count_nonzero(part) < 200:
            return _cropped(mu, grid, rng)
    matrix = grid.ijk_to_ras.copy()
    matrix[:3, 3] = grid.ijk_points_to_ras(np.array(low[::-1], float))
    return part, Grid(matrix, part.shape)


@torch.no_grad()
def _picture(volume: Volume, view: View, pose: np.ndarray) -> np.ndarray:
    columns, rows = np.meshgrid(np.arange(view.width), np.arange(view.height))
    rays = Rays.through(view, np.stack([columns.ravel(), rows.ravel()], 1))
    integral = render(volume, rays, torch.as_tensor(pose[None], dtype=torch.float32))
    return np.asarray(integral.reshape(view.height, view.width).numpy())


def _appearance(exact: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pixels and what of them a collimator leaves: scatter, other tissue, contrast, noise, an instrument."""
    top = max(float(exact.max()), 1e-6)
    picture = exact / top + rng.uniform(0, 0.6) * gaussian_filter(exact, 10) / top
    slab = gaussian_filter(rng.normal(size=exact.shape), rng.uniform(5, 15))
    picture = picture + rng.uniform(0, 0.3) * slab / max(float(np.abs(slab).max()), 1e-9)
    picture = np.clip(picture, 0, None) ** rng.uniform(0.6, 1.4)
    if rng.random() < 0.3:
        ends, width = rng.uniform(0, _FILM_PX, (2, 2)), rng.uniform(0.5, 2.5)
        columns, rows = np.meshgrid(np.arange(exact.shape[1]), np.arange(exact.shape[0]))
        way = ends[1] - ends[0]
        along = ((columns - ends[0, 0]) * way[0] + (rows - ends[0, 1]) * way[1]) / max(float(way @ way), 1)
        along = np.clip(along, 0, 1)
        gap = np.hypot(columns - ends[0, 0] - along * way[0], rows - ends[0, 1] - along * way[1])
        picture = picture + rng.uniform(0.2, 0.6) * (gap < width)
    picture = picture + rng.normal(0, rng.uniform(0.002, 0.02), picture.shape)
    seen = np.zeros(exact.shape, bool)
    a, b, c, d = rng.integers(0, 18, 4) * (rng.random() < 0.7)
    seen[a : _FILM_PX - b, c : _FILM_PX - d] = True
    return np.where(seen, picture, 0).astype(np.float32), seen
