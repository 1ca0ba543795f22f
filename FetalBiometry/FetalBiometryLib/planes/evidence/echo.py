"""What the picture itself shows of an outline: whether it lies where there is echo, and whether it carries one."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from FetalBiometryLib.planes.ellipse import Ellipse


def insonated(picture: np.ndarray) -> np.ndarray:
    """(H, W) bool: the part of a grey still that shows echoes, without borders, menus and black boxes."""
    bright = ndimage.uniform_filter(picture.astype(np.float32), 15) > 2.0
    labels, count = ndimage.label(bright)
    if count == 0:
        return np.zeros(picture.shape, bool)
    sizes = np.bincount(labels.ravel())
    sizes[0] = 0
    # Dark fluid may part the picture; only specks such as text and scale bars are left out.
    kept = (sizes > 0.01 * picture.size)[labels]
    return ndimage.binary_fill_holes(ndimage.binary_closing(kept, iterations=6))


def inside_share(picture: np.ndarray, points: np.ndarray) -> float:
    """Share of points (n, 2) that lie on the picture and on its insonated part."""
    height, width = picture.shape
    column, row = np.round(np.asarray(points)).astype(int).T
    on_picture = (column >= 0) & (row >= 0) & (column < width) & (row < height)
    seen = insonated(picture)[np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)]
    return float((on_picture & seen).mean())


def skull_echo(picture: np.ndarray, ellipse: Ellipse, directions: int = 120) -> np.ndarray:
    """(directions,) bool: does the outline carry a band brighter than what lies outside and inside of it?"""
    smooth = ndimage.gaussian_filter(picture.astype(np.float32), 0.004 * ellipse.a + 0.5)
    outline = ellipse.points(directions)
    centre = np.array([ellipse.cx, ellipse.cy])
    shares = np.linspace(0.82, 1.12, 31)
    samples = centre + (outline - centre)[:, None, :] * shares[None, :, None]
    values = ndimage.map_coordinates(smooth, [samples[..., 1], samples[..., 0]], order=1, mode="constant")
    bone = values[:, (shares > 0.92) & (shares < 1.03)].max(1)
    brain = np.median(values[:, shares < 0.90], axis=1)
    outside = np.median(values[:, shares > 1.04], axis=1)
    contrast = bone - 0.5 * (brain + outside)
    return (contrast > 12) & (bone > 1.25 * brain)
