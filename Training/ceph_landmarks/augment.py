"""Random views of a film: turned, scaled, shifted, bent; other contrast, blur, noise; and pictures that are no view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from CephSketcherLib.landmarks.face_frame import Similarity
from CephSketcherLib.landmarks.network import apply, normalised


@dataclass(frozen=True)
class Strength:
    """How far a view may depart.

    Attributes:
        degrees: SD of the turn, cut at twice that.
        zoom: (low, high) factors, drawn evenly on a log scale.
        shift: SD of the shift, share of the canvas, each axis.
        bend: SD of the smooth displacement's knots, canvas pixels.
        stretch: SD of the log ratio of the axes.
    """

    degrees: float
    zoom: tuple[float, float]
    shift: float
    bend: float
    stretch: float


COARSE = Strength(8.0, (0.62, 1.65), 0.09, 1.2, 0.04)
FINE = Strength(4.5, (0.87, 1.15), 0.02, 2.6, 0.03)
KNOTS = (7, 6)


def view(
    picture: np.ndarray,
    points: np.ndarray,
    to_canvas: Similarity,
    canvas: tuple[int, int],
    strength: Strength,
    rng: np.random.Generator,
) -> tuple[torch.Tensor, torch.Tensor]:
    """One random view.

    Args:
        picture: (H, W) uint8.
        points: (..., 2) on it.
        to_canvas: picture -> canvas without any change.

    Returns:
        (1, 1, *canvas) float 0..1, and the points on it, float32.
    """
    height, width = canvas
    middle = ((width - 1) / 2, (height - 1) / 2)
    degrees = float(np.clip(rng.normal(0, strength.degrees), -2 * strength.degrees, 2 * strength.degrees))
    zoom = float(np.exp(rng.uniform(*np.log(strength.zoom))))
    change = Similarity.make(zoom, degrees, middle).matrix
    aspect = float(np.exp(rng.normal(0, strength.stretch)))
    stretch = np.diag([aspect, 1 / aspect])
    linear = stretch @ change[:, :2]
    offset = stretch @ (change[:, 2] - middle) + middle + rng.normal(0, strength.shift, 2) * (width, height)
    full = Similarity(np.column_stack((linear, offset))).after(to_canvas)
    back = full.inverse()
    knots = torch.from_numpy(rng.normal(0, strength.bend, (1, 2, *KNOTS)).astype(np.float32))
    bend = F.interpolate(knots, canvas, mode="bicubic", align_corners=True)
    row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    pixels = torch.stack((column, row), -1).float() + bend[0].permute(1, 2, 0)
    grid = normalised(apply(back, pixels), (picture.shape[0], picture.shape[1]))[None]
    source = torch.from_numpy(picture)[None, None].float() / 255
    seen = F.grid_sample(source, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    target = torch.from_numpy(full(points).astype(np.float32)).reshape(1, -1, 1, 2)
    place = target
    for _ in range(6):  # the bend is undone by iteration: it is small and smooth
        at = normalised(torch.nan_to_num(place), canvas)
        place = target - F.grid_sample(bend, at, padding_mode="border", align_corners=False).permute(0, 2, 3, 1)
    return seen, place.reshape(points.shape)


def grey(x: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Other exposure, processing, sharpness and noise of one view (1, 1, H, W), 0..1."""
    _, _, height, width = x.shape
    x = x.clamp(0, 1) ** float(np.exp(rng.normal(0, 0.28)))
    if rng.random() < 0.3:  # a softer or a harder curve
        k = float(rng.uniform(-0.6, 0.6))
        x = x + k * x * (1 - x) * (2 * x - 1)
    if rng.random() < 0.6:  # uneven exposure
        field = torch.from_numpy(rng.normal(0, 0.18, (1, 1, 3, 3)).astype(np.float32))
        x = x * torch.exp(F.interpolate(field, (height, width), mode="bicubic", align_corners=True))
    draw = rng.random()
    if draw < 0.25:
        soft = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1)
        x = x + float(rng.uniform(0.3, 1.0)) * (soft - x)
    elif draw < 0.45:
        soft = F.avg_pool2d(F.pad(x, (3, 3, 3, 3), mode="replicate"), 7, 1)
        x = x + float(rng.uniform(0.2, 1.2)) * (x - soft)
    if rng.random() < 0.5:
        x = x + float(rng.uniform(0, 0.03)) * torch.from_numpy(rng.standard_normal(x.shape, np.float32))
    if rng.random() < 0.15:  # collimation, a label, a lead letter
        h, w = int(rng.integers(height // 16, height // 4)), int(rng.integers(width // 16, width // 4))
        top, left = int(rng.integers(0, height - h)), int(rng.integers(0, width - w))
        x = x.clone()
        x[:, :, top : top + h, left : left + w] = float(rng.random())
    if rng.random() < 0.25:  # a cropped film
        side, cut = int(rng.integers(4)), float(rng.uniform(0.02, 0.12))
        x = x.clone()
        level = 0.0 if rng.random() < 0.7 else 1.0
        rows, columns = int(cut * height), int(cut * width)
        box = [x[:, :, :rows], x[:, :, height - rows :], x[:, :, :, :columns], x[:, :, :, width - columns :]][side]
        box.fill_(level)
    return x.clamp(0, 1) * float(rng.uniform(0.6, 1.0)) + float(rng.uniform(0, 0.15))


def nothing(x: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """A picture that must not be answered, made of a view (1, 1, H, W): mirrored, inverted, turned, symmetric, torn."""
    _, _, height, width = x.shape
    kind = int(rng.integers(8))
    if kind <= 1:  # looks left
        return x.flip(3)
    if kind == 2:
        return 1 - x
    if kind == 3:  # lies on its side
        turned = torch.rot90(x, 1 if rng.random() < 0.5 else 3, (2, 3))
        return F.interpolate(turned, (height, width), mode="bilinear", align_corners=False)
    if kind == 4:  # upside down, facing either way
        return x.flip(2) if rng.random() < 0.5 else x.flip(2, 3)
    if kind == 5:  # symmetric, as a frontal film is
        shifted = torch.roll(x, int(rng.integers(-width // 5, width // 5)), 3)
        y = 0.5 * (shifted + shifted.flip(3))
        return (y - y.min()) / (y.max() - y.min()).clamp_min(1e-3)
    if kind == 6:  # torn into tiles
        rows, columns = height // 4, width // 4
        tiles = x[0, 0, : 4 * rows, : 4 * columns].reshape(4, rows, 4, columns).permute(0, 2, 1, 3)
        tiles = tiles.reshape(16, rows, columns)[torch.from_numpy(rng.permutation(16))]
        y = tiles.reshape(4, 4, rows, columns).permute(0, 2, 1, 3).reshape(1, 1, 4 * rows, 4 * columns)
        return F.interpolate(y, (height, width), mode="bilinear", align_corners=False)
    size = int(2 ** rng.integers(2, 7))  # clouds
    cloud = torch.from_numpy(rng.standard_normal((1, 1, size, size), np.float32))
    y = F.interpolate(cloud, (height, width), mode="bicubic", align_corners=True)
    return torch.sigmoid(float(rng.uniform(0.5, 4)) * y)
